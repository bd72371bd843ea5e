package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"time"

	"github.com/atelier-engine/atelier/core/engine"
	"github.com/atelier-engine/atelier/core/portrait"
	portraittraining "github.com/atelier-engine/atelier/core/portrait/training"
	"github.com/atelier-engine/atelier/core/style"
)

type trainPortraitCmd struct {
	training `embed:""`
	Recipe   string `help:"ladder, what ships, or paper, the conditional GAN as published (that of the run; else ladder)." placeholder:"NAME"`
	Source   string `help:"Where the photographs come from, for the model's card." placeholder:"TEXT"`
	Licence  string `help:"What may be done with a model made of them, for its card." placeholder:"TEXT"`
	From     string `help:"Start from this model: its generator and, if kept, its discriminators." type:"existingdir" placeholder:"DIR"`
	Lossnet  string `help:"The weights of the loss network (found beside DATA, in ../style/lossnet; else the model features)." type:"existingfile" placeholder:"FILE"`
	DryRun   bool   `help:"Train nothing: show the networks, their work and memory, and how long it would take here."`
}

func (c *trainPortraitCmd) Run(s *session) error {
	model := first(c.Out, shippedPortrait)
	run := first(c.training.Run, filepath.Join("runs", filepath.Base(model)))
	return s.withDevice(func(e *engine.Engine) error {
		return engine.Training(c.train(s, e, run, model), run, model)
	})
}

var shippedPortrait = filepath.Join("models", "portrait")

func (c *trainPortraitCmd) train(s *session, e *engine.Engine, run, model string) error {
	if c.Export {
		if err := trained(run); err != nil {
			return err
		}
	}
	cfg, err := c.settings(run)
	if err != nil {
		return err
	}
	cfg.Data, cfg.Run, cfg.Model = c.Data, run, model
	cfg.From = first(c.From, cfg.From)
	if c.Steps > 0 {
		cfg.Steps = c.Steps
	}
	if err := c.rights(&cfg); err != nil {
		return err
	}
	t := s.teacher()
	defer t.close()
	if err := c.features(&cfg, e, t); err != nil {
		return err
	}
	report := portraittraining.Report{
		Note:     t.note,
		Prepare:  s.preparing(),
		Progress: t.progress,
	}
	switch {
	case c.DryRun:
		return c.dry(s, cfg)
	case c.Export:
		err = portraittraining.Export(cfg, report)
	default:
		err = portraittraining.Train(s.ctx, cfg, report)
	}
	if errors.Is(err, portraittraining.ErrSettings) {
		return engine.Usagef("%w", err)
	}
	if err != nil {
		return err
	}
	t.close()
	s.printf("%s", model)
	name := filepath.Base(model)
	if dir, err := e.Model(name); err != nil || !samePlace(dir, model) {
		name = "." + string(filepath.Separator) + filepath.Clean(model)
		if filepath.IsAbs(model) {
			name = model
		}
	}
	s.note("try it: atelier portrait \"a laughing woman\" --model %s", name)
	return nil
}

func samePlace(a, b string) bool {
	x, err := os.Stat(a)
	y, err2 := os.Stat(b)
	return err == nil && err2 == nil && os.SameFile(x, y)
}

// settings are those of the file that is named; without one, and without a
// recipe, those that the run has; else those that the recipe ships with.
func (c *trainPortraitCmd) settings(run string) (cfg portraittraining.TrainConfig, err error) {
	own := filepath.Join(run, portraittraining.SettingsFile)
	_, missing := os.Stat(own)
	names := portraittraining.Recipes()
	switch {
	case c.Recipe != "" && !slices.Contains(names, c.Recipe):
		return cfg, engine.Usagef("--recipe is %q%s", c.Recipe, engine.Hint(c.Recipe, names))
	case c.Config != "":
		cfg, err = portraittraining.LoadTrainConfig(c.Config, c.Recipe)
	case c.Recipe == "" && missing == nil && portraittraining.Begun(run):
		cfg, err = portraittraining.LoadTrainConfig(own, "")
	default:
		cfg, err = portraittraining.ShippedConfig(first(c.Recipe, names[0]))
	}
	if key := (*portraittraining.KeyError)(nil); errors.As(err, &key) {
		return cfg, engine.Usagef("%w%s", err, engine.Hint(key.Key, key.Known))
	}
	if err != nil {
		return cfg, engine.Usagef("%w", err)
	}
	return cfg, nil
}

// rights sees to it that the model's card says whose photographs it is made of:
// what ships says so of one data set only, and a model of others goes elsewhere.
func (c *trainPortraitCmd) rights(cfg *portraittraining.TrainConfig) error {
	cfg.Source, cfg.Licence = first(c.Source, cfg.Source), first(c.Licence, cfg.Licence)
	if c.Source != "" && c.Licence != "" {
		cfg.Labels = ""
	}
	if c.DryRun {
		return nil
	}
	if !cfg.Sourced() {
		return engine.Usagef("train portrait: nothing says where the photographs in %s come from and what may be done with a model made of them: "+
			"say both, with --source \"my own photographs\" --licence \"CC BY 4.0\" or in the file of --config", c.Data)
	}
	if cfg.Labels == "" && c.Out == "" {
		return engine.Usagef("train portrait: a model of other photographs would take the place of the one in %s: name its folder, as in --out %s",
			shippedPortrait, filepath.Join("models", "mine"))
	}
	return nil
}

// features loads the frozen network that judges portraits beside the
// discriminators: the distilled VGG-19 where there is a file of it, else the
// feature network that ships.
func (c *trainPortraitCmd) features(cfg *portraittraining.TrainConfig, e *engine.Engine, t *teacher) error {
	ladder := cfg.Recipe == portraittraining.Ladder
	if !ladder && (cfg.Perceptual == 0 || c.Export) {
		return nil
	}
	taps, own := earlyTaps, earlyTaps
	if ladder {
		taps, own = []string{"relu2_2", "relu3_4", "relu4_4"}, []string{"relu2_1", "relu3_1", "relu4_1"}
	}
	if _, missing := os.Stat(lossFile(c.Lossnet, c.Data)); missing == nil {
		f, err := lossFeatures(c.Lossnet, c.Data, taps...)
		cfg.Features = f
		return err
	}
	dir, err := e.Model("features")
	if err != nil {
		return engine.Missingf("%w: portraits need a loss network: name its file with --lossnet", err)
	}
	f, err := style.OpenFeatures(dir, own...)
	if err != nil {
		return engine.Missingf("%w", err)
	}
	cfg.Features = &portrait.Features{Graph: f.Graph, Weights: f.Weights}
	if ladder {
		cfg.Critics.Scale = ownScale
	}
	t.note("pictures are judged by the features of " + dir)
	return nil
}

// earlyTaps are the layers that tell texture and colour.
var earlyTaps = []string{"relu1_1", "relu2_1", "relu3_1"}

// lossFile is where the weights of the loss network are.
func lossFile(path, data string) string {
	return first(path, filepath.Join(data, "..", "style", "lossnet", style.Distilled+".safetensors"))
}

// lossFeatures loads the network that judges portraits: layers of the distilled
// VGG-19, the early ones if none are named.
func lossFeatures(path, data string, taps ...string) (*portrait.Features, error) {
	if len(taps) == 0 {
		taps = earlyTaps
	}
	f, err := style.LoadFeatures(style.Distilled, lossFile(path, data), taps...)
	if err != nil {
		return nil, engine.Missingf("%w: name the file with --lossnet", err)
	}
	return &portrait.Features{Graph: f.Graph, Weights: f.Weights}, nil
}

// ownScale brings the taps relu2_1, relu3_1 and relu4_1 of the feature network
// that ships to a mean square of about 1 on photographs of faces, as the scale
// in ladder.toml does the distilled one's.
var ownScale = []float64{0.93, 1.05, 0.97}

// dry shows what the training would be.
func (c *trainPortraitCmd) dry(s *session, cfg portraittraining.TrainConfig) error {
	all, err := portraittraining.DryRun(s.ctx, cfg)
	if err != nil {
		return err
	}
	var whole time.Duration
	for i, e := range all {
		if i > 0 {
			s.printf("")
		}
		s.printf("%d pixels: %d steps of %d pictures", e.Side, e.Steps, e.Batch)
		rows := [][]string{}
		for _, n := range e.Networks {
			rows = append(rows, []string{"  " + n.Name, strconv.Itoa(n.Params) + " numbers"})
		}
		rows = append(rows,
			[]string{"  a step", fmt.Sprintf("%.3g GFLOP", e.Work/1e9)},
			[]string{"", fmt.Sprintf("%.2f s on this machine now, %.3g GFLOP/s, %.3g pictures/s", e.Step.Seconds(), e.Work/1e9/e.Step.Seconds(), float64(e.Batch)/e.Step.Seconds())},
			[]string{"  memory", fmt.Sprintf("%.3g MB", float64(e.Memory)/1e6)},
			[]string{"  all steps", e.Whole().Round(time.Minute).String()})
		if err := s.table(nil, rows); err != nil {
			return err
		}
		whole += e.Whole()
	}
	if len(all) > 1 {
		s.printf("\ntogether %s", whole.Round(time.Minute))
	}
	return nil
}
