package main

import (
	"github.com/atelier-engine/atelier/core/engine"
	"github.com/atelier-engine/atelier/core/sentiment"
)

type evaluateSentimentCmd struct {
	Lists     []string `arg:"" name:"list" help:"Lists with a text, a tab and its emotion on each line, in either order; GoEmotions' format too."`
	Task      string   `help:"face: which of seven faces a description shows; ekman: which of the Ekman classes a comment carries (${default})." default:"face" placeholder:"TASK"`
	Model     string   `help:"The folder of a model, read here instead of asking a plugin." type:"existingdir" placeholder:"DIR"`
	analyzing `embed:""`
	Misses    int  `help:"Show so many lines that were read wrongly; -1 for all." placeholder:"N"`
	JSON      bool `name:"json" help:"Write JSON: an object of each list, on a line of its own."`
}

func (c *evaluateSentimentCmd) Run(s *session) error {
	task, err := sentiment.ParseTask(c.Task)
	if err != nil {
		return engine.Usagef("--task is %q: it must be %s or %s", c.Task, sentiment.TaskFace, sentiment.TaskEkman)
	}
	if c.Analyzer != "" && (c.Model != "" || task == sentiment.TaskEkman) {
		return engine.Usagef("evaluate sentiment: --analyzer is for --task face without --model: leave it out")
	}
	lists := make([][]sentiment.Example, len(c.Lists)) // all of them before any work
	for i, path := range c.Lists {
		if lists[i], err = sentiment.ReadList(path, task); err != nil {
			return engine.Inputf("%w", err)
		}
	}
	return s.with(func(e *engine.Engine) error {
		e.UseAnalyzer(c.Analyzer)
		score, err := c.judge(s, e, task)
		if err != nil {
			return err
		}
		for i, list := range lists {
			v, err := score(list)
			if err != nil {
				return err
			}
			if err := c.show(s, c.Lists[i], v); err != nil {
				return err
			}
		}
		return nil
	})
}

// judge gives what scores a list.
func (c *evaluateSentimentCmd) judge(s *session, e *engine.Engine, task sentiment.Task) (func([]sentiment.Example) (*sentiment.Score, error), error) {
	if task == sentiment.TaskFace && c.Model == "" {
		return func(list []sentiment.Example) (*sentiment.Score, error) {
			return sentiment.Evaluate(s.ctx, e.Analyzer(), list)
		}, nil
	}
	a, err := english(e, c.Model)
	if err != nil {
		return nil, err
	}
	return func(list []sentiment.Example) (*sentiment.Score, error) {
		if task == sentiment.TaskFace {
			return sentiment.Evaluate(s.ctx, a, list)
		}
		v, err := sentiment.EvaluateEkman(s.ctx, a, list)
		if err == sentiment.ErrNoEkman {
			err = engine.Missingf("%w", err)
		}
		return v, err
	}, nil
}

func (c *evaluateSentimentCmd) show(s *session, name string, v *sentiment.Score) error {
	if c.JSON {
		return s.object(scoreJSON(name, v, c.Misses), true)
	}
	if len(c.Lists) > 1 {
		s.printf("%s", name)
	}
	if err := v.Write(s.out); err != nil {
		return err
	}
	if c.Misses != 0 && len(v.Misses) > 0 {
		s.printf("")
		if err := v.WriteMisses(s.out, c.Misses); err != nil {
			return err
		}
	}
	if len(c.Lists) > 1 {
		s.printf("")
	}
	return nil
}

// scoreObject is a score as JSON: classes and the rows and columns of the
// confusion matrix are in the order of Classes.
type scoreObject struct {
	List      string       `json:"list"`
	Task      string       `json:"task"`
	Lines     int          `json:"lines"`
	Accuracy  float64      `json:"accuracy"`
	MacroF1   float64      `json:"macro_f1"`
	MicroF1   float64      `json:"micro_f1"`
	Loss      float64      `json:"loss"`
	Classes   []string     `json:"classes"`
	Precision []float64    `json:"precision"`
	Recall    []float64    `json:"recall"`
	F1        []float64    `json:"f1"`
	Labelled  []int        `json:"labelled"`
	Read      []int        `json:"read"`
	Confusion [][]int      `json:"confusion"`
	Wrong     int          `json:"wrong"`
	Misses    []missObject `json:"misses,omitempty"`
}

type missObject struct {
	Text string `json:"text"`
	Want string `json:"want"`
	Got  string `json:"got"`
}

func scoreJSON(list string, v *sentiment.Score, misses int) scoreObject {
	o := scoreObject{List: list, Task: string(v.Task), Lines: v.Lines, Accuracy: v.Accuracy, MacroF1: v.MacroF1, MicroF1: v.MicroF1, Loss: v.Loss,
		Classes: sentiment.Names(), Precision: v.Precision[:], Recall: v.Recall[:], F1: v.F1[:], Labelled: v.Labelled[:], Read: v.Read[:], Wrong: len(v.Misses)}
	for i := range v.Confusion {
		o.Confusion = append(o.Confusion, v.Confusion[i][:])
	}
	for i, m := range v.Misses {
		if i == misses {
			break
		}
		o.Misses = append(o.Misses, missObject{m.Text, m.All.String(), m.Found.String()})
	}
	return o
}
