package main

import (
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/atelier-engine/atelier/core/engine"
	"github.com/atelier-engine/atelier/core/portrait"
	"github.com/atelier-engine/atelier/core/portrait/evaluation"
	"github.com/atelier-engine/atelier/core/portrait/faces"
	"github.com/atelier-engine/atelier/core/style"
)

type evaluatePortraitCmd struct {
	Data    string   `required:"" help:"The folder of labelled faces, or what data prepare packed." type:"existing" placeholder:"DIR"`
	Models  []string `name:"model" sep:"none" help:"The folder of a model (the one that portraits are drawn with). Give it again to compare several." placeholder:"DIR"`
	Lossnet string   `help:"The weights of the loss network (found beside DATA, in ../style/lossnet)." type:"existingfile" placeholder:"FILE"`
	Judges  string   `help:"The folder of the judge, which is trained once and kept (a folder of the user's cache, named by photographs and recipe)." placeholder:"DIR"`
	Count   int      `help:"How many portraits to ask for of a grid of conditions, and as many again like photographs." default:"672" placeholder:"N"`
	Seed    uint64   `help:"The seed of the first portrait." default:"1000" placeholder:"N"`
	JSON    bool     `name:"json" help:"Write JSON."`
	Save    bool     `help:"Write the figures into the model's card."`
	Report  string   `help:"Draw sheets, confusion matrices and bars into this PNG or JPEG." placeholder:"FILE"`
	Pairs   string   `name:"run" help:"The folder for what shows photographs: the portraits nearest to training photographs, beside them (none are written)." placeholder:"DIR"`
	Sheet   string   `help:"Write a contact sheet, emotions by seeds, to this file; of the first model." placeholder:"FILE"`
}

func (c *evaluatePortraitCmd) Run(s *session) error {
	if c.Count < 1 {
		return engine.Usagef("--count is %d: it must be 1 or more", c.Count)
	}
	return s.with(func(e *engine.Engine) error { return engine.Training(c.evaluate(s, e), c.Pairs) })
}

func (c *evaluatePortraitCmd) evaluate(s *session, e *engine.Engine) error {
	if len(c.Models) == 0 {
		dir, err := e.PortraitModel()
		if err != nil {
			return err
		}
		c.Models = []string{dir}
	}
	on, err := e.Computer()
	if err != nil {
		return err
	}
	generators := make([]*portrait.Generator, len(c.Models)) // all of them before any work
	for i, dir := range c.Models {
		if generators[i], err = portrait.LoadOn(on, dir); err != nil {
			return engine.Missingf("%w", err)
		}
	}
	if c.Sheet != "" {
		if err := s.sheet(generators[0], c.Sheet); err != nil {
			return err
		}
	}
	bench, err := c.bench(s, e)
	if err != nil {
		return err
	}
	for i, g := range generators {
		if err := bench.Score(s.ctx, c.Models[i], g.Generate); err != nil {
			return err
		}
	}
	if c.Save {
		for i := range bench.Models {
			if err := bench.Save(c.Models[i], &bench.Models[i]); err != nil {
				return err
			}
		}
	}
	if err := c.draw(bench); err != nil {
		return err
	}
	return c.show(s, &bench.Report)
}

// draw writes the pictures that were asked for.
func (c *evaluatePortraitCmd) draw(b *evaluation.Bench) error {
	if c.Report != "" {
		p, err := b.Draw()
		if err != nil {
			return err
		}
		if err := engine.SavePicture(c.Report, p); err != nil {
			return err
		}
	}
	for i := range b.Models {
		if c.Pairs == "" {
			break
		}
		p, err := b.Pairs(i)
		if err != nil {
			return err
		}
		if err := os.MkdirAll(c.Pairs, 0o755); err != nil {
			return err
		}
		if err := engine.SavePicture(filepath.Join(c.Pairs, fmt.Sprintf("nearest-%d.png", i+1)), p); err != nil {
			return err
		}
	}
	return nil
}

// bench opens the photographs and the judge.
func (c *evaluatePortraitCmd) bench(s *session, e *engine.Engine) (*evaluation.Bench, error) {
	on, err := e.Computer()
	if err != nil {
		return nil, err
	}
	path := first(c.Lossnet, filepath.Join(c.Data, "..", "style", "lossnet", style.Distilled+".safetensors"))
	loss, err := style.LoadFeatures(style.Distilled, path, "relu1_1", "relu2_1", "relu3_1", "relu4_1")
	if err != nil {
		return nil, engine.Missingf("%w: name the file with --lossnet", err)
	}
	cache, err := judgesFolder()
	if err != nil {
		return nil, err
	}
	news := s.news()
	set, _, err := faces.Prepare(s.ctx, faces.Options{Dir: c.Data, Cache: filepath.Join(cache, "faces.pack"), Note: func(text string) { s.note("%s", text) }}, s.preparing())
	if err != nil {
		return nil, err
	}
	dir := c.Judges
	if dir == "" {
		name, err := evaluation.JudgeName(evaluation.StandardRecipe, set)
		if err != nil {
			return nil, err
		}
		dir = filepath.Join(cache, "judge-"+name)
	}
	judge, err := evaluation.OpenJudge(s.ctx, on, dir, evaluation.StandardRecipe, set, func(done, total int, left time.Duration) {
		news("steps of the judge, kept in "+dir, done, total, left)
	})
	if err != nil {
		return nil, err
	}
	return evaluation.NewBench(s.ctx, set, evaluation.Options{Seed: c.Seed, Count: c.Count, Judge: judge, Loss: portrait.Features{Graph: loss.Graph, Weights: loss.Weights}, On: on, Progress: news})
}

// judgesFolder is where judges and packed faces are kept between evaluations.
func judgesFolder() (string, error) {
	user, err := os.UserCacheDir()
	if err != nil {
		return "", engine.Usagef("evaluate portrait: %w: set HOME or XDG_CACHE_HOME", err)
	}
	return filepath.Join(user, "atelier", "evaluation"), nil
}

// news gives what tells how far a stage is, every few seconds and at its end.
func (s *session) news() func(stage string, done, total int, left time.Duration) {
	var last time.Time
	return func(stage string, done, total int, left time.Duration) {
		if done < total && time.Since(last) < 5*time.Second {
			return
		}
		last = time.Now()
		text := ""
		if left >= 0 && done < total {
			text = fmt.Sprintf(", %s left", left.Round(time.Second))
		}
		s.note("%s: %d of %d%s", stage, done, total, text)
	}
}

func (c *evaluatePortraitCmd) show(s *session, r *evaluation.Report) error {
	if c.JSON {
		return s.object(r, false)
	}
	s.printf("networks on %s", r.Device)
	if err := s.table(r.Table()); err != nil {
		return err
	}
	for i := range r.Models {
		for _, part := range []func() ([]string, [][]string){r.Models[i].Matrix, r.Models[i].Groups} {
			s.printf("")
			if err := s.table(part()); err != nil {
				return err
			}
		}
	}
	return nil
}

// sheet writes a contact sheet: rows are emotions, columns seeds.
func (s *session) sheet(g *portrait.Generator, path string) error {
	p, err := g.Sheet(s.ctx, "portraits", 35, 1, 8)
	if err != nil {
		return err
	}
	if err := engine.SavePicture(path, p); err != nil {
		return err
	}
	s.printf("%s", path)
	return nil
}
