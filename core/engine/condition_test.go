package engine

import (
	"context"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/atelier-engine/atelier/core/plan"
	"github.com/atelier-engine/atelier/core/portrait"
	"github.com/atelier-engine/atelier/core/recipe"
	"github.com/atelier-engine/atelier/core/sentiment"
)

// The table [condition] as a person writes it, and the face that follows.
func TestConditionTable(t *testing.T) {
	read := &sentiment.Reading{Confidence: 0.5, Arousal: 0.75, Age: sentiment.Range{Min: 30, Max: 50, Best: 42, Said: true}, Gender: -1, GenderSaid: true}
	read.Emotions = [7]float64{0.2, 0.6, 0.2}
	silent := &sentiment.Reading{Confidence: 1, Age: sentiment.DefaultAge}
	silent.Emotions[sentiment.Sad] = 1
	for name, c := range map[string]struct {
		table string
		read  *sentiment.Reading
		want  portrait.Condition
	}{
		"as it ships": {"", read, portrait.Condition{Age: 42, Gender: -1, Emotions: [7]float64{0.2, 0.6, 0.2}}},
		"sharper":     {"sharpness = 2", read, portrait.Condition{Age: 42, Gender: -1, Emotions: [7]float64{0.04 / 0.44, 0.36 / 0.44, 0.04 / 0.44}}},
		"gains":       {"gains = {sad = 3}", read, portrait.Condition{Age: 42, Gender: -1, Emotions: [7]float64{0.2 / 1.4, 0.6 / 1.4, 0.6 / 1.4}}},
		"no gains":    {"gains = {neutral = 0, happy = 0, sad = 0}", read, portrait.Condition{Age: 42, Gender: -1, Emotions: [7]float64{1}}},
		"weaker":      {"strength = 0.5", read, portrait.Condition{Age: 42, Gender: -1, Emotions: [7]float64{0.6, 0.3, 0.1}}},
		"stronger":    {"strength = 9", read, portrait.Condition{Age: 42, Gender: -1, Emotions: [7]float64{0, 0.75, 0.25}}},
		"unsure":      {"confidence = 1", read, portrait.Condition{Age: 42, Gender: -1, Emotions: [7]float64{0.6, 0.3, 0.1}}},
		"excited":     {"strength = 0.5\narousal = 1", read, portrait.Condition{Age: 42, Gender: -1, Emotions: [7]float64{0.4, 0.45, 0.15}}},
		"youngest":    {"age = {said = 'youngest'}", read, portrait.Condition{Age: 30, Gender: -1, Emotions: read.Emotions}},
		"oldest":      {"age = {said = 'oldest'}\ngender = {said = 0.5}", read, portrait.Condition{Age: 50, Gender: -0.5, Emotions: read.Emotions}},
		"nothing said": {"age = {default = 60}\ngender = {unsaid = 'woman'}", silent,
			portrait.Condition{Age: 60, Gender: -1, Emotions: [7]float64{0, 0, 1}}},
		"between": {"age = {unsaid = 'youngest'}\ngender = {unsaid = 'between'}", silent,
			portrait.Condition{Age: 20, Emotions: [7]float64{0, 0, 1}}},
		"no sentence": {"age = {default = 60}\ngender = {unsaid = 'man'}\nstrength = 0.5", nil,
			portrait.Condition{Age: 60, Gender: 1, Emotions: [7]float64{1}}},
	} {
		cfg, err := ParseConfig("[condition]\n" + c.table)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		got, _ := cfg.Condition.face(c.read, 5)
		if diff := cmp.Diff(c.want, got, cmpopts.EquateApprox(0, 1e-9)); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
		if err := got.Check(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if (c.table == "") != (cfg.Condition.digest() == "") {
			t.Errorf("%s: digest %q", name, cfg.Condition.digest())
		}
	}
	cfg, _ := ParseConfig("[condition]\nage = {said = 'seed', unsaid = 'seed'}")
	ages := map[float64]bool{}
	for seed := range uint64(20) {
		c, _ := cfg.Condition.face(read, seed)
		again, _ := cfg.Condition.face(read, seed)
		if c != again || c.Age < 30 || c.Age > 50 || math.IsNaN(c.Age) {
			t.Errorf("seed %d: %v, then %v", seed, c, again)
		}
		ages[c.Age] = true
	}
	if len(ages) < 15 {
		t.Errorf("only %d ages", len(ages))
	}
}

func TestConditionTableErrors(t *testing.T) {
	for text, want := range map[string]string{
		"[condition]\nsharpnes = 1":             `line 2: unknown key "sharpnes" in [condition]: did you mean "sharpness"?`,
		"[condition.gains]\n\nhapy = 1":         `line 3: unknown key "hapy" in [condition.gains]: did you mean "happy"?`,
		"[condition.gains]\nhappy = -1":         "line 2: condition.gains.happy is -1: it must be from 0 to 100",
		"[condition]\nsharpness = 0":            "line 2: condition.sharpness is 0: it must be from 0.1 to 10",
		"[condition]\narousal = 2":              "line 2: condition.arousal is 2: it must be from 0 to 1",
		"[condition.age]\nsaid = 'default'":     `line 2: condition.age.said is "default": use one of best, youngest, oldest, seed`,
		"[condition.age]\ndefault = 10":         "line 2: condition.age.default is 10: it must be from 16 to 90",
		"[condition.gender]\nunsaid = 'nobody'": `line 2: condition.gender.unsaid is "nobody": use one of seed, woman, man, between`,
		"[condition]\nstrength = nan":           "line 2: condition.strength is NaN: it must be from 0 to 10",
		"[condition]\nsharpness = 'much'":       "line 2",
		"[condition.gains]\n" + "neutral = 0\nhappy = 0\nsad = 0\nangry = 0\nfearful = 0\ndisgusted = 0\nsurprised = 0": "line 1: condition.gains are all 0: leave at least one above 0",
	} {
		if _, err := ParseConfig(text); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%q\n got  %v\n want %s", text, err, want)
		}
	}
}

// A person too young is drawn as the nearest age, and the note says so.
func TestTooYoung(t *testing.T) {
	table := defaultCondition()
	c, notes := table.face(&sentiment.Reading{Age: sentiment.Range{Min: 5, Max: 9, Best: 7, Said: true}, Emotions: [7]float64{1}}, 1)
	if c.Age != portrait.MinAge || len(notes) != 1 || !strings.Contains(notes[0], "7 years") {
		t.Errorf("%v, %q", c, notes)
	}
	e, f, _ := newFake(t)
	var said []string
	if _, err := e.Run(context.Background(), []*plan.Step{recipe.Portrait(plan.Origin{}, recipe.Face{Reading: recipe.Read(plan.Origin{}, "a child")})}, nil,
		func(ev plan.Event) {
			if ev.State == Noted {
				said = append(said, ev.Text)
			}
		}); err != nil {
		t.Fatal(err)
	}
	if len(said) != 1 || !strings.Contains(said[0], "7 years") || f.requests()[0].Condition.Age != portrait.MinAge {
		t.Errorf("%q, %v", said, f.drawn)
	}
}

// The table is part of what made a picture: another one is another plan.
func TestConditionTableIsRecorded(t *testing.T) {
	e, f, _ := newFake(t)
	step := recipe.Portrait(plan.Origin{}, recipe.Face{Reading: recipe.Read(plan.Origin{}, "a glad man")})
	for _, strength := range []float64{1, 1, 0.5, 0.5} {
		e.Config.Condition.Strength = strength
		if _, err := e.Run(context.Background(), []*plan.Step{step}, nil, nil); err != nil {
			t.Fatal(err)
		}
	}
	if r := f.requests(); len(r) != 2 || r[0].Condition.Emotions[sentiment.Happy] != 1 || r[1].Condition.Emotions[sentiment.Happy] != 0.5 {
		t.Errorf("drawn: %v", f.drawn)
	}
}
