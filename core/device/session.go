package device

import "github.com/atelier-engine/atelier/core/kernel"

// Accelerator is a device on which the operations of training run. Package autodiff is told which one to use.
//
// Memory of the processor stands for memory of the device: an operation is given slices, and the device keeps a
// copy of each, by the address of its first value, and knows which of the two is up to date. Operations copy in
// what they need, run on the device one after the other, and leave their results there. Sync copies a result
// back when the processor wants it. So whatever has no kernel can run on the processor in between, and results
// are the same.
type Accelerator interface {
	Device
	// NewSession opens a session for one tape.
	NewSession() Session
	// Share declares memory that several sessions use, such as parameters; Forget gives back what the device
	// keeps of it.
	Share(v ...[]float32)
	Forget(v ...[]float32)
}

// Session is the work of one goroutine on an Accelerator. Operations return before they are done; their failures
// come with a later call, Sync at the latest. Shapes and meanings are those of the functions of the same names in
// package kernel. Results come first and may only overlap operands where it is said; slices that begin at one
// address are one memory.
type Session interface {
	// Sync makes the processor's copies up to date. It waits for what computes them.
	Sync(v ...[]float32) error
	// SyncShared is Sync for all memory that was shared.
	SyncShared() error
	// Load copies to the device what it does not have, ahead of what will read it.
	Load(v ...[]float32) error
	// Changed says that the processor has written.
	Changed(v ...[]float32)
	// Take copies values of another session of the device, which stay there.
	Take(y []float32, from Session, x []float32) error
	// Close gives back what the device keeps of memory that is not shared.
	Close()

	ConvForward(c kernel.Conv, y, x, weights, bias []float32, n, h, w int, act kernel.Act) error
	ConvGradData(c kernel.Conv, dx, dy, weights []float32, n, h, w int) error
	ConvGradWeights(c kernel.Conv, dw, x, dy []float32, n, h, w int) error
	BiasGrad(db, dy []float32, rows, c int) error
	// MatMul is n products of a (m,k) and b (k,nn); MatMulTN of aᵀ (k,m) and b (k,nn), times alpha.
	MatMul(c, a, b []float32, n, m, k, nn int) error
	MatMulTN(c, a, b []float32, n, k, m, nn int, alpha float32) error

	// Norm computes mean and invstd, then y = act((x-mean)*invstd*gamma + beta).
	Norm(y, mean, invstd, x, gamma, beta []float32, n, hw, c int, perSample bool, eps float32, act kernel.Act) error
	// Centre computes mean (n,c) and y = x - mean.
	Centre(y, mean, x []float32, n, hw, c int) error
	// AddRows computes y (n,hw,c) = x + row (n,c); y may be x.
	AddRows(y, x, row []float32, n, hw, c int) error
	NormGrad(dx, dgamma, dbeta, x, dy, gamma, mean, invstd []float32, n, hw, c int, perSample bool) error
	// NormRunning moves running statistics by momentum towards those of a batch of rows, the variance unbiased.
	NormRunning(runMean, runVar, mean, invstd []float32, rows, c int, eps, momentum float32) error
	// NormFold turns running statistics into a scale and a shift.
	NormFold(scale, shift, gamma, beta, mean, variance []float32, c int, eps float32) error
	// Stats computes mean and sqrt(variance + eps) of every sample and channel of x (n,hw,c) as y (n,2,c).
	Stats(y, x []float32, n, hw, c int, eps float32) error
	// StatsGrad computes dx (n,hw,c) from the result y of Stats and its gradient dy.
	StatsGrad(dx, x, y, dy []float32, n, hw, c int) error
	// ScaleShift: shift may be nil, y may be x.
	ScaleShift(y, x, scale, shift []float32, rows, c int, act kernel.Act) error

	// Activate and ActivateGrad: the result may be the last operand.
	Activate(y, x []float32, act kernel.Act) error
	ActivateGrad(dx, y, dy []float32, act kernel.Act) error
	// Linear computes y = alpha*a + beta*b; b may be nil; y may be either.
	Linear(y, a, b []float32, alpha, beta float32) error
	// ScaleSamples multiplies each sample of x by its weight; y may be x.
	ScaleSamples(y, x, weights []float32) error
	Fill(y []float32, v float32) error
	// Nudge is kernel.Nudge with the whole number seed[0]; y may be x.
	Nudge(y, x, seed []float32, size float32) error
	// CopyRows copies rows of width values that begin at x[xAt:], xStride apart, to y[yAt:], yStride apart; row r
	// comes from row r/repeat. The rest of y stays what an operation before wrote there.
	CopyRows(y []float32, yAt int, x []float32, xAt, rows, width, yStride, xStride, repeat int) error

	// idx is memory for as many indices as y has values, for the gradient; or nil.
	MaxPool(y, idx, x []float32, n, h, w, c, k, stride int) error
	MaxPoolGrad(dx, dy, idx []float32, n, h, w, c, k, stride int) error
	AvgPool(y, x []float32, n, h, w, c, k, stride int) error
	AvgPoolGrad(dx, dy []float32, n, h, w, c, k, stride int) error
	// ColumnMeans computes the means of the hw rows of each sample, or their sums.
	ColumnMeans(y, x []float32, n, hw, c int, mean bool) error
	GlobalAvgPoolGrad(dx, dy []float32, n, hw, c int) error
	ResizeNearest(y, x []float32, n, h, w, c, factor int) error
	ResizeNearestGrad(dx, dy []float32, n, h, w, c, factor int) error
	ResizeBilinear(y, x []float32, n, h, w, c, oh, ow int) error
	ResizeBilinearGrad(dx, dy []float32, n, h, w, c, oh, ow int) error

	// The augmentations of package autodiff. The gradients are Shift with sign -1, Cut, and Tone without offset.
	Shift(y, x, by []float32, n, h, w, c, sign int) error
	Cut(y, x, by []float32, n, h, w, c int) error
	Tone(y, x, by []float32, n, h, w, c int, offset bool) error

	// Reduce computes out[0] = alpha·Σ weight·f(a, b); b of one sample serves all; weights of each sample may be
	// nil. ReduceGrad computes dx = dy[0]·alpha·weight·∂f/∂a.
	Reduce(out, a, b, weights []float32, n int, f Reduction, param, alpha float32) error
	ReduceGrad(dx, a, b, weights, dy []float32, n int, f Reduction, param, alpha float32) error
	SoftmaxLoss(out, z, p, weights []float32, n, k int) error
	SoftmaxLossGrad(dz, z, p, weights, dy []float32, n, k int) error
	TV(out, x []float32, n, h, w, c int) error
	TVGrad(dx, x, dy []float32, n, h, w, c int) error
	// WeaveFold and WeaveSpread are the parts of Weave of package autodiff: f (windows,period,period,c), the averages of
	// each phase of each window without mean and slopes, and dx = dy[0]·alpha·f.
	WeaveFold(f, x []float32, n, h, w, c, period, side int) error
	WeaveSpread(dx, f, dy []float32, n, h, w, c, period, side int, alpha float32) error
	WeightedSum(out []float32, x [][]float32, weights []float32) error

	// DotRows computes y[r] = Σ_k a[r,k]·b[r,k].
	DotRows(y, a, b []float32, rows, k int) error

	// What follows works on lists of arrays, one after the other.
	EMA(avg, w [][]float32, decay float32) error
	// Adam takes its step with gradients scaled down to the norm clip, if clip > 0; normSq[0] is the sum of squares
	// of all gradients.
	Adam(w, m, v, g [][]float32, normSq []float32, lr, beta1, beta2, eps, clip float32, step int) error
	// SumSquares computes out[0], the sum of the squares of all values.
	SumSquares(out []float32, x [][]float32) error
}

// Reduction is a function that Reduce adds up.
type Reduction uint8

// The reductions.
const (
	ReduceSum          Reduction = iota // a
	ReduceSumSquares                    // a²
	ReduceDot                           // a·b
	ReduceSquaredError                  // (a-b)²
	ReduceAbsError                      // |a-b|
	ReduceBCE                           // max(a,0) - a·b + log(1+exp(-|a|))
	ReduceBCEConst                      // the same with b = param
	ReduceHinge                         // max(0, 1 - param·a)
)
