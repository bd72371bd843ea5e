package kernel

import (
	"sync"
	"unsafe"
)

const (
	slotStrip = iota
	slotTile
	slotColumns
	slotWinoV
	slotWinoM
	slotWinoTmp
	slotPatch
	slotBias
)

const (
	stripFloats = 48 << 10 // of input that one job keeps in the second-level cache
	gatherRatio = 8        // grids narrower than this are gathered row by row
	enoughJobs  = 16       // below this the panels are divided as well
)

// target is the output of a correlation: n pictures of h x w, bias and a
// piecewise linear activation.
type target struct {
	y     []float32
	h, w  int
	bias  []float32
	slope float32
}

// grid is one phase laid over a picture size, cut into blocks of bh x bw
// outputs, and the panels cut into groups.
type grid struct {
	p          *Packed
	ph         *phase
	src        source
	dst        target
	n          int
	rows, cols int // of outputs
	bh, bw     int
	nby, nbx   int
	groups     int
	total      int // of matrix rows, or patches
	blocks     int
	lda        int
	block      func(g *grid, worker, job int)
	body       func(worker, lo, hi int) // runs block for a range of jobs
}

// grids keeps grids with their closures, so that a convolution allocates
// nothing.
var grids = sync.Pool{New: func() any {
	g := new(grid)
	g.body = func(worker, lo, hi int) {
		for job := lo; job < hi; job++ {
			g.block(g, worker, job)
		}
	}
	return g
}}

// correlate computes all phases of p from src into dst.
func (p *Packed) correlate(dst target, src source, n int) {
	for i := range p.phases {
		ph := &p.phases[i]
		rows := (dst.h - ph.oy + p.step - 1) / p.step
		cols := (dst.w - ph.ox + p.step - 1) / p.step
		if rows <= 0 || cols <= 0 || n == 0 {
			continue
		}
		g := grids.Get().(*grid)
		*g = grid{p: p, ph: ph, src: src, dst: dst, n: n, rows: rows, cols: cols, body: g.body}
		Parallel(g.plan(), 1, g.body)
		*g = grid{body: g.body}
		grids.Put(g)
	}
}

// plan chooses the way to compute the grid and returns the number of jobs.
func (g *grid) plan() int {
	switch {
	case g.p.layout == layoutWinograd:
		return g.planWinograd()
	case g.p.layout == layoutNarrow:
		g.block = (*grid).narrowBlock
		return g.cut()
	case g.cols < gatherRatio:
		return g.planGathered()
	}
	g.block = (*grid).directBlock
	return g.cut()
}

// cut chooses blocks whose input strip stays in the second-level cache, and
// returns the number of jobs.
func (g *grid) cut() int {
	p, ph := g.p, g.ph
	pix := pixelStride(p.inC, p.stride)
	g.bw = min(g.cols, 8*p.micro.rows)
	span := ((g.bw-1)*p.stride + ph.kw) * pix
	g.bh = max(1, min(g.rows, 16, (stripFloats/span-ph.kh)/p.stride+1))
	g.bw = (g.cols + split(g.cols, g.bw) - 1) / split(g.cols, g.bw)
	g.bh = (g.rows + split(g.rows, g.bh) - 1) / split(g.rows, g.bh)
	g.nby, g.nbx = split(g.rows, g.bh), split(g.cols, g.bw)
	g.groups = 1
	if jobs := g.n * g.nby * g.nbx; jobs < enoughJobs && p.layout == layoutDirect {
		g.groups = min(p.panels, (enoughJobs+jobs-1)/jobs)
	}
	return g.n * g.nby * g.nbx * g.groups
}

// area is what one job of a cut grid computes: outputs [i0,i1) x [j0,j1) of
// picture b, panels [p0,p1).
type area struct{ b, i0, i1, j0, j1, p0, p1 int }

func (g *grid) area(job int) area {
	group, q := job%g.groups, job/g.groups
	bx, q := q%g.nbx, q/g.nbx
	by, b := q%g.nby, q/g.nby
	return area{b, by * g.bh, min(g.rows, (by+1)*g.bh), bx * g.bw, min(g.cols, (bx+1)*g.bw),
		g.p.panels * group / g.groups, g.p.panels * (group + 1) / g.groups}
}

// flags are those of the tile kernel that apply bias and activation.
func (d *target) flags() int64 {
	if d.slope == 1 {
		return 0
	}
	return tileActivate
}

// panelBias is the bias of the width columns from o, copied to memory of the
// worker where the last panel is not full.
func (g *grid) panelBias(worker, o int) unsafe.Pointer {
	bias, width := g.dst.bias, g.p.micro.width
	if bias == nil {
		return nil
	}
	if o+width <= len(bias) {
		return addr(bias, o)
	}
	b := scratch(worker, slotBias, width)
	clear(b[copy(b, bias[o:]):])
	return addr(b, 0)
}

// setTaps lists the byte offsets of a phase's taps in a strip. Where pixels
// are not spaced the taps of one row are one run of kw·inC numbers.
func setTaps(t *tileArgs, taps *[maxTaps]int64, kh, kw, c, pix, cols int) {
	n := 0
	t.kc = int64(c)
	if pix == c {
		t.kc, kw = int64(kw*c), 1
	}
	for a := range kh {
		for b := range kw {
			taps[n] = int64(4 * (a*cols + b) * pix)
			n++
		}
	}
	t.taps, t.ntaps = &taps[0], int64(n)
}

// maxTaps bounds KH·KW of one phase.
const maxTaps = (maxKernel + 1) * (maxKernel + 1)

var workerTaps [maxWorkers + maxNesting][maxTaps]int64

// directBlock computes an area from a strip of the input.
func (g *grid) directBlock(worker, job int) {
	r := g.area(job)
	b, i0, i1, j0, j1 := r.b, r.i0, r.i1, r.j0, r.j1
	p, ph, m := g.p, g.ph, g.p.micro
	pix := pixelStride(p.inC, p.stride)
	rows, cols := (i1-i0-1)*p.stride+ph.kh, (j1-j0-1)*p.stride+ph.kw
	strip := scratch(worker, slotStrip, rows*cols*pix)
	g.src.strip(strip, b, i0*p.stride+ph.y0, rows, j0*p.stride+ph.x0, cols, pix)

	t := &workerArgs[worker].tile
	setTaps(t, &workerTaps[worker], ph.kh, ph.kw, p.inC, pix, cols)
	t.lda = int64(4 * p.stride * pix)
	t.flags, t.slope = g.dst.flags(), g.dst.slope
	runs := split(j1-j0, m.rows)
	tile := scratch(worker, slotTile, m.rows*m.width)
	for panel := r.p0; panel < r.p1; panel++ {
		o := panel * m.width
		full := o+m.width <= p.outC
		t.bias = g.panelBias(worker, o)
		t.b = addr(p.weights, ph.offset+panel*p.panelLen(ph))
		for i := i0; i < i1; i++ {
			out := (b*g.dst.h+ph.oy+p.step*i)*g.dst.w + ph.ox
			for run := range runs {
				ja, jb := j0+(j1-j0)*run/runs, j0+(j1-j0)*(run+1)/runs
				t.a = addr(strip, ((i-i0)*cols+(ja-j0))*p.stride*pix)
				if full {
					t.c, t.ldc = addr(g.dst.y, (out+p.step*ja)*p.outC+o), int64(4*p.step*p.outC)
					t.run(m, jb-ja)
					continue
				}
				t.c, t.ldc = addr(tile, 0), int64(4*m.width)
				t.run(m, jb-ja)
				for j := ja; j < jb; j++ {
					copy(g.dst.y[(out+p.step*j)*p.outC+o:(out+p.step*j+1)*p.outC], tile[(j-ja)*m.width:])
				}
			}
		}
	}
	*t = tileArgs{}
}
