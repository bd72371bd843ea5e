package gpu

import (
	"github.com/atelier-engine/atelier/core/device/cuda"
	"github.com/atelier-engine/atelier/core/kernel"
)

// The operations of a session that are one operation of package cuda each: products, maps and pools.

func (s *session) ConvForward(c kernel.Conv, y, x, weights, bias []float32, n, h, w int, act kernel.Act) error {
	return s.launch([][]float32{y}, [][]float32{x, weights, bias}, func(y, x []cuda.Ptr) []cuda.Op {
		return []cuda.Op{s.ops.ConvForward(c, y[0], x[0], cuda.Weights{Raw: x[1]}, x[2], 0, n, h, w, act)}
	})
}

func (s *session) ConvGradData(c kernel.Conv, dx, dy, weights []float32, n, h, w int) error {
	return s.launch([][]float32{dx}, [][]float32{dy, weights}, func(y, x []cuda.Ptr) []cuda.Op {
		return []cuda.Op{s.ops.ConvGradData(c, y[0], x[0], cuda.Weights{Raw: x[1]}, n, h, w)}
	})
}

func (s *session) ConvGradWeights(c kernel.Conv, dw, x, dy []float32, n, h, w int) error {
	return s.launch([][]float32{dw}, [][]float32{x, dy}, func(y, x []cuda.Ptr) []cuda.Op {
		return []cuda.Op{s.ops.ConvGradWeights(c, y[0], x[0], x[1], n, h, w)}
	})
}

func (s *session) BiasGrad(db, dy []float32, rows, c int) error {
	return s.launch([][]float32{db}, [][]float32{dy}, func(y, x []cuda.Ptr) []cuda.Op {
		return []cuda.Op{s.ops.BiasGrad(y[0], x[0], rows, c)}
	})
}

func (s *session) MatMul(c, a, b []float32, n, m, k, nn int) error {
	return s.launch([][]float32{c}, [][]float32{a, b}, func(y, x []cuda.Ptr) []cuda.Op {
		return []cuda.Op{s.ops.MatMul(y[0], x[0], x[1], n, m, k, nn, false)}
	})
}

func (s *session) MatMulTN(c, a, b []float32, n, k, m, nn int, alpha float32) error {
	return s.launch([][]float32{c}, [][]float32{a, b}, func(y, x []cuda.Ptr) []cuda.Op {
		return []cuda.Op{s.ops.MatMulTN(y[0], x[0], x[1], n, k, m, nn, alpha)}
	})
}

func (s *session) ScaleShift(y, x, scale, shift []float32, rows, c int, act kernel.Act) error {
	return s.launch([][]float32{y}, [][]float32{x, scale, shift}, func(y, x []cuda.Ptr) []cuda.Op {
		return []cuda.Op{s.ops.ScaleShift(y[0], x[0], 0, x[1], x[2], rows, c, act)}
	})
}

func (s *session) Activate(y, x []float32, act kernel.Act) error {
	n := len(y)
	return s.launch([][]float32{y}, [][]float32{x}, func(y, x []cuda.Ptr) []cuda.Op {
		return []cuda.Op{s.ops.Activate(y[0], x[0], n, act)}
	})
}

func (s *session) ActivateGrad(dx, y, dy []float32, act kernel.Act) error {
	return s.launch([][]float32{dx}, [][]float32{y, dy}, func(y, x []cuda.Ptr) []cuda.Op {
		return []cuda.Op{s.ops.ActivateGrad(y[0], x[0], x[1], len(dx), act)}
	})
}

func (s *session) Linear(y, a, b []float32, alpha, beta float32) error {
	n := len(y)
	return s.launch([][]float32{y}, [][]float32{a, b}, func(y, x []cuda.Ptr) []cuda.Op {
		return []cuda.Op{s.ops.Linear(y[0], x[0], x[1], n, alpha, beta)}
	})
}

func (s *session) ScaleSamples(y, x, weights []float32) error {
	n, one := len(y), len(y)/len(weights)
	return s.launch([][]float32{y}, [][]float32{x, weights}, func(y, x []cuda.Ptr) []cuda.Op {
		return []cuda.Op{s.ops.ScaleSamples(y[0], x[0], x[1], n, one)}
	})
}

func (s *session) Fill(y []float32, v float32) error {
	n := len(y)
	return s.launch([][]float32{y}, [][]float32{}, func(y, x []cuda.Ptr) []cuda.Op {
		return []cuda.Op{s.ops.Fill(y[0], n, v)}
	})
}

func (s *session) Nudge(y, x, seed []float32, size float32) error {
	n := len(y)
	return s.launch([][]float32{y}, [][]float32{x, seed}, func(y, x []cuda.Ptr) []cuda.Op {
		return []cuda.Op{s.ops.Nudge(y[0], x[0], x[1], n, size)}
	})
}

// CopyRows leaves what of y it does not write as it is, if that is on the device.
func (s *session) CopyRows(y []float32, yAt int, x []float32, xAt, rows, width, yStride, xStride, repeat int) error {
	return s.launch([][]float32{y}, [][]float32{x}, func(y, x []cuda.Ptr) []cuda.Op {
		return []cuda.Op{s.ops.CopyRows(y[0].Add(yAt), x[0].Add(xAt), rows, width, yStride, xStride, repeat)}
	})
}

func (s *session) MaxPool(y, idx, x []float32, n, h, w, c, k, stride int) error {
	return s.launch([][]float32{y, idx}, [][]float32{x}, func(y, x []cuda.Ptr) []cuda.Op {
		return []cuda.Op{s.ops.MaxPool(y[0], y[1], x[0], n, h, w, c, k, stride)}
	})
}

func (s *session) MaxPoolGrad(dx, dy, idx []float32, n, h, w, c, k, stride int) error {
	return s.launch([][]float32{dx}, [][]float32{dy, idx}, func(y, x []cuda.Ptr) []cuda.Op {
		return []cuda.Op{s.ops.MaxPoolGrad(y[0], x[0], x[1], n, h, w, c, k, stride)}
	})
}

func (s *session) AvgPool(y, x []float32, n, h, w, c, k, stride int) error {
	return s.launch([][]float32{y}, [][]float32{x}, func(y, x []cuda.Ptr) []cuda.Op {
		return []cuda.Op{s.ops.AvgPool(y[0], x[0], n, h, w, c, k, stride)}
	})
}

func (s *session) AvgPoolGrad(dx, dy []float32, n, h, w, c, k, stride int) error {
	return s.launch([][]float32{dx}, [][]float32{dy}, func(y, x []cuda.Ptr) []cuda.Op {
		return []cuda.Op{s.ops.AvgPoolGrad(y[0], x[0], n, h, w, c, k, stride)}
	})
}

func (s *session) ColumnMeans(y, x []float32, n, hw, c int, mean bool) error {
	return s.launch([][]float32{y}, [][]float32{x}, func(y, x []cuda.Ptr) []cuda.Op {
		return []cuda.Op{s.ops.ColumnMeans(y[0], x[0], n, hw, c, mean)}
	})
}

func (s *session) GlobalAvgPoolGrad(dx, dy []float32, n, hw, c int) error {
	return s.launch([][]float32{dx}, [][]float32{dy}, func(y, x []cuda.Ptr) []cuda.Op {
		return []cuda.Op{s.ops.GlobalAvgPoolGrad(y[0], x[0], n, hw, c)}
	})
}

func (s *session) ResizeNearest(y, x []float32, n, h, w, c, factor int) error {
	return s.launch([][]float32{y}, [][]float32{x}, func(y, x []cuda.Ptr) []cuda.Op {
		return []cuda.Op{s.ops.ResizeNearest(y[0], x[0], n, h, w, c, factor)}
	})
}

func (s *session) ResizeNearestGrad(dx, dy []float32, n, h, w, c, factor int) error {
	return s.launch([][]float32{dx}, [][]float32{dy}, func(y, x []cuda.Ptr) []cuda.Op {
		return []cuda.Op{s.ops.ResizeNearestGrad(y[0], x[0], n, h, w, c, factor)}
	})
}

func (s *session) ResizeBilinear(y, x []float32, n, h, w, c, oh, ow int) error {
	return s.launch([][]float32{y}, [][]float32{x}, func(y, x []cuda.Ptr) []cuda.Op {
		return []cuda.Op{s.ops.ResizeBilinear(y[0], x[0], n, h, w, c, oh, ow)}
	})
}

func (s *session) ResizeBilinearGrad(dx, dy []float32, n, h, w, c, oh, ow int) error {
	return s.launch([][]float32{dx}, [][]float32{dy}, func(y, x []cuda.Ptr) []cuda.Op {
		return []cuda.Op{s.ops.ResizeBilinearGrad(y[0], x[0], n, h, w, c, oh, ow)}
	})
}
