package kernel

// Pad continues x (n,h,w,c) by pad pixels on every side: y (n,h+2·pad,w+2·pad,c).
func Pad(y, x []float32, n, h, w, c, pad int, mode PadMode) {
	oh, line, wide := h+2*pad, w*c, (w+2*pad)*c
	y, x = y[:n*oh*wide], x[:n*h*line]
	Parallel(n*oh, rowGrain(wide), func(_, lo, hi int) {
		for r := lo; r < hi; r++ {
			to := y[r*wide:][:wide]
			i := borderIndex(r%oh-pad, h, mode)
			if i < 0 {
				clear(to)
				continue
			}
			from := x[(r/oh*h+i)*line:][:line]
			copy(to[pad*c:], from)
			for j := range pad {
				padPixel(to[j*c:][:c], from, borderIndex(j-pad, w, mode))
				padPixel(to[(pad+w+j)*c:][:c], from, borderIndex(w+j, w, mode))
			}
		}
	})
}

// padPixel copies pixel j of a row, or zeros if j is negative.
func padPixel(to, row []float32, j int) {
	if j < 0 {
		clear(to)
		return
	}
	copy(to, row[j*len(to):])
}

// PadGrad is the gradient of Pad: dx (n,h,w,c) from dy (n,h+2·pad,w+2·pad,c). Every row of dx
// gathers its own row of dy and the border rows that mirror it.
func PadGrad(dx, dy []float32, n, h, w, c, pad int, mode PadMode) {
	oh, line, wide := h+2*pad, w*c, (w+2*pad)*c
	dx, dy = dx[:n*h*line], dy[:n*oh*wide]
	Parallel(n*h, rowGrain(wide), func(worker, lo, hi int) {
		sum := scratch(worker, slotRow, wide)
		for r := lo; r < hi; r++ {
			s, i := r/h, r%h
			copy(sum, dy[(s*oh+pad+i)*wide:])
			for k := range pad {
				if borderIndex(k-pad, h, mode) == i {
					vecAdd(sum, sum, dy[(s*oh+k)*wide:])
				}
				if borderIndex(h+k, h, mode) == i {
					vecAdd(sum, sum, dy[(s*oh+pad+h+k)*wide:])
				}
			}
			to := dx[r*line:][:line]
			copy(to, sum[pad*c:])
			for k := range pad {
				if j := borderIndex(k-pad, w, mode); j >= 0 {
					AddPlain(to[j*c:][:c], to[j*c:], sum[k*c:])
				}
				if j := borderIndex(w+k, w, mode); j >= 0 {
					AddPlain(to[j*c:][:c], to[j*c:], sum[(pad+w+k)*c:])
				}
			}
		}
	})
}
