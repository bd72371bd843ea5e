package main

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/atelier-engine/atelier/core/engine"
)

type styleCmd struct {
	List  styleListCmd  `cmd:"" default:"1" help:"List the styles."`
	Show  styleShowCmd  `cmd:"" help:"Show one style: what it is learnt from, its rights and its options."`
	Sheet styleSheetCmd `cmd:"" help:"Paint photographs in all styles onto a contact sheet."`
	Train styleTrainCmd `cmd:"" help:"Learn a style of your own from one painting, in minutes."`
}

type styleListCmd struct {
	JSON bool `name:"json" help:"Write JSON."`
}

func (c *styleListCmd) Run(s *session) error {
	return s.with(func(e *engine.Engine) error {
		styles := e.Styles(s.ctx)
		if c.JSON {
			return s.json(shown(styles))
		}
		if len(styles) == 0 {
			s.note("atelier: no styles in %s", strings.Join(append(e.Places.Styles, e.Places.Plugins...), ", "))
		}
		var rows [][]string
		for _, st := range styles {
			rows = append(rows, []string{st.Name, first(st.Description, st.Title), size(st.Bytes), state(st.Err), short(st.From())})
		}
		return s.table([]string{"style", "what", "size", "state", "from"}, rows)
	})
}

// shownStyle is a style as JSON.
type shownStyle struct {
	engine.Style
	Rights string `json:"rights,omitempty"`
	State  string `json:"state"` // ok, or what is wrong with it
}

func shown(styles []engine.Style) []shownStyle {
	all := []shownStyle{}
	for _, st := range styles {
		all = append(all, shownStyle{st, st.Rights(), state(st.Err)})
	}
	return all
}

type styleShowCmd struct {
	Name string `arg:"" help:"A style that atelier style list names."`
	JSON bool   `name:"json" help:"Write JSON."`
}

func (c *styleShowCmd) Run(s *session) error {
	return s.with(func(e *engine.Engine) error {
		st, err := e.Style(s.ctx, c.Name)
		if err != nil {
			return err
		}
		if c.JSON {
			return s.json(shown([]engine.Style{st})[0])
		}
		var rows [][]string
		row := func(name, text string) {
			if text != "" {
				rows = append(rows, []string{name, text})
			}
		}
		row("style", st.Name)
		row("title", st.Title)
		row("what", st.Description)
		row("state", state(st.Err))
		row("version", st.Version)
		row("program", short(st.Plugin))
		row("licence", st.Licence)
		row("folder", short(st.Folder))
		row("size", size(st.Bytes))
		row("network", st.Network)
		row("steps", strings.Join(st.Steps, ", "))
		for i, credit := range st.Credits {
			name := ""
			if i == 0 {
				name = "learnt from"
			}
			rows = append(rows, []string{name, credit.String()})
		}
		for i, o := range st.Options {
			name := ""
			if i == 0 {
				name = "options"
			}
			rows = append(rows, []string{name, fmt.Sprintf("--option %s=%g  %s, %g to %g", o.Name, o.Default, o.Description, o.Min, o.Max)})
		}
		return s.table(nil, rows)
	})
}

// size writes bytes for people, "" for none.
func size(bytes int64) string {
	if bytes == 0 {
		return ""
	}
	return fmt.Sprintf("%d kB", (bytes+999)/1000)
}

// json writes a value as indented JSON.
func (s *session) json(v any) error {
	text, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return err
	}
	s.printf("%s", text)
	return nil
}
