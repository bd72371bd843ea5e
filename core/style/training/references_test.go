package training

import (
	"context"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/atelier-engine/atelier/core/picture"
)

func TestReferences(t *testing.T) {
	cfg := school(t)
	photos, _, err := LoadPhotos(context.Background(), cfg.path("photos"), "")
	if err != nil {
		t.Fatal(err)
	}
	load := func() *References {
		r, err := LoadReferences(cfg.path("paintings"), []string{"noise/b.png"}, 0, photos)
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	r := load()
	if r.Len() != 1 || r.paintings[0].name != "noise/a.png" {
		t.Errorf("%d paintings, the first %s", r.Len(), r.paintings[0].name)
	}
	a, b := rand.New(rand.NewPCG(1, 2)), rand.New(rand.NewPCG(1, 2))
	again := load()
	for i := range 8 {
		p, err := r.Window(a)
		if err != nil {
			t.Fatal(err)
		}
		q, err := again.Window(b)
		if err != nil || !cmp.Equal(p, q) {
			t.Fatalf("window %d: one seed gives two, %v", i, err)
		}
		if err := p.Check(); err != nil {
			t.Error(err)
		}
		for k, v := range p.Pix {
			if !(v >= 0 && v <= 1) {
				t.Fatalf("window %d: value %d is %g", i, k, v)
			}
		}
	}
	if _, err := LoadReferences(cfg.path("paintings"), []string{"noise/c.png"}, 0, photos); err == nil || !strings.Contains(err.Error(), "c.png") {
		t.Errorf("a painting held out that is not there gives %v", err)
	}
}

func TestDraw(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	count := make([]int, 3)
	for range 4000 {
		count[draw([]float64{1, 0, 3}, rng)]++
	}
	if count[1] != 0 || count[0] < 900 || count[0] > 1100 {
		t.Errorf("drawn %v times", count)
	}
}

func TestPencilIsTheSameEachTime(t *testing.T) {
	a := Pencil(3, 60, 50)
	if !cmp.Equal(a, Pencil(3, 60, 50)) || cmp.Equal(a, Pencil(4, 60, 50)) {
		t.Error("a sheet must depend on its seed, and on nothing else")
	}
	for i, v := range a.Pix {
		if !(v >= 0 && v <= 1) {
			t.Fatalf("value %d is %g", i, v)
		}
	}
}

// The moments of the judge are those of the tape: a picture is at no distance
// from itself, and an untouched photograph about 1 from a painting.
func TestJudge(t *testing.T) {
	cfg := school(t)
	cfg.fill()
	photos, _, err := LoadPhotos(context.Background(), cfg.path("photos"), "")
	if err != nil {
		t.Fatal(err)
	}
	j, err := newJudge(&cfg, photos)
	if err != nil {
		t.Fatal(err)
	}
	p := noisy(64, 64, 5)
	to, err := j.targetOf(p)
	if err != nil {
		t.Fatal(err)
	}
	_, moments, err := j.look(p, 0)
	if err != nil {
		t.Fatal(err)
	}
	if e := j.styleError(to, moments); e != 0 {
		t.Errorf("a picture is %g from itself", e)
	}
	pix := make([]float32, 32*32*3)
	photos.Square(pix, 32, 0)
	_, moments, err = j.look(&picture.Picture{W: 32, H: 32, Pix: pix}, 0)
	if e := j.styleError(to, moments); err != nil || e < .3 || e > 3 {
		t.Errorf("a photograph is %g from noise, %v", e, err)
	}
}
