package main

import (
	"errors"
	"fmt"

	"github.com/alecthomas/kong"

	"github.com/atelier-engine/atelier/core/engine"
)

type stylizeCmd struct {
	Pictures   []string `arg:"" name:"picture" help:"The pictures to paint: PNG, JPEG, GIF, WebP, BMP or TIFF files, folders of them, or patterns such as '*.jpg'."`
	Style      string   `short:"s" help:"A style that atelier style list names, or a mixture such as cubism:0.6+popart:0.4." placeholder:"NAME"`
	Reference  string   `short:"r" help:"A painting whose manner is taken instead of a style's." placeholder:"PAINTING"`
	Refine     int      `help:"Bring the style nearer to the reference by so many gradient steps, up to ${maxrefine}; 50 take about a minute." placeholder:"N"`
	Intensity  string   `short:"i" help:"From 0, the picture as it is, to ${maxintensity}; 1 is the style as trained (1). A picture scales it: white 1, black 0." placeholder:"X|MASK"`
	Stroke     *float64 `help:"The size of the strokes, from ${minstroke} to ${maxstroke} times the trained one (1): parts of the picture, not pixels." placeholder:"X"`
	Size       string   `help:"The size of the painting: its longer side in pixels, or WIDTHxHEIGHT, cut to that shape (as the picture)." placeholder:"N|WxH"`
	Keep       keep     `name:"keep-colors" aliases:"keep-colours" help:"Keep the colours of the picture: alone or =luminance takes only the lights of the painting, =histogram spreads its colours as the picture's." placeholder:"luminance|histogram"`
	Mask       string   `help:"Paint where this picture is white, and leave the background where it is black; of any size, greys mix." placeholder:"PICTURE"`
	Background string   `help:"What is seen where the mask is black or the picture transparent: a colour such as #ffcc00 or white, or a picture (the picture itself)." placeholder:"COLOUR|PICTURE"`
	Option     []string `help:"Set an option of the style, such as dots=0.5, or popart.dots=0.5 in a mixture; atelier style show NAME lists them. Repeat it for more." sep:"none" placeholder:"NAME=X"`
	Method     string   `help:"network, or optimize: the slow method, towards --reference (network)." placeholder:"NAME"`
	Steps      int      `help:"Of --method optimize, up to ${maxsteps} (120)." placeholder:"N"`
	Every      int      `help:"With --method optimize, write the picture after each so many steps beside the result." placeholder:"N"`
	Seed       *uint64  `help:"Of --method optimize (seed of engine.toml)." placeholder:"N"`
	Out        string   `short:"o" help:"The file to write, .png or .jpg; of several pictures a folder, or a template with {name}, {style} and {n} (PICTURE-STYLE.png, FOLDER-STYLE/ or painted-STYLE/)." placeholder:"FILE|DIR"`
}

// keep is a flag that may stand alone or with a value after "=".
type keep string

// IsBool tells the parser that no value needs to follow.
func (keep) IsBool() bool { return true }

// Decode takes the value after "=", if there is one.
func (k *keep) Decode(ctx *kong.DecodeContext) error {
	*k = "luminance"
	if ctx.Scan.Peek().Type == kong.FlagValueToken {
		text, ok := ctx.Scan.Pop().Value.(string)
		if !ok || text == "" {
			return errors.New("it must be luminance or histogram")
		}
		*k = keep(text)
	}
	return nil
}

func (c *stylizeCmd) wish() engine.Painting {
	return engine.Painting{
		Style: c.Style, Reference: c.Reference, Refine: c.Refine, Intensity: c.Intensity, Stroke: c.Stroke, Size: c.Size,
		Keep: string(c.Keep), Mask: c.Mask, Background: c.Background, Options: c.Option,
		Method: c.Method, Steps: c.Steps, Every: c.Every, Seed: c.Seed,
	}
}

func (c *stylizeCmd) Run(s *session) error {
	return s.with(func(e *engine.Engine) error {
		b, err := e.Batch(s.ctx, c.wish(), c.Pictures, c.Out)
		if err != nil {
			return err
		}
		m := s.meter()
		err = b.Run(s.ctx, m.batch)
		m.close()
		return s.ended(b, err, "stylize", "painted")
	})
}

// ended says what became of the pictures that a command has done something with:
// the paths of those that are there, and a line for each that is not.
func (s *session) ended(b *engine.Batch, err error, command, done string) error {
	skipped := 0
	for _, item := range b.Items {
		switch item.State {
		case engine.Skipped:
			skipped++
			fallthrough
		case engine.Painted:
			s.printf("%s", item.Out)
		}
	}
	if skipped > 0 {
		s.note("atelier: %d of %d were %s before and are left as they are", skipped, len(b.Items), done)
	}
	left := b.Left()
	if err == nil || !b.Many {
		return err
	}
	for _, item := range left {
		why := "not begun"
		if item.Err != nil {
			why = errorText(item.Err)
		}
		fmt.Fprintf(s.err, "atelier: not %s: %s: %s\n", done, item.Picture, why)
	}
	return &unmade{command: command, done: done, left: len(left), of: len(b.Items), err: err}
}

// unmade sums up a batch; its class is that of the gravest failure.
type unmade struct {
	command, done string
	left, of      int
	err           error
}

func (u *unmade) Error() string {
	return fmt.Sprintf("%s: %d of %d pictures are not %s: mend what is named above and run the same command again: what is done stays", u.command, u.left, u.of, u.done)
}

func (u *unmade) Unwrap() error { return u.err }
