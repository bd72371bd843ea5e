package autodiff

import (
	"errors"
	"math"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/atelier-engine/atelier/core/device"
	"github.com/atelier-engine/atelier/core/kernel"
)

// Gram returns the Gram matrices (N,1,C,C) of features F (N,H,W,C):
// Fᵀ F / (H·W·C) for each sample, which is what GramLoss compares (Gatys et al.,
// 2016; the divisor as in Johnson et al., 2016). Its result is kept.
func (t *Tape) Gram(f *gorgonia.Node) *gorgonia.Node {
	s := t.shapeOf("gram", f)
	if t.err != nil {
		return nil
	}
	n, hw, c := s[0], s[1]*s[2], s[3]
	norm := float32(1 / (float64(hw) * float64(c)))
	g := t.add(spec{name: "gram", shape: shape4(n, 1, c, c),
		run: func(y []float32, x [][]float32) {
			for i := range n {
				f := x[0][i*hw*c : (i+1)*hw*c]
				kernel.MatMulTN(y[i*c*c:(i+1)*c*c], f, f, hw, c, c)
			}
			kernel.Scale(y, y, norm)
		},
		accel: func(s device.Session, y []float32, x [][]float32) error {
			return s.MatMulTN(y, x[0], x[0], n, hw, c, c, norm)
		},
		// dF = F (dG + dGᵀ) / (H·W·C)
		grad: func(_ []bool, x gorgonia.Nodes, _, dy *gorgonia.Node) []*gorgonia.Node {
			both := make([]float32, c*c)
			var turned, sum, eye []float32
			return []*gorgonia.Node{t.add(spec{name: "gram dx", shape: sameShape(x[0]),
				run: func(dx []float32, x [][]float32) {
					for i := range n {
						d := x[1][i*c*c : (i+1)*c*c]
						for a := range c {
							for b := range c {
								both[a*c+b] = (d[a*c+b] + d[b*c+a]) * norm
							}
						}
						kernel.MatMul(dx[i*hw*c:(i+1)*hw*c], x[0][i*hw*c:(i+1)*hw*c], both, hw, c, c)
					}
				},
				accel: func(s device.Session, dx []float32, x [][]float32) error {
					if eye == nil {
						turned, sum, eye = make([]float32, n*c*c), make([]float32, n*c*c), identities(n, c)
					}
					return errors.Join(symmetricOn(s, sum, turned, x[1], eye, n, c, norm), s.MatMul(dx, x[0], sum, n, hw, c, c))
				}}, x[0], dy)}
		}}, f)
	t.Keep(g)
	return g
}

// GramLoss is the squared Frobenius distance between the Gram matrices of
// features (N,H,W,C) and target, a node (N,1,C,C) or (1,1,C,C) that serves every
// sample, times the weight of each sample, summed and divided by N. weights
// (N,1,1,1) may be nil: all 1.
func (t *Tape) GramLoss(features, target, weights *gorgonia.Node) *gorgonia.Node {
	g := t.Gram(features)
	s, ts := t.shapeOf("gram loss", g), t.shapeOf("gram loss", target)
	if t.err == nil && (tensor.Shape(ts[1:]).TotalSize() != s[2]*s[3] || (ts[0] != s[0] && ts[0] != 1)) {
		t.fail("gram loss: the target is %v: it must be (%d or 1,1,%d,%d)", ts, s[0], s[2], s[3])
	}
	if t.err == nil && weights != nil && weights.Shape().TotalSize() != s[0] {
		t.fail("gram loss: weights are %v: give one for each of %d samples", weights.Shape(), s[0])
	}
	if t.err != nil {
		return nil
	}
	n, one, shared := s[0], s[2]*s[3], ts[0] == 1
	in := []*gorgonia.Node{g, target}
	if weights != nil {
		in = append(in, weights)
	}
	part := func(x [][]float32, i int) (g, want []float32, w float32) {
		g, w = x[0][i*one:(i+1)*one], 1
		if want = x[1]; !shared {
			want = x[1][i*one : (i+1)*one]
		}
		if len(x) > 2 {
			w = x[2][i]
		}
		return g, want, w
	}
	on := reduction(device.ReduceSquaredError, 0, 1/float32(n))
	return t.acceleratedLoss("gram loss", 1,
		func(x [][]float32) (sum float64) {
			for i := range n {
				g, want, w := part(x, i)
				var s float64
				for j, v := range g {
					d := float64(v) - float64(want[j])
					s += d * d
				}
				sum += s * float64(w)
			}
			return sum / float64(n)
		},
		func(_ int, dx []float32, x [][]float32, dy float32) {
			for i := range n {
				g, want, w := part(x, i)
				by := 2 * w * dy / float32(n)
				for j, v := range g {
					dx[i*one+j] = (v - want[j]) * by
				}
			}
		}, on, in...)
}

// symmetricOn computes sum = by·(d + dᵀ) of n matrices (c,c) on a device. A product with the identity turns d.
func symmetricOn(s device.Session, sum, turned, d, eye []float32, n, c int, by float32) error {
	return errors.Join(s.MatMulTN(turned, d, eye, n, c, c, c, 1), s.Linear(sum, d, turned, by, by))
}

// identities are n identity matrices (c,c).
func identities(n, c int) []float32 {
	eye := make([]float32, n*c*c)
	for i := range n * c {
		eye[i*c+i%c] = 1
	}
	return eye
}

// statsEps keeps the standard deviation of constant features away from zero.
const statsEps = 1e-5

// Stats returns mean and standard deviation over height and width of features
// (N,H,W,C) as (N,1,2,C), which is what StatsLoss compares. Its result is kept.
func (t *Tape) Stats(f *gorgonia.Node) *gorgonia.Node {
	s := t.shapeOf("stats", f)
	if t.err != nil {
		return nil
	}
	n, hw, c := s[0], s[1]*s[2], s[3]
	y := t.add(spec{name: "stats", shape: shape4(n, 1, 2, c), alone: true,
		accel: func(s device.Session, y []float32, x [][]float32) error { return s.Stats(y, x[0], n, hw, c, statsEps) },
		run: func(y []float32, x [][]float32) {
			kernel.Parallel(n, 1, func(_, lo, hi int) {
				for i := lo; i < hi; i++ {
					moments(y[2*i*c:(2*i+1)*c], y[(2*i+1)*c:(2*i+2)*c], x[0][i*hw*c:(i+1)*hw*c], c)
				}
			})
		},
		// dx = dmean/hw + dstd·(x-mean)/(hw·std)
		grad: func(_ []bool, x gorgonia.Nodes, y, dy *gorgonia.Node) []*gorgonia.Node {
			return []*gorgonia.Node{t.add(spec{name: "stats dx", shape: sameShape(x[0]), alone: true,
				accel: func(s device.Session, dx []float32, x [][]float32) error {
					return s.StatsGrad(dx, x[0], x[1], x[2], n, hw, c)
				},
				run: func(dx []float32, x [][]float32) {
					kernel.Parallel(n*hw, 256, func(_, lo, hi int) {
						for r := lo; r < hi; r++ {
							m := x[1][r/hw*2*c:]
							d := x[2][r/hw*2*c:]
							for j := range c {
								v := x[0][r*c+j]
								dx[r*c+j] = (d[j] + d[c+j]*(v-m[j])/m[c+j]) / float32(hw)
							}
						}
					})
				}}, x[0], y, dy)}
		}}, f)
	t.Keep(y)
	return y
}

// moments writes the mean and sqrt(variance + statsEps) of each column.
func moments(mean, std, x []float32, c int) {
	sum, sq := make([]float64, c), make([]float64, c)
	for i := 0; i < len(x); i += c {
		for j, v := range x[i : i+c] {
			sum[j] += float64(v)
			sq[j] += float64(v) * float64(v)
		}
	}
	hw := float64(len(x) / c)
	for j := range c {
		m := sum[j] / hw
		mean[j] = float32(m)
		std[j] = float32(math.Sqrt(max(0, sq[j]/hw-m*m) + statsEps))
	}
}

// StatsLoss is the mean squared distance between the Stats of features and a
// target (N,1,2,C): matching of means and standard deviations (Huang and
// Belongie, 2017), cheaper than Gram matrices.
func (t *Tape) StatsLoss(features, target *gorgonia.Node) *gorgonia.Node {
	return t.MSE(t.Stats(features), target)
}
