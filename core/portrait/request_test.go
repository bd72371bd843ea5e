package portrait

import (
	"context"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/atelier-engine/atelier/core/autodiff"
)

// small makes a generator of 16x16 pixels: the paper's, or the ladder.
func small(t testing.TB, ladder bool) *Generator {
	t.Helper()
	shape := Shape{Side: 16, Latent: 9, Generator: []int{32, 32}, Discriminator: []int{8, 8}}
	if ladder {
		shape.Style, shape.Generator = 12, []int{32, 32, 32}
	}
	w := autodiff.NewParams(GeneratorGraph(shape), 3).Weights()
	for _, a := range w { // some layers begin with zeros
		for i := range a.Data {
			a.Data[i] += 0.02 * float32(i%7-3)
		}
	}
	g, err := New(shape, w)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

// TestDraw: a request gives one picture, alone or in a batch of any size.
func TestDraw(t *testing.T) {
	t.Run("paper", func(t *testing.T) { testDraw(t, small(t, false)) })
	t.Run("ladder", func(t *testing.T) { testDraw(t, small(t, true)) })
}

func testDraw(t *testing.T, g *Generator) {
	var requests []Request
	for i := range 2*drawBatch + 3 {
		r := NewRequest(happy, uint64(i))
		r.Condition.Age = 20 + float64(i)
		r.Truncation = 1 - float64(i%4)/4
		if i%3 == 0 {
			r.Toward, r.At = uint64(i+1), float64(i%5)/4
		}
		requests = append(requests, r)
	}
	all, err := g.Draw(context.Background(), requests)
	if err != nil {
		t.Fatal(err)
	}
	for i := range requests {
		one, err := g.Draw(context.Background(), requests[i:i+1])
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(one[0].Pix, all[i].Pix); d != "" {
			t.Errorf("portrait %d differs in a batch", i)
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := g.Draw(ctx, requests); err != context.Canceled {
		t.Errorf("cancelled: %v", err)
	}
	for want, change := range map[string]func(*Request){
		"portrait 2: condition: age 7": func(r *Request) { r.Condition.Age = 7 },
		"truncation 1.5":               func(r *Request) { r.Truncation = 1.5 },
		"truncation NaN":               func(r *Request) { r.Truncation = math.NaN() },
		"at -1":                        func(r *Request) { r.At = -1 },
	} {
		two := []Request{NewRequest(happy, 1), NewRequest(happy, 2)}
		change(&two[1])
		if _, err := g.Draw(context.Background(), two); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}

// TestLatent: the ends of a morph are the two people, bit for bit; on the way
// the vector is as long as they are; truncation shortens it.
func TestLatent(t *testing.T) {
	const n = 128
	vector := func(r Request) []float32 {
		z := make([]float32, n)
		r.latent(z)
		return z
	}
	length := func(z []float32) float64 {
		sum := 0.0
		for _, v := range z {
			sum += float64(v) * float64(v)
		}
		return math.Sqrt(sum)
	}
	rapid.Check(t, func(t *rapid.T) {
		a, b := rapid.Uint64().Draw(t, "a"), rapid.Uint64().Draw(t, "b")
		at, truncation := rapid.Float64Range(0, 1).Draw(t, "at"), rapid.Float64Range(0, 1).Draw(t, "truncation")
		za, zb := vector(NewRequest(happy, a)), vector(NewRequest(happy, b))
		between := func(at, truncation float64) []float32 {
			return vector(Request{Seed: a, Toward: b, At: at, Truncation: truncation})
		}
		if !cmp.Equal(za, between(0, 1)) || !cmp.Equal(zb, between(1, 1)) {
			t.Fatal("an end is not the person of its seed")
		}
		z := between(at, 1)
		lo, hi := min(length(za), length(zb)), max(length(za), length(zb))
		if l := length(z); l < 0.97*lo || l > 1.03*hi {
			t.Fatalf("length %g between %g and %g", l, lo, hi)
		}
		if l := length(between(at, truncation)); math.Abs(l-truncation*length(z)) > 1e-4*hi {
			t.Fatalf("truncated by %g: length %g of %g", truncation, l, length(z))
		}
	})
	same := Request{Seed: 5, Toward: 5, At: 0.3, Truncation: 1}
	if !cmp.Equal(vector(same), vector(NewRequest(happy, 5))) {
		t.Error("a morph to the same person changes the person")
	}
	opposite := []float32{1, 2}
	slerp(opposite, []float32{-1, -2}, 0.25)
	if d := cmp.Diff([]float32{0.5, 1}, opposite); d != "" {
		t.Errorf("opposite vectors: %s", d)
	}
}

func TestMix(t *testing.T) {
	a := Condition{Age: 20, Gender: -1, Emotions: [7]float64{0, 2}}
	b := Condition{Age: 80, Gender: 1, Emotions: [7]float64{0, 0, 1, 3}}
	for at, want := range map[float64]Condition{
		0:    {Age: 20, Gender: -1, Emotions: [7]float64{0, 1}},
		0.25: {Age: 35, Gender: -0.5, Emotions: [7]float64{0, 0.75, 0.0625, 0.1875}},
		1:    {Age: 80, Gender: 1, Emotions: [7]float64{0, 0, 0.25, 0.75}},
	} {
		if d := cmp.Diff(want, Mix(a, b, at)); d != "" {
			t.Errorf("at %g: %s", at, d)
		}
	}
	// Between two knots the mixture is the one of the network's vectors.
	a.Age, b.Age = 51, 59
	va, vb, vm := make([]float32, ConditionLen), make([]float32, ConditionLen), make([]float32, ConditionLen)
	a.Vector(va)
	b.Vector(vb)
	Mix(a, b, 0.3).Vector(vm)
	for i := range vm {
		if want := 0.7*va[i] + 0.3*vb[i]; math.Abs(float64(vm[i]-want)) > 1e-6 {
			t.Errorf("entry %d: %g, want %g", i, vm[i], want)
		}
	}
}

func TestVariations(t *testing.T) {
	base := Condition{Age: 25, Gender: 1, Emotions: [7]float64{0, 0.7, 0, 0, 0, 0, 0.3}}
	got, err := Variations(base, 8)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(base.Feel(0), got[0]); d != "" || got[0].Emotions != [7]float64{0.7, 0, 0, 0, 0, 0, 0.3} {
		t.Error(d, got[0])
	}
	if got[5].Emotions != [7]float64{0, 0.3, 0, 0, 0, 0, 0.7} { // the weaker of two takes the lead
		t.Error(got[5])
	}
	older, second := base, base
	older.Age, second.Age = 35, 35
	second.Emotions = [7]float64{0.7, 0, 0, 0, 0, 0, 0.3}
	if d := cmp.Diff([]Condition{older, second}, got[6:]); d != "" { // nobody is 15
		t.Error(d)
	}
	rapid.Check(t, func(t *rapid.T) {
		c := Condition{Age: rapid.Float64Range(MinAge, MaxAge).Draw(t, "age"), Emotions: feeling(rapid.IntRange(0, 6).Draw(t, "e"))}
		all, err := Variations(c, 40)
		if err != nil {
			t.Fatal(err)
		}
		seen := map[Condition]bool{c: true}
		for _, v := range all {
			if err := v.Check(); err != nil || seen[v] {
				t.Fatal(v, err)
			}
			seen[v] = true
		}
	})
	for _, n := range []int{0, -1, 1000} {
		if _, err := Variations(base, n); err == nil || !strings.Contains(err.Error(), "variations: ") {
			t.Errorf("%d: %v", n, err)
		}
	}
}

func feeling(e int) (w [7]float64) {
	w[e] = 1
	return w
}
