package kernel

// A tiling makes rows of c channels, where c may be anything, into rows that suit vector
// registers: k rows are read as one wide row of w = k·c numbers, a multiple of a register, and
// what belongs to a channel is repeated k times. Only the last rows%k rows are shorter.
type tiling struct{ c, k, w int }

const (
	blockRows = 128 // wide rows added in float32 before the sum goes on in float64
	shiftRows = 32  // rows whose mean is the shift of the moments
)

// Slots of scratch memory; those below 8 belong to the convolutions.
const (
	slotSum = iota + 8
	slotDot
	slotShift
	slotScale
	slotOffset
	slotRow
	slotBlend
)

func newTiling(rows, c int) tiling {
	k := 1
	if c < 256 {
		for k*c%lineFloats != 0 || k*c < 4*lineFloats {
			k++
		}
	}
	k = max(1, min(k, rows))
	return tiling{c, k, k * c}
}

// grain is the number of rows of one chunk: whole wide rows, about two vectors' worth of work.
func (t tiling) grain() int { return (2*chunkFloats/t.w + 1) * t.k }

// spread repeats the c numbers at the start of a wide row over the rest of it.
func (t tiling) spread(wide []float32) {
	for i := t.c; i < t.w; i += t.c {
		copy(wide[i:], wide[:t.c])
	}
}

// each calls f for the whole wide rows of len(x) numbers, then for the shorter rest: f gets the
// offset of the first number, the number of rows and their width.
func (t tiling) each(n int, f func(lo, rows, w int)) {
	whole := n / t.w * t.w
	if whole > 0 {
		f(0, whole/t.w, t.w)
	}
	if whole < n {
		f(whole, 1, n-whole)
	}
}

// blocks calls f for runs of at most rows wide rows.
func (t tiling) blocks(n, rows int, f func(lo, hi int)) {
	for lo := 0; lo < n; lo += rows * t.w {
		f(lo, min(n, lo+rows*t.w))
	}
}

// fold adds a wide row of partial sums to the sums of the channels.
func (t tiling) fold(dst []float64, wide []float32) {
	for i := 0; i < t.w; i += t.c {
		for j, v := range wide[i:][:t.c] {
			dst[j] += float64(v)
		}
	}
}

// sums: dst[j] = Σ_i x[i,j]
func (t tiling) sums(dst []float64, x []float32, worker int) {
	clear(dst)
	acc := scratch(worker, slotSum, t.w)
	t.blocks(len(x), blockRows, func(lo, hi int) {
		clear(acc)
		t.each(hi-lo, func(at, rows, w int) { rowsColumnSums(acc, x[lo+at:], rows, w) })
		t.fold(dst, acc)
	})
}

// shift fills a wide row with the channel means of up to shiftRows rows spread over x. Moments
// around it do not cancel, however far the data lies from zero.
func (t tiling) shift(wide, x []float32) {
	rows := len(x) / t.c
	m := min(rows, shiftRows)
	first := wide[:t.c]
	clear(first)
	for i := range m {
		r := (i*rows/m + i*37*(m/shiftRows)) % rows // not always the same column of a picture
		rowsColumnSums(first, x[r*t.c:], 1, t.c)
	}
	vecScale(first, first, 1/float32(m))
	t.spread(wide)
}

// moments: sum[j] = Σ_i x[i,j]-shift[j] and squares[j] = Σ_i (x[i,j]-shift[j])²
func (t tiling) moments(sum, squares []float64, x, shift []float32, worker int) {
	clear(sum)
	clear(squares)
	a, q := scratch(worker, slotSum, t.w), scratch(worker, slotDot, t.w)
	t.blocks(len(x), blockRows, func(lo, hi int) {
		clear(a)
		clear(q)
		t.each(hi-lo, func(at, rows, w int) { rowsMoments(a, q, x[lo+at:], shift, rows, w) })
		t.fold(sum, a)
		t.fold(squares, q)
	})
}

// gradSums: sum[j] = Σ_i dy[i,j] and dot[j] = Σ_i dy[i,j]·(x[i,j]-mean[j])
func (t tiling) gradSums(sum, dot []float64, dy, x, mean []float32, worker int) {
	clear(sum)
	clear(dot)
	a, q := scratch(worker, slotSum, t.w), scratch(worker, slotDot, t.w)
	t.blocks(len(x), blockRows, func(lo, hi int) {
		clear(a)
		clear(q)
		t.each(hi-lo, func(at, rows, w int) { rowsGradSums(a, q, dy[lo+at:], x[lo+at:], mean, rows, w) })
		t.fold(sum, a)
		t.fold(dot, q)
	})
}

// affine: y = act(x·scale + offset) + res; res may be nil. Scale and offset are wide rows.
func (t tiling) affine(y, x, res, scale, offset []float32, act Act, worker int) {
	if act != ActTanh && act != ActSigmoid {
		slope, _ := act.slope()
		t.each(len(x), func(at, rows, w int) {
			var r []float32
			if res != nil {
				r = res[at:]
			}
			rowsAffine(y[at:], x[at:], r, scale, offset, slope, rows, w)
		})
		return
	}
	// Curved activations run block by block in the cache, apart from y, which may be res.
	few := max(1, chunkFloats/4/t.w)
	tmp := scratch(worker, slotRow, few*t.w)
	t.blocks(len(x), few, func(lo, hi int) {
		tmp := tmp[:hi-lo]
		t.each(hi-lo, func(at, rows, w int) { rowsAffine(tmp[at:], x[lo+at:], nil, scale, offset, 1, rows, w) })
		if res == nil {
			activateChunk(y[lo:hi], tmp, act)
			return
		}
		activateChunk(tmp, tmp, act)
		vecAdd(y[lo:hi], tmp, res[lo:hi])
	})
}

// gradApply: dx = a·dy + b·x + c, all three wide rows
func (t tiling) gradApply(dx, dy, x, a, b, c []float32) {
	t.each(len(x), func(at, rows, w int) { rowsGradApply(dx[at:], dy[at:], x[at:], a, b, c, rows, w) })
}
