package autodiff

import (
	"errors"
	"math"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/atelier-engine/atelier/core/device"
	"github.com/atelier-engine/atelier/core/kernel"
)

// momentum is how far running statistics move towards those of the batch.
const momentum = 0.1

// batchNorm is y = act((x-mean)/sqrt(var+eps)*gamma + beta) with the statistics
// of each channel over the batch (Ioffe and Szegedy, 2015). In Train mode it
// moves the running mean and the running variance (unbiased) by momentum.
func (a *applier) batchNorm(d *device.Node, x *gorgonia.Node) *gorgonia.Node {
	t, act, eps := a.t, d.Act, d.Eps
	s := t.shapeOf(d.Name, x)
	rows, c := s[0]*s[1]*s[2], s[3]
	gamma, beta := a.param(d.Name+".gamma", c), a.param(d.Name+".beta", c)
	mean, variance := a.param(d.Name+".mean", c), a.param(d.Name+".var", c)
	if t.err != nil {
		return nil
	}
	if a.mode == FrozenInference {
		return t.batchNormFixed(d, x, rows, c, gamma.data, beta.data, mean.data, variance.data)
	}
	train := a.mode == Train
	m, invstd := kernel.Aligned(c), kernel.Aligned(c)
	run := func(y []float32, x [][]float32) {
		kernel.BatchNorm(y, x[0], gamma.data, beta.data, rows, c, m, invstd, eps, act)
		if !train {
			return
		}
		unbias := float64(rows) / float64(max(1, rows-1))
		for i := range m {
			v := max(0, 1/(float64(invstd[i])*float64(invstd[i]))-float64(eps)) * unbias
			mean.data[i] += momentum * (m[i] - mean.data[i])
			variance.data[i] += momentum * (float32(v) - variance.data[i])
		}
	}
	back := func(dx, dgamma, dbeta, x, dz []float32) {
		kernel.BatchNormGrad(dx, dgamma, dbeta, x, dz, gamma.data, m, invstd, rows, c)
	}
	in := append([]*gorgonia.Node{x}, a.leaves(gamma, beta)...)
	accel := func(s device.Session, y []float32, x [][]float32) error {
		err := s.Norm(y, m, invstd, x[0], gamma.data, beta.data, 1, rows, c, false, eps, act)
		if err == nil && train {
			err = s.NormRunning(mean.data, variance.data, m, invstd, rows, c, eps, momentum)
		}
		return err
	}
	accelBack := func(s device.Session, dx, dgamma, dbeta, x, dz []float32) error {
		return s.NormGrad(dx, dgamma, dbeta, x, dz, gamma.data, m, invstd, 1, rows, c, false)
	}
	return t.norm(d.Name, act, c, run, back, accel, accelBack, in)
}

// norm adds a normalisation with gradients to x, gamma and beta. The one kernel
// that computes all three runs as dx; the others are its side results.
func (t *Tape) norm(name string, act kernel.Act, c int, run func(y []float32, x [][]float32),
	back func(dx, dgamma, dbeta, x, dz []float32), accel func(s device.Session, y []float32, x [][]float32) error,
	accelBack func(s device.Session, dx, dgamma, dbeta, x, dz []float32) error, in []*gorgonia.Node) *gorgonia.Node {
	return t.add(spec{name: "norm " + name, shape: sameShape(in[0]), run: run, accel: accel,
		grad: func(want []bool, x gorgonia.Nodes, y, dy *gorgonia.Node) []*gorgonia.Node {
			dz := t.actGrad(act, y, dy)
			dgamma, dbeta := kernel.Aligned(c), kernel.Aligned(c)
			out := make([]*gorgonia.Node, len(x))
			out[0] = t.add(spec{name: "norm dx " + name, shape: sameShape(x[0]), behind: y,
				run: func(dx []float32, x [][]float32) { back(dx, dgamma, dbeta, x[0], x[1]) },
				accel: func(s device.Session, dx []float32, x [][]float32) error {
					return accelBack(s, dx, dgamma, dbeta, x[0], x[1])
				}}, x[0], dz)
			for i, side := range [][]float32{nil, dgamma, dbeta} {
				if i > 0 && i < len(x) && want[i] {
					out[i] = t.add(spec{name: "norm side " + name, shape: tensor.Shape{c}, side: side,
						run:   func([]float32, [][]float32) {},
						accel: func(device.Session, []float32, [][]float32) error { return nil }}, out[0])
				}
			}
			return out
		}}, in...)
}

// batchNormFixed is batch norm with the running statistics: an affine map.
func (t *Tape) batchNormFixed(d *device.Node, x *gorgonia.Node, rows, c int, gamma, beta, mean, variance []float32) *gorgonia.Node {
	scale, shift, zero := kernel.Aligned(c), kernel.Aligned(c), kernel.Aligned(c)
	return t.add(spec{name: "norm fixed " + d.Name, shape: sameShape(x),
		run: func(y []float32, x [][]float32) {
			for i := range scale {
				scale[i] = gamma[i] / float32(math.Sqrt(float64(variance[i])+float64(d.Eps)))
				shift[i] = beta[i] - mean[i]*scale[i]
			}
			kernel.ScaleShift(y, x[0], nil, scale, shift, rows, c, d.Act)
		},
		accel: func(s device.Session, y []float32, x [][]float32) error {
			err := s.NormFold(scale, shift, gamma, beta, mean, variance, c, d.Eps)
			return errors.Join(err, s.ScaleShift(y, x[0], scale, shift, rows, c, d.Act))
		},
		grad: func(_ []bool, _ gorgonia.Nodes, y, dy *gorgonia.Node) []*gorgonia.Node {
			return []*gorgonia.Node{t.add(spec{name: "norm fixed dx " + d.Name, shape: sameShape(dy), behind: y,
				run: func(dx []float32, x [][]float32) {
					kernel.ScaleShift(dx, x[0], nil, scale, zero, rows, c, kernel.ActNone)
				},
				accel: func(s device.Session, dx []float32, x [][]float32) error {
					return s.ScaleShift(dx, x[0], scale, nil, rows, c, kernel.ActNone)
				}}, t.actGrad(d.Act, y, dy))}
		}}, x)
}

// instanceNorm is y = act(norm(x)*gamma + beta) + residual with the statistics
// of each sample and channel (Ulyanov et al., 2016). gamma and beta are
// parameters, or, for a conditional norm, slices of the style (Dumoulin et al.,
// 2017). A residual after an activation becomes an addition of its own, since
// the activation's result is what its gradient needs.
func (a *applier) instanceNorm(d *device.Node, x []*gorgonia.Node) *gorgonia.Node {
	t := a.t
	var residual *gorgonia.Node
	if d.Residual {
		residual = x[len(x)-1]
	}
	var y *gorgonia.Node
	if d.Op == device.OpCondNorm {
		y = t.condNorm(d, x[0], x[1])
	} else {
		y = a.plainInstanceNorm(d, x[0])
	}
	if residual != nil {
		y = t.Add(y, residual)
	}
	return y
}

func (a *applier) plainInstanceNorm(d *device.Node, x *gorgonia.Node) *gorgonia.Node {
	t := a.t
	s := t.shapeOf(d.Name, x)
	n, hw, c := s[0], s[1]*s[2], s[3]
	gamma, beta := a.param(d.Name+".gamma", c), a.param(d.Name+".beta", c)
	if t.err != nil {
		return nil
	}
	mean, invstd := kernel.Aligned(n*c), kernel.Aligned(n*c)
	run := func(y []float32, x [][]float32) {
		kernel.InstanceNorm(y, x[0], nil, gamma.data, beta.data, n, hw, c, false, mean, invstd, d.Eps, d.Act)
	}
	back := func(dx, dgamma, dbeta, x, dz []float32) {
		kernel.InstanceNormGrad(dx, dgamma, dbeta, x, dz, gamma.data, mean, invstd, n, hw, c, false)
	}
	accel := func(s device.Session, y []float32, x [][]float32) error {
		return s.Norm(y, mean, invstd, x[0], gamma.data, beta.data, n, hw, c, false, d.Eps, d.Act)
	}
	accelBack := func(s device.Session, dx, dgamma, dbeta, x, dz []float32) error {
		return s.NormGrad(dx, dgamma, dbeta, x, dz, gamma.data, mean, invstd, n, hw, c, false)
	}
	in := append([]*gorgonia.Node{x}, a.leaves(gamma, beta)...)
	return t.norm(d.Name, d.Act, c, run, back, accel, accelBack, in)
}

// condNorm reads gamma and beta of each sample from style (N,1,1,S) at
// [offset, offset+C) and [offset+C, offset+2C).
func (t *Tape) condNorm(d *device.Node, x, style *gorgonia.Node) *gorgonia.Node {
	s, ss := t.shapeOf(d.Name, x), t.shapeOf(d.Name, style)
	if t.err != nil {
		return nil
	}
	n, hw, c, width, at := s[0], s[1]*s[2], s[3], ss[3], d.Offset
	gamma, beta := kernel.Aligned(n*c), kernel.Aligned(n*c)
	dgamma, dbeta := kernel.Aligned(n*c), kernel.Aligned(n*c)
	mean, invstd := kernel.Aligned(n*c), kernel.Aligned(n*c)
	return t.add(spec{name: "condnorm " + d.Name, shape: sameShape(x),
		run: func(y []float32, x [][]float32) {
			for i := range n {
				row := x[1][i*width+at:]
				copy(gamma[i*c:(i+1)*c], row)
				copy(beta[i*c:(i+1)*c], row[c:])
			}
			kernel.InstanceNorm(y, x[0], nil, gamma, beta, n, hw, c, true, mean, invstd, d.Eps, d.Act)
		},
		accel: func(s device.Session, y []float32, x [][]float32) error {
			return errors.Join(s.CopyRows(gamma, 0, x[1], at, n, c, c, width, 1), s.CopyRows(beta, 0, x[1], at+c, n, c, c, width, 1),
				s.Norm(y, mean, invstd, x[0], gamma, beta, n, hw, c, true, d.Eps, d.Act))
		},
		grad: func(want []bool, x gorgonia.Nodes, y, dy *gorgonia.Node) []*gorgonia.Node {
			dx := t.add(spec{name: "condnorm dx " + d.Name, shape: sameShape(x[0]), behind: y,
				run: func(dx []float32, x [][]float32) {
					kernel.InstanceNormGrad(dx, dgamma, dbeta, x[0], x[1], gamma, mean, invstd, n, hw, c, true)
				},
				accel: func(s device.Session, dx []float32, x [][]float32) error {
					return s.NormGrad(dx, dgamma, dbeta, x[0], x[1], gamma, mean, invstd, n, hw, c, true)
				}}, x[0], t.actGrad(d.Act, y, dy))
			out := []*gorgonia.Node{dx, nil}
			if want[1] {
				out[1] = t.add(spec{name: "condnorm dstyle " + d.Name, shape: sameShape(x[1]),
					run: func(ds []float32, _ [][]float32) {
						clear(ds)
						for i := range n {
							row := ds[i*width+at:]
							copy(row[:c], dgamma[i*c:(i+1)*c])
							copy(row[c:2*c], dbeta[i*c:(i+1)*c])
						}
					},
					accel: func(s device.Session, ds []float32, _ [][]float32) error {
						return errors.Join(s.Fill(ds, 0), s.CopyRows(ds, at, dgamma, 0, n, c, width, c, 1),
							s.CopyRows(ds, at+c, dbeta, 0, n, c, width, c, 1))
					}}, dx)
			}
			return out
		}}, x, style)
}
