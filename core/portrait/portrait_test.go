package portrait

import (
	"context"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/atelier-engine/atelier/core/autodiff"
	"github.com/atelier-engine/atelier/core/nn"
)

var happy = Condition{Age: 30, Gender: 1, Emotions: [7]float64{0, 1}}

func TestConditionCheck(t *testing.T) {
	nan := math.NaN()
	for _, c := range []struct {
		change func(*Condition)
		want   string
	}{
		{func(c *Condition) {}, ""},
		{func(c *Condition) { c.Age = 12 }, "age 12"},
		{func(c *Condition) { c.Age = 91 }, "age 91"},
		{func(c *Condition) { c.Age = nan }, "age NaN"},
		{func(c *Condition) { c.Gender = 1.5 }, "gender 1.5"},
		{func(c *Condition) { c.Gender = nan }, "gender NaN"},
		{func(c *Condition) { c.Emotions[3] = -1 }, "weight -1 of angry"},
		{func(c *Condition) { c.Emotions[3] = math.Inf(1) }, "weight +Inf of angry"},
		{func(c *Condition) { c.Emotions[6] = nan }, "weight NaN of surprised"},
		{func(c *Condition) { c.Emotions = [7]float64{} }, "all emotion weights are zero"},
	} {
		cond := happy
		c.change(&cond)
		err := cond.Check()
		if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%+v: error %v, want %q", cond, err, c.want)
		}
	}
}

func TestConditionVector(t *testing.T) {
	v := make([]float32, ConditionLen)
	Condition{Age: 45, Gender: -1, Emotions: [7]float64{1, 3}}.Vector(v)
	want := []float32{0.25, 0.75, 0, 0, 0, 0, 0, -1, 0, 0, 0, 0.5, 0.5, 0, 0, 0}
	if d := cmp.Diff(want, v); d != "" {
		t.Error(d)
	}
	for age := 10.0; age < 100; age += 0.5 { // the two knots around always share one
		AgeWeights(age, v[8:])
		sum := float32(0)
		for _, w := range v[8:] {
			sum += w
		}
		if math.Abs(float64(sum)-1) > 1e-6 {
			t.Errorf("age %g: weights %v", age, v[8:])
		}
	}
}

// TestGenerate: a seed and a condition give one picture, alone or in a batch.
func TestGenerate(t *testing.T) {
	shape := Shape{Side: 16, Latent: 5, Generator: []int{32, 32}, Discriminator: []int{8, 8}}
	g, err := New(shape, autodiff.NewParams(GeneratorGraph(shape), 3).Weights())
	if err != nil {
		t.Fatal(err)
	}
	n := drawBatch + 3
	conds, seeds := make([]Condition, n), make([]uint64, n)
	for i := range conds {
		conds[i], seeds[i] = happy, uint64(i)
		conds[i].Age = 20 + float64(i)
	}
	all, err := g.Generate(context.Background(), conds, seeds)
	if err != nil {
		t.Fatal(err)
	}
	for i := range conds {
		one, err := g.Generate(context.Background(), conds[i:i+1], seeds[i:i+1])
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(one[0].Pix, all[i].Pix); d != "" {
			t.Errorf("portrait %d differs in a batch", i)
		}
	}
	if cmp.Equal(all[0].Pix, all[1].Pix) {
		t.Error("two seeds give one picture")
	}
	if _, err := g.Generate(context.Background(), conds[:1], nil); err == nil {
		t.Error("no seeds: no error")
	}
	conds[0].Age = 7
	if _, err := g.Generate(context.Background(), conds, seeds); err == nil || !strings.Contains(err.Error(), "portrait 1") {
		t.Errorf("age 7: %v", err)
	}
}

func TestLoadRefuses(t *testing.T) {
	shape := Shape{Side: 16, Latent: 5, Generator: []int{8, 8}}
	w := autodiff.NewParams(GeneratorGraph(shape), 3).Weights()
	card := nn.Card{Name: "p", Kind: Kind, Licence: "none", Settings: shape.Settings()}
	for name, c := range map[string]struct {
		change func(*nn.Card)
		want   string
	}{
		"whole":         {func(*nn.Card) {}, ""},
		"another kind":  {func(c *nn.Card) { c.Kind = "style" }, `kind "style"`},
		"another shape": {func(c *nn.Card) { c.Settings = Shape{Side: 16, Latent: 6, Generator: []int{8, 8}}.Settings() }, "base.weight"},
		"no shape":      {func(c *nn.Card) { c.Settings = nil }, "latent length 0"},
	} {
		dir, changed := t.TempDir(), card
		c.change(&changed)
		if err := nn.Save(dir, changed, w, true); err != nil {
			t.Fatal(err)
		}
		_, err := Load(dir)
		if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want %q", name, err, c.want)
		}
	}
}
