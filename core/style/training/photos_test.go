package training

import (
	"context"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/atelier-engine/atelier/core/picture"
)

func TestPhotos(t *testing.T) {
	dir := t.TempDir()
	save := func(name string, p *picture.Picture) {
		if err := picture.Save(filepath.Join(dir, name), p); err != nil {
			t.Fatal(err)
		}
	}
	save("face_1.png", scene(90, 60))
	save("big.png", scene(500, 450))
	save("tiny.png", scene(9, 9))
	if err := os.WriteFile(filepath.Join(dir, "broken.jpg"), []byte("no picture"), 0o644); err != nil {
		t.Fatal(err)
	}
	ps, skipped, err := LoadPhotos(context.Background(), dir, "face_")
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(skipped, []string{"broken.jpg", "tiny.png"}) || ps.Len() != 2 {
		t.Errorf("%d photographs, skipped %v", ps.Len(), skipped)
	}
	if !slices.Equal(ps.portrait, []int{1}) || !slices.Equal(ps.large, []int{0}) {
		t.Errorf("portraits %v, large %v", ps.portrait, ps.large)
	}
	if ps.all[0].h != 450 || ps.all[0].name != "big.png" {
		t.Errorf("the large one is %s, %dx%d", ps.all[0].name, ps.all[0].w, ps.all[0].h)
	}
	if !slices.Equal(ps.find([]string{"face_1.png"}), []int{1}) || len(ps.find(nil)) == 0 {
		t.Error("photographs are not found by name")
	}

	const side = 40
	a, b := make([]float32, side*side*3), make([]float32, side*side*3)
	r1, r2 := rand.New(rand.NewPCG(1, 1)), rand.New(rand.NewPCG(1, 1))
	for range 20 {
		if err := ps.Crop(a, side, r1); err != nil {
			t.Fatal(err)
		}
		if err := ps.Crop(b, side, r2); err != nil {
			t.Fatal(err)
		}
		if !cmp.Equal(a, b) {
			t.Fatal("one seed gives two crops")
		}
		for i, v := range a {
			if !(v >= 0 && v <= 1) {
				t.Fatalf("value %d is %g", i, v)
			}
		}
	}
}

func TestSquareKeepsPixels(t *testing.T) {
	p := photo{w: 5, h: 3, pix: make([]uint8, 45)}
	for i := range p.pix {
		p.pix[i] = uint8(5 * i)
	}
	got := make([]float32, 27)
	(&Photos{all: []photo{p}}).Square(got, 3, 0)
	for y := range 3 {
		for x := range 3 {
			for c := range 3 {
				want := float32(p.pix[3*(y*5+x+1)+c]) / 255
				if d := got[3*(y*3+x)+c] - want; d > 1e-6 || d < -1e-6 {
					t.Fatalf("(%d,%d,%d) is %g, want %g", y, x, c, got[3*(y*3+x)+c], want)
				}
			}
		}
	}
}
