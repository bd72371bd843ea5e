package autodiff

import (
	"gorgonia.org/gorgonia"

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
	y := t.add(spec{name: "moments", shape: shape4(n, 1, c+1, c),
		run: func(y []float32, x [][]float32) {
			for i := range n {
				CovarianceOf(y[i*one:(i+1)*one], x[0][i*hw*c:(i+1)*hw*c], hw, c)
			}
		},
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
				}}, x[0], y, dy)}
		}}, f)
	t.Keep(y)
	return y
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
	return t.scalarLoss("moment loss", 1,
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
		}, moments, target, weights)
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
		run: func(y []float32, x [][]float32) { scale(y, x[0], x[1]) },
		grad: func(_ []bool, x gorgonia.Nodes, _, dy *gorgonia.Node) []*gorgonia.Node {
			return []*gorgonia.Node{t.add(spec{name: "scale samples dx", shape: sameShape(dy), inPlace: 1,
				run: func(dx []float32, x [][]float32) { scale(dx, x[0], x[1]) }}, dy, x[1]), nil}
		}}, x, weights)
}
