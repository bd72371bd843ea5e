package kernel

// narrowBlock computes an area with few output channels: a product over the rows of the kernel gives a column for each (tap column, channel),
// and shifted columns are added up. Nine columns of three channels fill a tile
// that the plain way would fill to three.
func (g *grid) narrowBlock(worker, job int) {
	r := g.area(job)
	b, i0, i1, j0, j1 := r.b, r.i0, r.i1, r.j0, r.j1
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
			for run := range runs {
				ja, jb := cols*run/runs, cols*(run+1)/runs
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
