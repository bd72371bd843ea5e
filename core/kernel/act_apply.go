package kernel

// chunkFloats is the number of elements of one chunk of elementwise work: 128 KiB a vector, so
// that the few vectors of a kernel stay in the second-level cache.
const chunkFloats = 32768

// Activate computes y = a(x), element by element; y may be x. Tanh and sigmoid are within
// 2e-6 of the value.
func Activate(y, x []float32, a Act) {
	y = y[:len(x)]
	Parallel(len(x), chunkFloats, func(_, lo, hi int) { activateChunk(y[lo:hi], x[lo:hi], a) })
}

func activateChunk(y, x []float32, a Act) {
	switch a {
	case ActTanh:
		vecTanh(y, x)
	case ActSigmoid:
		vecSigmoid(y, x)
	default:
		if slope, _ := a.slope(); slope != 1 {
			vecSlope(y, x, slope)
		} else if &y[0] != &x[0] {
			copy(y, x)
		}
	}
}

// ActivateGrad computes dx = dy·a'(x) from the output y = a(x); dx may be dy. The derivative
// at the corner of ReLU and LeakyReLU is the one below it.
func ActivateGrad(dx, y, dy []float32, a Act) {
	n := len(dy)
	dx, y = dx[:n], y[:n]
	Parallel(n, chunkFloats, func(_, lo, hi int) {
		dx, y, dy := dx[lo:hi], y[lo:hi], dy[lo:hi]
		switch a {
		case ActTanh:
			vecTanhGrad(dx, y, dy)
		case ActSigmoid:
			vecSigmoidGrad(dx, y, dy)
		default:
			if slope, _ := a.slope(); slope != 1 {
				vecSlopeGrad(dx, y, dy, slope)
			} else if &dx[0] != &dy[0] {
				copy(dx, dy)
			}
		}
	})
}
