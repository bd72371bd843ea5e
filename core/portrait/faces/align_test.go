package faces

import (
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestSimilarity(t *testing.T) {
	const angle, scale = 0.3, 2.5
	want := affine{scale * math.Cos(angle), -scale * math.Sin(angle), 7, scale * math.Sin(angle), scale * math.Cos(angle), -4}
	var to [3][2]float64
	for i, p := range alignTo {
		to[i][0], to[i][1] = want.apply(p[0], p[1])
	}
	got := similarity(alignTo, to)
	for i := range want {
		if math.Abs(got[i]-want[i]) > 1e-9 {
			t.Fatalf("similarity %v, want %v", got, want)
		}
	}
	// A flip applied twice is no flip.
	flip := affine{-1, 0, 10, 0, 1, 0}
	if d := cmp.Diff(affine{1, 0, 0, 0, 1, 0}, flip.then(flip)); d != "" {
		t.Error(d)
	}
}

// TestInverse: a place and its inverse lead back.
func TestInverse(t *testing.T) {
	a := affine{1.5, -0.4, 12, 0.4, 1.5, -7}
	x, y := a.apply(3, 8)
	if x, y = a.inverse().apply(x, y); math.Hypot(x-3, y-8) > 1e-9 {
		t.Errorf("there and back leads to %g,%g", x, y)
	}
}
