package engine

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/atelier-engine/atelier/core/nn"
	"github.com/atelier-engine/atelier/core/plan"
	"github.com/atelier-engine/atelier/core/recipe"
)

// The estimates are for two cores of 2023; they only have to be in proportion.
const (
	readBatch    = 64                     // sentences
	readTime     = 100 * time.Millisecond // with the start of the plugin
	portraitTime = 100 * time.Millisecond
	pixelTime    = 30 * time.Nanosecond // decoding or encoding
)

// readKind reads a sentence with the analyzer plugin.
func (e *Engine) readKind() plan.Kind {
	return plan.Kind{
		Name: recipe.KindRead, Version: 1, Output: recipe.TypeReading,
		Prepare: func(ctx context.Context, s *plan.Step, _ []plan.Facts) (plan.Facts, error) {
			if err := e.checkText(s.Text("text")); err != nil {
				return plan.Facts{}, err
			}
			digests, err := e.analyzerDigests(ctx)
			return plan.Facts{Digests: digests, Time: readTime, Memory: 1 << 20}, err
		},
		Run: func(ctx context.Context, c *plan.Call) (any, error) {
			readings, err := e.Analyzer().Analyze(ctx, []string{c.Step.Text("text")})
			if err != nil {
				return nil, err
			}
			return readings[0], nil
		},
		Batch: readBatch,
		RunBatch: func(ctx context.Context, calls []*plan.Call) ([]any, error) {
			texts := make([]string, len(calls))
			for i, c := range calls {
				texts[i] = c.Step.Text("text")
			}
			readings, err := e.Analyzer().Analyze(ctx, texts)
			if errors.Is(err, ErrInput) { // of one of them
				return nil, nil
			}
			if err != nil {
				return nil, err
			}
			out := make([]any, len(readings))
			for i, r := range readings {
				out[i] = r
			}
			return out, nil
		},
	}
}

func (e *Engine) checkText(text string) error {
	switch {
	case unreadable(text) && !strings.ContainsRune(text, 0):
		return mark(fmt.Errorf("the text is empty: write a sentence about a person"), ErrInput)
	case len(text) > e.Config.Limits.Text:
		return mark(fmt.Errorf("the text has %d bytes: at most %d are taken: shorten it, or raise text under [limits] in %s",
			len(text), e.Config.Limits.Text, ConfigFile), ErrInput)
	case strings.ContainsRune(text, 0):
		return mark(fmt.Errorf("the text holds a null byte: it is no text, or not saved as UTF-8"), ErrInput)
	case strings.ContainsRune(text, utf8.RuneError): // bytes that are none, or what somebody put in their place
		return mark(fmt.Errorf("the text is not valid UTF-8: save it as UTF-8"), ErrInput)
	}
	return nil
}

// analyzerDigests hashes the analyzer's program and, if the host knows it, its
// model.
func (e *Engine) analyzerDigests(ctx context.Context) (map[string]string, error) {
	name := e.Config.Analyzer.Plugin
	for _, f := range e.plugins.List() {
		if f.Name != name {
			continue
		}
		sum, err := e.digest(f.Path)
		if err != nil {
			return nil, err
		}
		digests := map[string]string{"plugin": sum}
		if dir, err := e.model(name, ""); err == nil {
			if digests["model"], err = e.digest(filepath.Join(dir, nn.WeightsFile)); err != nil {
				return nil, mark(err, ErrBroken)
			}
		}
		return digests, e.lexicons(name, digests)
	}
	_, err := e.plugins.Describe(ctx, name) // says where it looked
	return nil, err
}

// lexicons adds the word lists of an analyzer to its digests.
func (e *Engine) lexicons(name string, digests map[string]string) error {
	for _, models := range e.Places.Models {
		files, _ := filepath.Glob(filepath.Join(models, name, "*.tsv"))
		for _, path := range files {
			sum, err := e.digest(path)
			if err != nil {
				return mark(err, ErrBroken)
			}
			digests[filepath.Base(path)] = sum
		}
		if len(files) > 0 {
			return nil
		}
	}
	return nil
}
