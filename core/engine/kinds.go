package engine

import (
	"context"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/atelier-engine/atelier/core/nn"
	"github.com/atelier-engine/atelier/core/picture"
	"github.com/atelier-engine/atelier/core/plan"
	"github.com/atelier-engine/atelier/core/portrait"
	"github.com/atelier-engine/atelier/core/recipe"
	"github.com/atelier-engine/atelier/core/sentiment"
)

// The estimates are for two cores of 2023; they only have to be in proportion.
const (
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
	}
}

func (e *Engine) checkText(text string) error {
	switch {
	case strings.TrimSpace(text) == "":
		return mark(fmt.Errorf("the text is empty: write a sentence about a person"), ErrInput)
	case len(text) > e.Config.Limits.Text:
		return mark(fmt.Errorf("the text has %d bytes: at most %d are taken: shorten it, or raise text under [limits] in %s",
			len(text), e.Config.Limits.Text, ConfigFile), ErrInput)
	case !utf8.ValidString(text) || strings.ContainsRune(text, 0):
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
		return digests, nil
	}
	_, err := e.plugins.Describe(ctx, name) // says where it looked
	return nil, err
}

// portraitKind draws a face.
func (e *Engine) portraitKind() plan.Kind {
	return plan.Kind{
		Name: recipe.KindPortrait, Version: 1, Output: recipe.TypePicture,
		Takes: []plan.Input{{Type: recipe.TypeReading, Optional: true}},
		Prepare: func(_ context.Context, s *plan.Step, _ []plan.Facts) (plan.Facts, error) {
			if _, err := condition(s, nil); err != nil {
				return plan.Facts{}, err
			}
			dir, err := e.PortraitModel()
			if err != nil {
				return plan.Facts{}, err
			}
			m, err := e.version(dir)
			size := e.Config.Portrait.Size
			return plan.Facts{
				Digests: map[string]string{"weights": m.sum, "size": fmt.Sprint(size)},
				W:       size, H: size, Time: portraitTime, Memory: 64 << 20, Own: m,
			}, err
		},
		Run: func(ctx context.Context, c *plan.Call) (any, error) {
			var reading *sentiment.Reading
			if len(c.Inputs) > 0 {
				r := c.Inputs[0].(sentiment.Reading)
				reading = &r
			}
			cond, err := condition(c.Step, reading)
			if err != nil {
				return nil, err
			}
			return e.draw(ctx, cond, c)
		},
	}
}

// draw makes one face of the configured size.
func (e *Engine) draw(ctx context.Context, cond portrait.Condition, c *plan.Call) (*picture.Picture, error) {
	d, err := e.drawer(c.Facts.Own.(model))
	if err != nil {
		return nil, err
	}
	seed, _ := c.Step.Whole("seed")
	pics, err := d.Generate(ctx, []portrait.Condition{cond}, []uint64{seed})
	if err != nil {
		return nil, err
	}
	p, err := pics[0].Resize(e.Config.Portrait.Size, e.Config.Portrait.Size)
	if err != nil {
		return nil, err
	}
	p.SetMeta("atelier:condition", conditionText(cond))
	return p, nil
}

// condition joins what was read with what was asked for, which wins. Emotion
// weights below a sum of 1 are filled up with neutral. What nobody says is 35
// years, neutral, and a gender drawn from the seed.
func condition(s *plan.Step, r *sentiment.Reading) (portrait.Condition, error) {
	seed, _ := s.Whole("seed")
	c := portrait.Condition{Age: sentiment.DefaultAge.Best, Gender: float64(1 - 2*int(rand.NewPCG(seed, 1).Uint64()&1))}
	c.Emotions[sentiment.Neutral] = 1
	if r != nil {
		c.Age, c.Emotions = r.Age.Best, r.Emotions
		if r.GenderSaid {
			c.Gender = r.Gender
		}
	}
	if v, ok := s.Number("age"); ok {
		c.Age = v
	} else {
		c.Age = min(max(c.Age, portrait.MinAge), portrait.MaxAge)
	}
	if v, ok := s.Number("gender"); ok {
		c.Gender = v
	}
	if weights, ok := s.Weights("emotion"); ok {
		sum, neutral := 0.0, false
		c.Emotions = [sentiment.Count]float64{}
		for i, name := range sentiment.Names() {
			w, named := weights[name]
			c.Emotions[i] = w
			sum += w
			neutral = neutral || named && i == int(sentiment.Neutral)
		}
		if sum < 1 && !neutral {
			c.Emotions[sentiment.Neutral], sum = 1-sum, 1
		}
		for i := range c.Emotions {
			c.Emotions[i] /= sum
		}
	}
	return c, mark(c.Check(), ErrUsage)
}

func conditionText(c portrait.Condition) string {
	var b strings.Builder
	fmt.Fprintf(&b, "age %.0f, gender %+.2f", c.Age, c.Gender)
	for i, name := range sentiment.Names() {
		if c.Emotions[i] >= 0.005 {
			fmt.Fprintf(&b, ", %s %.2f", name, c.Emotions[i])
		}
	}
	return b.String()
}
