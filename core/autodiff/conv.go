package autodiff

import (
	"slices"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/atelier-engine/atelier/core/device"
	"github.com/atelier-engine/atelier/core/kernel"
)

// conv is a convolution or dense layer: y = act(conv(x, w) + b).
//
// With dz = dy·act'(y): dx is the transposed convolution of dz, dw the
// correlation of x and dz, db the sum of dz over rows. Operands are x and, when
// training, w and b. The weights are read, packed, from their Params.
func (a *applier) conv(d *device.Node, x *gorgonia.Node) *gorgonia.Node {
	t, c, act := a.t, d.Conv, d.Act
	s := t.shapeOf(d.Name, x)
	if d.Op == device.OpDense {
		s = [4]int{s[0], 1, 1, s[1] * s[2] * s[3]}
	}
	w, b := a.param(d.Name+".weight", c.WeightLen()), a.param(d.Name+".bias", c.OutC)
	if t.err != nil {
		return nil
	}
	n, ih, iw := s[0], s[1], s[2]
	oh, ow := c.OutSize(ih, iw)
	rows := n * oh * ow
	work := c.FLOPs(n, ih, iw)
	dxShape := slices.Clone(x.Shape())
	in := append([]*gorgonia.Node{x}, a.leaves(w, b)...)
	return t.add(spec{name: "conv " + d.Name, shape: shape4(n, oh, ow, c.OutC), work: work,
		run: func(y []float32, x [][]float32) {
			c.Forward(y, x[0], n, ih, iw, w.packForward(c), b.data, act)
		},
		accel: func(s device.Session, y []float32, x [][]float32) error {
			return s.ConvForward(c, y, x[0], w.data, b.data, n, ih, iw, act)
		},
		grad: func(want []bool, x gorgonia.Nodes, y, dy *gorgonia.Node) []*gorgonia.Node {
			dz := t.actGrad(act, y, dy)
			out := make([]*gorgonia.Node, len(x))
			if len(x) > 1 && want[1] {
				out[1] = t.add(spec{name: "conv dw " + d.Name, shape: w.Shape, work: work,
					run: func(dw []float32, x [][]float32) { c.GradWeights(dw, x[0], x[1], n, ih, iw) },
					accel: func(s device.Session, dw []float32, x [][]float32) error {
						return s.ConvGradWeights(c, dw, x[0], x[1], n, ih, iw)
					}}, x[0], dz)
			}
			if len(x) > 2 && want[2] {
				out[2] = t.add(spec{name: "conv db " + d.Name, shape: tensor.Shape{c.OutC},
					run: func(db []float32, x [][]float32) { kernel.BiasGrad(db, x[0], rows, c.OutC) },
					accel: func(s device.Session, db []float32, x [][]float32) error {
						return s.BiasGrad(db, x[0], rows, c.OutC)
					}}, dz)
			}
			if want[0] {
				out[0] = t.add(spec{name: "conv dx " + d.Name, shape: dxShape, work: work,
					run: func(dx []float32, x [][]float32) { c.GradData(dx, x[0], n, ih, iw, w.packBack(c)) },
					accel: func(s device.Session, dx []float32, x [][]float32) error {
						return s.ConvGradData(c, dx, x[0], w.data, n, ih, iw)
					}}, dz)
			}
			return out
		}}, in...)
}

// actGrad is the gradient through an activation, from its result y. It takes
// over the memory of dy where nothing else reads that.
func (t *Tape) actGrad(act kernel.Act, y, dy *gorgonia.Node) *gorgonia.Node {
	if act == kernel.ActNone {
		return dy
	}
	return t.add(spec{name: "d" + act.String(), shape: sameShape(dy), inPlace: 2,
		run: func(dx []float32, x [][]float32) { kernel.ActivateGrad(dx, x[0], x[1], act) },
		accel: func(s device.Session, dx []float32, x [][]float32) error {
			return s.ActivateGrad(dx, x[0], x[1], act)
		}}, y, dy)
}

// activation is an activation alone.
func (t *Tape) activation(act kernel.Act, x *gorgonia.Node) *gorgonia.Node {
	return t.add(spec{name: act.String(), shape: sameShape(x), inPlace: 1,
		run: func(y []float32, x [][]float32) { kernel.Activate(y, x[0], act) },
		accel: func(s device.Session, y []float32, x [][]float32) error {
			return s.Activate(y, x[0], act)
		},
		grad: func(_ []bool, _ gorgonia.Nodes, y, dy *gorgonia.Node) []*gorgonia.Node {
			return []*gorgonia.Node{t.actGrad(act, y, dy)}
		}}, x)
}
