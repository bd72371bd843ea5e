package cuda

import "math"

// Table is a list of tensors in the memory of the device, for operations that work on many at once, as those of an
// optimiser do: one launch instead of hundreds.
type Table struct {
	At   Ptr // rows of addresses and, last, the number of values of each of them, 8 bytes apiece
	Rows int // fewer than 65536
	Most int // the largest number of values
}

// grid has the blocks of a row along x, as many as the longest row repays.
func (l Table) grid() [3]int { return [3]int{max(1, min(ceil(l.Most, 1024), 64)), l.Rows, 1} }

// over appends a launch of a kernel with a row of blocks for each row of a table.
func (o *Op) over(l Table, name string, shared int, args ...any) {
	countable(name, l.Most)
	o.launch(name, l.grid(), [3]int{256, 1, 1}, shared, args...)
}

// EMA computes avg = decay·avg + (1-decay)·w for each row (avg, w).
func (t Target) EMA(l Table, decay float32) Op {
	o := Op{Name: "moving average"}
	o.over(l, "ema", 0, l.At, 1-decay)
	return o
}

// Adam makes step number step (from 1) for each row (w, m, v, g). With normSq? and clip > 0, g is first scaled by
// min(1, clip/sqrt(normSq)).
func (t Target) Adam(l Table, lr, beta1, beta2, eps float32, step int, normSq Ptr, clip float32) Op {
	s := float64(max(1, step))
	rate := float32(float64(lr) / (1 - math.Pow(float64(beta1), s)))
	unbias := float32(1 / math.Sqrt(1-math.Pow(float64(beta2), s)))
	o := Op{Name: "adam"}
	o.over(l, "adam", 0, l.At, rate, 1-beta1, 1-beta2, unbias, eps, normSq, clip)
	return o
}

// SumSquares computes out = Σ x² over the values of all rows (x), added in float64.
func (t Target) SumSquares(out Ptr, l Table) Op {
	o := Op{Name: "sum of squares"}
	blocks := l.grid()[0] * l.Rows
	parts := o.reserve(8 * blocks)
	o.over(l, "list_squares", sharedReduce, parts, l.At)
	o.finish(out, parts, blocks, 1)
	return o
}
