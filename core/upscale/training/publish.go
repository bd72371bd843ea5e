package training

import (
	"fmt"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/atelier-engine/atelier/core/nn"
	"github.com/atelier-engine/atelier/core/upscale"
)

// export writes the averaged network and what is known of its making.
func (a *apprentice) export() error {
	c := a.cfg
	card := nn.Card{
		Name: "upscale", Kind: upscale.Kind, Created: time.Now().UTC().Truncate(time.Second),
		Licence:  c.Licence,
		Recipe:   fmt.Sprintf("atelier train upscale: step %d of %d, %d of them on pixels alone, batches of %d and %d, crops of %d", a.state.Step, c.Steps, min(c.PixelSteps, a.state.Step), c.Batch, c.JudgedBatch, c.Size),
		Settings: c.Network.Settings(),
		Text:     cardText,
	}
	card.Time, _ = strconv.ParseFloat(a.state.Values["seconds"], 64)
	if data := a.state.Values["data"]; data != "" {
		card.Data = strings.Split(data, "\n")
	}
	if old, err := nn.ReadCard(filepath.Join(c.Model, nn.CardFile)); err == nil {
		card.Text = old.Text // prose written by hand stays; figures belong to the old weights
	}
	return nn.Save(c.Model, card, a.average.Weights(), true)
}

const cardText = `# Upscaler

Enlarges pictures four times. What it adds to a small picture is invented: likely, but not evidence of what was there.
`
