package kernel

import "math"

// AddPlain is the plain twin of Add.
func AddPlain(y, a, b []float32) {
	for i := range y {
		y[i] = a[i] + b[i]
	}
}

// AXPYPlain is the plain twin of AXPY.
func AXPYPlain(y, x []float32, alpha float32) {
	for i := range y {
		y[i] += alpha * x[i]
	}
}

// ScalePlain is the plain twin of Scale.
func ScalePlain(y, x []float32, alpha float32) {
	for i := range y {
		y[i] = alpha * x[i]
	}
}

// EMAPlain is the plain twin of EMA.
func EMAPlain(avg, w []float32, decay float32) {
	for i := range avg {
		avg[i] += (1 - decay) * (w[i] - avg[i])
	}
}

// SumPlain is the plain twin of Sum.
func SumPlain(x []float32) float64 {
	var s float64
	for _, v := range x {
		s += float64(v)
	}
	return s
}

// SumSquaresPlain is the plain twin of SumSquares.
func SumSquaresPlain(x []float32) float64 { return DotPlain(x, x) }

// DotPlain is the plain twin of Dot.
func DotPlain(a, b []float32) float64 {
	var s float64
	for i, v := range a {
		s += float64(v) * float64(b[i])
	}
	return s
}

// AdamPlain is the plain twin of Adam.
func AdamPlain(w, m, v, g []float32, lr, beta1, beta2, eps float32, step int) {
	rate, unbias := adamRates(lr, beta1, beta2, step)
	for i, d := range g {
		m[i] += (1 - beta1) * (d - m[i])
		v[i] += (1 - beta2) * (d*d - v[i])
		w[i] -= rate * m[i] / (float32(math.Sqrt(float64(v[i])))*unbias + eps)
	}
}

// adamRates folds the bias corrections of both moments into lr/(1-β1^t) and 1/√(1-β2^t).
func adamRates(lr, beta1, beta2 float32, step int) (rate, unbias float32) {
	t := float64(max(1, step))
	return float32(float64(lr) / (1 - math.Pow(float64(beta1), t))),
		float32(1 / math.Sqrt(1-math.Pow(float64(beta2), t)))
}

// BiasGradPlain is the plain twin of BiasGrad.
func BiasGradPlain(db, dy []float32, rows, c int) {
	for j := range c {
		var s float64
		for i := range rows {
			s += float64(dy[i*c+j])
		}
		db[j] = float32(s)
	}
}

// ConcatPlain is the plain twin of Concat.
func ConcatPlain(y, a, b []float32, rows, ca, cb int) {
	for i := range rows {
		copy(y[i*(ca+cb):][:ca], a[i*ca:])
		copy(y[i*(ca+cb)+ca:][:cb], b[i*cb:])
	}
}

// SplitPlain is the plain twin of Split.
func SplitPlain(a, b, y []float32, rows, ca, cb int) {
	for i := range rows {
		copy(a[i*ca:][:ca], y[i*(ca+cb):])
		copy(b[i*cb:][:cb], y[i*(ca+cb)+ca:])
	}
}
