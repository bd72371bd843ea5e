package kernel

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
	InstanceNormPlain(y, x, residual, gamma, beta, n, hw, c, perSample, mean, invstd, eps, act)
}

// InstanceNormGrad is the gradient of InstanceNorm before its activation: dy (n,hw,c) has
// already passed through it. With x̂ = (x-mean)·invstd and averages over the hw pixels
//
//	dbeta = Σ dy     dgamma = Σ dy·x̂     dx = gamma·invstd·(dy - avg(dy) - x̂·avg(dy·x̂))
//
// dgamma and dbeta have the length of gamma and are overwritten; dx may be dy. The gradient of
// the residual is the gradient of the output itself.
func InstanceNormGrad(dx, dgamma, dbeta, x, dy, gamma, mean, invstd []float32, n, hw, c int, perSample bool) {
	InstanceNormGradPlain(dx, dgamma, dbeta, x, dy, gamma, mean, invstd, n, hw, c, perSample)
}

// BatchNorm normalises every channel over all rows of the batch (rows = N·H·W), with the
// statistics of this batch, as in training. x, y (rows,c); gamma, beta, mean, invstd (c), the
// last two outputs. Formulas as in InstanceNorm. Ioffe and Szegedy (2015).
func BatchNorm(y, x, gamma, beta []float32, rows, c int, mean, invstd []float32, eps float32, act Act) {
	InstanceNorm(y, x, nil, gamma, beta, 1, rows, c, false, mean, invstd, eps, act)
}

// BatchNormGrad is the gradient of BatchNorm; formulas as in InstanceNormGrad.
func BatchNormGrad(dx, dgamma, dbeta, x, dy, gamma, mean, invstd []float32, rows, c int) {
	InstanceNormGrad(dx, dgamma, dbeta, x, dy, gamma, mean, invstd, 1, rows, c, false)
}

// ScaleShift computes y = act(x·scale + shift) + residual, scale and shift (c) per channel.
// x, y, residual (rows,c); residual may be nil; y may be x or residual.
func ScaleShift(y, x, residual, scale, shift []float32, rows, c int, act Act) {
	ScaleShiftPlain(y, x, residual, scale, shift, rows, c, act)
}
