package faces

import (
	"math"
	"math/rand/v2"
	"testing"
)

// photo is a smooth picture of w by h with a little noise.
func photo(r *rand.Rand, w, h int, noise float64) []float32 {
	p := make([]float32, w*h*3)
	for i := range p {
		x, y := float64(i/3%w)/float64(w), float64(i/3/w)/float64(h)
		p[i] = float32(0.5 + 0.3*math.Sin(5*x+float64(i%3)) + 0.1*math.Cos(7*y) + noise*(r.Float64()-0.5))
	}
	return p
}

// TestResample: a pixel at its own place keeps its value, a shift by pixels
// shifts, halving gives the mean of a checkerboard, and outside is a mirror.
func TestResample(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	const n = 20
	src := photo(r, n, n, 0.1)
	dst := make([]byte, n*n*3)
	for _, c := range []struct {
		name   string
		dx, dy int
	}{{"in place", 0, 0}, {"shifted", 3, -2}, {"far outside", 50, -61}} {
		resample(dst, n, src, n, n, affine{1, 0, float64(c.dx), 0, 1, float64(c.dy)})
		for i := range dst {
			x, y := mirror(i/3%n+c.dx, n), mirror(i/3/n+c.dy, n)
			if want := byte(src[(y*n+x)*3+i%3]*255 + 0.5); dst[i] != want {
				t.Fatalf("%s: value %d is %d, want %d", c.name, i, dst[i], want)
			}
		}
	}
	for i := range src {
		src[i] = float32((i/3%n + i/3/n) % 2)
	}
	resample(dst[:10*10*3], 10, src, n, n, affine{2, 0, 0, 0, 2, 0})
	for i, v := range dst[:10*10*3] {
		if x, y := i/3%10, i/3/10; x == 0 || y == 0 || x == 9 || y == 9 {
			continue // mirrored, the board is none
		}
		if v < 125 || v > 130 {
			t.Fatalf("value %d of the halved checkerboard is %d, want its mean", i, v)
		}
	}
}

func TestMirror(t *testing.T) {
	for i, want := range map[int]int{0: 0, 4: 4, -1: 0, -5: 4, 5: 4, 9: 0, 10: 0, -10: 0, -11: 0, 1000: 0} {
		if got := mirror(i, 5); got != want {
			t.Errorf("mirror(%d, 5) = %d, want %d", i, got, want)
		}
	}
	if mirror(-7, 1) != 0 {
		t.Error("a picture of one pixel")
	}
}

// TestSharpness: blurring lowers it, contrast leaves it as it is.
func TestSharpness(t *testing.T) {
	const n = 64
	r := rand.New(rand.NewPCG(2, 2))
	small, crisp := photo(r, n/4, n/4, 0.3), photo(r, n, n, 0.3)
	a, b := make([]byte, n*n*3), make([]byte, n*n*3)
	resample(a, n, crisp, n, n, affine{1, 0, 0, 0, 1, 0})
	resample(b, n, small, n/4, n/4, affine{0.25, 0, 0, 0, 0.25, 0})
	if s, blurred := sharpness(a, n), sharpness(b, n); !(s > 3*blurred) || !(blurred > 0) {
		t.Errorf("sharpness %g of a crisp picture, %g of an enlarged one", s, blurred)
	}
	before := sharpness(a, n)
	for i, v := range a {
		a[i] = byte(float64(v)/2 + 40)
	}
	if after := sharpness(a, n); math.Abs(after/before-1) > 0.05 { // of rounding
		t.Errorf("sharpness %g, %g of half the contrast", before, after)
	}
	clear(a)
	if s := sharpness(a, n); s != 0 {
		t.Errorf("sharpness %g of a black picture", s)
	}
}
