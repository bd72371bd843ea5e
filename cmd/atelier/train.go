package main

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/atelier-engine/atelier/core/engine"
	"github.com/atelier-engine/atelier/core/portrait"
	portraittraining "github.com/atelier-engine/atelier/core/portrait/training"
	"github.com/atelier-engine/atelier/core/style"
	styletraining "github.com/atelier-engine/atelier/core/style/training"
)

type trainCmd struct {
	Portrait  trainPortraitCmd  `cmd:"" help:"Train the portrait networks on labelled faces."`
	Style     trainStyleCmd     `cmd:"" help:"Train the style network on photographs and paintings."`
	Sentiment trainSentimentCmd `cmd:"" help:"Train the shipped analyzer on labelled sentences."`
	Features  trainFeaturesCmd  `cmd:"" help:"Distil the feature network that judges pictures and styles."`
}

// training are the flags that the networks' trainings share.
type training struct {
	Data   string `required:"" help:"The folder of the data; for portraits also what data prepare packed." type:"existing" placeholder:"DIR"`
	Config string `help:"A train.toml over the shipped one." type:"existingfile" placeholder:"FILE"`
	Run    string `help:"The folder of checkpoints, samples and the log; a second call goes on there." placeholder:"DIR"`
	Out    string `help:"The folder the model goes to." placeholder:"DIR"`
	Steps  int    `help:"Stop after so many steps in all." placeholder:"N"`
	Export bool   `help:"Only write the model of the newest checkpoint."`
}

type trainPortraitCmd struct {
	training `embed:""`
	Lossnet  string `help:"The weights of the loss network (found beside DATA, in ../style/lossnet)." type:"existingfile" placeholder:"FILE"`
	From     string `help:"Start from this model: its generator and, if kept, its discriminators." type:"existingdir" placeholder:"DIR"`
	Recipe   string `help:"ladder, what ships, or paper, the conditional GAN as published (${default})." enum:"ladder,paper" default:"ladder"`
}

func (c *trainPortraitCmd) Run(s *session) error {
	run, model := first(c.training.Run, filepath.Join("runs", "portrait")), first(c.Out, filepath.Join("models", "portrait"))
	return s.withDevice(func(*engine.Engine) error {
		return engine.Training(c.train(s, run, model), run, model)
	})
}

func (c *trainPortraitCmd) train(s *session, run, model string) error {
	cfg, err := portraittraining.ShippedConfig(c.Recipe)
	if c.Config != "" {
		cfg, err = portraittraining.LoadTrainConfig(c.Config)
	}
	if err != nil {
		return engine.Usagef("%w", err)
	}
	cfg.Data, cfg.Run, cfg.Model = c.Data, run, model
	cfg.From = first(c.From, cfg.From)
	if c.Steps > 0 {
		cfg.Steps = c.Steps
	}
	report := portraittraining.Report{
		Note:     func(text string) { s.note("%s", text) },
		Prepare:  s.preparing(),
		Progress: s.training,
	}
	switch {
	case cfg.Recipe == portraittraining.Ladder:
		cfg.Features, err = lossFeatures(c.Lossnet, c.Data, "relu2_2", "relu3_4", "relu4_4")
	case cfg.Perceptual > 0 && !c.Export:
		cfg.Features, err = lossFeatures(c.Lossnet, c.Data)
	}
	if err != nil {
		return err
	}
	if c.Export {
		if err := trained(run); err != nil {
			return err
		}
		return portraittraining.Export(cfg, report)
	}
	return portraittraining.Train(s.ctx, cfg, report)
}

// trained is an error unless a training left something in its folder.
func trained(run string) error {
	if _, err := os.Stat(filepath.Join(run, "checkpoints")); err != nil {
		return engine.Missingf("export: %s holds no checkpoint: train first, or name the folder with --run", run)
	}
	return nil
}

// lossFeatures loads the network that judges portraits: layers of the distilled
// VGG-19, the early ones if none are named.
func lossFeatures(path, data string, taps ...string) (*portrait.Features, error) {
	path = first(path, filepath.Join(data, "..", "style", "lossnet", style.Distilled+".safetensors"))
	if len(taps) == 0 {
		taps = []string{"relu1_1", "relu2_1", "relu3_1"}
	}
	f, err := style.LoadFeatures(style.Distilled, path, taps...)
	if err != nil {
		return nil, engine.Missingf("%w: name the file with --lossnet", err)
	}
	return &portrait.Features{Graph: f.Graph, Weights: f.Weights}, nil
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
	note := func(text string) { s.note("%s", text) }
	if c.Export {
		if err := trained(run); err != nil {
			return err
		}
		return styletraining.Export(s.ctx, cfg, note)
	}
	return styletraining.Train(s.ctx, cfg, s.training, note)
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

// training writes one line about a training of networks.
func (s *session) training(p styletraining.Progress) {
	var losses []string
	for _, name := range slices.Sorted(maps.Keys(p.Losses)) {
		losses = append(losses, fmt.Sprintf("%s %.4g", name, p.Losses[name]))
	}
	s.note("step %d of %d, %s left: %s", p.Step, p.Steps, p.Left.Round(time.Second), strings.Join(losses, ", "))
}
