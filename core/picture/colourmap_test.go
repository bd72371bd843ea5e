package picture

import (
	"math"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// mild is noise around a colour, away from the edges of [0,1].
func mild(w, h int, seed uint64, mean, spread [3]float64) *Picture {
	p := noisy(w, h, false, seed)
	for i := 0; i < len(p.Pix); i += 3 {
		shared := float64(p.Pix[i]) - 0.5 // correlates the channels
		for c := range 3 {
			p.Pix[i+c] = float32(mean[c] + spread[c]*(float64(p.Pix[i+c])-0.5+shared)/2)
		}
	}
	return p
}

func TestColourMapMatchesStatistics(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		v := func(name string, lo, hi float64) (out [3]float64) {
			for i := range out {
				out[i] = rapid.Float64Range(lo, hi).Draw(t, name)
			}
			return out
		}
		from := mild(40, 30, 1, v("mean", .4, .6), v("spread", .1, .3))
		to := mild(20, 50, 2, v("mean", .4, .6), v("spread", .1, .3))
		m, err := NewColourMap(from, to)
		if err != nil {
			t.Fatal(err)
		}
		half, err := from.Crop(20, 0, 20, 30)
		if err != nil {
			t.Fatal(err)
		}
		m.Apply(from)
		m1, s1, _ := colourStatistics(from)
		m2, s2, _ := colourStatistics(to)
		for i := range 9 {
			if math.Abs(s1[i]-s2[i]) > 2e-4 {
				t.Fatalf("covariance %v, want %v", s1, s2)
			}
		}
		for i := range 3 {
			if math.Abs(m1[i]-m2[i]) > 2e-3 {
				t.Fatalf("mean %v, want %v", m1, m2)
			}
		}
		m.Apply(half)
		if want, _ := from.Crop(20, 0, 20, 30); near(half.Pix, want.Pix) != 0 {
			t.Fatal("a part is not as the whole")
		}
	})
}

func TestColourMapOfItselfChangesNothing(t *testing.T) {
	p := noisy(30, 30, false, 3)
	m, err := NewColourMap(p, p)
	if err != nil {
		t.Fatal(err)
	}
	q := p.Clone()
	m.Apply(q)
	if near(p.Pix, q.Pix) > 1e-5 {
		t.Errorf("off by %v", near(p.Pix, q.Pix))
	}
}

func TestColourMapOfFlatPictures(t *testing.T) {
	flat, rich := Filled(9, 9, .2, .4, .6), noisy(9, 9, false, 4)
	for _, c := range [][2]*Picture{{flat, rich}, {rich, flat}, {flat, flat}, {Filled(1, 1, 0, 0, 0), Filled(1, 1, 1, 1, 1)}} {
		m, err := NewColourMap(c[0], c[1])
		if err != nil {
			t.Fatal(err)
		}
		q := c[0].Clone()
		m.Apply(q)
		for _, v := range q.Pix {
			if !(v >= 0 && v <= 1) {
				t.Fatal(v)
			}
		}
		_, s, _ := colourStatistics(q)
		_, want, _ := colourStatistics(c[1])
		if s[0]+s[4]+s[8] > want[0]+want[4]+want[8]+0.01 {
			t.Errorf("variance %v of %v", s, want)
		}
	}
	// A grey painting keeps its contrast, whatever it lacks in colour.
	grey, vivid := rich.Grey(), rich.Clone()
	m, err := NewColourMap(grey, vivid)
	if err != nil {
		t.Fatal(err)
	}
	before := grey.Clone()
	m.Apply(grey)
	if near(grey.Luma(), before.Luma()) > 0.3 || math.Abs(float64(grey.Pix[0]-grey.Pix[1])) > 0.3 {
		t.Error("the contrast of a grey picture changed")
	}
	clear := New(2, 2)
	clear.Alpha = make([]float32, 4)
	if _, err := NewColourMap(clear, rich); err == nil || !strings.Contains(err.Error(), "transparent") {
		t.Error(err)
	}
	if _, err := NewColourMap(rich, nil); err == nil {
		t.Error("no picture, no error")
	}
}
