package kernel

// pooling is the geometry of one pooled batch: windows of k x k, no padding, rounded down.
type pooling struct{ n, h, w, c, k, stride, oh, ow int }

func newPooling(n, h, w, c, k, stride int) pooling {
	return pooling{n, h, w, c, k, stride, poolSize(h, k, stride), poolSize(w, k, stride)}
}

func (p pooling) in() int  { return p.n * p.h * p.w * p.c }
func (p pooling) out() int { return p.n * p.oh * p.ow * p.c }

// grain is the number of output rows of one chunk.
func (p pooling) grain() int { return rowGrain(p.k * p.w * p.c) }

// source is input row i·stride of the sample of output row r, counted over the batch.
func (p pooling) source(r int) int { return r/p.oh*p.h + r%p.oh*p.stride }

// MaxPool takes the largest of every k x k window, without padding, rounded down.
//
//	y (n,oh,ow,c), oh = (h-k)/stride + 1     x (n,h,w,c)
//
// idx, if not nil, has the shape of y and receives where each maximum lies: a flat index into
// its own sample of x. The first of equal values wins.
func MaxPool(y []float32, idx []int32, x []float32, n, h, w, c, k, stride int) {
	p := newPooling(n, h, w, c, k, stride)
	y, x = y[:p.out()], x[:p.in()]
	if idx != nil {
		idx = idx[:len(y)]
	}
	Parallel(p.n*p.oh, p.grain(), func(worker, lo, hi int) {
		for r := lo; r < hi; r++ {
			if idx == nil {
				p.maxRow(y[r*p.ow*c:], x, r, worker)
			} else {
				p.maxIndexRow(y[r*p.ow*c:], idx[r*p.ow*c:], x, r)
			}
		}
	})
}

// maxRow takes the maximum down the columns of the k input rows, then along what is left.
func (p pooling) maxRow(y, x []float32, r, worker int) {
	line, c := p.w*p.c, p.c
	src := x[p.source(r)*line:]
	top := src[:line]
	if p.k > 1 {
		top = scratch(worker, slotRow, line)
		vecMax(top, src[:line], src[line:][:line])
		for a := 2; a < p.k; a++ {
			vecMax(top, top, src[a*line:][:line])
		}
	}
	for j := range p.ow {
		o, win := y[j*c:][:c], top[j*p.stride*c:]
		if p.k == 1 {
			copy(o, win)
			continue
		}
		vecMax(o, win[:c], win[c:][:c])
		for b := 2; b < p.k; b++ {
			vecMax(o, o, win[b*c:][:c])
		}
	}
}

func (p pooling) maxIndexRow(y []float32, idx []int32, x []float32, r int) {
	c, sample := p.c, r/p.oh*p.h*p.w*p.c
	for j := range p.ow {
		first := (p.source(r)*p.w + j*p.stride) * c
		o, at := y[j*c:][:c], idx[j*c:][:c]
		copy(o, x[first:])
		for i := range at {
			at[i] = int32(first - sample + i)
		}
		for t := 1; t < p.k*p.k; t++ {
			from := first + (t/p.k*p.w+t%p.k)*c
			vecMaxIndex(o, at, x[from:], from-sample)
		}
	}
}

// MaxPoolGrad spreads dy (n,oh,ow,c) to where the maxima were, dx (n,h,w,c); idx is that of
// MaxPool.
func MaxPoolGrad(dx, dy []float32, idx []int32, n, h, w, c, k, stride int) {
	p := newPooling(n, h, w, c, k, stride)
	dx, dy, idx = dx[:p.in()], dy[:p.out()], idx[:p.out()]
	p.scatter(dx, func(_, r int) {
		sample := dx[r/p.oh*h*w*c:][:h*w*c]
		line := r * p.ow * c
		for i, d := range dy[line:][:p.ow*c] {
			sample[idx[line+i]] += d
		}
	})
}

// AvgPool averages every k x k window, without padding, rounded down; shapes as in MaxPool.
func AvgPool(y, x []float32, n, h, w, c, k, stride int) {
	p := newPooling(n, h, w, c, k, stride)
	y, x = y[:p.out()], x[:p.in()]
	line := w * c
	Parallel(p.n*p.oh, p.grain(), func(worker, lo, hi int) {
		sum := scratch(worker, slotRow, line)
		for r := lo; r < hi; r++ {
			src := x[p.source(r)*line:]
			vecScale(sum, src[:line], 1/float32(k*k))
			for a := 1; a < k; a++ {
				vecAXPY(sum, src[a*line:][:line], 1/float32(k*k))
			}
			for j := range p.ow {
				o, win := y[(r*p.ow+j)*c:][:c], sum[j*stride*c:]
				copy(o, win)
				for b := 1; b < k; b++ {
					vecAdd(o, o, win[b*c:][:c])
				}
			}
		}
	})
}

// AvgPoolGrad is the gradient of AvgPool: dx (n,h,w,c) from dy (n,oh,ow,c).
func AvgPoolGrad(dx, dy []float32, n, h, w, c, k, stride int) {
	p := newPooling(n, h, w, c, k, stride)
	dx, dy = dx[:p.in()], dy[:p.out()]
	p.scatter(dx, func(worker, r int) {
		line := scratch(worker, slotRow, w*c)
		clear(line)
		for j := range p.ow {
			d := dy[(r*p.ow+j)*c:][:c]
			for b := range k {
				vecAXPY(line[(j*stride+b)*c:][:c], d, 1/float32(k*k))
			}
		}
		for a := range k {
			to := dx[(p.source(r)+a)*w*c:][:w*c]
			vecAdd(to, to, line)
		}
	})
}

// scatter clears dx and calls add for every output row. Rows whose windows do not overlap run in
// parallel, each chunk clearing the input rows from its own first to that of the next;
// otherwise samples do.
func (p pooling) scatter(dx []float32, add func(worker, r int)) {
	line := p.w * p.c
	if p.out() == 0 {
		clear(dx)
		return
	}
	grain, rows := p.grain(), p.n*p.oh
	if p.stride < p.k {
		grain = (grain + p.oh - 1) / p.oh * p.oh
	}
	Parallel(rows, grain, func(worker, lo, hi int) {
		end := p.n * p.h
		if hi < rows {
			end = p.source(hi)
		}
		clear(dx[p.source(lo)*line : end*line])
		for r := lo; r < hi; r++ {
			add(worker, r)
		}
	})
}
