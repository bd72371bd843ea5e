package kernel

// padTaps calls f with every output pixel and the input pixel it shows, -1 for a zero.
func padTaps(n, h, w, pad int, mode PadMode, f func(out, in int)) {
	oh, ow := h+2*pad, w+2*pad
	for s := range n {
		for i := range oh {
			si := borderIndex(i-pad, h, mode)
			for j := range ow {
				sj := borderIndex(j-pad, w, mode)
				in := -1
				if si >= 0 && sj >= 0 {
					in = (s*h+si)*w + sj
				}
				f((s*oh+i)*ow+j, in)
			}
		}
	}
}

// PadPlain is the plain twin of Pad.
func PadPlain(y, x []float32, n, h, w, c, pad int, mode PadMode) {
	padTaps(n, h, w, pad, mode, func(out, in int) {
		if in < 0 {
			clear(y[out*c:][:c])
			return
		}
		copy(y[out*c:][:c], x[in*c:])
	})
}

// PadGradPlain is the plain twin of PadGrad.
func PadGradPlain(dx, dy []float32, n, h, w, c, pad int, mode PadMode) {
	clear(dx[:n*h*w*c])
	padTaps(n, h, w, pad, mode, func(out, in int) {
		if in < 0 {
			return
		}
		for k := range c {
			dx[in*c+k] += dy[out*c+k]
		}
	})
}
