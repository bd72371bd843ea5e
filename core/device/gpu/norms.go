package gpu

import (
	"github.com/atelier-engine/atelier/core/device/cuda"
	"github.com/atelier-engine/atelier/core/kernel"
)

// The norms of a session.

// stride is the stride of the parameters of a norm.
func stride(perSample bool, c int) int {
	if perSample {
		return c
	}
	return 0
}

func (s *session) Norm(y, mean, invstd, x, gamma, beta []float32, n, hw, c int, perSample bool, eps float32, act kernel.Act) error {
	return s.launch([][]float32{y, mean, invstd}, [][]float32{x, gamma, beta}, func(y, x []cuda.Ptr) []cuda.Op {
		a := cuda.NormParams{Mean: y[1], InvStd: y[2], Stats: c, Gamma: x[1], Beta: x[2], Params: stride(perSample, c)}
		return []cuda.Op{s.ops.Moments(y[1], y[2], x[0], n, hw, c, eps, false), s.ops.NormApply(y[0], x[0], 0, a, n, hw, c, act)}
	})
}

func (s *session) NormGrad(dx, dgamma, dbeta, x, dy, gamma, mean, invstd []float32, n, hw, c int, perSample bool) error {
	return s.launch([][]float32{dx, dgamma, dbeta}, [][]float32{x, dy, gamma, mean, invstd}, func(y, x []cuda.Ptr) []cuda.Op {
		a := cuda.NormParams{Mean: x[3], InvStd: x[4], Stats: c, Gamma: x[2], Beta: x[2], Params: stride(perSample, c)}
		return []cuda.Op{s.ops.NormGrad(y[0], y[1], y[2], x[0], 0, x[1], a, n, hw, c, kernel.ActNone)}
	})
}

// NormRunning changes runMean and runVar: they are operands too.
func (s *session) NormRunning(runMean, runVar, mean, invstd []float32, rows, c int, eps, momentum float32) error {
	return s.launch([][]float32{runMean, runVar}, [][]float32{runMean, runVar, mean, invstd}, func(_, x []cuda.Ptr) []cuda.Op {
		return []cuda.Op{s.ops.NormRunning(x[0], x[1], x[2], x[3], rows, c, eps, momentum)}
	})
}

func (s *session) NormFold(scale, shift, gamma, beta, mean, variance []float32, c int, eps float32) error {
	return s.launch([][]float32{scale, shift}, [][]float32{gamma, beta, mean, variance}, func(y, x []cuda.Ptr) []cuda.Op {
		return []cuda.Op{s.ops.NormFold(y[0], y[1], x[0], x[1], x[2], x[3], c, eps)}
	})
}

func (s *session) Stats(y, x []float32, n, hw, c int, eps float32) error {
	return s.launch([][]float32{y}, [][]float32{x}, func(y, x []cuda.Ptr) []cuda.Op {
		return []cuda.Op{s.ops.Stats(y[0], x[0], n, hw, c, eps)}
	})
}

func (s *session) StatsGrad(dx, x, y, dy []float32, n, hw, c int) error {
	return s.launch([][]float32{dx}, [][]float32{x, y, dy}, func(y, x []cuda.Ptr) []cuda.Op {
		return []cuda.Op{s.ops.StatsGrad(y[0], x[0], x[1], x[2], n, hw, c)}
	})
}

// Centre is a norm that divides by nothing.
func (s *session) Centre(y, mean, x []float32, n, hw, c int) error {
	ones, zeros, err := s.constants(n * c)
	if err != nil {
		return err
	}
	return s.launch([][]float32{y, mean}, [][]float32{x}, func(y, x []cuda.Ptr) []cuda.Op {
		a := cuda.NormParams{Mean: y[1], InvStd: ones, Stats: c, Gamma: ones, Beta: zeros}
		return []cuda.Op{s.ops.ColumnMeans(y[1], x[0], n, hw, c, true), s.ops.NormApply(y[0], x[0], 0, a, n, hw, c, kernel.ActNone)}
	})
}

// AddRows is a norm that only shifts.
func (s *session) AddRows(y, x, row []float32, n, hw, c int) error {
	ones, zeros, err := s.constants(n * c)
	if err != nil {
		return err
	}
	return s.launch([][]float32{y}, [][]float32{x, row}, func(y, x []cuda.Ptr) []cuda.Op {
		a := cuda.NormParams{Mean: zeros, InvStd: ones, Gamma: ones, Beta: x[1], Params: c}
		return []cuda.Op{s.ops.NormApply(y[0], x[0], 0, a, n, hw, c, kernel.ActNone)}
	})
}

// constants are n ones and n zeros.
func (s *session) constants(n int) (ones, zeros cuda.Ptr, err error) {
	s.t.mu.Lock()
	defer s.t.mu.Unlock()
	if ones, err = s.t.constant(s.ops, n, true); err == nil {
		zeros, err = s.t.constant(s.ops, n, false)
	}
	return ones, zeros, err
}
