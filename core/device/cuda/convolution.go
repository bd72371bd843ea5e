package cuda

import "github.com/atelier-engine/atelier/core/kernel"

// doubled reports whether c is nearest doubling and a 3x3 convolution that keeps the size: it is computed as
// the transposed 4x4 convolution of stride 2 that equals it, with 2.25 times fewer multiplications.
func doubled(c kernel.Conv) bool {
	return c.Up == 2 && c.KH == 3 && c.KW == 3 && c.Stride == 1 && c.Pad == 1
}

// asTransposed is that transposed convolution. Reflection by one enlarged pixel repeats the border pixel.
func asTransposed(c kernel.Conv) (kernel.Conv, border) {
	b := borderZero
	if c.PadMode == kernel.PadReflect {
		b = borderClamp
	}
	return kernel.Conv{InC: c.InC, OutC: c.OutC, KH: 4, KW: 4, Stride: 2, Pad: 1, Transposed: true}, b
}

// narrow reports whether c goes to so few channels that the forward pass has a kernel of its own. It computes
// in float32 at every precision, with the weights as they are.
func narrow(c kernel.Conv) bool {
	return c.OutC <= 4 && c.Stride == 1 && !c.Transposed && c.Up < 2 && c.KH*c.KW > 1 && sharedNarrow(c.KH, c.KW) <= 48<<10
}

// pairs reports whether the forward pass reads packed 16-bit weights.
func (t Target) pairs() bool { return t.InForce() == F16 || t.InForce() == BF16 }

// PackedBytes is the memory that PackWeights fills, 0 if ConvForward reads the weights as they are.
func (t Target) PackedBytes(c kernel.Conv) int {
	taps := c.KH * c.KW
	if doubled(c) {
		taps = 16
	}
	switch {
	case t.pairs() && !narrow(c):
		return 4 * taps * ceil(c.InC, 2) * c.OutC
	case doubled(c):
		return 4 * taps * c.InC * c.OutC
	}
	return 0
}

// PackWeights lays the weights w (KH,KW,InC,OutC) out as ConvForward wants them.
func (t Target) PackWeights(c kernel.Conv, packed, w Ptr) Op {
	o := Op{Name: "pack weights"}
	if t.PackedBytes(c) > 0 {
		t.pack(&o, c, arg(packed), w)
	}
	return o
}

func (t Target) pack(o *Op, c kernel.Conv, to Arg, w Ptr) {
	from, taps := arg(w), c.KH*c.KW
	if doubled(c) {
		if t.pairs() {
			from = o.reserve(64 * c.InC * c.OutC)
		} else {
			from = to
		}
		taps = 16
		o.launch("pack_doubled", blocksFor(16*c.InC*c.OutC, 256), [3]int{256, 1, 1}, 0, from, w, c.InC*c.OutC)
	}
	if t.pairs() {
		o.launch("pack_pairs", blocksFor(taps*ceil(c.InC, 2)*c.OutC, 256), [3]int{256, 1, 1}, 0,
			to, from, taps, c.InC, c.OutC, t.InForce() == BF16)
	}
}

// ready returns the weights as ConvForward wants them, packed into scratch memory if need be.
func (t Target) ready(o *Op, c kernel.Conv, w Weights) Arg {
	size := t.PackedBytes(c)
	switch {
	case size == 0:
		return arg(w.Raw)
	case w.Packed != 0:
		return arg(w.Packed)
	}
	to := o.reserve(size)
	t.pack(o, c, to, w.Raw)
	return to
}

// ConvForward computes y = act(conv(x) + bias) + residual.
func (t Target) ConvForward(c kernel.Conv, y, x Ptr, w Weights, bias, residual Ptr, n, h, wd int, act kernel.Act) Op {
	o := Op{Name: "conv forward"}
	oh, ow := c.OutSize(h, wd)
	g := &gather{n: n, h: h, w: wd, c: c.InC, oh: oh, ow: ow, nn: c.OutC, x: x, out: y, bias: bias, resid: residual,
		act: act, precision: t.InForce(), border: borderOf(c.PadMode), up: c.Up, weights: t.ready(&o, c, w)}
	if doubled(c) {
		c, g.border = asTransposed(c)
		g.up = 1
	}
	g.kh, g.kw, g.stride, g.pad, g.turned = c.KH, c.KW, c.Stride, c.Pad, c.Transposed
	if narrow(c) {
		t.doNarrow(&o, g)
	} else {
		t.do(&o, g)
	}
	return o
}

// ConvGradData computes dx (n,h,wd,InC) from dy; h and wd are the size of x.
func (t Target) ConvGradData(c kernel.Conv, dx, dy Ptr, w Weights, n, h, wd int) Op {
	o := Op{Name: "conv data gradient"}
	oh, ow := c.OutSize(h, wd)
	g := &gather{n: n, h: oh, w: ow, c: c.OutC, oh: h, ow: wd, nn: c.InC, x: dy, precision: t.gradPrecision(), swapped: true}
	up, margin, mode, pad := max(1, c.Up), 0, borderOf(c.PadMode), c.Pad
	if mode == borderReflect {
		margin = c.Pad
	}
	if doubled(c) {
		f := t
		f.Precision = g.precision
		if t.pairs() {
			w.Packed = 0 // 16-bit: not for gradients
		}
		g.weights = f.ready(&o, c, w)
		var b border
		if c, b = asTransposed(c); b == borderClamp {
			mode = b
		}
		up, pad = 1, 1+2*margin
	} else {
		g.weights = arg(w.Raw)
		if !c.Transposed {
			pad -= margin
		}
	}
	g.kh, g.kw, g.stride, g.pad, g.turned = c.KH, c.KW, c.Stride, pad, !c.Transposed
	if margin == 0 && up == 1 {
		g.out = dx
		t.do(&o, g)
		return o
	}
	// What the border mirrored and what doubling repeated belongs to the pixels inside.
	g.oh, g.ow = h*up+2*margin, wd*up+2*margin
	wide := o.reserve(4 * n * g.oh * g.ow * g.nn)
	g.outArg = wide
	t.do(&o, g)
	o.launch("fold", blocksFor(n*h*wd*g.nn, 256), [3]int{256, 1, 1}, 0, dx, wide, n, h, wd, g.nn, margin, up, int(mode))
	return o
}

// ConvGradWeights computes dw (KH,KW,InC,OutC) from x and dy.
func (t Target) ConvGradWeights(c kernel.Conv, dw, x, dy Ptr, n, h, wd int) Op {
	o := Op{Name: "conv weight gradient"}
	oh, ow := c.OutSize(h, wd)
	if doubled(c) {
		tr, b := asTransposed(c)
		if b == borderZero { // else pixels beyond the border have a part too
			dw4 := o.reserve(64 * c.InC * c.OutC)
			t.weightsGrad(&o, &correlation{c: tr, dw: dw4, source: dy, rows: x, n: n, h: oh, w: ow, ph: h, pw: wd, alpha: 1})
			o.launch("pack_doubled_grad", blocksFor(9*c.InC*c.OutC, 256), [3]int{256, 1, 1}, 0, dw, dw4, c.InC*c.OutC)
			return o
		}
	}
	k := &correlation{c: c, dw: arg(dw), source: x, rows: dy, n: n, h: h, w: wd, ph: oh, pw: ow, alpha: 1}
	if c.Transposed {
		k.source, k.rows, k.h, k.w, k.ph, k.pw = dy, x, oh, ow, h, wd
	}
	t.weightsGrad(&o, k)
	return o
}

// MatMul computes n products c (m,nn) = a (m,k)·b (k,nn). With shared, all n use one b.
func (t Target) MatMul(c, a, b Ptr, n, m, k, nn int, shared bool) Op {
	o := Op{Name: "matmul"}
	if shared {
		m, n = m*n, 1
	}
	exact := t
	exact.Precision = t.gradPrecision()
	for i := range n {
		exact.do(&o, &gather{n: 1, h: m, w: 1, c: k, oh: m, ow: 1, nn: nn, kh: 1, kw: 1, stride: 1,
			x: a.Add(i * m * k), out: c.Add(i * m * nn), weights: arg(b.Add(i * k * nn)), precision: exact.InForce()})
	}
	return o
}

// MatMulTN computes n products c (m,nn) = alpha·aᵀ·b, a (k,m), b (k,nn).
func (t Target) MatMulTN(c, a, b Ptr, n, k, m, nn int, alpha float32) Op {
	o := Op{Name: "matmul, transposed"}
	one := kernel.Conv{InC: m, OutC: nn, KH: 1, KW: 1, Stride: 1}
	for i := range n {
		t.weightsGrad(&o, &correlation{c: one, dw: arg(c.Add(i * m * nn)), source: a.Add(i * k * m), rows: b.Add(i * k * nn),
			n: 1, h: 1, w: k, ph: 1, pw: k, alpha: alpha})
	}
	return o
}
