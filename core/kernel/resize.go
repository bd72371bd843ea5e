package kernel

// ResizeNearest repeats every pixel of x (n,h,w,c) factor times both ways:
// y (n,h·factor,w·factor,c).
func ResizeNearest(y, x []float32, n, h, w, c, factor int) {
	line, wide := w*c, w*factor*c
	y, x = y[:n*h*factor*wide], x[:n*h*line]
	Parallel(n*h, rowGrain(wide*factor), func(_, lo, hi int) {
		for r := lo; r < hi; r++ {
			first := y[r*factor*wide:][:wide]
			for j := range w {
				px := x[r*line+j*c:][:c]
				for b := range factor {
					copy(first[(j*factor+b)*c:], px)
				}
			}
			for a := 1; a < factor; a++ {
				copy(y[(r*factor+a)*wide:], first)
			}
		}
	})
}

// ResizeNearestGrad is the gradient of ResizeNearest: dx (n,h,w,c) from dy.
func ResizeNearestGrad(dx, dy []float32, n, h, w, c, factor int) {
	line, wide := w*c, w*factor*c
	dx, dy = dx[:n*h*line], dy[:n*h*factor*wide]
	Parallel(n*h, rowGrain(wide*factor), func(worker, lo, hi int) {
		sum := scratch(worker, slotRow, wide)
		for r := lo; r < hi; r++ {
			copy(sum, dy[r*factor*wide:])
			for a := 1; a < factor; a++ {
				vecAdd(sum, sum, dy[(r*factor+a)*wide:])
			}
			for j := range w {
				px := dx[r*line+j*c:][:c]
				copy(px, sum[j*factor*c:])
				for b := 1; b < factor; b++ {
					vecAdd(px, px, sum[(j*factor+b)*c:])
				}
			}
		}
	})
}

// ResizeBilinear interpolates x (n,h,w,c) to y (n,oh,ow,c). Pixels are squares with their value
// at the centre, the border continues its last pixel: the source of output i is
// (i+½)·h/oh - ½, kept inside [0,h-1].
func ResizeBilinear(y, x []float32, n, h, w, c, oh, ow int) {
	line, wide := w*c, ow*c
	y, x = y[:n*oh*wide], x[:n*h*line]
	Parallel(n*oh, rowGrain(line+wide), func(worker, lo, hi int) {
		mixed := scratch(worker, slotRow, line)
		for r := lo; r < hi; r++ {
			y0, y1, t := bilinearTap(r%oh, h, oh)
			src := x[r/oh*h*line:]
			vecLerp(mixed, src[y0*line:], src[y1*line:], t)
			for j := range ow {
				x0, x1, t := bilinearTap(j, w, ow)
				blend(y[r*wide+j*c:][:c], mixed[x0*c:], mixed[x1*c:], t)
			}
		}
	})
}

// blend is vecLerp for pixels: few channels do not repay a call of the assembly.
func blend(y, a, b []float32, t float32) {
	if len(y) < lineFloats {
		lerpGo(y, a, b, t)
	} else {
		vecLerp(y, a, b, t)
	}
}

// ResizeBilinearGrad is the gradient of ResizeBilinear: dx (n,h,w,c) from dy (n,oh,ow,c). Every
// row of dx gathers the rows of dy that it had a part in, so rows run in parallel.
func ResizeBilinearGrad(dx, dy []float32, n, h, w, c, oh, ow int) {
	line, wide := w*c, ow*c
	dx, dy = dx[:n*h*line], dy[:n*oh*wide]
	Parallel(n*h, rowGrain((oh/max(1, h)+1)*wide+line), func(worker, lo, hi int) {
		sum := scratch(worker, slotRow, wide)
		for r := lo; r < hi; r++ {
			clear(sum)
			first, last := bilinearReach(r%h, h, oh)
			for i := first; i < last; i++ {
				y0, y1, t := bilinearTap(i, h, oh)
				src := dy[(r/h*oh+i)*wide:]
				if y0 == r%h {
					vecAXPY(sum, src, 1-t)
				}
				if y1 == r%h {
					vecAXPY(sum, src, t)
				}
			}
			to := dx[r*line:][:line]
			clear(to)
			for j := range ow {
				x0, x1, t := bilinearTap(j, w, ow)
				d := sum[j*c:][:c]
				AXPYPlain(to[x0*c:][:c], d, 1-t)
				AXPYPlain(to[x1*c:][:c], d, t)
			}
		}
	})
}

// bilinearReach is a range [first,last) of output indices that holds all that look at source
// index s: those whose centre falls within a pixel of it, one more for rounding, and beyond the
// first and last source all.
func bilinearReach(s, in, out int) (first, last int) {
	last = out
	if s > 0 {
		first = max(0, (2*s-1)*out/(2*in)-1)
	}
	if s < in-1 {
		last = min(out, (2*s+3)*out/(2*in)+2)
	}
	return first, last
}
