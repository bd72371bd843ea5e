package picture

import (
	"fmt"
	"math"
	"math/rand/v2"
	"runtime"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func grey(w, h int, v ...float32) *Picture {
	p := New(w, h)
	for i, x := range v {
		p.Pix[3*i], p.Pix[3*i+1], p.Pix[3*i+2] = x, x, x
	}
	return p
}

func noise(w, h int, seed uint64) *Picture {
	r := rand.New(rand.NewPCG(seed, 1))
	p := New(w, h)
	for i := range p.Pix {
		p.Pix[i] = r.Float32()
	}
	return p
}

func mean(v []float32) float64 {
	s := 0.0
	for _, x := range v {
		s += float64(x)
	}
	return s / float64(len(v))
}

func TestResizeKnown(t *testing.T) {
	for _, c := range []struct {
		in, want *Picture
	}{
		{grey(4, 1, 0, .2, .6, 1), grey(2, 1, .1, .8)},
		{grey(1, 4, 0, .2, .6, 1), grey(1, 2, .1, .8)},
		{grey(5, 1, 0, .25, .5, .75, 1), grey(2, 1, .5/2.5, 2/2.5)}, // (0+.25+.5/2)/2.5 and (.5/2+.75+1)/2.5
		{grey(3, 3, 0, .1, .2, .3, .4, .5, .6, .7, .8), grey(1, 1, .4)},
		{grey(2, 1, .25, .75), grey(4, 1, .203125, .3515625, .6484375, .796875)}, // Catmull-Rom weights 35/32, -3/32; 51/64, 13/64
		{grey(2, 1, 0, 1), grey(4, 1, 0, .203125, .796875, 1)},                   // overshoot clamped
		{grey(1, 1, .3), grey(5, 2, .3, .3, .3, .3, .3, .3, .3, .3, .3, .3)},
	} {
		got, err := c.in.Resize(c.want.W, c.want.H)
		if err != nil {
			t.Fatal(err)
		}
		if near(got.Pix, c.want.Pix) > 1e-6 {
			t.Errorf("%v: %v, want %v", c.in.Pix, got.Pix, c.want.Pix)
		}
	}
}

// A constant stays constant to float32 rounding of a few dozen weights; area
// averages keep the mean.
func TestResizeProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w, h := rapid.IntRange(1, 40).Draw(t, "w"), rapid.IntRange(1, 40).Draw(t, "h")
		dw, dh := rapid.IntRange(1, 60).Draw(t, "dw"), rapid.IntRange(1, 60).Draw(t, "dh")
		p, err := Filled(w, h, .2, .5, .9).Resize(dw, dh)
		if err != nil || near(p.Pix, Filled(dw, dh, .2, .5, .9).Pix) > 1e-5 {
			t.Fatalf("constant: %v", err)
		}
		n := noise(w, h, uint64(w*100+h))
		q, err := n.Resize(max(1, w/2), max(1, h/2))
		if err != nil {
			t.Fatal(err)
		}
		if w > 1 && h > 1 && math.Abs(mean(q.Pix)-mean(n.Pix)) > 1e-5 {
			t.Fatalf("%dx%d: mean %v became %v", w, h, mean(n.Pix), mean(q.Pix))
		}
	})
	// Beyond area averages the mean is kept nearly: edges and overshoot take a little.
	n := noise(100, 80, 3)
	for _, s := range [][2]int{{70, 60}, {150, 120}, {99, 81}} {
		q, err := n.Resize(s[0], s[1])
		if err != nil || math.Abs(mean(q.Pix)-mean(n.Pix)) > 5e-3 {
			t.Errorf("%v: mean %v became %v, %v", s, mean(n.Pix), mean(q.Pix), err)
		}
	}
}

// A fine pattern that the smaller size cannot show becomes its mean instead of
// a coarse false one.
func TestResizeDoesNotAlias(t *testing.T) {
	p := New(300, 1)
	for x := range 300 {
		v := float32(x % 2)
		p.Pix[3*x], p.Pix[3*x+1], p.Pix[3*x+2] = v, v, v
	}
	for _, w := range []int{110, 75} {
		q, err := p.Resize(w, 1)
		if err != nil {
			t.Fatal(err)
		}
		for x := 3; x < w-3; x++ {
			if v := q.Pix[3*x]; math.Abs(float64(v)-0.5) > 0.2 {
				t.Errorf("to %d: pixel %d is %v", w, x, v)
			}
		}
	}
}

func TestResizeAlphaDoesNotBleed(t *testing.T) {
	p := &Picture{W: 4, H: 1, Pix: []float32{1, 0, 0, 1, 0, 0, 0, 1, 0, 0, 1, 0}, Alpha: []float32{1, 1, 1, 0}}
	p.Pix[6], p.Pix[7] = 1, 0 // the third is red too, the clear one green
	q, err := p.Resize(2, 1)
	if err != nil {
		t.Fatal(err)
	}
	if near(q.Pix, []float32{1, 0, 0, 1, 0, 0}) > 1e-6 || near(q.Alpha, []float32{1, 0.5}) > 1e-6 {
		t.Error(q.Pix, q.Alpha)
	}
	p.Alpha = []float32{0, 0, 0, 0}
	if q, err = p.Resize(9, 3); err != nil || near(q.Pix, New(9, 3).Pix) != 0 {
		t.Error(q.Pix, err)
	}
}

func TestResizeSameOnAnyThreads(t *testing.T) {
	p := noise(501, 333, 9)
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	a, err := p.Resize(210, 400)
	if err != nil {
		t.Fatal(err)
	}
	runtime.GOMAXPROCS(7)
	b, err := p.Resize(210, 400)
	if err != nil || near(a.Pix, b.Pix) != 0 {
		t.Error("the number of threads changes the picture", err)
	}
}

func TestFitAndThumb(t *testing.T) {
	p := noise(400, 300, 1)
	for _, c := range []struct{ w, h, gw, gh int }{
		{200, 200, 200, 150}, {1000, 30, 40, 30}, {400, 300, 400, 300}, {4000, 3000, 400, 300}, {1, 1, 1, 1}, {200, 3000, 200, 150},
	} {
		if q, err := p.Fit(c.w, c.h); err != nil || q.W != c.gw || q.H != c.gh {
			t.Errorf("fit %dx%d: %v %v", c.w, c.h, q, err)
		}
	}
	if q, err := p.Thumb(64); err != nil || q.W != 64 || q.H != 64 {
		t.Error(err)
	}
	if q, err := noise(3000, 1, 1).Fit(100, 100); err != nil || q.W != 100 || q.H != 1 {
		t.Error(err)
	}
	for name, f := range map[string]func() (*Picture, error){
		"resize to nothing": func() (*Picture, error) { return p.Resize(0, 5) },
		"resize to all":     func() (*Picture, error) { return p.Resize(1<<30, 1<<30) },
		"fit in nothing":    func() (*Picture, error) { return p.Fit(-1, 5) },
		"thumb of nothing":  func() (*Picture, error) { return p.Thumb(0) },
		"no picture":        func() (*Picture, error) { return New(0, 0).Resize(3, 3) },
		"none":              func() (*Picture, error) { return (*Picture)(nil).Thumb(3) },
	} {
		if q, err := f(); err == nil || q != nil || !strings.Contains(err.Error(), ": ") {
			t.Errorf("%s: %v %v", name, q, err)
		}
	}
}

func BenchmarkResize(b *testing.B) {
	p := noise(4000, 3000, 1)
	for _, s := range [][2]int{{1024, 768}, {3000, 2250}, {64, 64}} {
		b.Run(fmt.Sprintf("12MP-to-%dx%d", s[0], s[1]), func(b *testing.B) {
			for b.Loop() {
				if _, err := p.Resize(s[0], s[1]); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
