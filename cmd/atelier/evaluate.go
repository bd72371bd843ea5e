package main

import (
	"os"
	"path/filepath"

	"github.com/atelier-engine/atelier/core/engine"
	"github.com/atelier-engine/atelier/core/style"
	styletraining "github.com/atelier-engine/atelier/core/style/training"
)

type evaluateCmd struct {
	Portrait  evaluatePortraitCmd  `cmd:"" help:"Compare portraits with photographs that training did not see."`
	Style     evaluateStyleCmd     `cmd:"" help:"Compare paintings with the works that the styles were learnt from."`
	Upscale   evaluateUpscaleCmd   `cmd:"" help:"Compare enlargements with photographs that were reduced before."`
	Sentiment evaluateSentimentCmd `cmd:"" help:"Compare readings with labelled sentences."`
}

type evaluateStyleCmd struct {
	Data   string `required:"" help:"A folder with photos, paintings and lossnet." type:"existingdir" placeholder:"DIR"`
	Config string `help:"A train.toml over the shipped one." type:"existingfile" placeholder:"FILE"`
	Count  int    `help:"How many photographs to paint." default:"8" placeholder:"N"`
	Side   int    `help:"Their size in pixels." default:"256" placeholder:"N"`

	Optimise int `help:"How many of them to paint by optimisation too, the first ones." default:"1" placeholder:"N"`
}

func (c *evaluateStyleCmd) Run(s *session) error {
	cfg, err := styleConfig(c.Config, c.Data)
	if err != nil {
		return err
	}
	return s.with(func(e *engine.Engine) error {
		dir, err := e.Model("style")
		if err != nil {
			return err
		}
		d, err := e.Computer()
		if err != nil {
			return err
		}
		stylizer, err := style.LoadOn(d, dir, e.Places.Styles...)
		if err != nil {
			return engine.Missingf("%w", err)
		}
		o := styletraining.EvaluateOptions{Count: c.Count, Side: c.Side, OptimiseCount: c.Optimise, Progress: func(part float64) { s.note("%.0f%%", 100*part) }}
		features, err := e.Model("features")
		if err != nil {
			return err
		}
		if _, err := os.Stat(filepath.Join(dir, style.PredictorFile)); err == nil {
			if o.Held, err = style.LoadPredictorOn(d, dir, features); err != nil {
				return engine.Missingf("%w", err)
			}
		}
		if c.Optimise > 0 {
			if o.Features, err = style.OpenFeatures(features); err != nil {
				return engine.Missingf("%w", err)
			}
		}
		scores, err := styletraining.Evaluate(s.ctx, cfg, stylizer, o)
		if err != nil {
			return engine.Training(err)
		}
		return s.scores(scores, c.Optimise > 0)
	})
}

// scores prints style losses, then content losses, a line each style.
func (s *session) scores(scores []styletraining.Score, optimised bool) error {
	head := []string{"style", "style loss: photographs", "network", "with steps", "content loss: network", "with steps"}
	if optimised {
		head = append(head, "optimised: style", "content", "network on the same: style", "content")
	}
	var rows [][]string
	for _, sc := range scores {
		name := sc.Name
		if sc.Held {
			name += " (never seen)"
		}
		row := []string{name, figure(sc.Untouched.Style), figure(sc.Network.Style), figure(sc.Steps.Style), figure(sc.Network.Content), figure(sc.Steps.Content)}
		if optimised {
			row = append(row, figure(sc.Optimised.Style), figure(sc.Optimised.Content), figure(sc.Comparable.Style), figure(sc.Comparable.Content))
		}
		rows = append(rows, row)
	}
	return s.table(head, rows)
}
