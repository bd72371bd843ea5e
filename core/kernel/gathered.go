package kernel

// planGathered serves grids too narrow for tiles along a row: the inputs under
// the kernel are copied side by side, one row of a matrix for each output of
// all pictures.
func (g *grid) planGathered() int {
	p, m := g.p, g.p.micro
	g.block = (*grid).gatheredBlock
	g.lda = pixelStride(g.ph.kh*g.ph.kw*p.inC, 1)
	g.total = g.n * g.rows * g.cols
	block := min(g.total, max(m.rows, min(8*m.rows, 2*stripFloats/g.lda/m.rows*m.rows)))
	g.blocks = split(g.total, block)
	g.groups = 1
	if g.blocks < enoughJobs {
		g.groups = min(p.panels, (enoughJobs+g.blocks-1)/g.blocks)
	}
	return g.blocks * g.groups
}

// gatheredBlock computes a run of outputs, counted over pictures, rows and
// columns, for a group of panels.
func (g *grid) gatheredBlock(worker, job int) {
	group, q := job%g.groups, job/g.groups
	r0, r1, lda := g.total*q/g.blocks, g.total*(q+1)/g.blocks, g.lda
	p0, p1 := g.p.panels*group/g.groups, g.p.panels*(group+1)/g.groups
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
