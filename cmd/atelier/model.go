package main

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/atelier-engine/atelier/core/engine"
)

type modelCmd struct {
	List modelListCmd `cmd:"" default:"1" help:"List the models with their rights, data and figures."`
	Show modelShowCmd `cmd:"" help:"Show the card of one model."`
}

type modelListCmd struct {
	JSON bool `name:"json" help:"Write JSON."`
}

func (c *modelListCmd) Run(s *session) error {
	return s.with(func(e *engine.Engine) error {
		models := e.Models()
		if c.JSON {
			all := []shownModel{}
			for _, m := range models {
				all = append(all, modelJSON(m))
			}
			return s.json(all)
		}
		if len(models) == 0 {
			s.note("atelier: no models in %s", strings.Join(e.Places.Models, ", "))
		}
		for i, m := range models {
			if i > 0 {
				s.printf("")
			}
			rows := [][]string{{m.Name, fmt.Sprintf("%s, %s, in %s", first(m.Card.Kind, "no card"), weight(m.Bytes), short(m.Dir))}}
			if m.Err != nil {
				rows = append(rows, []string{"  state", state(m.Err)})
			} else {
				rows = append(rows, []string{"  licence", m.Card.Licence}, []string{"  data", dataText(m.Card.Data)}, []string{"  figures", figuresText(m.Card.Kind, m.Card.Figures)})
			}
			if err := s.table(nil, rows); err != nil {
				return err
			}
		}
		return nil
	})
}

type modelShowCmd struct {
	Name string `arg:"" help:"A model that atelier model list names."`
	JSON bool   `name:"json" help:"Write JSON."`
}

func (c *modelShowCmd) Run(s *session) error {
	return s.with(func(e *engine.Engine) error {
		m, err := e.ModelCard(c.Name)
		switch {
		case err != nil:
			return err
		case m.Err != nil:
			return engine.Missingf("%w", m.Err)
		case c.JSON:
			return s.json(modelJSON(m))
		}
		card := m.Card
		rows := [][]string{{"model", m.Name}, {"kind", card.Kind}, {"licence", card.Licence}, {"folder", short(m.Dir)}, {"weights", weight(m.Bytes)}}
		for i, d := range card.Data {
			rows = append(rows, []string{[]string{"data", ""}[min(i, 1)], d})
		}
		rows = append(rows, []string{"recipe", card.Recipe}, []string{"training", (time.Duration(card.Time) * time.Second).String()})
		if !card.Created.IsZero() {
			rows = append(rows, []string{"created", card.Created.UTC().Format(time.DateOnly)})
		}
		for i, name := range slices.Sorted(maps.Keys(card.Figures)) {
			rows = append(rows, []string{[]string{"figures", ""}[min(i, 1)], name + " " + digits4(card.Figures[name])})
		}
		if err := s.table(nil, rows); err != nil {
			return err
		}
		if card.Text != "" {
			s.printf("\n%s", card.Text)
		}
		return nil
	})
}

// shownModel is a model as JSON.
type shownModel struct {
	Name    string             `json:"name"`
	Kind    string             `json:"kind"`
	Licence string             `json:"licence"`
	Data    []string           `json:"data"`
	Figures map[string]float64 `json:"figures"`
	Bytes   int64              `json:"bytes"`
	Folder  string             `json:"folder"`
	State   string             `json:"state"` // ok, or what is wrong with it
}

func modelJSON(m engine.Model) shownModel {
	return shownModel{m.Name, m.Card.Kind, m.Card.Licence, m.Card.Data, m.Card.Figures, m.Bytes, m.Dir, state(m.Err)}
}

func weight(bytes int64) string { return fmt.Sprintf("%.1f MiB", float64(bytes)/(1<<20)) }

// dataText is what a model was trained on in a line.
func dataText(data []string) string {
	const most = 160 // letters
	if len(data) == 0 {
		return "not said"
	}
	text := data[0]
	if letters := []rune(text); len(letters) > most {
		text = string(letters[:most-1]) + "…"
	}
	if len(data) > 1 {
		text += fmt.Sprintf(" (and %d more)", len(data)-1)
	}
	return text
}

// telling are the figures that say most of a kind of model.
var telling = map[string][]string{
	"portrait":  {"frechet", "emotion_right", "happy_right", "gender_right", "age_correlation", "variety"},
	"sentiment": {"heldout2_macro_f1", "ekman_dev_macro_f1"},
	"features":  {"content_rank"},
}

// figuresText is how good a model is in a line: the telling figures, or the first
// ones where none of them is there.
func figuresText(kind string, figures map[string]float64) string {
	const most = 4
	var names []string
	for _, name := range telling[kind] {
		if _, ok := figures[name]; ok {
			names = append(names, name)
		}
	}
	if names == nil {
		names = slices.Sorted(maps.Keys(figures))
		names = names[:min(most, len(names))]
	}
	var parts []string
	for _, name := range names {
		parts = append(parts, strings.ReplaceAll(name, "_", " ")+" "+digits4(figures[name]))
	}
	if more := len(figures) - len(names); more > 0 {
		parts = append(parts, fmt.Sprintf("and %d more", more))
	}
	return first(strings.Join(parts, ", "), "none")
}

// digits4 writes a figure without its last digits.
func digits4(v float64) string { return strconv.FormatFloat(v, 'g', 4, 64) }
