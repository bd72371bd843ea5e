package cuda

import "github.com/atelier-engine/atelier/core/kernel"

// Operations is everything that the GPU computes. Target implements it.
//
// Tensors are float32, channels last, (N,H,W,C), rows = N·H·W, hw = H·W; index tensors int32. Results come
// first, as in package kernel; each is overwritten as a whole unless "+=" says otherwise. A result may be an
// operand only where "in place" says so. A Ptr of 0 leaves an optional operand (marked ?) out. Sums are
// deterministic: the same launches give the same bits. The forward result of a sample does not depend on the
// other samples or on their number.
type Operations interface {
	// PackedBytes is the memory that PackWeights fills for a forward convolution, 0 if c needs none: then
	// Weights.Packed stays 0.
	PackedBytes(c kernel.Conv) int
	// PackWeights lays the weights w (KH,KW,InC,OutC) out as ConvForward wants them at t.Precision.
	PackWeights(c kernel.Conv, packed, w Ptr) Op
	// ConvForward computes y = act(conv(x) + bias) + residual; bias? (OutC), residual? as y. A dense layer is
	// the 1x1 convolution of n samples of 1x1.
	ConvForward(c kernel.Conv, y, x Ptr, w Weights, bias, residual Ptr, n, h, wd int, act kernel.Act) Op
	// ConvGradData computes dx (n,h,wd,InC) from dy; h and wd are the size of x. Only w.Raw is read.
	ConvGradData(c kernel.Conv, dx, dy Ptr, w Weights, n, h, wd int) Op
	// ConvGradWeights computes dw (KH,KW,InC,OutC) from x and dy.
	ConvGradWeights(c kernel.Conv, dw, x, dy Ptr, n, h, wd int) Op
	// BiasGrad sums rows: db[j] = Σ_i dy[i,j].
	BiasGrad(db, dy Ptr, rows, c int) Op
	// MatMul computes n products c (m,nn) = a (m,k)·b (k,nn). With shared, all n use one b.
	MatMul(c, a, b Ptr, n, m, k, nn int, shared bool) Op
	// MatMulTN computes n products c (m,nn) = alpha·aᵀ·b, a (k,m), b (k,nn): Gram matrices with a = b.
	MatMulTN(c, a, b Ptr, n, k, m, nn int, alpha float32) Op

	// Moments computes mean and 1/sqrt(variance + eps) over the hw pixels of every sample and channel of x
	// (n,hw,c), both (n,c). A batch norm has n = 1 and hw = rows. If std is true, invstd becomes
	// sqrt(variance + eps) instead.
	Moments(mean, invstd, x Ptr, n, hw, c int, eps float32, std bool) Op
	// NormApply computes y = act((x-mean)·invstd·gamma + beta) + residual; residual? as y; in place on x or
	// residual. a says where the statistics and parameters of each sample lie.
	NormApply(y, x, residual Ptr, a NormParams, n, hw, c int, act kernel.Act) Op
	// NormGrad is the gradient of NormApply with statistics of the same x (after Moments). dy (n,hw,c) is the
	// gradient of the result; with y?, the result of NormApply without residual, it is first taken through
	// act. dgamma and dbeta lie as a says for gamma and beta; both may be 0. dx may be dy.
	NormGrad(dx, dgamma, dbeta, x, y, dy Ptr, a NormParams, n, hw, c int, act kernel.Act) Op
	// NormRunning moves running mean and variance (c) by momentum towards the statistics of a batch of rows:
	// the variance is unbiased, rows/(rows-1).
	NormRunning(runMean, runVar, mean, invstd Ptr, rows, c int, eps, momentum float32) Op
	// NormFold turns running statistics into scale = gamma/sqrt(var+eps), shift = beta - mean·scale, all (c).
	NormFold(scale, shift, gamma, beta, mean, variance Ptr, c int, eps float32) Op
	// Stats computes y (n,2,c): mean and sqrt(variance + eps) over the hw pixels of every sample and channel of x
	// (n,hw,c).
	Stats(y, x Ptr, n, hw, c int, eps float32) Op
	// StatsGrad computes dx (n,hw,c) from the result y of Stats and its gradient dy, both (n,2,c).
	StatsGrad(dx, x, y, dy Ptr, n, hw, c int) Op
	// ScaleShift computes y = act(x·scale + shift) + residual, scale and shift? (c); in place.
	ScaleShift(y, x, residual, scale, shift Ptr, rows, c int, act kernel.Act) Op

	// Activate computes y = act(x), in place.
	Activate(y, x Ptr, n int, act kernel.Act) Op
	// ActivateGrad computes dx = dy·act'(y) from the result y; dx may be dy.
	ActivateGrad(dx, y, dy Ptr, n int, act kernel.Act) Op
	// Linear computes y = alpha·a + beta·b, b?; in place on either. Add, Scale and AXPY are cases of it.
	Linear(y, a, b Ptr, n int, alpha, beta float32) Op
	// ScaleSamples computes y[i] = x[i]·weights[i/one], n values in all; in place.
	ScaleSamples(y, x, weights Ptr, n, one int) Op
	// Fill sets n values.
	Fill(y Ptr, n int, v float32) Op
	// Nudge is kernel.Nudge of n values, seed a whole number in float32; y may be x.
	Nudge(y, x, seed Ptr, n int, size float32) Op
	// Copy copies n values.
	Copy(y, x Ptr, n int) Op
	// CopyRows copies rows of width values from x, xStride values apart, to y, yStride apart; row r comes
	// from row r/repeat of x. Concat, Split, Planes and slices of channels are made of it.
	CopyRows(y, x Ptr, rows, width, yStride, xStride, repeat int) Op

	// MaxPool, AvgPool and their gradients are those of package kernel; idx? (int32) only for MaxPool.
	MaxPool(y, idx, x Ptr, n, h, w, c, k, stride int) Op
	MaxPoolGrad(dx, dy, idx Ptr, n, h, w, c, k, stride int) Op
	AvgPool(y, x Ptr, n, h, w, c, k, stride int) Op
	AvgPoolGrad(dx, dy Ptr, n, h, w, c, k, stride int) Op
	// ColumnMeans computes y (n,c), the means (mean: false: the sums) over the hw rows of x (n,hw,c).
	ColumnMeans(y, x Ptr, n, hw, c int, mean bool) Op
	// GlobalAvgPoolGrad computes dx (n,hw,c) = dy (n,c)/hw.
	GlobalAvgPoolGrad(dx, dy Ptr, n, hw, c int) Op
	ResizeNearest(y, x Ptr, n, h, w, c, factor int) Op
	ResizeNearestGrad(dx, dy Ptr, n, h, w, c, factor int) Op
	ResizeBilinear(y, x Ptr, n, h, w, c, oh, ow int) Op
	ResizeBilinearGrad(dx, dy Ptr, n, h, w, c, oh, ow int) Op

	// Shift, Cut and Tone are the augmentations of package autodiff; by holds k values a sample. Gradients:
	// Shift with sign -1, Cut itself, Tone with offset false.
	Shift(y, x, by Ptr, n, h, w, c, sign int) Op
	Cut(y, x, by Ptr, n, h, w, c int) Op
	Tone(y, x, by Ptr, n, h, w, c int, offset bool) Op

	// Reduce computes out (one float32) = alpha·Σ_i weight[i/one]·f(a[i], b[i mod bn]) over n values, added in
	// float64; b?, weights? as f and the caller want. bn = n unless b is shared by all samples.
	Reduce(out, a, b, weights Ptr, n, one, bn int, f Reduction, param, alpha float32) Op
	// ReduceGrad computes dx[i] = dy·alpha·weight[i/one]·∂f/∂a; dy? is one float32 on the device.
	ReduceGrad(dx, a, b, weights, dy Ptr, n, one, bn int, f Reduction, param, alpha float32) Op
	// SoftmaxLoss is the mean over n samples of weight·Σ_j p_j·(log Σ exp z - z_j), k values each; weights?.
	SoftmaxLoss(out, z, p, weights Ptr, n, k int) Op
	SoftmaxLossGrad(dz, z, p, weights, dy Ptr, n, k int) Op
	// TV is the total variation: squared differences of neighbours, summed and divided by the number of values.
	TV(out, x Ptr, n, h, w, c int) Op
	TVGrad(dx, x, dy Ptr, n, h, w, c int) Op
	// WeightedSum computes out = Σ weights[i]·x[i] of k scalars.
	WeightedSum(out Ptr, x []Ptr, weights []float32) Op
	// WeaveFold computes f (windows,period,period,c) of pictures x: of every window of the given side the averages of
	// the pixels of each phase, without their mean and slopes. side is a multiple of period; pixels beyond the last
	// whole window do not count. WeaveSpread computes dx = dy·alpha·f, every pixel from its window and phase.
	WeaveFold(f, x Ptr, n, h, w, c, period, side int) Op
	WeaveSpread(dx, f, dy Ptr, n, h, w, c, period, side int, alpha float32) Op
	// DotRows computes y[r] = Σ_k a[r,k]·b[r,k], both (rows,k).
	DotRows(y, a, b Ptr, rows, k int) Op

	// EMA computes avg = decay·avg + (1-decay)·w for each row (avg, w) of a list.
	EMA(l Table, decay float32) Op
	// Adam makes step number step (from 1) of Kingma and Ba (2015) for each row (w, m, v, g): weights, moments and
	// gradient. With normSq? (one float32: the sum of squares of all gradients) and clip > 0, g is first scaled by
	// min(1, clip/sqrt(normSq)).
	Adam(l Table, lr, beta1, beta2, eps float32, step int, normSq Ptr, clip float32) Op
	// SumSquares computes out (one float32) = Σ x² over the values of all rows (x).
	SumSquares(out Ptr, l Table) Op
}

// Weights are those of a convolution on the device.
type Weights struct {
	Raw    Ptr // (KH,KW,InC,OutC) float32; may be 0 if Packed is there and no gradient is wanted
	Packed Ptr // what PackWeights made of Raw, or 0: ops that want it pack into scratch memory on every call
}

// NormParams says where the statistics and parameters of a norm lie: those of sample s begin at value
// s·Stride. A stride of 0 serves all samples; gamma and beta of a conditional norm are parts of rows of style
// vectors, whose length is the stride.
type NormParams struct {
	Mean, InvStd Ptr
	Stats        int // stride of Mean and InvStd: c, or 0
	Gamma, Beta  Ptr
	Params       int // stride of Gamma and Beta: 0, c, or the length of a style vector
}

// Reduction is a function f(a, b) that Reduce adds up.
type Reduction uint8

// The reductions.
const (
	Sum          Reduction = iota // a
	SumSquares                    // a²
	Dot                           // a·b
	SquaredError                  // (a-b)²
	AbsError                      // |a-b|
	BCE                           // max(a,0) - a·b + log(1+exp(-|a|)): binary cross-entropy of logits a
	BCEConst                      // the same with b = param
	Hinge                         // max(0, 1 - param·a)
)
