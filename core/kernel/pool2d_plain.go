package kernel

// poolSize is the size of a pooled axis: no padding, rounded down.
func poolSize(n, k, stride int) int {
	if n < k {
		return 0
	}
	return (n-k)/stride + 1
}

// poolTaps calls f with every pair of flat indices (output, input inside its sample) and the
// sample, window by window in reading order.
func poolTaps(n, h, w, c, k, stride int, f func(out, s, in int)) {
	oh, ow := poolSize(h, k, stride), poolSize(w, k, stride)
	for s := range n {
		for i := range oh {
			for j := range ow {
				for a := range k {
					for b := range k {
						for ch := range c {
							f(((s*oh+i)*ow+j)*c+ch, s, ((i*stride+a)*w+j*stride+b)*c+ch)
						}
					}
				}
			}
		}
	}
}

// MaxPoolPlain is the plain twin of MaxPool.
func MaxPoolPlain(y []float32, idx []int32, x []float32, n, h, w, c, k, stride int) {
	best := make([]int32, n*poolSize(h, k, stride)*poolSize(w, k, stride)*c)
	for i := range best {
		best[i] = -1
	}
	poolTaps(n, h, w, c, k, stride, func(out, s, in int) {
		v := x[s*h*w*c+in]
		if best[out] < 0 || v > y[out] {
			y[out], best[out] = v, int32(in)
		}
	})
	if idx != nil {
		copy(idx, best)
	}
}

// MaxPoolGradPlain is the plain twin of MaxPoolGrad.
func MaxPoolGradPlain(dx, dy []float32, idx []int32, n, h, w, c, k, stride int) {
	clear(dx[:n*h*w*c])
	m := poolSize(h, k, stride) * poolSize(w, k, stride) * c
	for o := range n * m {
		dx[o/m*h*w*c+int(idx[o])] += dy[o]
	}
}

// AvgPoolPlain is the plain twin of AvgPool.
func AvgPoolPlain(y, x []float32, n, h, w, c, k, stride int) {
	clear(y[:n*poolSize(h, k, stride)*poolSize(w, k, stride)*c])
	poolTaps(n, h, w, c, k, stride, func(out, s, in int) {
		y[out] += x[s*h*w*c+in] / float32(k*k)
	})
}

// AvgPoolGradPlain is the plain twin of AvgPoolGrad.
func AvgPoolGradPlain(dx, dy []float32, n, h, w, c, k, stride int) {
	clear(dx[:n*h*w*c])
	poolTaps(n, h, w, c, k, stride, func(out, s, in int) {
		dx[s*h*w*c+in] += dy[out] / float32(k*k)
	})
}

// GlobalAvgPoolPlain is the plain twin of GlobalAvgPool.
func GlobalAvgPoolPlain(y, x []float32, n, hw, c int) {
	for s := range n {
		for j := range c {
			var sum float64
			for i := range hw {
				sum += float64(x[(s*hw+i)*c+j])
			}
			y[s*c+j] = float32(sum / float64(hw))
		}
	}
}

// GlobalAvgPoolGradPlain is the plain twin of GlobalAvgPoolGrad.
func GlobalAvgPoolGradPlain(dx, dy []float32, n, hw, c int) {
	for s := range n {
		for i := range hw {
			for j := range c {
				dx[(s*hw+i)*c+j] = dy[s*c+j] / float32(hw)
			}
		}
	}
}
