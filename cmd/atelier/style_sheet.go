package main

import (
	"path/filepath"
	"strings"

	"github.com/atelier-engine/atelier/core/engine"
)

type styleSheetCmd struct {
	Photos []string `arg:"" name:"photo" help:"Photographs: files, folders or patterns; each has a row, a single one a square."`
	Styles []string `help:"Only these styles or mixtures, with commas between them." placeholder:"A,B"`
	Style  string   `short:"s" help:"One style or mixture over intensities and sizes of strokes." placeholder:"NAME"`
	Side   int      `help:"The longer side of each painting in pixels (320)." placeholder:"N"`
	Out    string   `short:"o" help:"The file to write, .png or .jpg (PHOTO-sheet.png)." placeholder:"FILE"`
}

func (c *styleSheetCmd) Run(s *session) error {
	out := c.Out
	if out == "" {
		base := filepath.Base(filepath.Clean(c.Photos[0]))
		if base == "." || strings.ContainsAny(base, "*?[") {
			base = "styles"
		}
		out = strings.TrimSuffix(base, filepath.Ext(base)) + "-sheet.png"
	}
	if err := engine.CheckOut(out); err != nil {
		return err
	}
	return s.with(func(e *engine.Engine) error {
		m := s.meter()
		p, err := e.Sheet(s.ctx, engine.SheetWish{Photos: c.Photos, Styles: c.Styles, Style: c.Style, Side: c.Side}, m.part("painting"))
		m.close()
		if err != nil {
			return err
		}
		if err := engine.SavePicture(out, p); err != nil {
			return err
		}
		s.printf("%s", out)
		return nil
	})
}
