package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/atelier-engine/atelier/core/engine"
	"github.com/atelier-engine/atelier/core/sentiment"
)

// analyzing is the flag of the commands that read sentences.
type analyzing struct {
	Analyzer string `help:"The plugin that reads the sentence (that of engine.toml)." placeholder:"NAME"`
}

// who are the flags that win over a sentence.
type who struct {
	Age     *float64 `help:"Years, from ${minage} to ${maxage}; wins over the sentence." placeholder:"YEARS"`
	Gender  string   `help:"woman, man, or a number from -1 to 1; wins over the sentence." placeholder:"WHO"`
	Emotion []string `help:"An emotion with its weight, such as happy=0.8: ${emotions}. Repeat it for a mixture; wins over the sentence." placeholder:"NAME=W"`
}

func (w who) wish() engine.Wish {
	return engine.Wish{Age: w.Age, Gender: w.Gender, Emotion: w.Emotion}
}

type readCmd struct {
	Text      []string `arg:"" optional:"" help:"A sentence about a person; several give a line each; - reads lines from standard input."`
	File      []string `help:"Read the lines of a file. Repeat it for more." placeholder:"FILE" sep:"none"`
	analyzing `embed:""`
	who       `embed:""`
	JSON      bool `name:"json" help:"Write JSON: of many lines an object each, on a line of its own."`
	Long      bool `help:"Show all that was read of each of many lines."`
	Explain   bool `help:"Show each stage of the shipped analyzer of English."`
}

// reads is how many lines go to the analyzer at once: several calls of it.
const reads = 1024

func (c *readCmd) Run(s *session) error {
	if len(c.Text)+len(c.File) == 0 {
		return engine.Usagef("read: nothing to read: give a sentence, - for standard input, or --file")
	}
	if err := c.wish().Override(&sentiment.Reading{}); err != nil {
		return err
	}
	return s.with(func(e *engine.Engine) error {
		e.UseAnalyzer(c.Analyzer)
		many := len(c.Text) != 1 || c.Text[0] == "-" || len(c.File) > 0
		show, err := c.shower(s, e, many)
		if err != nil {
			return err
		}
		if !many {
			if c.Explain {
				return show(engine.Line{Number: 1, Text: c.Text[0]})
			}
			r, err := e.Read(s.ctx, c.Text[0])
			if err != nil {
				return err
			}
			return show(engine.Line{Number: 1, Text: c.Text[0], Reading: r})
		}
		return c.all(s, e, show)
	})
}

// all reads the arguments, then the files.
func (c *readCmd) all(s *session, e *engine.Engine, show func(engine.Line) error) error {
	var failed error
	batch := func(name string, lines []engine.Line) error {
		if err := c.batch(s, e, lines); err != nil {
			return err
		}
		for _, l := range lines {
			if l.Err == nil {
				l.Err = show(l)
			}
			if l.Err == nil {
				continue
			}
			if engine.ClassOf(l.Err) != engine.Input {
				return l.Err
			}
			s.note("atelier: %s line %d: %v", name, l.Number, l.Err)
			failed = engine.Inputf("read: some lines could not be read: see above")
		}
		return nil
	}
	for i, text := range c.Text {
		var err error
		if text == "-" {
			err = c.lines("standard input", os.Stdin, batch)
		} else {
			err = batch("argument", []engine.Line{{Number: i + 1, Text: text}})
		}
		if err != nil {
			return err
		}
	}
	for _, path := range c.File {
		f, err := os.Open(path)
		if err != nil {
			return engine.Inputf("read: %w", err)
		}
		err = c.lines(path, f, batch)
		f.Close()
		if err != nil {
			return err
		}
	}
	return failed
}

func (c *readCmd) batch(s *session, e *engine.Engine, lines []engine.Line) error {
	if c.Explain {
		return s.ctx.Err()
	}
	return e.ReadLines(s.ctx, lines)
}

// lines passes the lines of a file on in batches, and at once where no more is
// there yet: someone may be typing. Empty lines are left out.
func (c *readCmd) lines(name string, in io.Reader, batch func(string, []engine.Line) error) error {
	const most = 16 << 20 // bytes of a line: above what any configuration takes
	r := bufio.NewReaderSize(in, 1<<16)
	var lines []engine.Line
	for n := 1; ; n++ {
		var text strings.Builder
		var err error
		for {
			var part []byte
			part, err = r.ReadSlice('\n')
			if text.Len() <= most {
				text.Write(part)
			}
			if !errors.Is(err, bufio.ErrBufferFull) {
				break
			}
		}
		if line := strings.TrimRight(text.String(), "\r\n"); strings.TrimSpace(line) != "" {
			lines = append(lines, engine.Line{Number: n, Text: line})
		}
		if len(lines) > 0 && (len(lines) == reads || r.Buffered() == 0 || err != nil) {
			if err := batch(name, lines); err != nil {
				return err
			}
			lines = lines[:0]
		}
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return engine.Inputf("read: %s: %w", name, err)
		}
	}
}

// shower gives what shows one line.
func (c *readCmd) shower(s *session, e *engine.Engine, many bool) (func(engine.Line) error, error) {
	if c.Explain {
		return c.explainer(s, e, many)
	}
	colour := colours(s.out)
	return func(l engine.Line) error {
		if err := c.wish().Override(&l.Reading); err != nil {
			return err
		}
		switch {
		case c.JSON:
			return s.object(l.Reading, many)
		case many && !c.Long:
			s.printf("%s", engine.ShowLine(l.Reading))
			return nil
		case colour:
			s.printf("%s", engine.ShowColoured(l.Reading))
		default:
			s.printf("%s", engine.Show(l.Reading))
		}
		face, notes := e.Face(l.Reading)
		s.printf("  %-10s %s", "portrait", face)
		for _, n := range notes {
			s.printf("  %-10s %s", "note", n)
		}
		if many {
			s.printf("")
		}
		return nil
	}, nil
}

// explainer shows the stages of the shipped analyzer, which is loaded here: no
// plugin is asked.
func (c *readCmd) explainer(s *session, e *engine.Engine, many bool) (func(engine.Line) error, error) {
	if name := e.Config.Analyzer.Plugin; name != sentiment.Name {
		return nil, engine.Usagef("read: --explain is for %s, not %s: use --json to see its reasons", sentiment.Name, name)
	}
	a, err := english(e, "")
	if err != nil {
		return nil, err
	}
	return func(l engine.Line) error {
		x, err := a.Explain(l.Text)
		switch {
		case errors.Is(err, sentiment.ErrEmpty):
			return engine.Inputf("read: %w", err)
		case err != nil:
			return err
		case c.JSON:
			return s.object(x, many)
		}
		s.printf("%s", x)
		return nil
	}, nil
}

// english loads the shipped analyzer from a folder, or the one that is found.
func english(e *engine.Engine, dir string) (*sentiment.English, error) {
	if dir == "" {
		var err error
		if dir, err = e.Model(sentiment.Name); err != nil {
			return nil, err
		}
	}
	a, err := sentiment.LoadEnglish(dir)
	if err != nil {
		return nil, engine.Missingf("%w", err)
	}
	return a, nil
}

// object writes a value on one line, or as a person reads it.
func (s *session) object(v any, line bool) error {
	w := json.NewEncoder(s.out)
	w.SetEscapeHTML(false)
	if !line {
		w.SetIndent("", "  ")
	}
	if err := w.Encode(v); err != nil {
		return fmt.Errorf("read: %w", err)
	}
	return nil
}

// colours tells whether a writer shows colours: a terminal, unless NO_COLOR is
// set (no-color.org) or it is a dumb one.
func colours(w io.Writer) bool {
	return terminal(w) && os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb"
}
