package kernel

import "math"

// ResizeNearestPlain is the plain twin of ResizeNearest.
func ResizeNearestPlain(y, x []float32, n, h, w, c, factor int) {
	for r := range n * h * factor {
		for j := range w * factor {
			copy(y[(r*w*factor+j)*c:][:c], x[(r/factor*w+j/factor)*c:])
		}
	}
}

// ResizeNearestGradPlain is the plain twin of ResizeNearestGrad.
func ResizeNearestGradPlain(dx, dy []float32, n, h, w, c, factor int) {
	clear(dx[:n*h*w*c])
	for r := range n * h * factor {
		for j := range w * factor {
			for k := range c {
				dx[(r/factor*w+j/factor)*c+k] += dy[(r*w*factor+j)*c+k]
			}
		}
	}
}

// bilinearTap says between which two source indices the centre of output index i falls, and
// how near it is to the second, in [0,1]: (i+½)·in/out - ½, kept inside [0,in-1].
func bilinearTap(i, in, out int) (lo, hi int, t float32) {
	p := (float64(i)+0.5)*float64(in)/float64(out) - 0.5
	p = max(0, min(p, float64(in-1)))
	lo = int(math.Floor(p))
	return lo, min(lo+1, in-1), float32(p - float64(lo))
}

// bilinearTaps calls f for the four weighted source pixels of every output pixel.
func bilinearTaps(n, h, w, oh, ow int, f func(out, in int, weight float32)) {
	for s := range n {
		for i := range oh {
			y0, y1, ty := bilinearTap(i, h, oh)
			for j := range ow {
				x0, x1, tx := bilinearTap(j, w, ow)
				o := (s*oh+i)*ow + j
				f(o, (s*h+y0)*w+x0, (1-ty)*(1-tx))
				f(o, (s*h+y0)*w+x1, (1-ty)*tx)
				f(o, (s*h+y1)*w+x0, ty*(1-tx))
				f(o, (s*h+y1)*w+x1, ty*tx)
			}
		}
	}
}

// ResizeBilinearPlain is the plain twin of ResizeBilinear.
func ResizeBilinearPlain(y, x []float32, n, h, w, c, oh, ow int) {
	clear(y[:n*oh*ow*c])
	bilinearTaps(n, h, w, oh, ow, func(out, in int, weight float32) {
		for k := range c {
			y[out*c+k] += weight * x[in*c+k]
		}
	})
}

// ResizeBilinearGradPlain is the plain twin of ResizeBilinearGrad.
func ResizeBilinearGradPlain(dx, dy []float32, n, h, w, c, oh, ow int) {
	clear(dx[:n*h*w*c])
	bilinearTaps(n, h, w, oh, ow, func(out, in int, weight float32) {
		for k := range c {
			dx[in*c+k] += weight * dy[out*c+k]
		}
	})
}
