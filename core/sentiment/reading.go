// Package sentiment reads a line of text: which feeling it carries, how old
// the person in it is, whether a woman or a man, and which words say so.
//
// The shipped analyzer joins a linear model over words, stems, negation-marked
// words and pieces of words with the cues of a lexicon (words, idioms, signs of
// the body, events), and rules for what a bag of words cannot see: scope,
// change, wishes, irony, other people and things. New analyzers only have to
// return a Reading.
package sentiment

import (
	"context"
	"fmt"
	"math"
)

// Analyzer turns lines of text into readings, one for each text and in the
// same order. It returns an error where a text cannot be read at all (it is
// empty, for instance); the error names the text's index.
type Analyzer interface {
	Analyze(ctx context.Context, texts []string) ([]Reading, error)
}

// Range is a range of ages in years. Said tells whether the text said
// something about the age; if not, the values are a default.
type Range struct {
	Min  float64 `json:"min"`
	Max  float64 `json:"max"`
	Best float64 `json:"best"`
	Said bool    `json:"said"`
}

// Reason is a piece of the text that decided something. Start and End are
// byte offsets in Reading.Text; For is an emotion's name, "age", "gender",
// "valence" or "arousal"; Weight is the contribution to it: log-odds for an
// emotion (negative: it spoke against it), years for an age, -1..1 for a
// gender, and parts of the value itself for valence and arousal.
type Reason struct {
	Start  int     `json:"start"`
	End    int     `json:"end"`
	Word   string  `json:"word"`
	For    string  `json:"for"`
	Weight float64 `json:"weight"`
}

// Reading is what an analyzer finds in a text.
type Reading struct {
	Text     string `json:"text"`
	Analyzer string `json:"analyzer"`
	Language string `json:"language"` // "en", or "und" where it is not known
	// Confidence in the emotions, 0..1.
	Confidence float64 `json:"confidence"`
	// Emotions are weights that sum to 1, in the order of Names.
	Emotions [Count]float64 `json:"emotions"`
	Valence  float64        `json:"valence"` // -1 unpleasant .. 1 pleasant
	Arousal  float64        `json:"arousal"` // 0 calm .. 1 excited
	Age      Range          `json:"age"`
	// Gender is -1 for a woman, 1 for a man, and 0 where the text does not
	// tell (GenderSaid is false then).
	Gender     float64  `json:"gender"`
	GenderSaid bool     `json:"gender_said"`
	Reasons    []Reason `json:"reasons,omitempty"`
	Notes      []string `json:"notes,omitempty"`
}

// DefaultAge is the age of a person of whom the text says none.
var DefaultAge = Range{Min: 20, Max: 60, Best: 35}

// Emotion returns the strongest emotion and its weight.
func (r *Reading) Emotion() (Emotion, float64) {
	best := Neutral
	for e := range Emotion(Count) {
		if r.Emotions[e] > r.Emotions[best] {
			best = e
		}
	}
	return best, r.Emotions[best]
}

// Set gives emotion e the weight w, 0..1, and scales the others so that the
// sum stays 1: what "happy=0.8" on a command line means.
func (r *Reading) Set(e Emotion, w float64) error {
	if e < 0 || int(e) >= Count {
		return fmt.Errorf("emotion: %d is not one of the %d emotions", int(e), Count)
	}
	if !(w >= 0 && w <= 1) {
		return fmt.Errorf("emotion: weight %g of %s is out of range: use 0 to 1", w, e)
	}
	rest := 0.0
	for i, v := range r.Emotions {
		if Emotion(i) != e {
			rest += v
		}
	}
	for i := range r.Emotions {
		switch {
		case Emotion(i) == e:
		case rest > 0:
			r.Emotions[i] *= (1 - w) / rest
		default:
			// Nothing else to scale: what is left becomes neutral, or is
			// spread evenly where neutral itself was set.
			r.Emotions[i] = 0
			if e == Neutral {
				r.Emotions[i] = (1 - w) / (Count - 1)
			} else if Emotion(i) == Neutral {
				r.Emotions[i] = 1 - w
			}
		}
	}
	r.Emotions[e] = w
	return nil
}

// Check reports what is wrong with a reading that came from outside (a
// plugin, a JSON file): sums, ranges, spans.
func (r *Reading) Check() error {
	sum := 0.0
	for i, v := range r.Emotions {
		if !(v >= 0 && v <= 1) {
			return fmt.Errorf("reading: weight %g of %s is out of range: want 0 to 1", v, Emotion(i))
		}
		sum += v
	}
	if math.Abs(sum-1) > 1e-3 {
		return fmt.Errorf("reading: emotion weights sum to %g: want 1", sum)
	}
	for _, f := range []struct {
		name      string
		v, lo, hi float64
	}{
		{"confidence", r.Confidence, 0, 1}, {"valence", r.Valence, -1, 1},
		{"arousal", r.Arousal, 0, 1}, {"gender", r.Gender, -1, 1},
		{"age.min", r.Age.Min, 0, 130}, {"age.max", r.Age.Max, r.Age.Min, 130},
		{"age.best", r.Age.Best, r.Age.Min, r.Age.Max},
	} {
		if !(f.v >= f.lo && f.v <= f.hi) {
			return fmt.Errorf("reading: %s is %g: want %g to %g", f.name, f.v, f.lo, f.hi)
		}
	}
	for i, s := range r.Reasons {
		if s.Start < 0 || s.End < s.Start || s.End > len(r.Text) {
			return fmt.Errorf("reading: reason %d spans bytes %d to %d of a text of %d bytes", i, s.Start, s.End, len(r.Text))
		}
	}
	return nil
}
