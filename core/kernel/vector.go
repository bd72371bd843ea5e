package kernel

// Add computes y = a + b; y may be either.
func Add(y, a, b []float32) {
	n := len(y)
	a, b = a[:n], b[:n]
	Parallel(n, chunkFloats, func(_, lo, hi int) { vecAdd(y[lo:hi], a[lo:hi], b[lo:hi]) })
}

// AXPY computes y += alpha·x.
func AXPY(y, x []float32, alpha float32) {
	x = x[:len(y)]
	Parallel(len(y), chunkFloats, func(_, lo, hi int) { vecAXPY(y[lo:hi], x[lo:hi], alpha) })
}

// Scale computes y = alpha·x; y may be x.
func Scale(y, x []float32, alpha float32) {
	x = x[:len(y)]
	Parallel(len(y), chunkFloats, func(_, lo, hi int) { vecScale(y[lo:hi], x[lo:hi], alpha) })
}

// EMA moves a running average towards w: avg = decay·avg + (1-decay)·w.
func EMA(avg, w []float32, decay float32) {
	w = w[:len(avg)]
	Parallel(len(avg), chunkFloats, func(_, lo, hi int) {
		vecLerp(avg[lo:hi], avg[lo:hi], w[lo:hi], 1-decay)
	})
}

// Adam makes one step of Kingma and Ba, "Adam" (2015), on the weights w with gradient g and
// the moments m and v, which start as zeros; step counts from 1.
//
//	m = β1·m + (1-β1)·g     v = β2·v + (1-β2)·g²
//	w -= lr · m/(1-β1^step) / (√(v/(1-β2^step)) + eps)
func Adam(w, m, v, g []float32, lr, beta1, beta2, eps float32, step int) {
	n := len(w)
	m, v, g = m[:n], v[:n], g[:n]
	rate, unbias := adamRates(lr, beta1, beta2, step)
	Parallel(n, chunkFloats, func(_, lo, hi int) {
		vecAdam(w[lo:hi], m[lo:hi], v[lo:hi], g[lo:hi], rate, 1-beta1, 1-beta2, unbias, eps)
	})
}

// Sum returns Σ x, added in float64.
func Sum(x []float32) float64 { return chunkSum(x, nil) }

// SumSquares returns Σ x², multiplied and added in float64.
func SumSquares(x []float32) float64 { return chunkSum(x, x) }

// Dot returns Σ a·b, multiplied and added in float64.
func Dot(a, b []float32) float64 { return chunkSum(a, b[:len(a)]) }

// chunkSum is Σ a·b, or Σ a if b is nil: one sum a chunk, then those in order.
func chunkSum(a, b []float32) float64 {
	sums := newPartials((len(a) + chunkFloats - 1) / chunkFloats)
	defer sums.free()
	part := sums.v
	Parallel(len(a), chunkFloats, func(_, lo, hi int) {
		if b == nil {
			part[lo/chunkFloats] = vecSum(a[lo:hi])
		} else {
			part[lo/chunkFloats] = vecDot(a[lo:hi], b[lo:hi])
		}
	})
	var s float64
	for _, v := range part {
		s += v
	}
	return s
}
