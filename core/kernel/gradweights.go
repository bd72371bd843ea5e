package kernel

import "sync"

const (
	gradPixels = 768      // outputs a block: the length of the inner sum
	gradGroups = 16       // blocks are divided into at most so many groups
	gradFloats = 16 << 20 // that all groups' sums may take
)

// gradWeights sums x̂ᵀ·dy over pixels: for each tap a matrix (InC, OutC). The
// pixels are cut into blocks of whole rows; blocks fall into a fixed number of
// groups with a sum each, which are added in order, so that the result does
// not depend on the number of workers. Both operands are copied side by side
// first: the input in tiles of rows channels, the output's gradient in panels.
type gradWeights struct {
	m      *micro
	ph     *phase
	x, dy  source
	origin int // pixel of dy at the grid's first point
	n      int
	rows   int // of the output grid
	cols   int
	stride int
	step   int
	ci, co int
	merged bool // few channels: the rows of a tile run over (tap column, channel)
	tiles  int
	panels int
	unit   int // output rows in a unit; a unit lies in one picture
	perPic int // units a picture
	units  int // units a block

	blocks, groups, size int  // size: of one group's sum
	shares               int  // of a group: what a job sums
	byTiles              bool // a share is a run of tiles, not of panels
	dw, sums             []float32
	transpose            bool
	sumGroups, collect   func(worker, lo, hi int)
}

// gradPool keeps the structures with their closures, so that a gradient
// allocates nothing.
var gradPool = sync.Pool{New: func() any {
	g := new(gradWeights)
	g.sumGroups = func(worker, lo, hi int) {
		for job := lo; job < hi; job++ {
			g.sumGroup(worker, job)
		}
	}
	g.collect = func(worker, lo, hi int) {
		for job := lo; job < hi; job++ {
			g.collectRows(worker, job)
		}
	}
	return g
}}

// compute runs a gradient described by v and adds it to dw.
func (v gradWeights) compute(dw []float32, transpose bool) {
	g := gradPool.Get().(*gradWeights)
	v.sumGroups, v.collect = g.sumGroups, g.collect
	v.m, v.dw, v.transpose = microOf(isa), dw, transpose
	*g = v
	g.run()
	*g = gradWeights{sumGroups: v.sumGroups, collect: v.collect}
	gradPool.Put(g)
}

// GradWeights computes the gradient dw (HWIO) from x (n,h,w,InC) and dy
// (N,OH,OW,OutC).
func (c Conv) GradWeights(dw, x, dy []float32, n, h, w int) {
	oh, ow := c.OutSize(h, w)
	dw, x, dy = dw[:c.WeightLen()], x[:n*h*w*c.InC], dy[:n*oh*ow*c.OutC]
	if c.Transposed { // y is the input of the convolution that this one turns round
		inner := Conv{InC: c.OutC, OutC: c.InC, KH: c.KH, KW: c.KW, Stride: c.Stride, Pad: c.Pad}
		inner.gradWeights(dw, dy, x, n, oh, ow, h, w, true)
		return
	}
	c.gradWeights(dw, x, dy, n, h, w, oh, ow, false)
}

// gradSwapped computes the gradient for few output channels with the operands
// exchanged: the padded input stands where dy does, in full panels, and dy,
// read backwards, takes the place of the input,
//
//	dw[a,b] = Σ_q x̂[q-Pad] · dy[q-(a,b)].
func (c Conv) gradSwapped(dw, x, dy []float32, n, h, w, oh, ow int) {
	p := c.forwardPlan()
	clear(dw)
	gradWeights{ph: &p.swapped, n: n, rows: h*p.up + 2*c.Pad, cols: w*p.up + 2*c.Pad, stride: 1, step: 1, ci: c.OutC, co: c.InC,
		x:  source{x: dy, h: oh, w: ow, c: c.OutC, up: 1},
		dy: source{x: x, h: h, w: w, c: c.InC, up: p.up, border: p.border}, origin: -c.Pad}.compute(dw, true)
}

func (c Conv) gradWeights(dw, x, dy []float32, n, h, w, oh, ow int, transpose bool) {
	if c.Stride == 1 && c.OutC <= 8 && c.InC > c.OutC && !transpose && !c.fusedUp() {
		c.gradSwapped(dw, x, dy, n, h, w, oh, ow)
		return
	}
	p := c.forwardPlan()
	clear(dw)
	for i := range p.phases {
		ph := &p.phases[i]
		rows, cols := (oh-ph.oy+p.step-1)/p.step, (ow-ph.ox+p.step-1)/p.step
		if rows <= 0 || cols <= 0 || n == 0 {
			continue
		}
		gradWeights{ph: ph, n: n, rows: rows, cols: cols, stride: p.stride, step: p.step, ci: c.InC, co: c.OutC,
			x:  source{x: x, h: h, w: w, c: c.InC, up: p.up, border: p.border},
			dy: source{x: dy, h: oh, w: ow, c: c.OutC, up: 1}}.compute(dw, transpose)
	}
}

// run cuts the pixels into blocks and adds the phase's gradient to dw.
func (g *gradWeights) run() {
	m, ph := g.m, g.ph
	g.merged = ph.kw*g.ci <= 2*lineFloats || g.ci < 8
	rows := g.ci
	if g.merged {
		rows = ph.kw * g.ci
	}
	g.tiles, g.panels = split(rows, m.rows), split(g.co, m.width)
	g.unit = max(1, min(g.rows, gradPixels/g.cols))
	g.perPic = split(g.rows, g.unit)
	g.units = max(1, gradPixels/(g.unit*g.cols))
	g.blocks = split(g.n*g.perPic, g.units)
	width := g.panels * m.width
	g.size = ph.kh * ph.kw * g.ci * width
	g.groups = max(1, min(g.blocks, gradGroups, gradFloats/g.size))
	sums := newFloats(g.groups * g.size)
	defer sums.free()
	g.sums = sums.v
	// Few pixels make few groups: then a group is shared by several jobs, of
	// which each copies all of one operand and its part of the other. Shared is
	// the one that takes longer to copy.
	g.byTiles = !g.merged && g.stride*g.stride*g.ci > g.co
	parts := g.panels
	if g.byTiles {
		parts = g.tiles
	}
	g.shares = max(1, min(parts/2, split(enoughJobs, g.groups)))
	Parallel(g.groups*g.shares, 1, g.sumGroups)
	Parallel(len(ph.source)*split(g.ci, collectChannels), 1, g.collect)
}

// part is what one job computes: panels [p0,p1) and tiles [t0,t1).
type part struct{ p0, p1, t0, t1 int }

// sumGroup sums the blocks of one group for a share of its panels or tiles.
func (g *gradWeights) sumGroup(worker, job int) {
	group, share := job/g.shares, job%g.shares
	r := part{0, g.panels, 0, g.tiles}
	if g.byTiles {
		r.t0, r.t1 = g.tiles*share/g.shares, g.tiles*(share+1)/g.shares
	} else {
		r.p0, r.p1 = g.panels*share/g.shares, g.panels*(share+1)/g.shares
	}
	sum, width := g.sums[group*g.size:][:g.size], g.panels*g.m.width
	k0, k1 := 0, g.ci
	if g.byTiles {
		k0, k1 = g.ci*r.t0/g.tiles, g.ci*r.t1/g.tiles
	}
	for row := 0; row < g.size; row += g.ci * width {
		for k := k0; k < k1; k++ {
			clear(sum[row+k*width+r.p0*g.m.width : row+k*width+r.p1*g.m.width])
		}
	}
	for b := g.blocks * group / g.groups; b < g.blocks*(group+1)/g.groups; b++ {
		g.block(worker, sum, b*g.units, min((b+1)*g.units, g.n*g.perPic), r)
	}
}

// collectChannels is the number of input channels that one job adds up.
const collectChannels = 16

// collectRows adds up the groups for some channels of a tap, and adds the
// result to the tap's kernel positions; no position belongs to two taps of a
// phase.
func (g *gradWeights) collectRows(worker, job int) {
	width := g.panels * g.m.width
	line := scratch(worker, slotBias, width)
	perTap := split(g.ci, collectChannels)
	tap := job / perTap
	for k := job % perTap * collectChannels; k < min(g.ci, (job%perTap+1)*collectChannels); k++ {
		at := (tap*g.ci + k) * width
		copy(line, g.sums[at:][:width])
		for q := 1; q < g.groups; q++ {
			for j, v := range g.sums[q*g.size+at:][:width] {
				line[j] += v
			}
		}
		for _, pos := range g.ph.source[tap] {
			if g.transpose {
				for o, v := range line[:g.co] {
					g.dw[(pos*g.co+o)*g.ci+k] += v
				}
				continue
			}
			d := g.dw[(pos*g.ci+k)*g.co:][:g.co]
			for o := range d {
				d[o] += line[o]
			}
		}
	}
}

// block adds units [u0,u1) to its part of sum, laid out (kh, kw, ci,
// panels·width).
func (g *gradWeights) block(worker int, sum []float32, u0, u1 int, r part) {
	m, ph := g.m, g.ph
	units := u1 - u0
	rows, cols := (g.unit-1)*g.stride+ph.kh, (g.cols-1)*g.stride+ph.kw
	pitch, pix := tilePitch, rows*cols // of one tile of channels over a unit
	if g.merged {
		pitch = g.ci
	}
	tileLen := units * pix * pitch
	tilesStored := r.t1 - r.t0
	if g.merged {
		tilesStored = 1
	}
	a := scratch(worker, slotStrip, tilesStored*tileLen+lineFloats)
	panelLen := units * g.unit * g.cols * m.width
	b := scratch(worker, slotColumns, (r.p1-r.p0)*panelLen)
	segs := scratchSegs(worker, units*g.unit)
	count := 0
	for u := u0; u < u1; u++ {
		pic, i0 := u/g.perPic, u%g.perPic*g.unit
		i1 := min(g.rows, i0+g.unit)
		at := (u - u0) * pix * pitch
		if g.merged {
			g.x.strip(a[at:], pic, i0*g.stride+ph.y0, (i1-i0-1)*g.stride+ph.kh, ph.x0, cols, g.ci)
		} else {
			g.gatherX(a[at:], pic, i0*g.stride+ph.y0, (i1-i0-1)*g.stride+ph.kh, cols, tileLen, r)
		}
		for i := i0; i < i1; i++ {
			row := ((u-u0)*g.unit + i - i0) * g.cols
			g.gatherDY(b[row*m.width:], pic, i, panelLen, r)
			segs[count] = [2]int64{int64(4 * (at + (i-i0)*g.stride*cols*pitch)), int64(4 * row * m.width)}
			count++
		}
	}
	t := &workerArgs[worker].grad
	t.segs, t.nsegs, t.k = &segs[0], int64(count), int64(g.cols)
	t.ka = int64(4 * g.stride * pitch)
	width := g.panels * m.width
	t.ldc = int64(4 * width)
	for panel := r.p0; panel < r.p1; panel++ {
		t.b = addr(b, (panel-r.p0)*panelLen)
		for tile := r.t0; tile < r.t1; tile++ {
			g.tile(t, sum[panel*m.width:], g.tileOf(a, (tile-r.t0)*tileLen), tile, cols, pitch, width)
		}
	}
	*t = gradArgs{}
}

// tileOf is the memory of a tile: all of it for merged channels.
func (g *gradWeights) tileOf(a []float32, at int) []float32 {
	if g.merged {
		return a
	}
	return a[at:]
}

// tile runs the micro-kernel over all taps of one tile of rows; a holds the
// tile's channels, or the whole strip when few channels are merged.
func (g *gradWeights) tile(t *gradArgs, sum, a []float32, tile, cols, pitch, width int) {
	ph := g.ph
	if g.merged {
		n := ph.kw * g.ci
		r0, r1 := n*tile/g.tiles, n*(tile+1)/g.tiles
		for y := range ph.kh {
			t.a, t.c = addr(a, y*cols*pitch+r0), addr(sum, (y*n+r0)*width)
			t.run(g.m, r1-r0)
		}
		return
	}
	r0, r1 := g.ci*tile/g.tiles, g.ci*(tile+1)/g.tiles
	for y := range ph.kh {
		for x := range ph.kw {
			t.a, t.c = addr(a, (y*cols+x)*pitch), addr(sum, ((y*ph.kw+x)*g.ci+r0)*width)
			t.run(g.m, r1-r0)
		}
	}
}
