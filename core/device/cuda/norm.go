package cuda

import "github.com/atelier-engine/atelier/core/kernel"

// Moments computes mean and 1/sqrt(variance + eps), or with std sqrt(variance + eps), of every sample and channel
// of x (n,hw,c): both (n,c).
func (t Target) Moments(mean, invstd, x Ptr, n, hw, c int, eps float32, std bool) Op {
	return t.moments(mean, invstd, x, n, hw, c, eps, std, c)
}

func (t Target) moments(mean, invstd, x Ptr, n, hw, c int, eps float32, std bool, stride int) Op {
	o := Op{Name: "moments"}
	s := newColumns(n, hw, c)
	parts := s.reserveParts(&o)
	count, rows := s.chunks()
	o.launch("moments_parts", s.sumGrid(), s.block(), sharedParts, parts, x, hw, c, rows)
	o.launch("moments_finish", s.finishGrid(), s.block(), sharedFinish, mean, invstd, parts, x, count, hw, c, eps, std, stride)
	return o
}

// NormApply computes y = act((x-mean)·invstd·gamma + beta) + residual, in place on x or residual.
func (t Target) NormApply(y, x, residual Ptr, a NormParams, n, hw, c int, act kernel.Act) Op {
	o := Op{Name: "norm"}
	s := newColumns(n, hw, c)
	grid, rows := s.mapGrid()
	o.launch("norm_apply", grid, s.block(), 0, y, x, residual, a.Mean, a.InvStd, a.Gamma, a.Beta, a.Stats, a.Params, hw, c, rows, int(act))
	return o
}

// ScaleShift computes y = act(x·scale + shift) + residual, scale and shift (c); in place.
func (t Target) ScaleShift(y, x, residual, scale, shift Ptr, rows, c int, act kernel.Act) Op {
	return t.NormApply(y, x, residual, NormParams{Gamma: scale, Beta: shift}, 1, rows, c, act)
}

// NormGrad is the gradient of NormApply with statistics of the same x.
func (t Target) NormGrad(dx, dgamma, dbeta, x, y, dy Ptr, a NormParams, n, hw, c int, act kernel.Act) Op {
	o := Op{Name: "norm gradient"}
	s := newColumns(n, hw, c)
	parts, sums := s.reserveParts(&o), o.reserve(4*n*2*c)
	count, rows := s.chunks()
	o.launch("norm_grad_parts", s.sumGrid(), s.block(), sharedParts, parts, x, y, dy, a.Mean, a.InvStd, a.Stats, hw, c, rows, int(act))
	o.launch("norm_grad_finish", s.finishGrid(), s.block(), sharedFinish, sums, parts, count, c)
	if dgamma != 0 && dbeta != 0 {
		values := c
		if a.Params != 0 {
			values = n * c
		}
		o.launch("norm_grad_params", blocksFor(values, 256), [3]int{256, 1, 1}, 0, dgamma, dbeta, sums, n, c, a.Params)
	}
	grid, rows := s.mapGrid()
	o.launch("norm_grad_apply", grid, s.block(), 0, dx, x, y, dy, sums, a.Mean, a.InvStd, a.Gamma, a.Stats, a.Params, hw, c, rows, int(act))
	return o
}

// NormRunning moves running mean and variance (c) by momentum towards the statistics of a batch of rows.
func (t Target) NormRunning(runMean, runVar, mean, invstd Ptr, rows, c int, eps, momentum float32) Op {
	o := Op{Name: "running statistics"}
	o.launch("norm_running", blocksFor(c, 256), [3]int{256, 1, 1}, 0, runMean, runVar, mean, invstd, rows, c, eps, momentum)
	return o
}

// NormFold turns running statistics into scale = gamma/sqrt(var+eps), shift = beta - mean·scale, all (c).
func (t Target) NormFold(scale, shift, gamma, beta, mean, variance Ptr, c int, eps float32) Op {
	o := Op{Name: "fold norm"}
	o.launch("norm_fold", blocksFor(c, 256), [3]int{256, 1, 1}, 0, scale, shift, gamma, beta, mean, variance, c, eps)
	return o
}

// Stats computes y (n,2,c): mean and sqrt(variance + eps) of every sample and channel of x (n,hw,c).
func (t Target) Stats(y, x Ptr, n, hw, c int, eps float32) Op {
	return t.moments(y, y.Add(c), x, n, hw, c, eps, true, 2*c)
}

// StatsGrad computes dx (n,hw,c) from the result y of Stats and its gradient dy, both (n,2,c).
func (t Target) StatsGrad(dx, x, y, dy Ptr, n, hw, c int) Op {
	o := Op{Name: "stats gradient"}
	s := newColumns(n, hw, c)
	grid, rows := s.mapGrid()
	o.launch("stats_grad", grid, s.block(), 0, dx, x, y, dy, hw, c, rows)
	return o
}
