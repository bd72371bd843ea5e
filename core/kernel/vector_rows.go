package kernel

// rowGrain is the number of rows of w numbers that make one chunk.
func rowGrain(w int) int { return max(1, chunkFloats/max(1, w)) }

// Concat joins the channels of a (rows,ca) and b (rows,cb) into y (rows,ca+cb).
func Concat(y, a, b []float32, rows, ca, cb int) {
	y, a, b = y[:rows*(ca+cb)], a[:rows*ca], b[:rows*cb]
	Parallel(rows, rowGrain(ca+cb), func(_, lo, hi int) {
		ConcatPlain(y[lo*(ca+cb):], a[lo*ca:], b[lo*cb:], hi-lo, ca, cb)
	})
}

// Split undoes Concat: y (rows,ca+cb) into a (rows,ca) and b (rows,cb).
func Split(a, b, y []float32, rows, ca, cb int) {
	y, a, b = y[:rows*(ca+cb)], a[:rows*ca], b[:rows*cb]
	Parallel(rows, rowGrain(ca+cb), func(_, lo, hi int) {
		SplitPlain(a[lo*ca:], b[lo*cb:], y[lo*(ca+cb):], hi-lo, ca, cb)
	})
}

// BiasGrad sums the rows of dy (rows,c) into db (c): db[j] = Σ_i dy[i,j]. Runs of at most
// blockRows rows are added in float32, all else in float64.
func BiasGrad(db, dy []float32, rows, c int) {
	if c == 0 {
		return
	}
	db, dy = db[:c], dy[:rows*c]
	t := newTiling(rows, c)
	grain := t.grain()
	sums := newPartials((rows + grain - 1) / grain * c)
	defer sums.free()
	part := sums.v
	Parallel(rows, grain, func(worker, lo, hi int) {
		t.sums(part[lo/grain*c:][:c], dy[lo*c:hi*c], worker)
	})
	for j := range db {
		var s float64
		for k := j; k < len(part); k += c {
			s += part[k]
		}
		db[j] = float32(s)
	}
}

// GlobalAvgPool averages x (n,hw,c) over its pixels into y (n,c).
func GlobalAvgPool(y, x []float32, n, hw, c int) {
	if n*c == 0 {
		return
	}
	y, x = y[:n*c], x[:n*hw*c]
	t := newTiling(hw, c)
	Parallel(n, 1, func(worker, s, _ int) {
		sums := newPartials(c)
		t.sums(sums.v, x[s*hw*c:][:hw*c], worker)
		for j, v := range sums.v {
			y[s*c+j] = float32(v / float64(hw))
		}
		sums.free()
	})
}

// GlobalAvgPoolGrad is the gradient of GlobalAvgPool: dx (n,hw,c) = dy (n,c) / hw.
func GlobalAvgPoolGrad(dx, dy []float32, n, hw, c int) {
	dx, dy = dx[:n*hw*c], dy[:n*c]
	Parallel(n*hw, rowGrain(c), func(_, lo, hi int) {
		for r := lo; r < hi; {
			s := r / hw
			first := dx[r*c:][:c]
			vecScale(first, dy[s*c:][:c], 1/float32(hw))
			for r++; r < min(hi, (s+1)*hw); r++ {
				copy(dx[r*c:][:c], first)
			}
		}
	})
}
