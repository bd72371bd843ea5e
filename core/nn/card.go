package nn

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"strings"
	"time"

	"github.com/BurntSushi/toml"
)

// Card says what a model is, what made it and how good it is. It is stored as card.md: TOML between two lines
// of +++, then prose in Markdown.
type Card struct {
	Name     string             `toml:"name"`
	Kind     string             `toml:"kind"`               // what it does: "portrait", "style", "sentiment", ...
	Created  time.Time          `toml:"created"`            // when training ended
	Data     []string           `toml:"data"`               // what it was trained on, with licences
	Licence  string             `toml:"licence"`            // of the weights
	Recipe   string             `toml:"recipe"`             // the training recipe's name or command line
	Time     float64            `toml:"time"`               // seconds of training
	Settings map[string]float64 `toml:"settings,omitempty"` // what the network's description needs: widths, depths
	Figures  map[string]float64 `toml:"figures,omitempty"`  // what evaluation measured
	Text     string             `toml:"-"`                  // the prose
}

const (
	cardFence = "+++"
	maxCard   = 1 << 20 // bytes
)

// Check reports the first thing that a card must have and lacks.
func (c Card) Check() error {
	for _, f := range []struct{ name, value string }{{"name", c.Name}, {"kind", c.Kind}, {"licence", c.Licence}} {
		if strings.TrimSpace(f.value) == "" {
			return fmt.Errorf("%s is missing: write %s = \"...\" between the %s lines", f.name, f.name, cardFence)
		}
	}
	if !(c.Time >= 0) || math.IsInf(c.Time, 0) {
		return fmt.Errorf("time = %g: give the seconds of training", c.Time)
	}
	for _, m := range []map[string]float64{c.Settings, c.Figures} {
		for k, v := range m {
			if math.IsNaN(v) || math.IsInf(v, 0) {
				return fmt.Errorf("%s = %g: give a finite number or leave it out", k, v)
			}
		}
	}
	return nil
}

// ParseCard reads a card. Errors name the line or the field.
func ParseCard(b []byte) (Card, error) {
	var c Card
	if len(b) > maxCard {
		return c, fmt.Errorf("the card has %d bytes: keep it below %d", len(b), maxCard)
	}
	s := strings.ReplaceAll(string(b), "\r\n", "\n")
	s, ok := strings.CutPrefix(s, cardFence+"\n")
	if !ok {
		return c, fmt.Errorf("the first line is not %s: begin with TOML between two such lines", cardFence)
	}
	front, text, ok := strings.Cut("\n"+s, "\n"+cardFence+"\n")
	if !ok {
		if front, ok = strings.CutSuffix("\n"+s, "\n"+cardFence); !ok {
			return c, fmt.Errorf("the second line of %s is missing: end the TOML with it", cardFence)
		}
	}
	md, err := toml.Decode(front, &c) // the line added in front stands for the fence, so line numbers are right
	if err != nil {
		var pe toml.ParseError
		if errors.As(err, &pe) {
			return c, fmt.Errorf("line %d: %s", pe.Position.Line, pe.Message)
		}
		return c, err
	}
	if u := md.Undecoded(); len(u) > 0 {
		return c, fmt.Errorf("%s is no field of a card: correct or remove it", u[0])
	}
	c.Text = strings.TrimSpace(text)
	return c, c.Check()
}

// ReadCard reads a card file.
func ReadCard(path string) (Card, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return Card{}, fmt.Errorf("read model card: %w", err)
	}
	c, err := ParseCard(b)
	if err != nil {
		return c, fmt.Errorf("read model card: %s: %w", path, err)
	}
	return c, nil
}

// Format returns the card as the bytes of a card.md.
func (c Card) Format() ([]byte, error) {
	if err := c.Check(); err != nil {
		return nil, err
	}
	var buf bytes.Buffer
	buf.WriteString(cardFence + "\n")
	c.Created = c.Created.UTC().Truncate(time.Second)
	enc := toml.NewEncoder(&buf)
	enc.Indent = ""
	if err := enc.Encode(c); err != nil {
		return nil, err
	}
	buf.WriteString(cardFence + "\n")
	if text := strings.TrimSpace(c.Text); text != "" {
		buf.WriteString("\n" + text + "\n")
	}
	return buf.Bytes(), nil
}

// WriteCard writes a card file, whole or not at all.
func WriteCard(path string, c Card) error {
	b, err := c.Format()
	if err == nil {
		err = writeFile(path, func(w io.Writer) error {
			_, err := w.Write(b)
			return err
		})
	}
	if err != nil {
		return fmt.Errorf("write model card: %s: %w", path, err)
	}
	return nil
}
