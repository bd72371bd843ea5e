package engine

import (
	"flag"
	"math"
	"path/filepath"
	"testing"

	"github.com/atelier-engine/atelier/core/picture"
)

var update = flag.Bool("update", false, "write the golden files again")

// captionTolerance is the most that any sample of the sheet may differ by, in
// parts of its range: the letters are drawn by one library with one font, and
// only the rounding of a sample to 8 bits may differ between machines.
const captionTolerance = 2. / 255

// TestGridLooksAsBefore: the sheet of three axes, with flat colours for faces.
// What changes its layout is to be looked at: testdata/grid.png.
func TestGridLooksAsBefore(t *testing.T) {
	e, _, _ := newFake(t)
	golden, err := filepath.Abs(filepath.Join("testdata", "grid.png"))
	if err != nil {
		t.Fatal(err)
	}
	t.Chdir(t.TempDir())
	drawPeople(t, e, People{Wish: Wish{Seed: whole(200)}, Truncation: number(0.5), Size: 64, Grid: []string{"gender=woman,man", "age=20,80", "emotion=happy,disgusted,happy=0.7+sad=0.3"}})
	got, err := picture.Open("grid.png")
	if err != nil {
		t.Fatal(err)
	}
	if *update {
		bare := *got
		bare.Meta = nil
		if err := picture.Save(golden, &bare); err != nil {
			t.Fatal(err)
		}
	}
	want, err := picture.Open(golden)
	if err != nil {
		t.Fatal(err)
	}
	if got.W != want.W || got.H != want.H {
		t.Fatalf("%dx%d pixels, before %dx%d: look at it, then go test ./core/engine -run Grid -update", got.W, got.H, want.W, want.H)
	}
	worst := 0.0
	for i := range want.Pix {
		worst = max(worst, math.Abs(float64(got.Pix[i]-want.Pix[i])))
	}
	if worst > captionTolerance {
		t.Errorf("a sample differs by %.3f of its range: look at it, then go test ./core/engine -run Grid -update", worst)
	}
}
