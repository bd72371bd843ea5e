package gpu

import (
	"github.com/atelier-engine/atelier/core/device"
	"github.com/atelier-engine/atelier/core/device/cuda"
)

// The operations of a session: augmentations and losses.

func (s *session) Shift(y, x, by []float32, n, h, w, c, sign int) error {
	return s.launch([][]float32{y}, [][]float32{x, by}, func(y, x []cuda.Ptr) []cuda.Op {
		return []cuda.Op{s.ops.Shift(y[0], x[0], x[1], n, h, w, c, sign)}
	})
}

func (s *session) Cut(y, x, by []float32, n, h, w, c int) error {
	return s.launch([][]float32{y}, [][]float32{x, by}, func(y, x []cuda.Ptr) []cuda.Op {
		return []cuda.Op{s.ops.Cut(y[0], x[0], x[1], n, h, w, c)}
	})
}

func (s *session) Tone(y, x, by []float32, n, h, w, c int, offset bool) error {
	return s.launch([][]float32{y}, [][]float32{x, by}, func(y, x []cuda.Ptr) []cuda.Op {
		return []cuda.Op{s.ops.Tone(y[0], x[0], x[1], n, h, w, c, offset)}
	})
}

// reductions are those of package cuda.
var reductions = map[device.Reduction]cuda.Reduction{
	device.ReduceSum: cuda.Sum, device.ReduceSumSquares: cuda.SumSquares, device.ReduceDot: cuda.Dot,
	device.ReduceSquaredError: cuda.SquaredError, device.ReduceAbsError: cuda.AbsError,
	device.ReduceBCE: cuda.BCE, device.ReduceBCEConst: cuda.BCEConst, device.ReduceHinge: cuda.Hinge,
}

// sizes gives the values of a sample, and the number of values of b.
func sizes(n int, b, weights []float32) (one, bn int) {
	one, bn = n, n
	if weights != nil {
		one = n / len(weights)
	}
	if b != nil {
		bn = len(b)
	}
	return one, bn
}

func (s *session) Reduce(out, a, b, weights []float32, n int, f device.Reduction, param, alpha float32) error {
	one, bn := sizes(n, b, weights)
	return s.launch([][]float32{out}, [][]float32{a, b, weights}, func(y, x []cuda.Ptr) []cuda.Op {
		return []cuda.Op{s.ops.Reduce(y[0], x[0], x[1], x[2], n, one, bn, reductions[f], param, alpha)}
	})
}

func (s *session) ReduceGrad(dx, a, b, weights, dy []float32, n int, f device.Reduction, param, alpha float32) error {
	one, bn := sizes(n, b, weights)
	return s.launch([][]float32{dx}, [][]float32{a, b, weights, dy}, func(y, x []cuda.Ptr) []cuda.Op {
		return []cuda.Op{s.ops.ReduceGrad(y[0], x[0], x[1], x[2], x[3], n, one, bn, reductions[f], param, alpha)}
	})
}

func (s *session) DotRows(y, a, b []float32, rows, k int) error {
	return s.launch([][]float32{y}, [][]float32{a, b}, func(y, x []cuda.Ptr) []cuda.Op {
		return []cuda.Op{s.ops.DotRows(y[0], x[0], x[1], rows, k)}
	})
}

func (s *session) SoftmaxLoss(out, z, p, weights []float32, n, k int) error {
	return s.launch([][]float32{out}, [][]float32{z, p, weights}, func(y, x []cuda.Ptr) []cuda.Op {
		return []cuda.Op{s.ops.SoftmaxLoss(y[0], x[0], x[1], x[2], n, k)}
	})
}

func (s *session) SoftmaxLossGrad(dz, z, p, weights, dy []float32, n, k int) error {
	return s.launch([][]float32{dz}, [][]float32{z, p, weights, dy}, func(y, x []cuda.Ptr) []cuda.Op {
		return []cuda.Op{s.ops.SoftmaxLossGrad(y[0], x[0], x[1], x[2], x[3], n, k)}
	})
}

func (s *session) TV(out, x []float32, n, h, w, c int) error {
	return s.launch([][]float32{out}, [][]float32{x}, func(y, x []cuda.Ptr) []cuda.Op {
		return []cuda.Op{s.ops.TV(y[0], x[0], n, h, w, c)}
	})
}

func (s *session) TVGrad(dx, x, dy []float32, n, h, w, c int) error {
	return s.launch([][]float32{dx}, [][]float32{x, dy}, func(y, x []cuda.Ptr) []cuda.Op {
		return []cuda.Op{s.ops.TVGrad(y[0], x[0], x[1], n, h, w, c)}
	})
}

func (s *session) WeaveFold(f, x []float32, n, h, w, c, period, side int) error {
	return s.launch([][]float32{f}, [][]float32{x}, func(y, x []cuda.Ptr) []cuda.Op {
		return []cuda.Op{s.ops.WeaveFold(y[0], x[0], n, h, w, c, period, side)}
	})
}

func (s *session) WeaveSpread(dx, f, dy []float32, n, h, w, c, period, side int, alpha float32) error {
	return s.launch([][]float32{dx}, [][]float32{f, dy}, func(y, x []cuda.Ptr) []cuda.Op {
		return []cuda.Op{s.ops.WeaveSpread(y[0], x[0], x[1], n, h, w, c, period, side, alpha)}
	})
}

func (s *session) WeightedSum(out []float32, x [][]float32, weights []float32) error {
	return s.launch([][]float32{out}, x, func(y, x []cuda.Ptr) []cuda.Op {
		return []cuda.Op{s.ops.WeightedSum(y[0], x, weights)}
	})
}
