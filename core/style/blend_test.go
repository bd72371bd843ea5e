package style

import (
	"context"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestParseMix(t *testing.T) {
	for _, c := range []struct {
		text string
		want []Part
	}{
		{"a", []Part{{"a", 1}}},
		{"a:0.5", []Part{{"a", 1}}},
		{"a+b", []Part{{"a", .5}, {"b", .5}}},
		{" a : 3 + b:1", []Part{{"a", .75}, {"b", .25}}},
		{"a:0.6+b:0.4", []Part{{"a", .6}, {"b", .4}}},
		{"post-impressionism:1e0+b.c:1", []Part{{"post-impressionism", .5}, {"b.c", .5}}},
	} {
		got, err := ParseMix(c.text)
		if err != nil {
			t.Errorf("%q: %v", c.text, err)
		} else if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%q: %s", c.text, diff)
		}
	}
	for text, want := range map[string]string{
		"": "empty", " ": "empty", "+": "part 1 has no name", "a+": "part 2 has no name", ":1": "no name",
		"a:": `the weight "" of a is not a number`, "a:x+b": `weight "x" of a`, "a:0": "of a is 0", "a:-1+b:2": "of a is -1",
		"a:NaN": "NaN", "a:inf": "Inf", "a:1001": "1001", "../x": "part 1", "a+B": "part 2", "a+a": "named twice",
		"a:1:2": "not a number", strings.Repeat("a+", 16) + "b": "at most 16",
	} {
		if _, err := ParseMix(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %v, want an error with %q", text, err, want)
		}
	}
}

func FuzzParseMix(f *testing.F) {
	for _, s := range []string{"a", "a:0.6+b:0.4", "a+b+c", "a:", "+", "a:1e400", "a:0x1p-2+b:5e-324"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		parts, err := ParseMix(text)
		if err != nil {
			return
		}
		sum := 0.0
		for _, p := range parts {
			sum += p.Weight
			if CheckName(p.Name) != nil {
				t.Errorf("%q: the name %q is taken", text, p.Name)
			}
		}
		if len(parts) == 0 || len(parts) > MaxParts || math.Abs(sum-1) > 1e-9 {
			t.Errorf("%q: %v", text, parts)
		}
	})
}

func TestBlend(t *testing.T) {
	s, a := tinyStylizer(t)
	b := a
	b.Style, b.Vector = "other", append([]float32(nil), a.Vector...)
	for i := range b.Vector {
		b.Vector[i] = s.identity[i] - .5*(a.Vector[i]-s.identity[i])
	}
	a.Credits, b.Credits = []string{"x", "y"}, []string{"y", "z"}
	a.Base = 256
	step := func(kernel string, amount float64, rest map[string]float64) Step {
		p := map[string]float64{"amount": amount}
		for k, v := range rest {
			p[k] = v
		}
		return Step{Kernel: kernel, Params: p}
	}
	a.Post = []Step{step("flatten", 1, map[string]float64{"radius": .02, "edge": .08}), step("outline", 1, nil)}
	b.Post = []Step{step("saturate", .5, map[string]float64{"colour": 2}), step("flatten", .5, map[string]float64{"radius": .01, "edge": .08}), step("dots", 1, nil)}
	got, err := s.Blend([]Plan{a, b}, []float64{3, 1})
	if err != nil {
		t.Fatal(err)
	}
	for i, v := range got.Vector {
		// .75 of the way to a, and a quarter of half the way away from it
		want := s.identity[i] + (.75-.125)*(a.Vector[i]-s.identity[i])
		if math.Abs(float64(v-want)) > 1e-5 {
			t.Fatalf("vector[%d] is %g, not %g", i, v, want)
		}
	}
	if diff := cmp.Diff([]Part{{"random", .75}, {"other", .25}}, got.Mixed); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"x", "y", "z"}, got.Credits); diff != "" {
		t.Error(diff)
	}
	if got.Base != 320 || got.Style != "blend" || got.Network != a.Network {
		t.Errorf("base %d, style %s, network %s", got.Base, got.Style, got.Network)
	}
	var names []string
	for _, st := range got.Post {
		names = append(names, st.Kernel)
	}
	if want := []string{"saturate", "flatten", "outline", "dots"}; !cmp.Equal(names, want) {
		t.Errorf("steps are %v, not %v", names, want)
	}
	near := func(i int, param string, want float64) {
		t.Helper()
		if v := got.Post[i].Params[param]; math.Abs(v-want) > 1e-9 {
			t.Errorf("%s of %s is %g, not %g", param, got.Post[i].Kernel, v, want)
		}
	}
	near(0, "amount", .125)
	near(0, "colour", 2)
	near(1, "amount", .875)
	near(1, "radius", .0175)
	near(2, "amount", .75)
	near(3, "amount", .25)
	if _, err := s.Paint(context.Background(), scene(20, 20), got, Options{Intensity: 1}); err != nil {
		t.Error(err)
	}
	// A blend of one style is that style; one of a style with itself paints as it.
	one, err := s.Blend([]Plan{a}, []float64{7})
	if err != nil || !cmp.Equal(one, a) {
		t.Errorf("a blend of one style is another: %v", err)
	}
	steps := Plan{Style: "steps", Post: []Step{{Kernel: "posterise"}}}
	var none Stylizer
	if got, err = none.Blend([]Plan{steps, steps}, []float64{1, 1}); err != nil || got.Network != "" || len(got.Post) != 1 || got.Post[0].Params["amount"] != 1 {
		t.Errorf("a blend of steps: %+v, %v", got, err)
	}
	if _, err := none.Blend([]Plan{a, steps}, []float64{1, 1}); err == nil {
		t.Error("a network that is not loaded is blended")
	}
	for _, w := range [][]float64{{1}, {1, 0}, {1, math.NaN()}, {1, -1}} {
		if _, err := s.Blend([]Plan{a, b}, w); err == nil {
			t.Errorf("the weights %v are taken", w)
		}
	}
	b.Vector = b.Vector[1:]
	if _, err := s.Blend([]Plan{a, b}, []float64{1, 1}); err == nil {
		t.Error("a vector of another length is blended")
	}
}
