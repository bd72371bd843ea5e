package style

import (
	"context"
	"encoding/json"
	"flag"
	"math"
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/atelier-engine/atelier/core/picture"
)

var update = flag.Bool("update", false, "write testdata/steps.json anew")

// scene is a picture with a gradient, an edge and a coloured disc.
func scene(w, h int) *picture.Picture {
	p := picture.New(w, h)
	for y := range h {
		for x := range w {
			u, v := float64(x)/float64(w), float64(y)/float64(h)
			c := [3]float32{float32(u), float32(.2 + .6*v), .5}
			if math.Hypot(u-.5, v-.5) < .25 {
				c = [3]float32{.9, .3, .2}
			}
			copy(p.Pix[3*(y*w+x):], c[:])
		}
	}
	return p
}

// probe is a few pixels of a picture.
func probe(p *picture.Picture) []float64 {
	var v []float64
	for i := 0; i < len(p.Pix); i += len(p.Pix)/13 | 1 {
		v = append(v, math.Round(float64(p.Pix[i])*1e4)/1e4)
	}
	return v
}

// The golden values are what the steps gave when they were looked at; the
// tolerance is a fifth of a step of 8 bits and leaves room for other processors.
func TestStepsGolden(t *testing.T) {
	const tolerance = .0008
	const file = "testdata/steps.json"
	got := map[string][]float64{}
	for _, k := range StepKernels() {
		p := scene(61, 47)
		if err := applySteps(context.Background(), p, []Step{{Kernel: k.Name}}); err != nil {
			t.Fatal(err)
		}
		if cmp.Equal(p.Pix, scene(61, 47).Pix) {
			t.Errorf("%s changes nothing", k.Name)
		}
		got[k.Name] = probe(p)
	}
	if *update {
		b, err := json.Marshal(got)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, b, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	want := map[string][]float64{}
	if err := json.Unmarshal(b, &want); err != nil {
		t.Fatal(err)
	}
	near := cmp.Comparer(func(a, b float64) bool { return math.Abs(a-b) <= tolerance })
	if diff := cmp.Diff(want, got, near); diff != "" {
		t.Error(diff)
	}
}

func TestStepsTakeEveryParameterInRange(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		k := rapid.SampledFrom(StepKernels()).Draw(t, "kernel")
		s := Step{Kernel: k.Name, Params: map[string]float64{}}
		for _, p := range k.Params {
			s.Params[p.Name] = rapid.Float64Range(p.Min, p.Max).Draw(t, p.Name)
		}
		p := scene(rapid.IntRange(1, 24).Draw(t, "w"), rapid.IntRange(1, 24).Draw(t, "h"))
		if err := applySteps(context.Background(), p, []Step{s}); err != nil {
			t.Fatal(err)
		}
		for i, v := range p.Pix {
			if !(v >= 0 && v <= 1) {
				t.Fatalf("value %d is %g", i, v)
			}
		}
	})
}

func TestStepAmountZeroChangesNothing(t *testing.T) {
	for _, k := range StepKernels() {
		p := scene(20, 30)
		if err := applySteps(context.Background(), p, []Step{{Kernel: k.Name, Params: map[string]float64{"amount": 0}}}); err != nil {
			t.Fatal(err)
		}
		if !cmp.Equal(p.Pix, scene(20, 30).Pix) {
			t.Errorf("%s with amount 0 changes the picture", k.Name)
		}
	}
}

// Lengths are parts of the shorter side: dots of a picture twice as large are
// twice as far apart.
func TestDotsScaleWithThePicture(t *testing.T) {
	count := func(side int) (edges int) {
		p := picture.Filled(side, side, .9, .5, .5)
		if err := applySteps(context.Background(), p, []Step{{Kernel: "dots", Params: map[string]float64{"pitch": .1, "angle": 0}}}); err != nil {
			t.Fatal(err)
		}
		row := p.Pix[3*(side/2)*side:][:3*side]
		for x := 3; x < len(row); x += 3 {
			if (row[x+1] > .5) != (row[x-2] > .5) {
				edges++
			}
		}
		return edges
	}
	if a, b := count(100), count(200); a != b || a < 10 {
		t.Errorf("%d and %d edges", a, b)
	}
}
