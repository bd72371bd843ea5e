package style

import (
	"math"
	"testing"
)

func TestGrain(t *testing.T) {
	var sum, square float64
	const n = 200
	for y := range n {
		for x := range n {
			g := float64(grain(x, y))
			if math.Abs(g) > grainFine+grainCoarse {
				t.Fatalf("grain is %g", g)
			}
			sum, square = sum+g, square+g*g
		}
	}
	mean, dev := sum/n/n, math.Sqrt(square/n/n)
	if math.Abs(mean) > .003 || dev < .01 || dev > .05 {
		t.Errorf("mean %g, deviation %g", mean, dev)
	}
	// A window of a picture has the grain of the picture.
	const w, h = 9, 7
	a, b := make([]float32, 3*w*h), make([]float32, 3*4*3)
	AddGrain(a, a, h, w, 100, 200)
	AddGrain(b, b, 3, 4, 102, 203)
	for y := range 3 {
		for x := range 4 {
			if b[3*(y*4+x)] != a[3*((y+3)*w+x+2)] {
				t.Fatalf("(%d,%d) differs", y, x)
			}
		}
	}
}
