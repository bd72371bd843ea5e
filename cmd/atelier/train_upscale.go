package main

import (
	"path/filepath"

	"github.com/atelier-engine/atelier/core/engine"
	"github.com/atelier-engine/atelier/core/style"
	upscaletraining "github.com/atelier-engine/atelier/core/upscale/training"
)

type trainUpscaleCmd struct {
	training `embed:""`
	Lossnet  string `help:"The weights of the loss network (DATA/style/lossnet)." type:"existingfile" placeholder:"FILE"`
}

func (c *trainUpscaleCmd) Run(s *session) error {
	run, model := first(c.training.Run, filepath.Join("runs", "upscale")), first(c.Out, filepath.Join("models", "upscale"))
	return s.withDevice(func(*engine.Engine) error {
		return engine.Training(c.train(s, run, model), run, model)
	})
}

func (c *trainUpscaleCmd) train(s *session, run, model string) error {
	cfg, err := upscaleConfig(c.Config, c.Data)
	if err != nil {
		return err
	}
	cfg.Run, cfg.Model = run, model
	if c.Steps > 0 {
		cfg.Steps = c.Steps
	}
	t := s.teacher()
	defer t.close()
	report := upscaletraining.Report{Note: t.note, Progress: t.progress}
	if c.Export {
		if err := trained(run); err != nil {
			return err
		}
		return upscaletraining.Export(cfg, report)
	}
	if len(cfg.Loss.Features) > 0 {
		path := first(c.Lossnet, filepath.Join(c.Data, "style", "lossnet", style.Distilled+".safetensors"))
		f, err := style.LoadFeatures(style.Distilled, path, upscaletraining.Taps[:len(cfg.Loss.Features)]...)
		if err != nil {
			return engine.Missingf("%w: name the file with --lossnet", err)
		}
		cfg.Features = &upscaletraining.Features{Graph: f.Graph, Weights: f.Weights}
	}
	return upscaletraining.Train(s.ctx, cfg, report)
}

func upscaleConfig(path, data string) (upscaletraining.TrainConfig, error) {
	cfg, err := upscaletraining.ShippedConfig()
	if path != "" {
		cfg, err = upscaletraining.LoadTrainConfig(path)
	}
	if err != nil {
		return cfg, engine.Usagef("%w", err)
	}
	cfg.Data = data
	return cfg, nil
}
