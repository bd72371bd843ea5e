package main

import (
	"os"
	"path/filepath"
	"time"

	"github.com/atelier-engine/atelier/core/engine"
	"github.com/atelier-engine/atelier/core/style"
	"github.com/atelier-engine/atelier/core/style/optimise"
)

type styleTrainCmd struct {
	Reference string `arg:"" help:"A painting whose manner is to be learnt."`
	Name      string `required:"" help:"The name of the style: a-z, 0-9, - and _." placeholder:"NAME"`
	Out       string `short:"o" help:"The folder of the style (styles/NAME)." placeholder:"DIR"`
	Photos    string `help:"A folder of photographs to paint while learning; without one, portraits and drawings are made." type:"existingdir" placeholder:"DIR"`
	Steps     int    `help:"How long to learn (400)." placeholder:"N"`
	RunDir    string `name:"run" help:"The folder of checkpoints, samples and the log; a second call goes on there (DIR.run)." placeholder:"DIR"`
	Seed      uint64 `help:"Of the order of what is painted (${default})." default:"1" placeholder:"N"`
	Artist    string `help:"Who painted the reference, for the credits." placeholder:"TEXT"`
	Title     string `help:"What the reference is called." placeholder:"TEXT"`
	Year      string `help:"When it was painted." placeholder:"TEXT"`
	Rights    string `help:"What may be done with it." placeholder:"TEXT"`
}

func (c *styleTrainCmd) Run(s *session) error {
	out := first(c.Out, filepath.Join("styles", c.Name))
	run := first(c.RunDir, filepath.Clean(out)+".run")
	if err := style.CheckName(c.Name); err != nil {
		return engine.Usagef("--name: %w", err)
	}
	if c.Steps < 0 || c.Steps > 1_000_000 {
		return engine.Usagef("--steps is %d: it must be from 1 to 1000000", c.Steps)
	}
	if err := free(out, run); err != nil {
		return err
	}
	return s.withDevice(func(e *engine.Engine) error {
		return engine.Training(c.learn(s, e, out, run), run, out)
	})
}

// free refuses the folder of a style that this learning has not made.
func free(out, run string) error {
	if _, err := os.Stat(filepath.Join(out, style.PackageFile)); err != nil {
		return nil
	}
	if _, err := os.Stat(run); err != nil {
		return engine.Usagef("style train: %s holds a style already: choose another --name or --out, or remove it", out)
	}
	return nil
}

func (c *styleTrainCmd) learn(s *session, e *engine.Engine, out, run string) error {
	pupil, err := e.Pupil(s.ctx, c.Reference)
	if err != nil {
		return err
	}
	t := s.teacher()
	defer t.close()
	contents := append(pupil.Portraits, optimise.Drawn(drawings, c.Seed)...)
	if c.Photos != "" {
		if contents, err = optimise.Photographs(s.ctx, c.Photos, c.Seed, t.note); err != nil {
			return engine.Inputf("%w", err)
		}
	}
	start := time.Now()
	err = optimise.Learn(s.ctx, optimise.LearnConfig{
		Network: pupil.Network, Features: pupil.Features, Reference: pupil.Reference, Vector: pupil.Vector,
		Name: c.Name, Credit: style.Credit{Artist: c.Artist, Title: first(c.Title, filepath.Base(c.Reference)), Year: c.Year, Rights: c.Rights},
		Out: out, Contents: contents, Run: run, Steps: c.Steps, Seed: c.Seed, Progress: t.progress, Note: t.note,
	})
	t.close()
	if err != nil {
		return err
	}
	if err := engine.KeepReference(out, pupil.Reference); err != nil {
		return err
	}
	s.printf("%s", out)
	s.note("learnt in %s: atelier stylize PICTURE --style %s", time.Since(start).Round(time.Second), c.Name)
	if !e.Searches(filepath.Dir(filepath.Clean(out))) {
		s.note("it is not in a folder that is searched: add %s to styles under [folders] in %s", filepath.Dir(out), engine.ConfigFile)
	}
	return nil
}

// drawings are painted while learning, beside portraits, where there are no photographs.
const drawings = 24
