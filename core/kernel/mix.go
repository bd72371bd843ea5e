package kernel

// MixRows is a filter down a picture: y[i] = Σ_k weight[k]·x[at[k]+i], where at says where each
// row begins in x. MixPixels is one along rows of pixels of three numbers, with as many
// taps for each pixel of y:
//
//	y[p] = Σ_k weight[p·taps+k] · x[at[p·taps+k]]
//
// Products and sums are rounded one by one, in the order of the taps, so that all machines
// give the same bits. Unlike other kernels both work on the caller's goroutine: they are the
// inner loops of filters that go through a picture row by row, rows in parallel.

// MixRows computes y; see above. x may not overlap y.
func MixRows(y, x []float32, at []int, weight []float32) {
	weight = weight[:len(at)]
	for _, a := range at {
		_ = x[a:][:len(y)]
	}
	if len(at) == 0 {
		clear(y)
		return
	}
	if len(y) > 0 {
		vecMixRows(y, x, at, weight)
	}
}

// MixPixels filters rows rows of x, of as many pixels each, into rows of y, of len(at)/taps
// pixels; with add the sums are added to y. x must have one number more than its pixels: what
// it is does not matter. x may not overlap y.
func MixPixels(y, x []float32, rows int, at []int32, weight []float32, taps int, add bool) {
	if rows == 0 || len(at) == 0 {
		return
	}
	weight = weight[:len(at)]
	pixels, in := len(at)/taps, (len(x)-1)/3/rows
	y = y[:3*pixels*rows]
	furthest := uint32(0)
	for _, a := range at {
		furthest = max(furthest, uint32(a)) // one below 0 is far away
	}
	if int(furthest) >= in {
		panic("kernel: MixPixels: a tap lies outside of the row")
	}
	for i := range rows {
		to, from := y[3*pixels*i:][:3*pixels], x[3*in*i:][:3*in+1]
		done := vecMixPixels(to, from, at, weight, taps, pixels, add)
		MixPixelsPlain(to[3*done:], from, at[done*taps:], weight[done*taps:], taps, add)
	}
}
