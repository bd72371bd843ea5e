package kernel

// Add computes y = a + b; y may be either.
func Add(y, a, b []float32) { AddPlain(y, a, b) }

// AXPY computes y += alpha·x.
func AXPY(y, x []float32, alpha float32) { AXPYPlain(y, x, alpha) }

// Scale computes y = alpha·x; y may be x.
func Scale(y, x []float32, alpha float32) { ScalePlain(y, x, alpha) }

// EMA moves a running average towards w: avg = decay·avg + (1-decay)·w.
func EMA(avg, w []float32, decay float32) { EMAPlain(avg, w, decay) }

// Sum returns Σ x, added in float64.
func Sum(x []float32) float64 { return SumPlain(x) }

// SumSquares returns Σ x², added in float64.
func SumSquares(x []float32) float64 { return SumSquaresPlain(x) }

// Dot returns Σ a·b, multiplied and added in float64.
func Dot(a, b []float32) float64 { return DotPlain(a, b) }

// Adam makes one step of Kingma and Ba, "Adam" (2015), on the weights w with gradient g and
// the moments m and v, which start as zeros; step counts from 1.
//
//	m = β1·m + (1-β1)·g     v = β2·v + (1-β2)·g²
//	w -= lr · m/(1-β1^step) / (√(v/(1-β2^step)) + eps)
func Adam(w, m, v, g []float32, lr, beta1, beta2, eps float32, step int) {
	AdamPlain(w, m, v, g, lr, beta1, beta2, eps, step)
}

// BiasGrad sums the rows of dy (rows,c) into db (c): db[j] = Σ_i dy[i,j].
func BiasGrad(db, dy []float32, rows, c int) { BiasGradPlain(db, dy, rows, c) }

// Concat joins the channels of a (rows,ca) and b (rows,cb) into y (rows,ca+cb).
func Concat(y, a, b []float32, rows, ca, cb int) { ConcatPlain(y, a, b, rows, ca, cb) }

// Split undoes Concat.
func Split(a, b, y []float32, rows, ca, cb int) { SplitPlain(a, b, y, rows, ca, cb) }
