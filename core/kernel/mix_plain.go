package kernel

// MixRowsPlain is the plain twin of MixRows.
func MixRowsPlain(y, x []float32, at []int, weight []float32) {
	for i := range y {
		var sum float32
		for k, a := range at {
			sum += float32(weight[k] * x[a+i])
		}
		y[i] = sum
	}
}

// MixPixelsPlain is the plain twin of MixPixels.
func MixPixelsPlain(y, x []float32, at []int32, weight []float32, taps int, add bool) {
	for p := range len(at) / taps {
		var r, g, b float32
		for k := p * taps; k < (p+1)*taps; k++ {
			w, v := weight[k], x[3*at[k]:][:3]
			r += float32(w * v[0])
			g += float32(w * v[1])
			b += float32(w * v[2])
		}
		d := y[3*p:][:3]
		if add {
			r, g, b = r+d[0], g+d[1], b+d[2]
		}
		d[0], d[1], d[2] = r, g, b
	}
}
