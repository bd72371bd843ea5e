package autodiff

import (
	"gorgonia.org/gorgonia"

	"github.com/atelier-engine/atelier/core/device"
)

// Augmentations that gradients flow through, for discriminators that see few
// pictures: real and made ones are changed alike, and the generator still learns
// (Zhao et al., "Differentiable augmentation for data-efficient GAN training",
// 2020). How each sample is changed comes from an input, drawn by the caller.

// augment adds an op of x (N,H,W,C) and by (N,1,1,k), whose gradient to x is back.
// accel does the same on a device, with back for the gradient.
func (t *Tape) augment(name string, x, by *gorgonia.Node, k int, run, back func(y, x, by []float32, n int, s [4]int),
	accel func(s device.Session, y, x, by []float32, size [4]int, back bool) error) *gorgonia.Node {
	s, bs := t.shapeOf(name, x), t.shapeOf(name, by)
	if t.err == nil && bs != [4]int{s[0], 1, 1, k} {
		t.fail("%s: the amounts are %v: they must be (%d,1,1,%d)", name, bs, s[0], k)
	}
	one := s[1] * s[2] * s[3]
	samples := func(f func(y, x, by []float32, n int, s [4]int)) func(y []float32, v [][]float32) {
		return func(y []float32, v [][]float32) {
			for n := range s[0] {
				f(y[n*one:(n+1)*one], v[0][n*one:(n+1)*one], v[1][n*k:(n+1)*k], n, s)
			}
		}
	}
	on := func(back bool) func(device.Session, []float32, [][]float32) error {
		return func(ds device.Session, y []float32, v [][]float32) error { return accel(ds, y, v[0], v[1], s, back) }
	}
	return t.add(spec{name: name, shape: sameShape(x), run: samples(run), accel: on(false),
		grad: func(want []bool, x gorgonia.Nodes, _, dy *gorgonia.Node) []*gorgonia.Node {
			out := make([]*gorgonia.Node, 2)
			if want[1] {
				t.fail("%s: the amounts cannot be trained: give an input", name)
				return out
			}
			out[0] = t.add(spec{name: name + " dx", shape: sameShape(x[0]), run: samples(back), accel: on(true)}, dy, x[1])
			return out
		}}, x, by)
}

// Shift moves each picture down and right by whole pixels by = (N,1,1,2); what
// comes in is 0.
func (t *Tape) Shift(x, by *gorgonia.Node) *gorgonia.Node {
	move := func(sign int) func(y, x, by []float32, n int, s [4]int) {
		return func(y, x, by []float32, _ int, s [4]int) {
			h, w, c := s[1], s[2], s[3]
			dy, dx := sign*int(by[0]), sign*int(by[1])
			clear(y)
			lo, hi := max(0, dx), min(w, w+dx)
			if lo >= hi {
				return
			}
			for i := max(0, dy); i < min(h, h+dy); i++ {
				copy(y[(i*w+lo)*c:(i*w+hi)*c], x[((i-dy)*w+lo-dx)*c:])
			}
		}
	}
	return t.augment("shift", x, by, 2, move(1), move(-1),
		func(s device.Session, y, x, by []float32, n [4]int, back bool) error {
			sign := 1
			if back {
				sign = -1
			}
			return s.Shift(y, x, by, n[0], n[1], n[2], n[3], sign)
		})
}

// Cut sets a rectangle of each picture to 0: by = (N,1,1,4) are its top, left,
// height and width in pixels; parts outside the picture are ignored.
func (t *Tape) Cut(x, by *gorgonia.Node) *gorgonia.Node {
	cut := func(y, x, by []float32, _ int, s [4]int) {
		h, w, c := s[1], s[2], s[3]
		copy(y, x)
		left, right := max(0, int(by[1])), min(w, int(by[1])+int(by[3]))
		for i := max(0, int(by[0])); i < min(h, int(by[0])+int(by[2])) && left < right; i++ {
			clear(y[(i*w+left)*c : (i*w+right)*c])
		}
	}
	return t.augment("cut", x, by, 4, cut, cut,
		func(s device.Session, y, x, by []float32, n [4]int, _ bool) error {
			return s.Cut(y, x, by, n[0], n[1], n[2], n[3])
		})
}

// Tone changes the colours of each picture: by = (N,1,1,3) are gain, offset and
// saturation: y = gain·(grey + saturation·(x-grey)) + offset, where grey is the
// mean of a pixel's channels. (1,0,1) changes nothing.
func (t *Tape) Tone(x, by *gorgonia.Node) *gorgonia.Node {
	// The map is symmetric in the channels, so its gradient is itself without offset.
	tone := func(with float32) func(y, x, by []float32, n int, s [4]int) {
		return func(y, x, by []float32, _ int, s [4]int) {
			c := s[3]
			gain, offset, sat := by[0], by[1]*with, by[2]
			for i := 0; i < len(x); i += c {
				var grey float32
				for _, v := range x[i : i+c] {
					grey += v
				}
				grey *= gain * (1 - sat) / float32(c)
				for j := i; j < i+c; j++ {
					y[j] = gain*sat*x[j] + grey + offset
				}
			}
		}
	}
	return t.augment("tone", x, by, 3, tone(1), tone(0),
		func(s device.Session, y, x, by []float32, n [4]int, back bool) error {
			return s.Tone(y, x, by, n[0], n[1], n[2], n[3], !back)
		})
}
