package style

import (
	"context"
	"encoding/json"
	"flag"
	"math"
	"os"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/atelier-engine/atelier/core/kernel"
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

// view is a picture of any size with things of several sizes in it, its edges
// smooth over a 500th of the side: a large one reduced is the small one.
func view(w, h int) *picture.Picture {
	p := picture.New(w, h)
	side := float64(min(w, h))
	eachRow(h, func(y int) {
		for x := range w {
			u, v := (float64(x)+.5)/side, (float64(y)+.5)/side
			disc := 1 - smoothstep(.299, .301, math.Hypot(u-.6, v-.5))
			hill := smoothstep(-.001, .001, v-.75-.1*math.Sin(7*u))
			small := .5 + .5*math.Sin(40*u)*math.Sin(33*v)
			c := [3]float64{.3 + .3*u, .5 + .2*v, .8 - .3*v}
			for k, d := range [3]float64{.25, .05 + .2*small, .1} {
				c[k] += disc * (d - c[k])
			}
			for k, d := range [3]float64{.2, .45 + .1*small, .15} {
				c[k] += hill * (d - c[k])
			}
			for k := range c {
				p.Pix[3*(y*w+x)+k] = float32(c[k])
			}
		}
	})
	return p
}

// all is every kernel once, with its defaults.
func all() []Step {
	var list []Step
	for _, k := range StepKernels() {
		list = append(list, Step{Kernel: k.Name})
	}
	return list
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
	for _, s := range all() {
		p := view(321, 307)
		if err := applySteps(context.Background(), p, []Step{s}); err != nil {
			t.Fatal(err)
		}
		if slices.Equal(p.Pix, view(321, 307).Pix) {
			t.Errorf("%s changes nothing", s.Kernel)
		}
		got[s.Kernel] = probe(p)
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
		if !slices.Equal(p.Pix, scene(20, 30).Pix) {
			t.Errorf("%s with amount 0 changes the picture", k.Name)
		}
	}
}

// cut is the part of p at (x,y), with at most margin more around it.
func cut(p *picture.Picture, x, y, w, h, margin int) (win *Window, dx, dy int) {
	x0, y0 := max(x-margin, 0), max(y-margin, 0)
	q, err := p.Crop(x0, y0, min(x+w+margin, p.W)-x0, min(y+h+margin, p.H)-y0)
	if err != nil {
		panic(err)
	}
	return &Window{Pic: q, X: x0, Y: y0, W: p.W, H: p.H}, x - x0, y - y0
}

// Done in windows with odd borders, and with a margin only where a step asks for
// one, a picture is the same as done in whole. The survey is of a smaller copy, as
// it is for a large picture.
func TestStepsWindows(t *testing.T) {
	const tolerance = 1e-6
	p := view(233, 171)
	small, err := p.Resize(176, 129)
	if err != nil {
		t.Fatal(err)
	}
	lists := [][]Step{all()}
	for _, s := range all() {
		lists = append(lists, []Step{s})
	}
	for _, list := range lists {
		name := list[0].Kernel
		if len(list) > 1 {
			name = "all in a row"
		}
		s, err := prepareSteps(context.Background(), list, small)
		if err != nil {
			t.Fatal(err)
		}
		want := p.Clone()
		if err := s.Apply(context.Background(), whole(want)); err != nil {
			t.Fatal(err)
		}
		margin := s.Margin(171)
		worst := 0.0
		for y := 0; y < p.H; y += 59 {
			for x := 0; x < p.W; x += 77 {
				w, h := min(77, p.W-x), min(59, p.H-y)
				win, dx, dy := cut(p, x, y, w, h, margin)
				if err := s.Apply(context.Background(), win); err != nil {
					t.Fatal(err)
				}
				for j := range h {
					for i := range 3 * w {
						a, b := win.Pic.Pix[3*((dy+j)*win.Pic.W+dx)+i], want.Pix[3*((y+j)*p.W+x)+i]
						worst = max(worst, math.Abs(float64(a-b)))
					}
				}
			}
		}
		if worst > tolerance {
			t.Errorf("%s: a window differs from the whole by %g", name, worst)
		}
	}
}

// The result of a large picture, reduced, resembles that of the small one: the
// mean difference stays below the tolerance, or below a quarter of what the kernel
// changes where that is a lot, and well below that where it can be seen. Lines, strokes and
// planes lie where they did, sharper.
func TestStepsLookAlikeAtAnySize(t *testing.T) {
	if testing.Short() {
		t.Skip("paints 2 megapixels in every kernel")
	}
	const tolerance = .035
	small, large := view(432, 340), view(1728, 1360)
	for _, s := range all() {
		a, b := small.Clone(), large.Clone()
		for _, p := range []*picture.Picture{a, b} {
			if err := applySteps(context.Background(), p, []Step{s}); err != nil {
				t.Fatal(err)
			}
		}
		b, err := b.Resize(432, 340)
		if err != nil {
			t.Fatal(err)
		}
		d, moved := meanDistance(a, b), max(meanDistance(a, small), meanDistance(b, small))
		if d > max(tolerance, .25*moved) || d > .02 && d > .75*moved {
			t.Errorf("%s: large and small differ by %.4f in the mean, the step changes %.4f", s.Kernel, d, moved)
		}
	}
}

func meanDistance(a, b *picture.Picture) float64 {
	var sum float64
	for i, v := range a.Pix {
		sum += math.Abs(float64(v - b.Pix[i]))
	}
	return sum / float64(len(a.Pix))
}

func TestStepsAreTheSameOnAnyNumberOfWorkers(t *testing.T) {
	defer kernel.SetWorkers(kernel.Workers())
	var first *picture.Picture
	for _, n := range []int{1, 3} {
		kernel.SetWorkers(n)
		p := view(160, 120)
		if err := applySteps(context.Background(), p, all()); err != nil {
			t.Fatal(err)
		}
		if first == nil {
			first = p
		} else if !slices.Equal(first.Pix, p.Pix) {
			t.Errorf("%d workers give another picture than one", n)
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

func TestScaleLengths(t *testing.T) {
	got := scaleLengths([]Step{{Kernel: "dots", Params: map[string]float64{"pitch": .06, "angle": 1}}, {Kernel: "saturate"}, {Kernel: "flatten"}}, 2)
	want := []Step{{Kernel: "dots", Params: map[string]float64{"pitch": .1, "angle": 1}}, {Kernel: "saturate", Params: map[string]float64{}},
		{Kernel: "flatten", Params: map[string]float64{"radius": .02}}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// Every step on a megapixel, surveyed and drawn.
func BenchmarkSteps(b *testing.B) {
	p := view(1200, 850)
	for _, s := range all() {
		b.Run(s.Kernel, func(b *testing.B) {
			prepared, err := prepareSteps(context.Background(), []Step{s}, p)
			if err != nil {
				b.Fatal(err)
			}
			b.Run("survey", func(b *testing.B) {
				for b.Loop() {
					if _, err := prepareSteps(context.Background(), []Step{s}, p); err != nil {
						b.Fatal(err)
					}
				}
			})
			b.Run("draw", func(b *testing.B) {
				q := p.Clone()
				for b.Loop() {
					if err := prepared.Apply(context.Background(), whole(q)); err != nil {
						b.Fatal(err)
					}
				}
			})
		})
	}
}
