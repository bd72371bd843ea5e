package main

import (
	"os"
	"path/filepath"

	"github.com/atelier-engine/atelier/core/engine"
	styletraining "github.com/atelier-engine/atelier/core/style/training"
)

type trainCmd struct {
	Portrait  trainPortraitCmd  `cmd:"" help:"Train the portrait networks on labelled faces."`
	Style     trainStyleCmd     `cmd:"" help:"Train the style network on photographs and paintings."`
	Upscale   trainUpscaleCmd   `cmd:"" help:"Train the upscaler on photographs."`
	Sentiment trainSentimentCmd `cmd:"" help:"Train the shipped analyzer on labelled sentences."`
	Features  trainFeaturesCmd  `cmd:"" help:"Distil the feature network that judges pictures and styles."`
	Plot      trainPlotCmd      `cmd:"" help:"Draw the losses of a training of networks."`
}

// training are the flags that the networks' trainings share.
type training struct {
	Data   string `required:"" help:"The folder of the data; for portraits also what data prepare packed." type:"existing" placeholder:"DIR"`
	Config string `help:"A train.toml over the shipped one." type:"existingfile" placeholder:"FILE"`
	Run    string `help:"The folder of checkpoints, samples and the log; a second call goes on there." placeholder:"DIR"`
	Out    string `short:"o" help:"The folder the model goes to." placeholder:"DIR"`
	Steps  int    `help:"Stop after so many steps in all." placeholder:"N"`
	Export bool   `help:"Only write the model of the newest checkpoint."`
}

// trained is an error unless a training left something in its folder.
func trained(run string) error {
	if _, err := os.Stat(filepath.Join(run, "checkpoints")); err != nil {
		return engine.Missingf("export: %s holds no checkpoint: train first, or name the folder with --run", run)
	}
	return nil
}

type trainStyleCmd struct {
	training `embed:""`
	Styles   string `help:"The folder the styles go to (styles)." placeholder:"DIR"`
}

func (c *trainStyleCmd) Run(s *session) error {
	run, model, styles := first(c.training.Run, filepath.Join("runs", "style")), first(c.Out, filepath.Join("models", "style")), first(c.Styles, "styles")
	return s.withDevice(func(*engine.Engine) error {
		return engine.Training(c.train(s, run, model, styles), run, model, styles)
	})
}

func (c *trainStyleCmd) train(s *session, run, model, styles string) error {
	cfg, err := styleConfig(c.Config, c.Data)
	if err != nil {
		return err
	}
	cfg.Run, cfg.Model, cfg.Styles = run, model, styles
	if c.Steps > 0 {
		cfg.Steps = c.Steps
	}
	t := s.teacher()
	defer t.close()
	if c.Export {
		if err := trained(run); err != nil {
			return err
		}
		return styletraining.Export(s.ctx, cfg, t.note)
	}
	return styletraining.Train(s.ctx, cfg, t.progress, t.note)
}

func styleConfig(path, data string) (styletraining.TrainConfig, error) {
	cfg, err := styletraining.ShippedConfig()
	if path != "" {
		cfg, err = styletraining.LoadTrainConfig(path)
	}
	if err != nil {
		return cfg, engine.Usagef("%w", err)
	}
	cfg.Data = data
	return cfg, nil
}
