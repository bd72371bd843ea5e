package kernel

// taps calls f for every product of the convolution: indices of the input
// pixel, the output pixel (both counted over N,H,W) and the weight position.
func (c Conv) taps(n, h, w int, f func(xi, yi, k int)) {
	oh, ow := c.OutSize(h, w)
	up := c.up()
	if c.Transposed {
		inner := Conv{InC: c.OutC, OutC: c.InC, KH: c.KH, KW: c.KW, Stride: c.Stride, Pad: c.Pad}
		for b := range n {
			for i := range h {
				for j := range w {
					inner.window(oh, ow, i, j, func(si, sj, k int) {
						f((b*h+i)*w+j, (b*oh+si)*ow+sj, k)
					})
				}
			}
		}
		return
	}
	for b := range n {
		for i := range oh {
			for j := range ow {
				c.window(h*up, w*up, i, j, func(si, sj, k int) {
					f((b*h+si/up)*w+sj/up, (b*oh+i)*ow+j, k)
				})
			}
		}
	}
}

// window calls f for the source pixels under the kernel at output (i,j).
func (c Conv) window(h, w, i, j int, f func(si, sj, k int)) {
	for a := range c.KH {
		si := borderIndex(i*c.Stride+a-c.Pad, h, c.PadMode)
		for b := range c.KW {
			sj := borderIndex(j*c.Stride+b-c.Pad, w, c.PadMode)
			if si >= 0 && sj >= 0 {
				f(si, sj, a*c.KW+b)
			}
		}
	}
}

// ConvForwardPlain is the definition of Conv.Forward; w is HWIO.
func ConvForwardPlain(c Conv, y, x []float32, n, h, w int, weights, bias []float32, act Act) {
	for i := range y {
		y[i] = 0
		if bias != nil {
			y[i] = bias[i%c.OutC]
		}
	}
	c.taps(n, h, w, func(xi, yi, k int) {
		for ci := range c.InC {
			v := x[xi*c.InC+ci]
			wk := weights[(k*c.InC+ci)*c.OutC:][:c.OutC]
			yo := y[yi*c.OutC:][:c.OutC]
			for o, wv := range wk {
				yo[o] += v * wv
			}
		}
	})
	ActivatePlain(y, y, act)
}

// ConvGradDataPlain is the definition of Conv.GradData; w is HWIO.
func ConvGradDataPlain(c Conv, dx, dy []float32, n, h, w int, weights []float32) {
	clear(dx)
	c.taps(n, h, w, func(xi, yi, k int) {
		for ci := range c.InC {
			wk := weights[(k*c.InC+ci)*c.OutC:][:c.OutC]
			dyo := dy[yi*c.OutC:][:c.OutC]
			var s float32
			for o, wv := range wk {
				s += dyo[o] * wv
			}
			dx[xi*c.InC+ci] += s
		}
	})
}

// ConvGradWeightsPlain is the definition of Conv.GradWeights; dw is HWIO.
func ConvGradWeightsPlain(c Conv, dw, x, dy []float32, n, h, w int) {
	clear(dw)
	c.taps(n, h, w, func(xi, yi, k int) {
		for ci := range c.InC {
			v := x[xi*c.InC+ci]
			dwk := dw[(k*c.InC+ci)*c.OutC:][:c.OutC]
			dyo := dy[yi*c.OutC:][:c.OutC]
			for o := range dwk {
				dwk[o] += v * dyo[o]
			}
		}
	})
}
