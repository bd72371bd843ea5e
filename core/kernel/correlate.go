package kernel

import "unsafe"

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
}

// correlate computes all phases of p from src into dst.
func (p *Packed) correlate(dst target, src source, n int) {
	for i := range p.phases {
		ph := &p.phases[i]
		rows := (dst.h - ph.oy + p.step - 1) / p.step
		cols := (dst.w - ph.ox + p.step - 1) / p.step
		if rows <= 0 || cols <= 0 || n == 0 {
			continue
		}
		g := &grid{p: p, ph: ph, src: src, dst: dst, n: n, rows: rows, cols: cols}
		switch {
		case p.layout == layoutWinograd:
			g.winograd()
		case p.layout == layoutNarrow:
			g.cut()
			g.each(g.narrowBlock)
		case cols < gatherRatio:
			g.gathered()
		default:
			g.cut()
			g.each(g.directBlock)
		}
	}
}

// cut chooses blocks whose input strip stays in the second-level cache.
func (g *grid) cut() {
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
}

// each runs f over all blocks and groups of panels.
func (g *grid) each(f func(worker, b, i0, i1, j0, j1, p0, p1 int)) {
	Parallel(g.n*g.nby*g.nbx*g.groups, 1, func(worker, lo, hi int) {
		for job := lo; job < hi; job++ {
			group, q := job%g.groups, job/g.groups
			bx, q := q%g.nbx, q/g.nbx
			by, b := q%g.nby, q/g.nby
			f(worker, b, by*g.bh, min(g.rows, (by+1)*g.bh), bx*g.bw, min(g.cols, (bx+1)*g.bw),
				g.p.panels*group/g.groups, g.p.panels*(group+1)/g.groups)
		}
	})
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

// directBlock computes outputs [i0,i1) x [j0,j1) of picture b for panels
// [p0,p1) from a strip of the input.
func (g *grid) directBlock(worker, b, i0, i1, j0, j1, p0, p1 int) {
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
	for panel := p0; panel < p1; panel++ {
		o := panel * m.width
		full := o+m.width <= p.outC
		t.bias = g.panelBias(worker, o)
		t.b = addr(p.weights, ph.offset+panel*p.panelLen(ph))
		for i := i0; i < i1; i++ {
			out := (b*g.dst.h+ph.oy+p.step*i)*g.dst.w + ph.ox
			for r := range runs {
				ja, jb := j0+(j1-j0)*r/runs, j0+(j1-j0)*(r+1)/runs
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

// gathered computes grids too narrow for tiles along a row: the inputs under
// the kernel are copied side by side, one row of a matrix for each output of
// all pictures.
func (g *grid) gathered() {
	p, ph, m := g.p, g.ph, g.p.micro
	k := ph.kh * ph.kw * p.inC
	lda := pixelStride(k, 1)
	total := g.n * g.rows * g.cols
	block := min(total, max(m.rows, min(8*m.rows, 2*stripFloats/lda/m.rows*m.rows)))
	blocks := split(total, block)
	g.groups = 1
	if blocks < enoughJobs {
		g.groups = min(p.panels, (enoughJobs+blocks-1)/blocks)
	}
	Parallel(blocks*g.groups, 1, func(worker, lo, hi int) {
		for job := lo; job < hi; job++ {
			group, q := job%g.groups, job/g.groups
			g.gatheredBlock(worker, total*q/blocks, total*(q+1)/blocks, lda,
				p.panels*group/g.groups, p.panels*(group+1)/g.groups)
		}
	})
}

// gatheredBlock computes outputs [r0,r1), counted over pictures, rows and
// columns, for panels [p0,p1).
func (g *grid) gatheredBlock(worker, r0, r1, lda, p0, p1 int) {
	p, ph, m := g.p, g.ph, g.p.micro
	a := scratch(worker, slotStrip, (r1-r0)*lda)
	for r := r0; r < r1; r++ {
		b, i, j := r/(g.rows*g.cols), r/g.cols%g.rows, r%g.cols
		for y := range ph.kh {
			g.src.stripRow(a[(r-r0)*lda+y*ph.kw*p.inC:][:ph.kw*p.inC], b, i*p.stride+ph.y0+y, j*p.stride+ph.x0, ph.kw, p.inC)
		}
	}
	t := &workerArgs[worker].tile
	setTaps(t, &workerTaps[worker], 1, 1, ph.kh*ph.kw*p.inC, ph.kh*ph.kw*p.inC, 1)
	t.lda = int64(4 * lda)
	t.flags, t.slope = g.dst.flags(), g.dst.slope
	runs := split(r1-r0, m.rows)
	tile := scratch(worker, slotTile, m.rows*m.width)
	dense := p.step == 1 // outputs follow each other without gaps
	for panel := p0; panel < p1; panel++ {
		o := panel * m.width
		t.bias = g.panelBias(worker, o)
		t.b = addr(p.weights, ph.offset+panel*p.panelLen(ph))
		for run := range runs {
			ra, rb := r0+(r1-r0)*run/runs, r0+(r1-r0)*(run+1)/runs
			t.a = addr(a, (ra-r0)*lda)
			if dense && o+m.width <= p.outC {
				t.c, t.ldc = addr(g.dst.y, ra*p.outC+o), int64(4*p.outC)
				t.run(m, rb-ra)
				continue
			}
			t.c, t.ldc = addr(tile, 0), int64(4*m.width)
			t.run(m, rb-ra)
			for r := ra; r < rb; r++ {
				b, i, j := r/(g.rows*g.cols), r/g.cols%g.rows, r%g.cols
				out := (b*g.dst.h+ph.oy+p.step*i)*g.dst.w + ph.ox + p.step*j
				copy(g.dst.y[out*p.outC+o:min((out+1)*p.outC, out*p.outC+o+m.width)], tile[(r-ra)*m.width:])
			}
		}
	}
	*t = tileArgs{}
}

// narrowBlock computes outputs [i0,i1) x [j0,j1) with few channels: a product
// over the rows of the kernel gives a column for each (tap column, channel),
// and shifted columns are added up. Nine columns of three channels fill a tile
// that the plain way would fill to three.
func (g *grid) narrowBlock(worker, b, i0, i1, j0, j1, _, _ int) {
	p, ph, m := g.p, g.ph, g.p.micro
	pix := pixelStride(p.inC, 1)
	rows, cols := i1-i0-1+ph.kh, j1-j0-1+ph.kw
	strip := scratch(worker, slotStrip, rows*cols*pix)
	g.src.strip(strip, b, i0+ph.y0, rows, j0+ph.x0, cols, pix)
	t := &workerArgs[worker].tile
	setTaps(t, &workerTaps[worker], ph.kh, 1, p.inC, pix, cols)
	width := p.panels * m.width
	t.lda, t.ldc = int64(4*pix), int64(4*width)
	products := scratch(worker, slotColumns, cols*width)
	runs := split(cols, m.rows)
	for i := i0; i < i1; i++ {
		for panel := range p.panels {
			t.b = addr(p.weights, ph.offset+panel*p.panelLen(ph))
			for r := range runs {
				ja, jb := cols*r/runs, cols*(r+1)/runs
				t.a = addr(strip, ((i-i0)*cols+ja)*pix)
				t.c = addr(products, ja*width+panel*m.width)
				t.run(m, jb-ja)
			}
		}
		out := (b*g.dst.h+ph.oy+p.step*i)*g.dst.w + ph.ox
		for j := j0; j < j1; j++ {
			y := g.dst.y[(out+p.step*j)*p.outC:][:p.outC]
			for o := range y {
				var s float32
				if g.dst.bias != nil {
					s = g.dst.bias[o]
				}
				at := (j-j0)*width + o
				for range ph.kw {
					s += products[at]
					at += width + p.outC
				}
				y[o] = max(s, g.dst.slope*s)
			}
		}
	}
	*t = tileArgs{}
}
