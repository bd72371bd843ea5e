package kernel

import "fmt"

// Forward computes y (N,OH,OW,OutC) from x (n,h,w,InC), weights packed by
// Pack, an optional bias (OutC) and an activation. It allocates nothing in the
// steady state.
func (c Conv) Forward(y, x []float32, n, h, w int, p *Packed, bias []float32, act Act) {
	oh, ow := c.OutSize(h, w)
	p.mustFit(c, false)
	y, x = y[:n*oh*ow*c.OutC], x[:n*h*w*c.InC] // the assembly does not look
	if bias != nil {
		bias = bias[:c.OutC]
	}
	slope, linear := act.slope()
	if !linear {
		slope = 1
	}
	p.correlate(target{y: y, h: oh, w: ow, bias: bias, slope: slope},
		source{x: x, h: h, w: w, c: c.InC, up: p.up, border: p.border}, n)
	if !linear {
		Activate(y, y, act)
	}
}

// GradData computes the gradient dx (n,h,w,InC) from dy (N,OH,OW,OutC) and
// weights packed by PackGrad. h and w are the size of x.
func (c Conv) GradData(dx, dy []float32, n, h, w int, p *Packed) {
	oh, ow := c.OutSize(h, w)
	p.mustFit(c, true)
	dx, dy = dx[:n*h*w*c.InC], dy[:n*oh*ow*c.OutC]
	src := source{x: dy, h: oh, w: ow, c: c.OutC, up: 1}
	th, tw := h, w
	if c.Up == 2 && !c.fusedUp() {
		th, tw = 2*h, 2*w
	}
	if p.margin == 0 && th == h {
		p.correlate(target{y: dx, h: h, w: w, slope: 1}, src, n)
		return
	}
	// What the border mirrored belongs to the pixels inside.
	wide := newFloats(n * (th + 2*p.margin) * (tw + 2*p.margin) * c.InC)
	defer wide.free()
	p.correlate(target{y: wide.v, h: th + 2*p.margin, w: tw + 2*p.margin, slope: 1}, src, n)
	mode := borderReflect
	if c.fusedUp() {
		mode = borderClamp
	}
	fold(dx, wide.v, n, th, tw, c.InC, p.margin, th/h, mode)
}

// mustFit panics when weights were packed for another convolution: a mistake
// of the program, which the assembly would turn into reads out of bounds.
func (p *Packed) mustFit(c Conv, grad bool) {
	if p.conv != c || p.grad != grad {
		panic(fmt.Sprintf("kernel: weights packed for %+v (gradient: %v) given to %+v (gradient: %v)", p.conv, p.grad, c, grad))
	}
}

// fold adds every pixel of wide (n, h+2·margin, w+2·margin, c) to the pixel of
// dx (n, h/up, w/up, c) that the border or the enlargement copied it from.
func fold(dx, wide []float32, n, h, w, c, margin, up int, mode border) {
	ww, dw := w+2*margin, w/up
	Parallel(n, 1, func(_, lo, hi int) {
		for b := lo; b < hi; b++ {
			d := dx[b*(h/up)*dw*c:][:(h/up)*dw*c]
			clear(d)
			for i := -margin; i < h+margin; i++ {
				si := mode.index(i, h) / up
				row := wide[((b*(h+2*margin))+i+margin)*ww*c:][:ww*c]
				for j := -margin; j < w+margin; j++ {
					to := d[(si*dw+mode.index(j, w)/up)*c:][:c]
					for k, v := range row[(j+margin)*c:][:c] {
						to[k] += v
					}
				}
			}
		}
	})
}

// MatMul computes c (m,n) = a (m,k) · b (k,n), row-major.
func MatMul(c, a, b []float32, m, k, n int) {
	conv := Conv{InC: k, OutC: n, KH: 1, KW: 1, Stride: 1}
	p := conv.Pack(matPacked.Get().(*Packed), b)
	conv.Forward(c, a, 1, 1, m, p, nil, ActNone)
	matPacked.Put(p)
}

// MatMulTN computes c (m,n) = aᵀ b with a (k,m) and b (k,n), row-major.
func MatMulTN(c, a, b []float32, k, m, n int) {
	Conv{InC: m, OutC: n, KH: 1, KW: 1, Stride: 1}.GradWeights(c, a, b, 1, 1, k)
}
