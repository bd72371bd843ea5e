package cuda

// Gram computes y (n,c,c) = Fᵀ F/(hw·c) for each sample of features f (n,hw,c) (Gatys et al., 2016).
func (t Target) Gram(y, f Ptr, n, hw, c int) Op {
	o := t.MatMulTN(y, f, f, n, hw, c, c, float32(1/(float64(hw)*float64(c))))
	o.Name = "gram"
	return o
}

// GramGrad computes df = F·(dG + dGᵀ)/(hw·c) from dy (n,c,c).
func (t Target) GramGrad(df, f, dy Ptr, n, hw, c int) Op {
	o := Op{Name: "gram gradient"}
	both := o.reserve(4 * n * c * c)
	o.each("symmetric", n*c*c, both, dy, n, c, c*c, float32(1/(float64(hw)*float64(c))))
	t.products(&o, df, f, both, Arg{}, n, hw, c)
	return o
}

// Covariance computes y (n,c+1,c) of features f (n,hw,c): FᵀF/hw - mᵀm and, in the last row, the means m.
func (t Target) Covariance(y, f Ptr, n, hw, c int) Op {
	o := Op{Name: "covariance"}
	one := (c + 1) * c
	for i := range n {
		s := f.Add(i * hw * c)
		o.then(t.MatMulTN(y.Add(i*one), s, s, 1, hw, c, c, 1/float32(hw)))
		o.then(t.ColumnMeans(y.Add(i*one+c*c), s, 1, hw, c, true))
	}
	o.launch("center", blocksFor(n*c*c, 256), [3]int{256, 1, 1}, 0, y, n, c)
	return o
}

// CovarianceGrad computes df = F·B + (dm/hw - m·B), B = (dC + dCᵀ)/hw, from the result y of Covariance and its
// gradient dy, both (n,c+1,c).
func (t Target) CovarianceGrad(df, f, y, dy Ptr, n, hw, c int) Op {
	o := Op{Name: "covariance gradient"}
	both, row := o.reserve(4*n*c*c), o.reserve(4*n*c)
	by := 1 / float32(hw)
	o.each("symmetric", n*c*c, both, dy, n, c, (c+1)*c, by)
	o.each("mean_row", n*c, row, y, dy, both, n, c, by)
	t.products(&o, df, f, both, row, n, hw, c)
	return o
}

// products appends y (n,hw,c) = f·b + row for each sample, b (n,c,c) and row (n,c), if there is one, in scratch
// memory.
func (t Target) products(o *Op, y, f Ptr, b, row Arg, n, hw, c int) {
	exact := t
	exact.Precision = t.gradPrecision()
	for i := range n {
		w, bias := b, row
		w.Bits += uint64(4 * i * c * c)
		if row.Scratch {
			bias.Bits += uint64(4 * i * c)
		}
		exact.do(o, &gather{n: 1, h: hw, w: 1, c: c, oh: hw, ow: 1, nn: c, kh: 1, kw: 1, stride: 1,
			x: f.Add(i * hw * c), out: y.Add(i * hw * c), weights: w, biasArg: bias, precision: exact.InForce()})
	}
}
