package autodiff

import (
	"errors"
	"slices"

	"gorgonia.org/gorgonia"

	"github.com/atelier-engine/atelier/core/device"
	"github.com/atelier-engine/atelier/core/kernel"
)

// Moments returns the covariances and the means over height and width of
// features F (N,H,W,C) as (N,1,C+1,C): rows 0 to C-1 are FᵀF/(H·W) - mᵀm, the
// last row is m. Apart, texture (covariances) and palette (means) can be weighed
// against each other, which a Gram matrix mixes. Its result is kept.
func (t *Tape) Moments(f *gorgonia.Node) *gorgonia.Node {
	s := t.shapeOf("moments", f)
	if t.err != nil {
		return nil
	}
	n, hw, c := s[0], s[1]*s[2], s[3]
	one := (c + 1) * c
	on := momentsOn{n: n, hw: hw, c: c}
	y := t.add(spec{name: "moments", shape: shape4(n, 1, c+1, c),
		run: func(y []float32, x [][]float32) {
			for i := range n {
				CovarianceOf(y[i*one:(i+1)*one], x[0][i*hw*c:(i+1)*hw*c], hw, c)
			}
		},
		accel: func(s device.Session, y []float32, x [][]float32) error { return on.forward(s, y, x[0]) },
		// dF = F·B + (dm/hw - m·B), B = (dC + dCᵀ)/hw
		grad: func(_ []bool, x gorgonia.Nodes, y, dy *gorgonia.Node) []*gorgonia.Node {
			both, row, ones := make([]float32, c*c), make([]float32, c), make([]float32, c)
			for i := range ones {
				ones[i] = 1
			}
			return []*gorgonia.Node{t.add(spec{name: "moments dx", shape: sameShape(x[0]),
				run: func(dx []float32, x [][]float32) {
					by := 1 / float32(hw)
					for i := range n {
						d, m := x[2][i*one:(i+1)*one], x[1][i*one+c*c:(i+1)*one]
						for a := range c {
							for b := range c {
								both[a*c+b] = (d[a*c+b] + d[b*c+a]) * by
							}
						}
						for b := range c {
							row[b] = d[c*c+b] * by
						}
						for a := range c {
							axpy(row, both[a*c:(a+1)*c], -m[a])
						}
						out := dx[i*hw*c : (i+1)*hw*c]
						kernel.MatMul(out, x[0][i*hw*c:(i+1)*hw*c], both, hw, c, c)
						kernel.ScaleShift(out, out, nil, ones, row, hw, c, kernel.ActNone)
					}
				},
				accel: func(s device.Session, dx []float32, x [][]float32) error { return on.back(s, dx, x[0], x[2]) }}, x[0], y, dy)}
		}}, f)
	t.Keep(y)
	return y
}

// momentsOn computes moments on a device: of features whose means are taken out first, since products there are
// rounded more coarsely than the difference FᵀF/(H·W) - mᵀm allows.
type momentsOn struct {
	n, hw, c                    int
	centred, mean, cov, row     []float32
	turned, both, identityBatch []float32
}

func (m *momentsOn) ready() {
	if m.mean == nil {
		k := m.n * m.c
		m.centred, m.mean, m.row = make([]float32, k*m.hw), make([]float32, k), make([]float32, k)
		m.cov, m.turned, m.both, m.identityBatch = make([]float32, k*m.c), make([]float32, k*m.c), make([]float32, k*m.c), identities(m.n, m.c)
	}
}

func (m *momentsOn) forward(s device.Session, y, x []float32) error {
	m.ready()
	n, hw, c, one := m.n, m.hw, m.c, (m.c+1)*m.c
	return errors.Join(s.Centre(m.centred, m.mean, x, n, hw, c),
		s.MatMulTN(m.cov, m.centred, m.centred, n, hw, c, c, 1/float32(hw)),
		s.CopyRows(y, 0, m.cov, 0, n, c*c, one, c*c, 1), s.CopyRows(y, c*c, m.mean, 0, n, c, one, c, 1))
}

// back computes dF = (F-m)·B + dm/hw.
func (m *momentsOn) back(s device.Session, dx, x, dy []float32) error {
	m.ready()
	n, hw, c, one := m.n, m.hw, m.c, (m.c+1)*m.c
	return errors.Join(s.Centre(m.centred, m.mean, x, n, hw, c),
		s.CopyRows(m.cov, 0, dy, 0, n, c*c, c*c, one, 1), symmetricOn(s, m.both, m.turned, m.cov, m.identityBatch, n, c, 1/float32(hw)),
		s.MatMul(dx, m.centred, m.both, n, hw, c, c),
		s.CopyRows(m.row, 0, dy, c*c, n, c, c, one, 1), s.Linear(m.row, m.row, nil, 1/float32(hw), 0), s.AddRows(dx, dx, m.row, n, hw, c))
}

// CovarianceOf fills y (C+1,C) with the moments of features x (hw,C), as Moments
// gives them.
func CovarianceOf(y, x []float32, hw, c int) {
	kernel.MatMulTN(y[:c*c], x, x, hw, c, c)
	kernel.Scale(y[:c*c], y[:c*c], 1/float32(hw))
	m := y[c*c:]
	kernel.BiasGrad(m, x, hw, c)
	kernel.Scale(m, m, 1/float32(hw))
	for a := range c {
		axpy(y[a*c:(a+1)*c], m, -m[a])
	}
}

// MomentLoss compares the moments (N,1,C+1,C) of features with a target of the
// same shape:
//
//	1/N Σ_n [ w(n,0) Σ metric·(C - C*)² + w(n,1) Σ metric·(m - m*)² ]
//
// metric holds (C+1)·C constants, weights (N,1,1,2) the weight of covariances and
// of means for each sample.
func (t *Tape) MomentLoss(moments, target, weights *gorgonia.Node, metric []float32) *gorgonia.Node {
	s, ts := t.shapeOf("moment loss", moments), t.shapeOf("moment loss", target)
	n, one, c := s[0], s[2]*s[3], s[3]
	if t.err == nil && (s != ts || len(metric) != one || weights == nil || weights.Shape().TotalSize() != 2*n) {
		t.fail("moment loss: moments %v, target %v, %d constants: give equal shapes, a constant for each value and two weights a sample", s, ts, len(metric))
	}
	if t.err != nil {
		return nil
	}
	by := momentWeights{n: n, c: c, metric: metric}
	on := lossOn{
		func(s device.Session, y []float32, x [][]float32) error {
			return errors.Join(by.compute(s, x[2]), s.Reduce(y, x[0], x[1], by.all, n*one, device.ReduceSquaredError, 0, 1/float32(n)))
		},
		func(s device.Session, _ int, dx []float32, x [][]float32, dy []float32) error {
			return s.ReduceGrad(dx, x[0], x[1], by.all, dy, n*one, device.ReduceSquaredError, 0, 1/float32(n))
		},
	}
	return t.acceleratedLoss("moment loss", 1,
		func(x [][]float32) (sum float64) {
			for i := range n {
				var part [2]float64
				for j := range one {
					d := float64(x[0][i*one+j]) - float64(x[1][i*one+j])
					part[j/(c*c)] += float64(metric[j]) * d * d
				}
				sum += part[0]*float64(x[2][2*i]) + part[1]*float64(x[2][2*i+1])
			}
			return sum / float64(n)
		},
		func(_ int, dx []float32, x [][]float32, dy float32) {
			for i := range n {
				for j := range one {
					k := i*one + j
					dx[k] = 2 * dy / float32(n) * x[2][2*i+j/(c*c)] * metric[j] * (x[0][k] - x[1][k])
				}
			}
		}, on, moments, target, weights)
}

// momentWeights are the weights of all values of moments on a device, metric times weights.
type momentWeights struct {
	n, c               int
	metric             []float32 // (C+1,C)
	covariances, means []float32 // (N,C,C) and (N,C): the weights of the samples
	all, constants     []float32 // (N,C+1,C)
}

func (m *momentWeights) compute(s device.Session, weights []float32) error {
	n, c, cc, one := m.n, m.c, m.c*m.c, (m.c+1)*m.c
	if m.all == nil {
		m.covariances, m.means = make([]float32, n*cc), make([]float32, n*c)
		m.all, m.constants = make([]float32, n*one), slices.Repeat(m.metric, n)
	}
	return errors.Join(s.CopyRows(m.covariances, 0, weights, 0, n*cc, 1, 1, 2, cc), s.CopyRows(m.means, 0, weights, 1, n*c, 1, 1, 2, c),
		s.CopyRows(m.all, 0, m.covariances, 0, n, cc, one, cc, 1), s.CopyRows(m.all, cc, m.means, 0, n, c, one, c, 1),
		s.ScaleSamples(m.all, m.all, m.constants))
}

// ScaleSamples multiplies each sample of x by its weight, an input (N,1,1,1): 0
// leaves a sample out of what follows.
func (t *Tape) ScaleSamples(x, weights *gorgonia.Node) *gorgonia.Node {
	n := t.values("scale samples", x)
	if t.err == nil && (weights == nil || weights.Shape().TotalSize() != x.Shape()[0]) {
		t.fail("scale samples: give one weight for each of %d samples", x.Shape()[0])
	}
	if t.err != nil {
		return nil
	}
	one := n / x.Shape()[0]
	scale := func(y, x, w []float32) {
		each(n, func(lo, hi int) {
			for i := lo; i < hi; i++ {
				y[i] = x[i] * w[i/one]
			}
		})
	}
	return t.add(spec{name: "scale samples", shape: sameShape(x),
		run:   func(y []float32, x [][]float32) { scale(y, x[0], x[1]) },
		accel: func(s device.Session, y []float32, x [][]float32) error { return s.ScaleSamples(y, x[0], x[1]) },
		grad: func(_ []bool, x gorgonia.Nodes, _, dy *gorgonia.Node) []*gorgonia.Node {
			return []*gorgonia.Node{t.add(spec{name: "scale samples dx", shape: sameShape(dy), inPlace: 1,
				run:   func(dx []float32, x [][]float32) { scale(dx, x[0], x[1]) },
				accel: func(s device.Session, dx []float32, x [][]float32) error { return s.ScaleSamples(dx, x[0], x[1]) }}, dy, x[1]), nil}
		}}, x, weights)
}
