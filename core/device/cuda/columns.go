package cuda

// columns is the geometry of src/columns.h: sums over the rows of (n,hw,c) for every sample and channel.
type columns struct {
	n, hw, c int
	width    int // channels side by side in a block
}

func newColumns(n, hw, c int) columns {
	w := 1
	for w < c && w < 32 {
		w *= 2
	}
	return columns{n, hw, c, w}
}

func (s columns) block() [3]int { return [3]int{s.width, 256 / s.width, 1} }

// chunks is the number of parts that the rows are cut into for sums: by hw and c alone, so that the sums of a
// sample do not depend on the batch.
func (s columns) chunks() (count, rows int) {
	run, most := 256/s.width*8, max(64, 512/ceil(s.c, s.width)) // enough to fill a GPU, few enough to be added soon
	count = max(1, min(s.hw/run, most))
	rows = ceil(s.hw, count)
	return ceil(s.hw, rows), rows
}

// sumGrid is the grid that adds chunks, finishGrid the one that adds the chunks' sums.
func (s columns) sumGrid() [3]int {
	count, _ := s.chunks()
	return [3]int{count, ceil(s.c, s.width), s.n}
}

func (s columns) finishGrid() [3]int { return [3]int{1, ceil(s.c, s.width), s.n} }

// mapGrid is the grid of kernels that compute every value by itself, with the rows of a block.
func (s columns) mapGrid() (grid [3]int, rows int) {
	rows = 256 / s.width * 16
	return [3]int{ceil(s.hw, rows), ceil(s.c, s.width), s.n}, rows
}

// reserveParts takes scratch memory for two sums of every chunk.
func (s columns) reserveParts(o *Op) Arg {
	count, _ := s.chunks()
	return o.reserve(4 * s.n * count * 2 * s.c)
}

const (
	sharedParts  = 2 * 256 * 4 // of add_rows
	sharedFinish = 2 * 256 * 8 // of add_chunks
)

// BiasGrad sums rows: db[j] = Σ_i dy[i,j].
func (t Target) BiasGrad(db, dy Ptr, rows, c int) Op { return t.ColumnMeans(db, dy, 1, rows, c, false) }

// ColumnMeans computes y (n,c), the means or the sums over the hw rows of x (n,hw,c).
func (t Target) ColumnMeans(y, x Ptr, n, hw, c int, mean bool) Op {
	o := Op{Name: "column sums"}
	s := newColumns(n, hw, c)
	parts := s.reserveParts(&o)
	count, rows := s.chunks()
	scale := float32(1)
	if mean {
		scale = 1 / float32(hw)
	}
	o.launch("column_parts", s.sumGrid(), s.block(), sharedParts, parts, x, hw, c, rows)
	o.launch("column_finish", s.finishGrid(), s.block(), sharedFinish, y, parts, count, c, scale)
	return o
}

// GlobalAvgPoolGrad computes dx (n,hw,c) = dy (n,c)/hw.
func (t Target) GlobalAvgPoolGrad(dx, dy Ptr, n, hw, c int) Op {
	o := Op{Name: "global avgpool gradient"}
	s := newColumns(n, hw, c)
	grid, rows := s.mapGrid()
	o.launch("spread_columns", grid, s.block(), 0, dx, dy, hw, c, rows, 1/float32(hw))
	return o
}
