package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"text/tabwriter"

	"github.com/atelier-engine/atelier/core/engine"
)

type pluginCmd struct {
	List pluginListCmd `cmd:"" default:"1" help:"Start each plugin and list what it says of itself."`
	Lock pluginLockCmd `cmd:"" help:"Write the checksums of the plugins that are there now: no other will start."`
}

type pluginListCmd struct{}

func (c *pluginListCmd) Run(s *session) error {
	return s.with(func(e *engine.Engine) error {
		plugins := e.PluginList(s.ctx)
		if len(plugins) == 0 {
			s.note("atelier: no plugins in %s: run make build", strings.Join(e.Places.Plugins, ", "))
		}
		var rows [][]string
		for _, p := range plugins {
			rows = append(rows, []string{p.Name, p.Info.Kind, p.Info.Version, first(p.Info.Description, p.Info.Title), state(p.Err), short(p.Path)})
		}
		return s.table([]string{"plugin", "kind", "version", "what", "state", "from"}, rows)
	})
}

type pluginLockCmd struct{}

func (c *pluginLockCmd) Run(s *session) error {
	return s.with(func(e *engine.Engine) error {
		paths, err := e.LockPlugins()
		for _, p := range paths {
			s.printf("%s", p)
		}
		return err
	})
}

type doctorCmd struct{}

func (c *doctorCmd) Run(s *session) error {
	return s.with(func(e *engine.Engine) error {
		bad := 0
		var rows [][]string
		for _, f := range e.Doctor(s.ctx) {
			mark := "ok"
			if f.Err != nil {
				mark = "BAD"
				bad++
			}
			rows = append(rows, []string{mark, f.What, first(errorText(f.Err), f.Says)})
		}
		if err := s.table(nil, rows); err != nil {
			return err
		}
		if bad > 0 {
			return engine.Missingf("doctor: %d of %d checks failed: see the lines with BAD", bad, len(rows))
		}
		return nil
	})
}

type versionCmd struct{}

func (c *versionCmd) Run(s *session) error {
	s.printf("atelier %s (%s)", engine.Version(), engine.Build())
	return nil
}

// table writes aligned columns.
func (s *session) table(head []string, rows [][]string) error {
	w := tabwriter.NewWriter(s.out, 0, 0, 2, ' ', 0)
	if head != nil && len(rows) > 0 {
		fmt.Fprintln(w, strings.ToUpper(strings.Join(head, "\t")))
	}
	for _, r := range rows {
		fmt.Fprintln(w, strings.Join(r, "\t"))
	}
	return w.Flush()
}

// first gives the first text that is not empty.
func first(texts ...string) string {
	for _, t := range texts {
		if t != "" {
			return t
		}
	}
	return ""
}

func state(err error) string {
	if err == nil {
		return "ok"
	}
	return errorText(err)
}

// errorText is an error as one line.
func errorText(err error) string {
	if err == nil {
		return ""
	}
	return strings.Join(strings.Fields(err.Error()), " ")
}

// short writes a path from the working folder if that is shorter.
func short(path string) string {
	here, err := os.Getwd()
	if err != nil {
		return path
	}
	if rel, err := filepath.Rel(here, path); err == nil && len(rel) < len(path) {
		return rel
	}
	return path
}
