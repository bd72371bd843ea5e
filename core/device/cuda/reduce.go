package cuda

// reduceBlocks is the number of blocks that add n values: fixed for n, so that sums are the same bits.
func reduceBlocks(n int) int { return max(1, min(ceil(n, 2048), 512)) }

const sharedReduce = 256 * 8

// finish adds the sums of the blocks: out = alpha · Σ parts.
func (o *Op) finish(out Ptr, parts Arg, blocks int, alpha float32) {
	o.launch("reduce_finish", [3]int{1, 1, 1}, [3]int{256, 1, 1}, sharedReduce, out, parts, blocks, alpha)
}

// Reduce computes out = alpha·Σ_i weights[i/one]·f(a[i], b[i mod bn]) over n values.
func (t Target) Reduce(out, a, b, weights Ptr, n, one, bn int, f Reduction, param, alpha float32) Op {
	countable("reduce", n)
	o := Op{Name: "reduce"}
	blocks := reduceBlocks(n)
	parts := o.reserve(8 * blocks)
	o.launch("reduce_parts", [3]int{blocks, 1, 1}, [3]int{256, 1, 1}, sharedReduce, parts, a, b, weights, n, one, bn, int(f), param)
	o.finish(out, parts, blocks, alpha)
	return o
}

// ReduceGrad computes dx[i] = dy·alpha·weights[i/one]·∂f/∂a; dy? is one float32.
func (t Target) ReduceGrad(dx, a, b, weights, dy Ptr, n, one, bn int, f Reduction, param, alpha float32) Op {
	return single("reduce gradient", "reduce_grad", n, dx, a, b, weights, dy, n, one, bn, int(f), param, alpha)
}

// DotRows computes y[r] = Σ_k a[r,k]·b[r,k].
func (t Target) DotRows(y, a, b Ptr, rows, k int) Op {
	countable("dot of rows", rows*k)
	return single("dot of rows", "dot_rows", rows, y, a, b, rows, k)
}

// SoftmaxLoss is the mean over n samples of weight·Σ_j p_j·(log Σ exp z - z_j), k values each; weights?.
func (t Target) SoftmaxLoss(out, z, p, weights Ptr, n, k int) Op {
	o := Op{Name: "softmax loss"}
	blocks := max(1, min(ceil(n, 256), 64))
	parts := o.reserve(8 * blocks)
	o.launch("softmax_parts", [3]int{blocks, 1, 1}, [3]int{256, 1, 1}, sharedReduce, parts, z, p, weights, n, k)
	o.finish(out, parts, blocks, 1/float32(n))
	return o
}

// SoftmaxLossGrad computes dz from dy?, one float32.
func (t Target) SoftmaxLossGrad(dz, z, p, weights, dy Ptr, n, k int) Op {
	o := Op{Name: "softmax loss gradient"}
	o.launch("softmax_grad", blocksFor(n, 256), [3]int{256, 1, 1}, 0, dz, z, p, weights, dy, n, k)
	return o
}

// TV is the total variation of pictures x (n,h,w,c), divided by the number of values.
func (t Target) TV(out, x Ptr, n, h, w, c int) Op {
	countable("tv", n*h*w*c)
	o := Op{Name: "total variation"}
	blocks := reduceBlocks(n * h * w * c)
	parts := o.reserve(8 * blocks)
	o.launch("tv_parts", [3]int{blocks, 1, 1}, [3]int{256, 1, 1}, sharedReduce, parts, x, n, h, w, c)
	o.finish(out, parts, blocks, float32(1/float64(n*h*w*c)))
	return o
}

// TVGrad computes dx from dy?, one float32.
func (t Target) TVGrad(dx, x, dy Ptr, n, h, w, c int) Op {
	return single("total variation gradient", "tv_grad", n*h*w*c, dx, x, dy, n, h, w, c)
}

// WeightedSum computes out = Σ weights[i]·x[i] of scalars; out must be none of x.
func (t Target) WeightedSum(out Ptr, x []Ptr, weights []float32) Op {
	o := Op{Name: "weighted sum"}
	base := Ptr(0)
	for i := 0; i < len(x); i += 4 {
		var p [4]Ptr
		var w [4]float32
		copy(p[:], x[i:])
		copy(w[:], weights[i:])
		o.launch("weighted_sum", [3]int{1, 1, 1}, [3]int{32, 1, 1}, 0, out, base, p[0], p[1], p[2], p[3], w[0], w[1], w[2], w[3])
		base = out
	}
	return o
}
