package main

import "github.com/atelier-engine/atelier/core/engine"

type upscaleCmd struct {
	Pictures []string `arg:"" name:"picture" help:"The pictures to enlarge: PNG, JPEG, GIF, WebP, BMP or TIFF files, folders of them, or patterns such as '*.jpg'."`
	Factor   int      `short:"f" help:"2, 4 or 8 times as wide and as high." default:"4" placeholder:"N"`
	Out      string   `short:"o" help:"The file to write, .png or .jpg; of several pictures a folder, or a template with {name}, {style} (x2, x4 or x8) and {n} (PICTURE-x4.png, FOLDER-x4/ or enlarged-x4/)." placeholder:"FILE|DIR"`
}

func (c *upscaleCmd) Run(s *session) error {
	return s.with(func(e *engine.Engine) error {
		b, err := e.UpscaleBatch(s.ctx, c.Factor, c.Pictures, c.Out)
		if err != nil {
			return err
		}
		m := s.meter()
		err = b.Run(s.ctx, m.batch)
		m.close()
		return s.ended(b, err, "upscale", "enlarged")
	})
}
