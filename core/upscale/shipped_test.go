package upscale

import (
	"context"
	"math"
	"path/filepath"
	"testing"

	"github.com/atelier-engine/atelier/core/picture"
)

// goldenTolerance is what values of the shipped network may differ by between
// processors: their vector units add in other orders.
const goldenTolerance = 1e-3

// The shipped weights on a formula picture give what they gave.
func TestShippedWeights(t *testing.T) {
	u, err := Load(filepath.Join("..", "..", "models", "upscale"))
	if err != nil {
		t.Fatal(err)
	}
	q, err := u.Picture(context.Background(), scene(37, 26), 4)
	if err != nil {
		t.Fatal(err)
	}
	want := [...]float32{0.28844, 0.44948, 0.51319, 0.41211, 0.35707, 0.35585, 0.38797, 0.48570, 0.53855}
	for i, v := range want {
		at := i * (len(q.Pix) - 1) / (len(want) - 1)
		if d := math.Abs(float64(q.Pix[at] - v)); d > goldenTolerance {
			t.Errorf("value %d is %g, want %g", at, q.Pix[at], v)
		}
	}
}

// On discs with sharp edges the network draws steeper edges than cubic
// interpolation does, and is not farther from the truth by more than a tenth.
func TestShippedWeightsDrawEdges(t *testing.T) {
	u, err := Load(filepath.Join("..", "..", "models", "upscale"))
	if err != nil {
		t.Fatal(err)
	}
	truth := picture.New(160, 120)
	for i := range truth.W * truth.H {
		x, y := float64(i%truth.W), float64(i/truth.W)
		for c := range 3 {
			truth.Pix[3*i+c] = .8
			if math.Hypot(math.Mod(x, 53)-26, math.Mod(y, 47)-23) < 17 {
				truth.Pix[3*i+c] = .2 + .1*float32(c)
			}
		}
	}
	small, err := truth.Resize(40, 30)
	if err != nil {
		t.Fatal(err)
	}
	cubic, err := small.Resize(160, 120)
	if err != nil {
		t.Fatal(err)
	}
	made, err := u.Picture(context.Background(), small, 4)
	if err != nil {
		t.Fatal(err)
	}
	apart := func(p *picture.Picture) (sum float64) {
		for i, v := range p.Pix {
			d := float64(v - truth.Pix[i])
			sum += d * d / float64(len(p.Pix))
		}
		return sum
	}
	if a, b := apart(made), apart(cubic); a > 1.1*b {
		t.Errorf("the mean square error is %g, that of cubic interpolation %g", a, b)
	}
	steep := func(p *picture.Picture) (sum float64) {
		for i := 3; i < len(p.Pix); i++ {
			d := float64(p.Pix[i] - p.Pix[i-3])
			sum += d * d
		}
		return sum
	}
	if a, b := steep(made), steep(cubic); a < 1.15*b {
		t.Errorf("the sum of squared slopes is %g, that of cubic interpolation %g", a, b)
	}
}
