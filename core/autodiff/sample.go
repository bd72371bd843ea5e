package autodiff

import (
	"gorgonia.org/gorgonia"

	"github.com/atelier-engine/atelier/core/device"
	"github.com/atelier-engine/atelier/core/kernel"
)

// maxPool remembers which value won, if a gradient will flow back to it.
func (t *Tape) maxPool(x *gorgonia.Node, k, stride int) *gorgonia.Node {
	s := t.shapeOf("maxpool", x)
	if t.err != nil {
		return nil
	}
	n, h, w, c := s[0], s[1], s[2], s[3]
	out := shape4(n, (h-k)/stride+1, (w-k)/stride+1, c)
	var idx []int32
	var there []float32 // stands for the indices on a device
	return t.add(spec{name: "maxpool", shape: out,
		run: func(y []float32, v [][]float32) {
			if idx == nil && t.needs[x] {
				idx = make([]int32, len(y))
			}
			kernel.MaxPool(y, idx, v[0], n, h, w, c, k, stride)
		},
		accel: func(s device.Session, y []float32, v [][]float32) error {
			if there == nil && t.needs[x] {
				there = make([]float32, len(y))
			}
			return s.MaxPool(y, there, v[0], n, h, w, c, k, stride)
		},
		grad: func(_ []bool, _ gorgonia.Nodes, y, dy *gorgonia.Node) []*gorgonia.Node {
			return []*gorgonia.Node{t.add(spec{name: "maxpool dx", shape: shape4(n, h, w, c), behind: y,
				run: func(dx []float32, v [][]float32) { kernel.MaxPoolGrad(dx, v[0], idx, n, h, w, c, k, stride) },
				accel: func(s device.Session, dx []float32, v [][]float32) error {
					return s.MaxPoolGrad(dx, v[0], there, n, h, w, c, k, stride)
				}}, dy)}
		}}, x)
}

// linear is an op without parameters whose gradient is a kernel of dy alone.
// accel and accelBack are run and back on a device.
func (t *Tape) linear(name string, x *gorgonia.Node, h, w, c int, run, back func(y, x []float32),
	accel, accelBack func(s device.Session, y, x []float32) error) *gorgonia.Node {
	if t.err != nil {
		return nil
	}
	return t.add(spec{name: name, shape: shape4(x.Shape()[0], h, w, c),
		run: func(y []float32, v [][]float32) { run(y, v[0]) },
		accel: func(s device.Session, y []float32, v [][]float32) error {
			return accel(s, y, v[0])
		},
		grad: func(_ []bool, in gorgonia.Nodes, _, dy *gorgonia.Node) []*gorgonia.Node {
			return []*gorgonia.Node{t.add(spec{name: name + " dx", shape: sameShape(in[0]),
				run: func(dx []float32, v [][]float32) { back(dx, v[0]) },
				accel: func(s device.Session, dx []float32, v [][]float32) error {
					return accelBack(s, dx, v[0])
				}}, dy)}
		}}, x)
}

func (t *Tape) avgPool(x *gorgonia.Node, k, stride int) *gorgonia.Node {
	s := t.shapeOf("avgpool", x)
	n, h, w, c := s[0], s[1], s[2], s[3]
	return t.linear("avgpool", x, (h-k)/stride+1, (w-k)/stride+1, c,
		func(y, x []float32) { kernel.AvgPool(y, x, n, h, w, c, k, stride) },
		func(dx, dy []float32) { kernel.AvgPoolGrad(dx, dy, n, h, w, c, k, stride) },
		func(s device.Session, y, x []float32) error { return s.AvgPool(y, x, n, h, w, c, k, stride) },
		func(s device.Session, dx, dy []float32) error { return s.AvgPoolGrad(dx, dy, n, h, w, c, k, stride) })
}

func (t *Tape) globalAvgPool(x *gorgonia.Node) *gorgonia.Node {
	s := t.shapeOf("global avgpool", x)
	n, hw, c := s[0], s[1]*s[2], s[3]
	return t.linear("global avgpool", x, 1, 1, c,
		func(y, x []float32) { kernel.GlobalAvgPool(y, x, n, hw, c) },
		func(dx, dy []float32) { kernel.GlobalAvgPoolGrad(dx, dy, n, hw, c) },
		func(s device.Session, y, x []float32) error { return s.ColumnMeans(y, x, n, hw, c, true) },
		func(s device.Session, dx, dy []float32) error { return s.GlobalAvgPoolGrad(dx, dy, n, hw, c) })
}

// Pool returns the mean of k by k windows, stride apart: a smaller picture for a
// loss at another scale.
func (t *Tape) Pool(x *gorgonia.Node, k, stride int) *gorgonia.Node {
	s := t.shapeOf("pool", x)
	if t.err == nil && (k < 1 || stride < 1 || s[1] < k || s[2] < k) {
		t.fail("pool: window %d, stride %d over %dx%d: choose a window that fits", k, stride, s[1], s[2])
	}
	return t.avgPool(x, k, stride)
}

// Resize makes x factor times as high and as wide, repeating pixels or with
// bilinear interpolation (half-pixel centres).
func (t *Tape) Resize(x *gorgonia.Node, factor int, bilinear bool) *gorgonia.Node {
	s := t.shapeOf("resize", x)
	n, h, w, c := s[0], s[1], s[2], s[3]
	if bilinear {
		return t.linear("resize bilinear", x, h*factor, w*factor, c,
			func(y, x []float32) { kernel.ResizeBilinear(y, x, n, h, w, c, h*factor, w*factor) },
			func(dx, dy []float32) { kernel.ResizeBilinearGrad(dx, dy, n, h, w, c, h*factor, w*factor) },
			func(s device.Session, y, x []float32) error {
				return s.ResizeBilinear(y, x, n, h, w, c, h*factor, w*factor)
			},
			func(s device.Session, dx, dy []float32) error {
				return s.ResizeBilinearGrad(dx, dy, n, h, w, c, h*factor, w*factor)
			})
	}
	return t.linear("resize nearest", x, h*factor, w*factor, c,
		func(y, x []float32) { kernel.ResizeNearest(y, x, n, h, w, c, factor) },
		func(dx, dy []float32) { kernel.ResizeNearestGrad(dx, dy, n, h, w, c, factor) },
		func(s device.Session, y, x []float32) error { return s.ResizeNearest(y, x, n, h, w, c, factor) },
		func(s device.Session, dx, dy []float32) error { return s.ResizeNearestGrad(dx, dy, n, h, w, c, factor) })
}

// Lookup returns rows of a table that is the parameter name of p, shaped
// (rows,width), as (n,1,1,width): one row for each sample, such as the vector of
// its style. choose is an input (n,1,1,rows) of weights: one-hot picks a row,
// other weights blend rows. In Frozen modes the table gets no gradient.
func (t *Tape) Lookup(p *Params, name string, mode Mode, choose *gorgonia.Node) *gorgonia.Node {
	s := t.shapeOf("lookup", choose)
	if t.err != nil {
		return nil
	}
	e := p.byName[name]
	if e == nil || len(e.Shape) != 2 || e.Shape[0] != s[3] || s[1]*s[2] != 1 {
		t.fail("lookup: choose is %v: %q of %q must be a table of shape (%d,width)", s, name, p.Name, s[3])
		return nil
	}
	p.attach(t.link)
	n, rows, width := s[0], s[3], e.Shape[1]
	in := []*gorgonia.Node{choose}
	if mode == Train {
		in = append(in, t.paramLeaf(e))
	}
	return t.add(spec{name: "lookup " + name, shape: shape4(n, 1, 1, width), alone: true, reads: e.data,
		accel: func(s device.Session, y []float32, x [][]float32) error {
			return s.MatMul(y, x[0], e.data, 1, n, rows, width)
		},
		run: func(y []float32, x [][]float32) {
			clear(y)
			for i, by := range x[0] {
				if r := i % rows; by != 0 {
					axpy(y[i/rows*width:][:width], e.data[r*width:], by)
				}
			}
		},
		grad: func(want []bool, x gorgonia.Nodes, _, dy *gorgonia.Node) []*gorgonia.Node {
			out := make([]*gorgonia.Node, len(x))
			if want[0] {
				out[0] = t.add(spec{name: "lookup dchoose", shape: sameShape(x[0]), alone: true, reads: e.data,
					run: func(dc []float32, x [][]float32) {
						for i := range dc {
							r := i % rows
							dc[i] = float32(kernel.Dot(x[0][i/rows*width:][:width], e.data[r*width:][:width]))
						}
					}}, dy)
			}
			if len(x) > 1 && want[1] {
				out[1] = t.add(spec{name: "lookup dtable", shape: e.Shape, alone: true,
					accel: func(s device.Session, dt []float32, x [][]float32) error {
						return s.MatMulTN(dt, x[0], x[1], 1, n, rows, width, 1)
					},
					run: func(dt []float32, x [][]float32) {
						clear(dt)
						for i, by := range x[0] {
							if r := i % rows; by != 0 {
								axpy(dt[r*width:][:width], x[1][i/rows*width:], by)
							}
						}
					}}, x[0], dy)
			}
			return out
		}}, in...)
}

// axpy is y += a*x for short rows.
func axpy(y, x []float32, a float32) {
	for i := range y {
		y[i] += a * x[i]
	}
}
