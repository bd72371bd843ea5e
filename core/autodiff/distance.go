package autodiff

import (
	"math"

	"gorgonia.org/gorgonia"

	"github.com/atelier-engine/atelier/core/device"
)

// MSE is mean((a-b)²). Either operand may be trained.
func (t *Tape) MSE(a, b *gorgonia.Node) *gorgonia.Node {
	return t.distance("mse", a, b, nil, device.ReduceSquaredError,
		func(d float64) float64 { return d * d },
		func(d float32) float32 { return 2 * d })
}

// L1 is mean(|a-b|). Either operand may be trained.
func (t *Tape) L1(a, b *gorgonia.Node) *gorgonia.Node {
	return t.distance("l1", a, b, nil, device.ReduceAbsError, math.Abs, func(d float32) float32 {
		switch {
		case d > 0:
			return 1
		case d < 0:
			return -1
		}
		return 0
	})
}

// WeightedMSE is MSE with a weight for each sample, an input (N,1,1,1): a weight
// of 0 leaves out a sample whose label is unknown. The divisor stays the number
// of all values.
func (t *Tape) WeightedMSE(a, b, weights *gorgonia.Node) *gorgonia.Node {
	if t.err == nil && weights == nil {
		t.fail("weighted mse: the weights are nil")
	}
	return t.distance("weighted mse", a, b, weights, device.ReduceSquaredError,
		func(d float64) float64 { return d * d },
		func(d float32) float32 { return 2 * d })
}

// distance is the mean of f(a-b), times the weight of each sample if there are
// weights; df is the derivative of f, on is f on a device.
func (t *Tape) distance(name string, a, b, weights *gorgonia.Node, on device.Reduction, f func(float64) float64, df func(float32) float32) *gorgonia.Node {
	n := t.sameLen(name, a, b)
	if t.err != nil {
		return nil
	}
	in := []*gorgonia.Node{a, b}
	one := n / a.Shape()[0]
	if weights != nil {
		if weights.Shape().TotalSize() != a.Shape()[0] {
			t.fail("%s: weights are %v: give one for each of %d samples", name, weights.Shape(), a.Shape()[0])
		}
		in = append(in, weights)
	}
	return t.acceleratedLoss(name, 2,
		func(x [][]float32) float64 {
			a, b := x[0], x[1]
			return reduce(n, func(lo, hi int) (s float64) {
				for i := lo; i < hi; i++ {
					v := f(float64(a[i]) - float64(b[i]))
					if len(x) > 2 {
						v *= float64(x[2][i/one])
					}
					s += v
				}
				return s
			}) / float64(n)
		},
		func(k int, dx []float32, x [][]float32, dy float32) {
			by := dy / float32(n)
			if k == 1 {
				by = -by
			}
			a, b := x[0], x[1]
			each(n, func(lo, hi int) {
				for i := lo; i < hi; i++ {
					dx[i] = df(a[i]-b[i]) * by
					if len(x) > 2 {
						dx[i] *= x[2][i/one]
					}
				}
			})
		}, reduction(on, 0, 1/float32(n)), in...)
}

// TV is the total variation of pictures (N,H,W,C): the squared differences of
// neighbours to the right and below, summed and divided by the number of values.
func (t *Tape) TV(x *gorgonia.Node) *gorgonia.Node {
	s := t.shapeOf("tv", x)
	h, w, c := s[1], s[2], s[3]
	rows := s[0] * h
	n := rows * w * c
	// pairs calls f with the indices of neighbours whose first lies in rows [lo,hi).
	pairs := func(lo, hi int, f func(i, j int)) {
		for r := lo; r < hi; r++ {
			at := r * w * c
			for i := at; i < at+(w-1)*c; i++ {
				f(i, i+c)
			}
			if (r+1)%h != 0 {
				for i := at; i < at+w*c; i++ {
					f(i, i+w*c)
				}
			}
		}
	}
	on := lossOn{
		func(ds device.Session, y []float32, x [][]float32) error { return ds.TV(y, x[0], s[0], h, w, c) },
		func(ds device.Session, _ int, dx []float32, x [][]float32, dy []float32) error {
			return ds.TVGrad(dx, x[0], dy, s[0], h, w, c)
		},
	}
	return t.acceleratedLoss("tv", 1,
		func(x [][]float32) (sum float64) {
			pairs(0, rows, func(i, j int) {
				d := float64(x[0][i]) - float64(x[0][j])
				sum += d * d
			})
			return sum / float64(n)
		},
		func(_ int, dx []float32, x [][]float32, dy float32) {
			clear(dx)
			by := 2 * dy / float32(n)
			pairs(0, rows, func(i, j int) {
				d := (x[0][i] - x[0][j]) * by
				dx[i] += d
				dx[j] -= d
			})
		}, on, x)
}
