package kernel

// InstanceNormGrad is the gradient of InstanceNorm before its activation: dy (n,hw,c) has
// already passed through it. With x̂ = (x-mean)·invstd and averages over the hw pixels
//
//	dbeta = Σ dy     dgamma = Σ dy·x̂     dx = gamma·invstd·(dy - avg(dy) - x̂·avg(dy·x̂))
//
// dgamma and dbeta have the length of gamma and are overwritten; dx may be dy. The gradient of
// the residual is the gradient of the output itself.
func InstanceNormGrad(dx, dgamma, dbeta, x, dy, gamma, mean, invstd []float32, n, hw, c int, perSample bool) {
	if n*hw*c == 0 {
		return
	}
	j := newNormJob(x, gamma, mean, invstd, n, hw, c, perSample)
	j.dx, j.dy = dx[:len(j.x)], dy[:len(j.x)]
	j.dgamma, j.dbeta = dgamma[:len(j.gamma)], dbeta[:len(j.gamma)]
	j.allocate()
	if j.whole() {
		Parallel(n, j.samples(), j.do((*normJob).sampleGrad))
	} else {
		Parallel(n, 1, j.do((*normJob).meanPhase))
		Parallel(n*j.chunks, 1, j.do((*normJob).gradSumsPhase))
		Parallel(n, 1, j.do((*normJob).gradCoefficientPhase))
		Parallel(n*j.chunks, 1, j.do((*normJob).gradApplyPhase))
	}
	if !perSample {
		j.sumSamples()
	}
	j.free()
}

// BatchNormGrad is the gradient of BatchNorm; formulas as in InstanceNormGrad, averages over
// all rows.
func BatchNormGrad(dx, dgamma, dbeta, x, dy, gamma, mean, invstd []float32, rows, c int) {
	InstanceNormGrad(dx, dgamma, dbeta, x, dy, gamma, mean, invstd, 1, rows, c, false)
}

// sampleGrad does all for the samples [lo,hi) while they are in the cache.
func (j *normJob) sampleGrad(worker, lo, hi int) {
	for s := lo; s < hi; s++ {
		j.meanPhase(worker, s, s+1)
		j.gradSumsPhase(worker, s, s+1)
		j.gradCoefficientPhase(worker, s, s+1)
		j.gradApplyPhase(worker, s, s+1)
	}
}

func (j *normJob) meanPhase(_, s, _ int) {
	mean := j.row(j.extra, s)
	copy(mean, j.mean[s*j.c:][:j.c])
	j.spread(mean)
}

func (j *normJob) gradSumsPhase(worker, k, _ int) {
	s, lo, hi := j.chunk(k)
	p := j.part(k)
	j.gradSums(p[:j.c], p[j.c:], j.dy[lo:hi], j.x[lo:hi], j.row(j.extra, s), worker)
}

// gradCoefficientPhase turns the sums of sample s into dx = a·dy + b·x + c with
//
//	a = gamma·invstd     b = -a·invstd·avg(dy·x̂)     c = -a·avg(dy) - b·mean
//
// and leaves dbeta and dgamma of the sample in place of the sums. The rows a, b, c take the
// place of scale, offset and the mean.
func (j *normJob) gradCoefficientPhase(_, s, _ int) {
	n, hw := j.c, float64(j.hw)
	sums := j.gather(s)
	a, b, c := j.row(j.scale, s), j.row(j.offset, s), j.row(j.extra, s)
	gamma := paramRow(j.gamma, s, n, j.perSample)
	for i := range n {
		mu, inv := float64(j.mean[s*n+i]), float64(j.invstd[s*n+i])
		db, dg := sums[i], sums[n+i]*inv
		sums[n+i] = dg
		if j.perSample {
			j.dbeta[s*n+i], j.dgamma[s*n+i] = float32(db), float32(dg)
		}
		av := float64(gamma[i]) * inv
		bv := -av * inv * dg / hw
		a[i], b[i], c[i] = float32(av), float32(bv), float32(-av*db/hw-bv*mu)
	}
	j.spread(a)
	j.spread(b)
	j.spread(c)
}

func (j *normJob) gradApplyPhase(_, k, _ int) {
	s, lo, hi := j.chunk(k)
	j.gradApply(j.dx[lo:hi], j.dy[lo:hi], j.x[lo:hi], j.row(j.scale, s), j.row(j.offset, s), j.row(j.extra, s))
}

// sumSamples adds the gradients of shared parameters over the samples, in order.
func (j *normJob) sumSamples() {
	total := j.part(0)
	for s := 1; s < j.n; s++ {
		for i, v := range j.part(s * j.chunks) {
			total[i] += v
		}
	}
	for i := range j.c {
		j.dbeta[i], j.dgamma[i] = float32(total[i]), float32(total[j.c+i])
	}
}
