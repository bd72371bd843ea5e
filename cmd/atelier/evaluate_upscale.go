package main

import (
	"fmt"

	"github.com/atelier-engine/atelier/core/engine"
	"github.com/atelier-engine/atelier/core/style"
	"github.com/atelier-engine/atelier/core/upscale"
	upscaletraining "github.com/atelier-engine/atelier/core/upscale/training"
)

type evaluateUpscaleCmd struct {
	Others []string `arg:"" optional:"" name:"folder" help:"Folders of other pictures that training did not see." type:"existingdir"`
	Data   string   `required:"" help:"The folder that training took its sources from; what it kept is measured." type:"existingdir" placeholder:"DIR"`
	Config string   `help:"A train.toml over the shipped one." type:"existingfile" placeholder:"FILE"`
	Model  string   `help:"The folder of the model (the one that is installed)." placeholder:"DIR"`
	Count  int      `help:"How many pictures of each folder to compare." default:"20" placeholder:"N"`
	Write  bool     `help:"Write the figures into the card of the model."`
}

func (c *evaluateUpscaleCmd) Run(s *session) error {
	cfg, err := upscaleConfig(c.Config, c.Data)
	if err != nil {
		return err
	}
	return s.with(func(e *engine.Engine) error { return engine.Training(c.evaluate(s, e, cfg), c.Model) })
}

func (c *evaluateUpscaleCmd) evaluate(s *session, e *engine.Engine, cfg upscaletraining.TrainConfig) error {
	dir := c.Model
	if dir == "" {
		var err error
		if dir, err = e.UpscaleModel(); err != nil {
			return err
		}
	}
	on, err := e.Computer()
	if err != nil {
		return err
	}
	u, err := upscale.LoadOn(on, dir)
	if err != nil {
		return engine.Missingf("%w", err)
	}
	features, err := e.Model("features")
	if err != nil {
		return err
	}
	f, err := style.OpenFeatures(features)
	if err != nil {
		return engine.Missingf("%w", err)
	}
	m := s.meter()
	scores, err := upscaletraining.Evaluate(s.ctx, cfg, u, &upscaletraining.Features{Graph: f.Graph, Weights: f.Weights}, c.Others, c.Count, m.part("comparing"))
	m.close()
	if err != nil {
		return err
	}
	var rows [][]string
	for _, sc := range scores {
		set := fmt.Sprintf("%s (%d)", sc.Set, sc.Pictures)
		if sc.Soft {
			set += ", soft"
		}
		rows = append(rows, []string{set, sc.Method, fmt.Sprintf("%.2f", sc.PSNR), fmt.Sprintf("%.4f", sc.SSIM), fmt.Sprintf("%.3f", sc.Features), fmt.Sprintf("%.2f", sc.Grain)})
	}
	if err := s.table([]string{"pictures", "method", "PSNR dB", "SSIM", "feature distance", "grain"}, rows); err != nil || !c.Write {
		return err
	}
	return upscaletraining.WriteFigures(dir, scores)
}
