package main

import (
	"context"
	"errors"
	"regexp"

	"github.com/alecthomas/kong"

	"github.com/atelier-engine/atelier/core/engine"
)

type portraitCmd struct {
	Text       *string `arg:"" optional:"" help:"A sentence about a person; without one the flags say who is drawn."`
	Seed       *uint64 `help:"Another seed, another person (seed of engine.toml)." placeholder:"N"`
	who        `embed:""`
	analyzing  `embed:""`
	Model      string   `help:"The model that draws: a name that model list shows, or a folder such as ./mine (model of engine.toml)." placeholder:"NAME|DIR"`
	Like       string   `help:"Draw the person of this seed, or of a portrait that was drawn before, under the condition that is given; a portrait lends its own condition where none is." placeholder:"SEED|PICTURE"`
	Truncation *float64 `help:"From 0, the mean face of the condition, to 1 (1): less gives likelier faces that differ less." placeholder:"X"`
	Size       int      `help:"The side of a portrait in pixels (size of engine.toml; 128 on a contact sheet)." placeholder:"N"`
	Count      int      `help:"Draw so many people, with consecutive seeds." placeholder:"N"`
	Variations int      `help:"Draw the person under so many neighbouring conditions: the six other feelings, then ten years younger and older, then those with the other feelings, then twenty years, and so on." placeholder:"N"`
	Grid       axes     `help:"Draw all conditions along axes, such as age=20,40,60,80 emotion=happy,sad: of age, gender, emotion (or all), seed and truncation. The first half of the axes goes across, the others down." placeholder:"AXIS=A,B..."`
	Morph      axes     `help:"Make a film from the portrait to one with another emotion, age, gender, seed or truncation, such as emotion=happy age=70: an animated PNG or GIF by the ending of --out, or a folder of frames." placeholder:"NAME=X..."`
	Frames     int      `help:"Of --morph, from end to end (24)." placeholder:"N"`
	Seconds    float64  `help:"Of --morph, from end to end (a twelfth for each frame)." placeholder:"S"`
	Loops      int      `help:"How often --morph is shown; 0: for ever (0)." placeholder:"N"`
	Bounce     bool     `help:"Let --morph go back to its beginning."`
	Dither     string   `help:"How a GIF shows the colours between its 256: ordered, diffusion or none (ordered)." placeholder:"NAME"`
	Out        string   `short:"o" help:"The file to write, .png or .jpg (portrait.png, grid.png, morph.png). Several portraits go onto a contact sheet if it is a file, else into a folder (portraits/, variations/), or where a template with {name}, {seed} and {n} says." placeholder:"FILE|DIR"`
}

// axes are arguments such as age=20,40 that may follow a flag one after the other.
type axes []string

// axis is what an argument looks like that belongs to the flag before it.
var axis = regexp.MustCompile(`^[A-Za-z]+=\S*$`)

// Decode takes the value of the flag, and what looks like more of them behind it.
func (a *axes) Decode(ctx *kong.DecodeContext) error {
	var text string
	if err := ctx.Scan.PopValueInto("axis", &text); err != nil {
		return err
	}
	*a = append(*a, text)
	for {
		next := ctx.Scan.Peek()
		text, ok := next.Value.(string)
		if next.Type != kong.UntypedToken && next.Type != kong.PositionalArgumentToken || !ok || !axis.MatchString(text) {
			return nil
		}
		ctx.Scan.Pop()
		*a = append(*a, text)
	}
}

func (c *portraitCmd) people() engine.People {
	wish := c.wish()
	wish.Seed = c.Seed
	return engine.People{
		Text: c.Text, Wish: wish, Like: c.Like, Truncation: c.Truncation, Size: c.Size,
		Count: c.Count, Variations: c.Variations, Grid: c.Grid, Morph: c.Morph,
		Film: engine.FilmWish{Frames: c.Frames, Seconds: c.Seconds, Loops: c.Loops, Bounce: c.Bounce, Dither: c.Dither},
		Out:  c.Out,
	}
}

func (c *portraitCmd) Run(s *session) error {
	return s.with(func(e *engine.Engine) error {
		e.UseAnalyzer(c.Analyzer)
		e.UsePortraitModel(c.Model)
		job, err := e.People(s.ctx, c.people())
		if err != nil {
			return err
		}
		m := s.meter()
		for _, note := range job.Notes {
			m.say("atelier: note: " + note)
		}
		of, done := job.Left(), 0
		err = job.Run(s.ctx, func(event engine.Event) {
			m.event(event)
			if of > 1 && event.State == engine.Done && event.Step.Kind() == engine.KindSave {
				done++
				m.line("atelier: %d of %d, %s", done, of, event.Step.Text("path"))
			}
		})
		if job.Skipped > 0 {
			s.note("atelier: %d of %d are there already and are left as they are", job.Skipped, len(job.Paths))
		}
		if err != nil && of > 1 && !errors.Is(err, context.Canceled) {
			s.note("atelier: %d of %d were drawn: the same command draws the others", done, of)
		}
		return s.made(m, err, job.Paths...)
	})
}
