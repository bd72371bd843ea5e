package kernel

import "math"

// InstanceNorm normalises every channel of every sample over its pixels, then scales, shifts,
// activates and adds a residual. x, y and residual are (n,hw,c); residual may be nil; y may be
// x or residual. gamma and beta are (c), or (n,c) if perSample. mean and invstd (n,c) are
// outputs:
//
//	mean = Σ x / hw      invstd = 1/√(Σ (x-mean)² / hw + eps)
//	y = act((x-mean)·invstd·gamma + beta) + residual
//
// Ulyanov, Vedaldi and Lempitsky, "Instance normalization" (2016); with perSample, Dumoulin,
// Shlens and Kudlur, "A learned representation for artistic style" (2017).
func InstanceNorm(y, x, residual, gamma, beta []float32, n, hw, c int, perSample bool, mean, invstd []float32, eps float32, act Act) {
	if n*hw*c == 0 {
		return
	}
	j := newNormJob(x, gamma, mean, invstd, n, hw, c, perSample)
	j.y, j.beta, j.eps, j.act = y[:len(j.x)], beta[:len(j.gamma)], eps, act
	if residual != nil {
		j.residual = residual[:len(j.x)]
	}
	if j.whole() {
		Parallel(n, j.samples(), j.do((*normJob).sample))
	} else {
		j.allocate()
		Parallel(n, 1, j.do((*normJob).shiftPhase))
		Parallel(n*j.chunks, 1, j.do((*normJob).momentsPhase))
		Parallel(n, 1, j.do((*normJob).coefficientPhase))
		Parallel(n*j.chunks, 1, j.do((*normJob).applyPhase))
	}
	j.free()
}

// sample does all for the samples [lo,hi) while they are in the cache.
func (j *normJob) sample(worker, lo, hi int) {
	shift := scratch(worker, slotShift, j.w)
	scale, offset := scratch(worker, slotScale, j.w), scratch(worker, slotOffset, j.w)
	sums := newPartials(2 * j.c)
	for s := lo; s < hi; s++ {
		x := j.of(j.x, s)
		j.shift(shift, x)
		j.moments(sums.v[:j.c], sums.v[j.c:], x, shift, worker)
		j.coefficients(s, sums.v, shift, scale, offset)
		j.affine(j.of(j.y, s), x, j.of(j.residual, s), scale, offset, j.act, worker)
	}
	sums.free()
}

func (j *normJob) shiftPhase(_, s, _ int) { j.shift(j.row(j.extra, s), j.of(j.x, s)) }

func (j *normJob) momentsPhase(worker, k, _ int) {
	s, lo, hi := j.chunk(k)
	p := j.part(k)
	j.moments(p[:j.c], p[j.c:], j.x[lo:hi], j.row(j.extra, s), worker)
}

func (j *normJob) coefficientPhase(_, s, _ int) {
	j.coefficients(s, j.gather(s), j.row(j.extra, s), j.row(j.scale, s), j.row(j.offset, s))
}

func (j *normJob) applyPhase(worker, k, _ int) {
	s, lo, hi := j.chunk(k)
	var res []float32
	if j.residual != nil {
		res = j.residual[lo:hi]
	}
	j.affine(j.y[lo:hi], j.x[lo:hi], res, j.row(j.scale, s), j.row(j.offset, s), j.act, worker)
}

// coefficients turns the moments of sample s around shift, [2][c], into mean and invstd, and
// those into y = act(x·scale + offset). With d = Σ(x-shift)/hw: mean = shift + d and variance
// = Σ(x-shift)²/hw - d².
func (j *normJob) coefficients(s int, moments []float64, shift, scale, offset []float32) {
	c, hw := j.c, float64(j.hw)
	gamma, beta := paramRow(j.gamma, s, c, j.perSample), paramRow(j.beta, s, c, j.perSample)
	mean, invstd := j.mean[s*c:][:c], j.invstd[s*c:][:c]
	for i := range c {
		d := moments[i] / hw
		variance := max(0, moments[c+i]/hw-d*d)
		mu, inv := float64(shift[i])+d, 1/math.Sqrt(variance+float64(j.eps))
		mean[i], invstd[i] = float32(mu), float32(inv)
		scale[i] = float32(inv * float64(gamma[i]))
		offset[i] = float32(float64(beta[i]) - mu*inv*float64(gamma[i]))
	}
	j.spread(scale)
	j.spread(offset)
}

// BatchNorm normalises every channel over all rows of the batch (rows = N·H·W), with the
// statistics of this batch, as in training. x, y (rows,c); gamma, beta, mean, invstd (c), the
// last two outputs. Formulas as in InstanceNorm. Ioffe and Szegedy, "Batch normalization" (2015).
func BatchNorm(y, x, gamma, beta []float32, rows, c int, mean, invstd []float32, eps float32, act Act) {
	InstanceNorm(y, x, nil, gamma, beta, 1, rows, c, false, mean, invstd, eps, act)
}

// ScaleShift computes y = act(x·scale + shift) + residual, scale and shift (c) per channel.
// x, y, residual (rows,c); residual may be nil; y may be x or residual.
func ScaleShift(y, x, residual, scale, shift []float32, rows, c int, act Act) {
	if rows*c == 0 {
		return
	}
	y, x = y[:rows*c], x[:rows*c]
	if residual != nil {
		residual = residual[:rows*c]
	}
	t := newTiling(rows, c)
	wide := newFloats(2 * t.w)
	defer wide.free()
	a, b := wide.v[:t.w], wide.v[t.w:]
	copy(a, scale[:c])
	copy(b, shift[:c])
	t.spread(a)
	t.spread(b)
	Parallel(rows, t.grain(), func(worker, lo, hi int) {
		var res []float32
		if residual != nil {
			res = residual[lo*c : hi*c]
		}
		t.affine(y[lo*c:hi*c], x[lo*c:hi*c], res, a, b, act, worker)
	})
}
