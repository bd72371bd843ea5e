package engine

import (
	"context"
	"errors"
	"strings"
	"unicode"

	"github.com/atelier-engine/atelier/core/sentiment"
)

// UseAnalyzer makes the engine read with another plugin than engine.toml names;
// "" changes nothing. Whether there is such a plugin shows at its first use.
func (e *Engine) UseAnalyzer(name string) {
	if name != "" {
		e.Config.Analyzer.Plugin = name
	}
}

// Line is a line of text with what was read from it, or why nothing was.
type Line struct {
	Number  int // from 1, in the file it came from
	Text    string
	Reading sentiment.Reading
	Err     error
}

// ReadLines reads many lines: those that can be read go to the analyzer in
// batches, the others get an error of their own. The error returned is about
// all of them: the analyzer is missing, or failed.
func (e *Engine) ReadLines(ctx context.Context, lines []Line) error {
	var texts []string
	var at []int
	for i := range lines {
		if lines[i].Err = e.checkText(lines[i].Text); lines[i].Err == nil {
			texts = append(texts, lines[i].Text)
			at = append(at, i)
		}
	}
	if len(texts) == 0 {
		return ctx.Err()
	}
	readings, err := e.Analyzer().Analyze(ctx, texts)
	if err == nil {
		for k, i := range at {
			lines[i].Reading = readings[k]
		}
		return nil
	}
	if !errors.Is(err, ErrInput) {
		return err
	}
	for _, i := range at { // one of them cannot be read: the others can
		one, err := e.Analyzer().Analyze(ctx, []string{lines[i].Text})
		switch {
		case err == nil:
			lines[i].Reading = one[0]
		case errors.Is(err, ErrInput):
			lines[i].Err = err
		default:
			return err
		}
	}
	return nil
}

// Override puts what a person asked for in the place of what was read.
func (w Wish) Override(r *sentiment.Reading) error {
	face, err := w.face(0)
	if err != nil {
		return err
	}
	if face.Age != nil {
		r.Age = sentiment.Range{Min: *face.Age, Max: *face.Age, Best: *face.Age, Said: true}
		r.Reasons = without(r.Reasons, "age")
	}
	if face.Gender != nil {
		r.Gender, r.GenderSaid = *face.Gender, true
		r.Reasons = without(r.Reasons, "gender")
	}
	if face.Emotion != nil {
		r.Feel(asked(face.Emotion))
		r.Confidence = 1
	}
	return nil
}

func without(list []sentiment.Reason, what string) []sentiment.Reason {
	var kept []sentiment.Reason
	for _, r := range list {
		if r.For != what {
			kept = append(kept, r)
		}
	}
	return kept
}

// Face says in words what portrait a reading leads to with the table [condition]
// and the seed of engine.toml, and what had to change for it.
func (e *Engine) Face(r sentiment.Reading) (says string, notes []string) {
	c, notes := e.Config.Condition.face(&r, uint64(e.Config.Seed))
	return conditionText(c), notes
}

// unreadable tells a text that holds nothing but space, control and format
// characters.
func unreadable(text string) bool {
	return strings.IndexFunc(text, func(r rune) bool {
		return !unicode.IsSpace(r) && !unicode.IsControl(r) && !unicode.Is(unicode.Cf, r)
	}) < 0
}
