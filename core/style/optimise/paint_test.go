package optimise

import (
	"context"
	"errors"
	"math"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/atelier-engine/atelier/core/kernel"
	"github.com/atelier-engine/atelier/core/picture"
	"github.com/atelier-engine/atelier/core/style"
)

func TestPaint(t *testing.T) {
	f := tinyFeatures(t)
	photo, ref := pattern(70, 50, 40), dark(64, 64, 25)
	photo.Alpha = slices.Repeat([]float32{1}, 70*50)
	photo.Alpha[3] = .5
	photo.Meta = map[string]string{"Title": "waves"}
	for _, m := range []Method{LBFGS, Adam} {
		t.Run(string(m), func(t *testing.T) {
			o := Options{Steps: 25, Size: 48, Levels: 1, Method: m, Noise: .1, Seed: 4}
			var shares []float64
			o.Progress = func(p Progress) { shares = append(shares, p.Share) }
			shown := 0
			o.Every, o.Show = 5, func(step int, p *picture.Picture) error { shown++; return p.Check() }
			out, report, err := Paint(context.Background(), f, photo, ref, o)
			if err != nil {
				t.Fatal(err)
			}
			l := report.Levels[0]
			if w := o.Weights.fill(); !(l.After.total(w) < .7*l.Before.total(w)) {
				t.Errorf("loss %g after, %g before", l.After.total(w), l.Before.total(w))
			}
			if out.W != 70 || out.H != 50 || out.Check() != nil || !slices.Equal(out.Alpha, photo.Alpha) || out.Meta["Title"] != "waves" {
				t.Error("size, alpha or metadata are not those of the photograph")
			}
			if len(shares) == 0 || !slices.IsSorted(shares) || shares[len(shares)-1] != 1 {
				t.Errorf("progress went %v", shares)
			}
			if shown < 2 {
				t.Errorf("%d pictures shown", shown)
			}
			o.Progress, o.Show = nil, nil
			defer kernel.SetWorkers(kernel.Workers())
			kernel.SetWorkers(1) // on one core or many
			again, _, err := Paint(context.Background(), f, photo, ref, o)
			if err != nil || !slices.Equal(again.Pix, out.Pix) {
				t.Errorf("a second painting differs: %v", err)
			}
			o.Seed++
			other, _, err := Paint(context.Background(), f, photo, ref, o)
			if err != nil || slices.Equal(other.Pix, out.Pix) {
				t.Errorf("another seed makes no difference: %v", err)
			}
		})
	}
}

func TestPaintLevels(t *testing.T) {
	f := tinyFeatures(t)
	photo, ref := pattern(200, 100, 40), pattern(64, 64, 6)
	out, report, err := Paint(context.Background(), f, photo, ref, Options{Steps: 2, Size: 80, Levels: 2, Start: photo})
	if err != nil {
		t.Fatal(err)
	}
	if len(report.Levels) != 2 || report.Levels[0].W != 80 || report.Levels[1].W != 160 || out.W != 200 {
		t.Errorf("levels %+v, width %d", report.Levels, out.W)
	}
	if !strings.Contains(strings.Join(report.Notes, "\n"), "enlarged") {
		t.Errorf("notes %q do not say that it was enlarged", report.Notes)
	}
}

// A reference of one colour is a dull style, and no more.
func TestPaintFlatReference(t *testing.T) {
	f := tinyFeatures(t)
	for _, m := range []Method{LBFGS, Adam} {
		out, report, err := Paint(context.Background(), f, pattern(48, 48, 20), picture.Filled(40, 40, 1, 1, 1), Options{Steps: 6, Levels: 1, Method: m})
		if err != nil {
			t.Fatal(err)
		}
		for _, v := range out.Pix {
			if !finite(float64(v)) {
				t.Fatal("a value is not finite")
			}
		}
		if !strings.Contains(strings.Join(report.Notes, "\n"), "single colour") {
			t.Errorf("notes %q", report.Notes)
		}
	}
}

func TestPaintRefuses(t *testing.T) {
	f := tinyFeatures(t)
	good := pattern(48, 48, 20)
	broken := pattern(48, 48, 20)
	broken.Pix[7] = float32(math.NaN())
	tests := []struct {
		name       string
		photo, ref *picture.Picture
		o          Options
		want       string
	}{
		{"steps", good, good, Options{Steps: -1}, "steps"},
		{"method", good, good, Options{Method: "magic"}, "method"},
		{"stroke", good, good, Options{Stroke: 9}, "stroke"},
		{"noise", good, good, Options{Noise: math.NaN()}, "noise"},
		{"weight", good, good, Options{Weights: Weights{Style: math.Inf(1)}}, "weight"},
		{"no reference", good, nil, Options{}, "missing"},
		{"not a number", broken, good, Options{}, "finite"},
		{"memory", good, good, Options{Memory: 1000}, "MiB"},
		{"a strip", picture.New(2, 20000), good, Options{}, "MiB"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if _, _, err := Paint(context.Background(), f, tt.photo, tt.ref, tt.o); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %v, want one about %q", err, tt.want)
			}
		})
	}
	ctx, cancel := context.WithCancel(context.Background())
	o := Options{Steps: 50, Levels: 1, Progress: func(p Progress) {
		if p.Step == 2 {
			cancel()
		}
	}}
	if _, _, err := Paint(ctx, f, good, pattern(48, 48, 5), o); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want that of the context", err)
	}
}

// Sizes from a pixel up are painted.
func TestPaintTiny(t *testing.T) {
	f := tinyFeatures(t)
	for _, s := range [][2]int{{1, 1}, {3, 90}, {33, 31}} {
		out, _, err := Paint(context.Background(), f, pattern(s[0], s[1], 20), pattern(20, 9, 5), Options{Steps: 1})
		if err != nil || out.W != s[0] || out.H != s[1] {
			t.Errorf("%v: %v", s, err)
		}
	}
}

func TestCompare(t *testing.T) {
	f := tinyFeatures(t)
	photo, ref := pattern(60, 50, 40), dark(64, 64, 25)
	painted, l, err := Optimised(context.Background(), f, photo, ref, 50, Options{Steps: 15, Levels: 1})
	if err != nil {
		t.Fatal(err)
	}
	all, err := Compare(f, photo, ref, 50, photo, painted)
	if err != nil {
		t.Fatal(err)
	}
	if all[0].Content > 1e-6 || math.Abs(all[0].Style-1) > 1e-3 {
		t.Errorf("the photograph itself has losses %+v", all[0])
	}
	if all[1] != l || !(l.Style < .9) {
		t.Errorf("losses %+v and %+v of the painting", all[1], l)
	}
}

// Memory leaves as much room for what lies beside the tape as the tape takes.
func TestMemory(t *testing.T) {
	f, err := style.OpenFeatures(filepath.Join("..", "..", "..", "models", "features"))
	if err != nil {
		t.Fatal(err)
	}
	_, r, err := Paint(context.Background(), f, pattern(160, 128, 30), pattern(64, 64, 6), Options{Steps: 1, Levels: 1})
	if err != nil {
		t.Fatal(err)
	}
	if share := float64(r.Memory) / float64(Memory(160, 128)); share < .4 || share > .7 {
		t.Errorf("the tape and the vectors take %.2f of what Memory says", share)
	}
}
