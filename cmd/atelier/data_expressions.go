package main

import (
	"github.com/atelier-engine/atelier/core/engine"
	"github.com/atelier-engine/atelier/core/portrait/faces"
)

type dataExpressionsCmd struct {
	Pack     string  `arg:"" help:"A packed data set with landmarks."`
	Sheet    string  `short:"o" help:"The picture to write (${default})." default:"expressions.png" placeholder:"FILE"`
	Count    int     `help:"So many people, a column each (${default})." default:"8" placeholder:"N"`
	Strength float64 `help:"How strong the expressions are, 0 to 1 (${default})." default:"0.9" placeholder:"X"`
	Side     int     `help:"Pixels of each picture along its side (that of the pack)." placeholder:"N"`
	Seed     uint64  `help:"Other people and other variations (${default})." default:"1" placeholder:"N"`
}

func (c *dataExpressionsCmd) Run(s *session) error {
	switch {
	case c.Count < 1 || c.Count > 64:
		return engine.Usagef("--count is %d: give 1 to 64", c.Count)
	case !(c.Strength >= 0 && c.Strength <= 1):
		return engine.Usagef("--strength is %g: give 0 to 1", c.Strength)
	case c.Side < 0 || c.Side > 1024:
		return engine.Usagef("--side is %d: give up to 1024 pixels", c.Side)
	}
	if err := engine.CheckOut(c.Sheet); err != nil {
		return err
	}
	set, err := faces.Open(c.Pack)
	if err != nil {
		return engine.Inputf("%w", err)
	}
	defer set.Close()
	p, err := set.ExpressionSheet(c.Count, c.Strength, c.Seed, c.Side)
	if err != nil {
		return engine.Inputf("%w", err)
	}
	if err := engine.SavePicture(c.Sheet, p); err != nil {
		return err
	}
	s.printf("%s", c.Sheet)
	return nil
}
