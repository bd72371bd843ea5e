package kernel

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
}

// GradWeights computes the gradient dw (HWIO) from x (n,h,w,InC) and dy
// (N,OH,OW,OutC).
func (c Conv) GradWeights(dw, x, dy []float32, n, h, w int) {
	oh, ow := c.OutSize(h, w)
	dw = dw[:c.WeightLen()]
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
	var up int
	var edge border
	_, _, _, up, edge = c.forwardPhases()
	ph := cross(transposedAxis(c.KH, 1, 0, 0), transposedAxis(c.KW, 1, 0, 0), 0, 0, c.KW)
	g := &gradWeights{m: microOf(isa), ph: &ph, n: n, rows: h*up + 2*c.Pad, cols: w*up + 2*c.Pad, stride: 1, step: 1, ci: c.OutC, co: c.InC,
		x:  source{x: dy, h: oh, w: ow, c: c.OutC, up: 1},
		dy: source{x: x, h: h, w: w, c: c.InC, up: up, border: edge}, origin: -c.Pad}
	clear(dw)
	g.run(dw, true)
}

func (c Conv) gradWeights(dw, x, dy []float32, n, h, w, oh, ow int, transpose bool) {
	if c.Stride == 1 && c.OutC <= 8 && c.InC > c.OutC && !transpose && !c.fusedUp() {
		c.gradSwapped(dw, x, dy, n, h, w, oh, ow)
		return
	}
	p := Packed{conv: c}
	p.phases, p.stride, p.step, p.up, p.border = c.forwardPhases()
	clear(dw)
	for i := range p.phases {
		ph := &p.phases[i]
		rows, cols := (oh-ph.oy+p.step-1)/p.step, (ow-ph.ox+p.step-1)/p.step
		if rows <= 0 || cols <= 0 || n == 0 {
			continue
		}
		g := &gradWeights{m: microOf(isa), ph: ph, n: n, rows: rows, cols: cols, stride: p.stride, step: p.step, ci: c.InC, co: c.OutC,
			x:  source{x: x, h: h, w: w, c: c.InC, up: p.up, border: p.border},
			dy: source{x: dy, h: oh, w: ow, c: c.OutC, up: 1}}
		g.run(dw, transpose)
	}
}

// run adds the phase's gradient to dw.
func (g *gradWeights) run(dw []float32, transpose bool) {
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
	blocks := split(g.n*g.perPic, g.units)
	width := g.panels * m.width
	size := ph.kh * ph.kw * g.ci * width
	groups := max(1, min(blocks, gradGroups, gradFloats/size))
	sums := newFloats(groups * size)
	defer sums.free()
	Parallel(groups, 1, func(worker, lo, hi int) {
		for group := lo; group < hi; group++ {
			sum := sums.v[group*size:][:size]
			clear(sum)
			for b := blocks * group / groups; b < blocks*(group+1)/groups; b++ {
				g.block(worker, sum, b*g.units, min((b+1)*g.units, g.n*g.perPic))
			}
		}
	})
	g.collect(dw, sums.v, groups, transpose)
}

// collect adds up the groups, and adds each tap to its kernel positions; no
// position belongs to two taps of a phase.
func (g *gradWeights) collect(dw, sums []float32, groups int, transpose bool) {
	width := g.panels * g.m.width
	taps := len(g.ph.source)
	size := taps * g.ci * width
	const rows = 16
	perTap := split(g.ci, rows)
	Parallel(taps*perTap, 1, func(worker, lo, hi int) {
		line := scratch(worker, slotBias, width)
		for job := lo; job < hi; job++ {
			tap := job / perTap
			for k := job % perTap * rows; k < min(g.ci, (job%perTap+1)*rows); k++ {
				copy(line, sums[(tap*g.ci+k)*width:][:width])
				for q := 1; q < groups; q++ {
					for j, v := range sums[q*size+(tap*g.ci+k)*width:][:width] {
						line[j] += v
					}
				}
				for _, pos := range g.ph.source[tap] {
					if transpose {
						for o, v := range line[:g.co] {
							dw[(pos*g.co+o)*g.ci+k] += v
						}
						continue
					}
					d := dw[(pos*g.ci+k)*g.co:][:g.co]
					for o := range d {
						d[o] += line[o]
					}
				}
			}
		}
	})
}

// block adds units [u0,u1) to sum, laid out (kh, kw, ci, panels·width).
func (g *gradWeights) block(worker int, sum []float32, u0, u1 int) {
	m, ph := g.m, g.ph
	units := u1 - u0
	rows, cols := (g.unit-1)*g.stride+ph.kh, (g.cols-1)*g.stride+ph.kw
	pitch, pix := tilePitch, rows*cols // of one tile of channels over a unit
	if g.merged {
		pitch = g.ci
	}
	tileLen := units * pix * pitch
	tilesStored := g.tiles
	if g.merged {
		tilesStored = 1
	}
	a := scratch(worker, slotStrip, tilesStored*tileLen+lineFloats)
	panelLen := units * g.unit * g.cols * m.width
	b := scratch(worker, slotColumns, g.panels*panelLen)
	segs := scratchSegs(worker, units*g.unit)
	count := 0
	for u := u0; u < u1; u++ {
		pic, i0 := u/g.perPic, u%g.perPic*g.unit
		i1 := min(g.rows, i0+g.unit)
		at := (u - u0) * pix * pitch
		if g.merged {
			g.x.strip(a[at:], pic, i0*g.stride+ph.y0, (i1-i0-1)*g.stride+ph.kh, ph.x0, cols, g.ci)
		} else {
			g.gatherX(a[at:], pic, i0*g.stride+ph.y0, (i1-i0-1)*g.stride+ph.kh, cols, tileLen)
		}
		for i := i0; i < i1; i++ {
			row := ((u-u0)*g.unit + i - i0) * g.cols
			g.gatherDY(b[row*m.width:], pic, i, panelLen)
			segs[count] = [2]int64{int64(4 * (at + (i-i0)*g.stride*cols*pitch)), int64(4 * row * m.width)}
			count++
		}
	}
	t := &workerArgs[worker].grad
	t.segs, t.nsegs, t.k = &segs[0], int64(count), int64(g.cols)
	t.ka = int64(4 * g.stride * pitch)
	width := g.panels * m.width
	t.ldc = int64(4 * width)
	for panel := range g.panels {
		t.b = addr(b, panel*panelLen)
		for tile := range g.tiles {
			g.tile(t, sum[panel*m.width:], a, tile, tileLen, cols, pitch, width)
		}
	}
	*t = gradArgs{}
}

// tile runs the micro-kernel over all taps of one tile of rows.
func (g *gradWeights) tile(t *gradArgs, sum, a []float32, tile, tileLen, cols, pitch, width int) {
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
			t.a, t.c = addr(a, tile*tileLen+(y*cols+x)*pitch), addr(sum, ((y*ph.kw+x)*g.ci+r0)*width)
			t.run(g.m, r1-r0)
		}
	}
}

// tilePitch is the room for one tile's channels of one pixel.
const tilePitch = lineFloats

// gatherX copies a strip of the input in tiles of channels.
func (g *gradWeights) gatherX(dst []float32, pic, i0, rows, cols, tileLen int) {
	s, ph := &g.x, g.ph
	for r := range rows {
		si := s.border.index(i0+r, s.h*s.up)
		for j := range cols {
			d := dst[(r*cols+j)*tilePitch:]
			sj := s.border.index(ph.x0+j, s.w*s.up)
			if si < 0 || sj < 0 {
				for tile := range g.tiles {
					*(*[tilePitch]float32)(d[tile*tileLen:]) = [tilePitch]float32{}
				}
				continue
			}
			px := s.x[((pic*s.h+si/s.up)*s.w+sj/s.up)*s.c:]
			for tile := range g.tiles {
				from := g.ci * tile / g.tiles
				if len(px) >= from+tilePitch {
					*(*[tilePitch]float32)(d[tile*tileLen:]) = *(*[tilePitch]float32)(px[from:])
				} else {
					copy(d[tile*tileLen:][:tilePitch], px[from:])
				}
			}
		}
	}
}

// gatherDY copies one row of the output's gradient in panels.
func (g *gradWeights) gatherDY(dst []float32, pic, i, panelLen int) {
	s, ph, width := &g.dy, g.ph, g.m.width
	si := s.border.index(g.origin+ph.oy+g.step*i, s.h*s.up)
	for j := range g.cols {
		sj := s.border.index(g.origin+ph.ox+g.step*j, s.w*s.up)
		var px []float32
		if si >= 0 && sj >= 0 {
			px = s.x[((pic*s.h+si/s.up)*s.w+sj/s.up)*s.c:][:s.c]
		}
		for panel := range g.panels {
			d := dst[panel*panelLen+j*width:][:width]
			n := 0
			if px != nil {
				n = copy(d, px[panel*width:])
			}
			if n < width {
				clear(d[n:])
			}
		}
	}
}

var workerSegs [maxWorkers + maxNesting][][2]int64

func scratchSegs(worker, n int) [][2]int64 {
	if cap(workerSegs[worker]) < n {
		workerSegs[worker] = make([][2]int64, n+n/4)
	}
	return workerSegs[worker][:n]
}
