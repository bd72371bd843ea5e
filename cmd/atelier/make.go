package main

import (
	"strings"

	"github.com/atelier-engine/atelier/core/engine"
)

// made takes the meter away and says where the pictures are.
func (s *session) made(m *meter, err error, paths ...string) error {
	m.close()
	if err != nil {
		return err
	}
	for _, path := range paths {
		s.printf("%s", path)
	}
	return nil
}

type runCmd struct {
	Recipe    string   `arg:"" help:"A recipe: a file, or a name in the folders of scripts."`
	Args      []string `arg:"" optional:"" name:"key=value" help:"What the recipe finds in args."`
	Seed      *uint64  `help:"The seed of the job (seed of engine.toml)." placeholder:"N"`
	analyzing `embed:""`
}

func (c *runCmd) Run(s *session) error {
	args := map[string]string{}
	for _, a := range c.Args {
		key, value, ok := strings.Cut(a, "=")
		if !ok || key == "" {
			return engine.Usagef("run: argument %q is not of the form key=value", a)
		}
		if _, twice := args[key]; twice {
			return engine.Usagef("run: the argument %q is given twice", key)
		}
		args[key] = value
	}
	if err := engine.CheckSeed(c.Seed); err != nil {
		return err
	}
	return s.with(func(e *engine.Engine) error {
		e.UseAnalyzer(c.Analyzer)
		m := s.meter()
		paths, err := e.Recipe(s.ctx, engine.Job{
			Name: c.Recipe, Args: args, Seed: c.Seed, Progress: m.event,
			Print: func(line string) { s.printf("%s", line) },
		})
		if err == nil && len(paths) == 0 {
			s.note("atelier: the recipe saves no picture: call :save(\"name.png\") on one")
		}
		return s.made(m, err, paths...)
	})
}
