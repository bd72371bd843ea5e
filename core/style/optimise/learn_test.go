package optimise

import (
	"context"
	"errors"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/atelier-engine/atelier/core/autodiff"
	"github.com/atelier-engine/atelier/core/picture"
	"github.com/atelier-engine/atelier/core/style"
)

func TestRefine(t *testing.T) {
	n, f := tinyNetwork(t), tinyFeatures(t)
	var losses []float64
	o := RefineOptions{Steps: 24, Size: 32, Progress: func(_, _ int, l Losses) { losses = append(losses, l.Style) }}
	refine := func() []float32 {
		v, err := Refine(context.Background(), n, f, nil, dark(64, 64, 25), []*picture.Picture{pattern(90, 64, 40)}, o)
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	v := refine()
	if len(v) != len(n.Identity) || slices.Equal(v, n.Identity) {
		t.Fatal("the vector did not change")
	}
	if a, b := losses[0], losses[len(losses)-1]; !(b < a) {
		t.Errorf("style loss %g before, %g after", a, b)
	}
	if !slices.Equal(v, refine()) {
		t.Error("a second refinement differs")
	}
	if _, err := Refine(context.Background(), n, f, v[1:], pattern(64, 64, 6), []*picture.Picture{pattern(90, 64, 40)}, o); err == nil {
		t.Error("a vector of another length is taken")
	}
}

// learning is a small learning into a folder.
func learning(t *testing.T, dir string, steps int) LearnConfig {
	return LearnConfig{Network: tinyNetwork(t), Features: tinyFeatures(t), Reference: pattern(64, 64, 6), Name: "waves",
		Credit: style.Credit{Artist: "nobody", Rights: "CC0"}, Out: filepath.Join(dir, "waves"), Contents: Drawn(2, 1),
		Steps: steps, Size: 32, Batch: 2, Sample: 1000}
}

func TestLearn(t *testing.T) {
	dir := t.TempDir()
	if err := Learn(context.Background(), learning(t, dir, 8)); err != nil {
		t.Fatal(err)
	}
	p, err := style.ReadPackage(filepath.Join(dir, "waves"))
	if err != nil {
		t.Fatal(err)
	}
	if p.Name != "waves" || p.Title != "Waves" || p.Hash == "" || len(p.Credits) != 1 || p.PreviewPath() == "" {
		t.Errorf("package %+v", p)
	}
	if err := p.CheckVector(); err != nil {
		t.Error(err)
	}
	want, print, err := style.ReadVector(p.Dir)
	if err != nil || print != "0123456789abcdef" {
		t.Errorf("network %q, %v", print, err)
	}
	if size, err := weigh(p.Dir); err != nil || size > MaxPackage {
		t.Errorf("%d bytes, %v", size, err)
	}

	// Stopped half way and gone on, the vector has the same bits.
	other := t.TempDir()
	ctx, stop := context.WithCancel(context.Background())
	c := learning(t, other, 8)
	c.Progress = func(p autodiff.Progress) {
		if p.Step == 4 {
			stop()
		}
	}
	if err := Learn(ctx, c); !errors.Is(err, context.Canceled) {
		t.Fatalf("error %v, want that of the context", err)
	}
	if err := Learn(context.Background(), learning(t, other, 8)); err != nil {
		t.Fatal(err)
	}
	got, _, err := style.ReadVector(filepath.Join(other, "waves"))
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("a resumed learning ends elsewhere: %v", err)
	}

	// The checkpoints of one learning do not serve another.
	c = learning(t, other, 9)
	c.Seed = 5
	if err := Learn(context.Background(), c); err == nil || !strings.Contains(err.Error(), "another learning") {
		t.Errorf("error %v", err)
	}
}

// Odd pictures are learnt from and painted like others.
func TestRefineOddPictures(t *testing.T) {
	n, f := tinyNetwork(t), tinyFeatures(t)
	white := picture.Filled(30, 30, 1, 1, 1)
	for _, tt := range []struct {
		name         string
		ref, content *picture.Picture
	}{
		{"white reference", white, pattern(60, 60, 20)},
		{"white content", pattern(60, 60, 6), white},
		{"all white", white, white},
		{"one pixel", pattern(1, 1, 6), pattern(1, 1, 6)},
		{"a strip", pattern(2, 900, 6), pattern(1200, 3, 6)},
	} {
		t.Run(tt.name, func(t *testing.T) {
			v, err := Refine(context.Background(), n, f, nil, tt.ref, []*picture.Picture{tt.content}, RefineOptions{Steps: 4, Size: 32})
			if err != nil {
				t.Fatal(err)
			}
			if err := n.check(v); err != nil {
				t.Error(err)
			}
		})
	}
}
