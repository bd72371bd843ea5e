package style

import (
	"math"
	"testing"
)

func TestGrain(t *testing.T) {
	const n = 200
	pix := make([]float32, 3*n*n)
	AddGrain(pix, pix, n, n, 0, 0)
	for c := range 3 {
		var sum, square float64
		for i := c; i < len(pix); i += 3 {
			g := float64(pix[i])
			if math.Abs(g) > grainLimit {
				t.Fatalf("grain is %g", g)
			}
			sum, square = sum+g, square+g*g
		}
		mean, dev := sum/n/n, math.Sqrt(square/n/n)
		if math.Abs(mean) > .005 || dev < .01 || dev > .05 {
			t.Errorf("colour %d: mean %g, deviation %g", c, mean, dev)
		}
	}
	// A window of a picture has the grain of the picture.
	const w, h = 29, 27
	a, b := make([]float32, 3*w*h), make([]float32, 3*14*13)
	AddGrain(a, a, h, w, 100, 200)
	AddGrain(b, b, 13, 14, 102, 203)
	for y := range 13 {
		for x := range 14 {
			if b[3*(y*14+x)] != a[3*((y+3)*w+x+2)] {
				t.Fatalf("(%d,%d) differs", y, x)
			}
		}
	}
}
