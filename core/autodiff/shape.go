package autodiff

import (
	"errors"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/atelier-engine/atelier/core/device"
	"github.com/atelier-engine/atelier/core/kernel"
)

// Add returns a + b, of one shape.
func (t *Tape) Add(a, b *gorgonia.Node) *gorgonia.Node {
	if t.sameLen("add", a, b); t.err != nil {
		return nil
	}
	return t.add(spec{name: "add", shape: sameShape(a), inPlace: 1,
		run: func(y []float32, x [][]float32) { kernel.Add(y, x[0], x[1]) },
		accel: func(s device.Session, y []float32, x [][]float32) error {
			return s.Linear(y, x[0], x[1], 1, 1)
		},
		grad: func(_ []bool, _ gorgonia.Nodes, _, dy *gorgonia.Node) []*gorgonia.Node {
			return []*gorgonia.Node{dy, dy}
		}}, a, b)
}

// Linear returns a*alpha + b*beta, of one shape; b may be nil.
func (t *Tape) Linear(a *gorgonia.Node, alpha float32, b *gorgonia.Node, beta float32) *gorgonia.Node {
	scaled := func(dy *gorgonia.Node, by float32) *gorgonia.Node {
		return t.add(spec{name: "scale", shape: sameShape(dy),
			run: func(y []float32, x [][]float32) { kernel.Scale(y, x[0], by) },
			accel: func(s device.Session, y []float32, x [][]float32) error {
				return s.Linear(y, x[0], nil, by, 0)
			}}, dy)
	}
	in := []*gorgonia.Node{a}
	if b != nil {
		t.sameLen("linear", a, b)
		in = append(in, b)
	}
	return t.add(spec{name: "linear", shape: sameShape(a),
		run: func(y []float32, x [][]float32) {
			kernel.Scale(y, x[0], alpha)
			if len(x) > 1 {
				kernel.AXPY(y, x[1], beta)
			}
		},
		accel: func(s device.Session, y []float32, x [][]float32) error {
			if len(x) > 1 {
				return s.Linear(y, x[0], x[1], alpha, beta)
			}
			return s.Linear(y, x[0], nil, alpha, 0)
		},
		grad: func(want []bool, x gorgonia.Nodes, _, dy *gorgonia.Node) []*gorgonia.Node {
			out := make([]*gorgonia.Node, len(x))
			for i := range x {
				if want[i] {
					out[i] = scaled(dy, [2]float32{alpha, beta}[i])
				}
			}
			return out
		}}, in...)
}

// Affine returns x*scale + shift for each channel, with constants.
func (t *Tape) Affine(x *gorgonia.Node, scale, shift []float32) *gorgonia.Node {
	s := t.shapeOf("affine", x)
	if t.err == nil && (len(scale) != s[3] || len(shift) != s[3]) {
		t.fail("affine: %d scales and %d shifts for %d channels: give one for each", len(scale), len(shift), s[3])
	}
	rows, c := s[0]*s[1]*s[2], s[3]
	zero := make([]float32, c)
	return t.add(spec{name: "affine", shape: sameShape(x),
		run: func(y []float32, x [][]float32) {
			kernel.ScaleShift(y, x[0], nil, scale, shift, rows, c, kernel.ActNone)
		},
		accel: func(s device.Session, y []float32, x [][]float32) error {
			return s.ScaleShift(y, x[0], scale, shift, rows, c, kernel.ActNone)
		},
		grad: func(_ []bool, _ gorgonia.Nodes, _, dy *gorgonia.Node) []*gorgonia.Node {
			return []*gorgonia.Node{t.add(spec{name: "affine dx", shape: sameShape(dy),
				run: func(dx []float32, x [][]float32) {
					kernel.ScaleShift(dx, x[0], nil, scale, zero, rows, c, kernel.ActNone)
				},
				accel: func(s device.Session, dx []float32, x [][]float32) error {
					return s.ScaleShift(dx, x[0], scale, nil, rows, c, kernel.ActNone)
				}}, dy)}
		}}, x)
}

// Reshape returns the values of x as (N,h,w,c).
func (t *Tape) Reshape(x *gorgonia.Node, h, w, c int) *gorgonia.Node {
	s := t.shapeOf("reshape", x)
	return t.reshape("reshape", x, shape4(s[0], h, w, c))
}

// reshape copies, unless the plan gave it the memory of x: the tape machine must
// never see one value under two nodes that both live on.
func (t *Tape) reshape(name string, x *gorgonia.Node, to tensor.Shape) *gorgonia.Node {
	if t.err == nil && x.Shape().TotalSize() != to.TotalSize() {
		t.fail("%s: %v does not hold the values of %v", name, to, x.Shape())
		return nil
	}
	return t.add(spec{name: name, shape: to, inPlace: 1,
		run: func(y []float32, x [][]float32) {
			if &y[0] != &x[0][0] {
				copy(y, x[0])
			}
		},
		accel: func(s device.Session, y []float32, x [][]float32) error {
			if &y[0] == &x[0][0] {
				return nil
			}
			return s.Linear(y, x[0], nil, 1, 0)
		},
		grad: func(_ []bool, x gorgonia.Nodes, _, dy *gorgonia.Node) []*gorgonia.Node {
			return []*gorgonia.Node{t.reshape(name, dy, sameShape(x[0]))}
		}}, x)
}

// split is the gradient of Concat: part 0 or 1 of the columns of y.
func (t *Tape) split(name string, y *gorgonia.Node, to tensor.Shape, rows, from, width int) *gorgonia.Node {
	return t.add(spec{name: name, shape: to,
		run: func(d []float32, x [][]float32) {
			c := to.TotalSize() / rows
			for r := range rows {
				copy(d[r*c:(r+1)*c], x[0][r*width+from:])
			}
		},
		accel: func(s device.Session, d []float32, x [][]float32) error {
			c := to.TotalSize() / rows
			return s.CopyRows(d, 0, x[0], from, rows, c, c, width, 1)
		}}, y)
}

// Concat puts the channels of b after those of a.
func (t *Tape) Concat(a, b *gorgonia.Node) *gorgonia.Node {
	sa, sb := t.shapeOf("concat", a), t.shapeOf("concat", b)
	if t.err == nil && [3]int(sa[:3]) != [3]int(sb[:3]) {
		t.fail("concat: %v and %v differ in more than channels", sa, sb)
	}
	rows, ca, cb := sa[0]*sa[1]*sa[2], sa[3], sb[3]
	return t.add(spec{name: "concat", shape: shape4(sa[0], sa[1], sa[2], ca+cb),
		run: func(y []float32, x [][]float32) { kernel.Concat(y, x[0], x[1], rows, ca, cb) },
		accel: func(s device.Session, y []float32, x [][]float32) error {
			return errors.Join(s.CopyRows(y, 0, x[0], 0, rows, ca, ca+cb, ca, 1), s.CopyRows(y, ca, x[1], 0, rows, cb, ca+cb, cb, 1))
		},
		grad: func(want []bool, x gorgonia.Nodes, _, dy *gorgonia.Node) []*gorgonia.Node {
			out := make([]*gorgonia.Node, 2)
			for i, from := range []int{0, ca} {
				if want[i] {
					out[i] = t.split("concat dx", dy, sameShape(x[i]), rows, from, ca+cb)
				}
			}
			return out
		}}, a, b)
}

// Planes repeats cond (N,1,1,K) over the height and width of x and puts it after
// the channels of x: (N,H,W,C+K). A discriminator sees its condition so.
func (t *Tape) Planes(x, cond *gorgonia.Node) *gorgonia.Node {
	s, k := t.shapeOf("planes", x), t.shapeOf("planes", cond)
	if t.err == nil && (k[0] != s[0] || k[1] != 1 || k[2] != 1) {
		t.fail("planes: the condition is %v: it must be (%d,1,1,K)", k, s[0])
	}
	if t.err != nil {
		return nil
	}
	n, hw, c := s[0], s[1]*s[2], k[3]
	wide := t.add(spec{name: "planes", shape: shape4(n, s[1], s[2], c),
		run: func(y []float32, x [][]float32) {
			for r := range n * hw {
				copy(y[r*c:(r+1)*c], x[0][r/hw*c:])
			}
		},
		accel: func(s device.Session, y []float32, x [][]float32) error {
			return s.CopyRows(y, 0, x[0], 0, n*hw, c, c, c, hw)
		},
		grad: func(_ []bool, x gorgonia.Nodes, _, dy *gorgonia.Node) []*gorgonia.Node {
			return []*gorgonia.Node{t.add(spec{name: "planes dx", shape: sameShape(x[0]),
				run: func(dx []float32, x [][]float32) {
					for i := range n {
						kernel.BiasGrad(dx[i*c:(i+1)*c], x[0][i*hw*c:(i+1)*hw*c], hw, c)
					}
				},
				accel: func(s device.Session, dx []float32, x [][]float32) error {
					return s.ColumnMeans(dx, x[0], n, hw, c, false)
				}}, dy)}
		}}, cond)
	return t.Concat(x, wide)
}

// Stack puts the samples of b after those of a: (Na+Nb,H,W,C).
func (t *Tape) Stack(a, b *gorgonia.Node) *gorgonia.Node {
	sa, sb := t.shapeOf("stack", a), t.shapeOf("stack", b)
	if t.err == nil && [3]int(sa[1:]) != [3]int(sb[1:]) {
		t.fail("stack: %v and %v differ in more than the number of samples", sa, sb)
	}
	if t.err != nil {
		return nil
	}
	na := a.Shape().TotalSize()
	return t.add(spec{name: "stack", shape: shape4(sa[0]+sb[0], sa[1], sa[2], sa[3]),
		run: func(y []float32, x [][]float32) {
			copy(y, x[0])
			copy(y[na:], x[1])
		},
		accel: func(s device.Session, y []float32, x [][]float32) error {
			nb := len(y) - na
			return errors.Join(s.CopyRows(y, 0, x[0], 0, 1, na, na, na, 1), s.CopyRows(y, na, x[1], 0, 1, nb, nb, nb, 1))
		},
		grad: func(want []bool, x gorgonia.Nodes, _, dy *gorgonia.Node) []*gorgonia.Node {
			out := make([]*gorgonia.Node, 2)
			for i, from := range []int{0, na} {
				if want[i] {
					out[i] = t.split("stack dx", dy, sameShape(x[i]), 1, from, 0)
				}
			}
			return out
		}}, a, b)
}

// Samples returns samples lo to hi-1 of x.
func (t *Tape) Samples(x *gorgonia.Node, lo, hi int) *gorgonia.Node {
	s := t.shapeOf("samples", x)
	if t.err == nil && (lo < 0 || hi > s[0] || lo >= hi) {
		t.fail("samples: [%d,%d) of %d: choose a part of the batch", lo, hi, s[0])
	}
	one := s[1] * s[2] * s[3]
	return t.add(spec{name: "samples", shape: shape4(hi-lo, s[1], s[2], s[3]),
		run: func(y []float32, x [][]float32) { copy(y, x[0][lo*one:]) },
		accel: func(s device.Session, y []float32, x [][]float32) error {
			return s.CopyRows(y, 0, x[0], lo*one, 1, len(y), len(y), len(y), 1)
		},
		grad: func(_ []bool, x gorgonia.Nodes, _, dy *gorgonia.Node) []*gorgonia.Node {
			return []*gorgonia.Node{t.add(spec{name: "samples dx", shape: sameShape(x[0]),
				run: func(dx []float32, x [][]float32) {
					clear(dx)
					copy(dx[lo*one:], x[0])
				},
				accel: func(s device.Session, dx []float32, x [][]float32) error {
					k := len(x[0])
					return errors.Join(s.Fill(dx, 0), s.CopyRows(dx, lo*one, x[0], 0, 1, k, k, k, 1))
				}}, dy)}
		}}, x)
}
