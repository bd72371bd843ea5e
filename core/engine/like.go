package engine

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/atelier-engine/atelier/core/plan"
	"github.com/atelier-engine/atelier/core/portrait"
	"github.com/atelier-engine/atelier/core/recipe"
)

// like makes a face that of a person who was drawn before: of a seed, or of a
// picture, whose condition holds where neither a sentence nor a flag says
// another. The notes are what a person should know.
func (e *Engine) like(text string, f *recipe.Face) ([]string, error) {
	if seed, err := strconv.ParseUint(text, 10, 64); err == nil {
		if seed > MaxSeed {
			return nil, Usagef("--like is %s: a seed must be from 0 to %d", text, uint64(MaxSeed))
		}
		f.Seed = seed
		return nil, nil
	}
	if _, err := os.Stat(text); errors.Is(err, fs.ErrNotExist) && !strings.ContainsAny(text, "./\\") {
		return nil, Usagef("--like is %q: it must be a seed, or a portrait that was drawn here", text)
	}
	info, err := e.Config.pictureLimits().Stat(text)
	if err != nil {
		return nil, err
	}
	name := filepath.Base(text)
	said, ok := info.Meta[portraitKey]
	if !ok {
		return nil, Inputf("--like %s: nothing in it says who it shows: give a portrait as this program wrote it, or a seed", name)
	}
	var r portrait.Request
	if err := json.Unmarshal([]byte(said), &r); err != nil {
		return nil, Inputf("--like %s: it shows several people, or what it says of them is damaged: give a single portrait, or a seed", name)
	}
	if err := r.Check(); err != nil {
		return nil, Inputf("--like %s: %w", name, err)
	}
	f.Seed = r.Seed
	if r.At > 0 {
		f.Toward, f.At = &r.Toward, r.At
	}
	if f.Truncation == nil && r.Truncation != 1 {
		f.Truncation = &r.Truncation
	}
	if f.Reading == nil {
		was := shown(*f, r.Condition)
		if f.Age == nil {
			f.Age = was.Age
		}
		if f.Gender == nil {
			f.Gender = was.Gender
		}
		if f.Emotion == nil {
			f.Emotion = was.Emotion
		}
	}
	if m, err := e.portraitModel(); err == nil && !drawnWith(info.Meta[planKey], m.sum) {
		return []string{fmt.Sprintf("%s was drawn with other weights than those of %s: this will be another person", name, m.card.Name)}, nil
	}
	return nil, nil
}

// drawnWith tells whether a plan draws a portrait with the weights of a
// checksum.
func drawnWith(document, sum string) bool {
	var doc plan.Provenance
	if json.Unmarshal([]byte(document), &doc) != nil {
		return false
	}
	for _, s := range doc.Steps {
		if s.Kind == recipe.KindPortrait && s.Digests["weights"] == sum {
			return true
		}
	}
	return false
}
