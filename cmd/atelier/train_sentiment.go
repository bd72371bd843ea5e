package main

import (
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"github.com/atelier-engine/atelier/core/engine"
	"github.com/atelier-engine/atelier/core/sentiment"
)

type trainSentimentCmd struct {
	Data      string   `required:"" help:"A folder with goemotions, xed, vader, afinn, empath and emobank." type:"existingdir" placeholder:"DIR"`
	Out       string   `help:"The folder the model goes to (models/sentiment-english)." placeholder:"DIR"`
	Only      string   `help:"Train one head alone, face or ekman, and keep the other as it is in the folder." placeholder:"TASK"`
	Sentences int      `help:"Sentences of our own for each emotion." placeholder:"N"`
	Epochs    int      `help:"Passes over the data." placeholder:"N"`
	Rate      float64  `help:"The learning rate." placeholder:"X"`
	Decay     float64  `help:"The decay of the weights." placeholder:"X"`
	Seed      uint64   `help:"Of the order of the samples (${default})." default:"0" placeholder:"N"`
	Measure   []string `help:"Measure the model on a list (text, tab, emotion on each line) for its card. Repeat it for more." sep:"none" placeholder:"NAME=FILE"`
}

func (c *trainSentimentCmd) Run(s *session) error {
	lists, err := c.lists()
	if err != nil {
		return err
	}
	cfg, err := c.config(lists)
	if err != nil {
		return err
	}
	return s.with(func(*engine.Engine) error {
		result, err := sentiment.Train(s.ctx, cfg, func(p sentiment.TrainProgress) {
			left := p.Elapsed / time.Duration(max(1, p.Epoch)) * time.Duration(p.Epochs-p.Epoch)
			s.note("%s: epoch %d of %d, %s left: loss %.4f", p.Task, p.Epoch, p.Epochs, left.Round(time.Second), p.Loss)
		})
		if err != nil {
			return engine.Training(err, cfg.Out)
		}
		s.printf("%s", cfg.Out)
		s.note("trained in %s on %v", result.Elapsed.Round(time.Second), result.Samples)
		return nil
	})
}

// config checks the flags.
func (c *trainSentimentCmd) config(lists map[string]string) (sentiment.TrainConfig, error) {
	cfg := sentiment.TrainConfig{Data: c.Data, Out: first(c.Out, filepath.Join("models", sentiment.Name)),
		Sentences: c.Sentences, Epochs: c.Epochs, Rate: c.Rate, Decay: c.Decay, Seed: c.Seed, Lists: lists}
	if c.Only != "" {
		task, err := sentiment.ParseTask(c.Only)
		if err != nil {
			return cfg, engine.Usagef("--only is %q: it must be %s or %s", c.Only, sentiment.TaskFace, sentiment.TaskEkman)
		}
		cfg.Only = task
	}
	for _, n := range []struct {
		flag string
		v    float64
		most float64
	}{{"sentences", float64(c.Sentences), 1e6}, {"epochs", float64(c.Epochs), 1000}, {"rate", c.Rate, 10}, {"decay", c.Decay, 1}} {
		if !(n.v >= 0 && n.v <= n.most) {
			return cfg, engine.Usagef("--%s is %v: it must be above 0 and at most %v", n.flag, n.v, n.most)
		}
	}
	return cfg, nil
}

// lists reads the lists to measure on before any work, so that a wrong one
// costs no training.
func (c *trainSentimentCmd) lists() (map[string]string, error) {
	lists := map[string]string{}
	for _, item := range c.Measure {
		name, path, ok := strings.Cut(item, "=")
		if !ok || !listName.MatchString(name) || lists[name] != "" {
			return nil, engine.Usagef("--measure %s: it must be NAME=FILE with a new name of a-z, 0-9 and _", item)
		}
		if _, err := sentiment.ReadExamples(path); err != nil {
			return nil, engine.Inputf("--measure %s: %w", name, err)
		}
		lists[name] = path
	}
	return lists, nil
}

// listName is what can begin a key of a card.
var listName = regexp.MustCompile(`^[a-z][a-z0-9_]*$`)
