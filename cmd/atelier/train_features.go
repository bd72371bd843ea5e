package main

import (
	"os"
	"path/filepath"

	"github.com/atelier-engine/atelier/core/engine"
	"github.com/atelier-engine/atelier/core/style/distil"
)

// trainFeaturesCmd trains the feature network that ships on the networks of the
// literature, which lie in lossnet/ below the data.
type trainFeaturesCmd struct {
	training `embed:""`
}

func (c *trainFeaturesCmd) Run(s *session) error {
	run, model := first(c.training.Run, filepath.Join("runs", "features")), first(c.Out, filepath.Join("models", "features"))
	return s.withDevice(func(*engine.Engine) error {
		return engine.Training(c.train(s, run, model), run, model)
	})
}

func (c *trainFeaturesCmd) train(s *session, run, model string) error {
	cfg, err := distil.ShippedConfig()
	if c.Config != "" {
		text, readErr := os.ReadFile(c.Config)
		if readErr != nil {
			return engine.Missingf("train features: %w", readErr)
		}
		cfg, err = distil.ParseConfig(string(text))
	}
	if err != nil {
		return engine.Usagef("%w", err)
	}
	cfg.Data, cfg.Run, cfg.Model = c.Data, run, model
	if c.Steps > 0 {
		cfg.Steps = c.Steps
	}
	t := s.teacher()
	defer t.close()
	if c.Export {
		if err := trained(run); err != nil {
			return err
		}
		return distil.Export(s.ctx, cfg, t.note)
	}
	return distil.Train(s.ctx, cfg, t.progress, t.note)
}
