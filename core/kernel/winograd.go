package kernel

// Winograd's minimal filtering F(4x4,3x3), after Lavin and Gray, "Fast
// algorithms for convolutional neural networks" (2016): an output patch of 4x4
// is Aᵀ[(G g Gᵀ) ⊙ (Bᵀ d B)]A for the 6x6 input patch d. Summed over the input
// channels the products become 36 matrix products, with 36 multiplications a
// patch where the direct way has 144.

// winogradTiles is the number of patches that one job transforms, multiplies
// and transforms back while they stay in the second-level cache.
const winogradTiles = 28

var winogradG = [6][3]float32{
	{1. / 4, 0, 0},
	{-1. / 6, -1. / 6, -1. / 6},
	{-1. / 6, 1. / 6, -1. / 6},
	{1. / 24, 1. / 12, 1. / 6},
	{1. / 24, -1. / 12, 1. / 6},
	{0, 0, 1},
}

// fillWinograd transforms the weights into 36 planes of panels:
// plane (ξ), panel, input channel, width.
func (p *Packed) fillWinograd(w []float32) {
	width := p.micro.width
	plane := p.panels * p.inC * width
	ph := &p.phases[0]
	Parallel(p.inC, 8, func(_, lo, hi int) {
		for k := lo; k < hi; k++ {
			for panel := range p.panels {
				o := panel * width
				n := min(width, p.outC-o)
				var g [9][maxWidth]float32
				for t, src := range ph.source {
					p.row(g[t][:n], w, src[0], k, o, false)
				}
				var rows [6][3][maxWidth]float32 // G g
				for i, c := range winogradG {
					for x := range 3 {
						combine(&rows[i][x], c, &g[x], &g[3+x], &g[6+x])
					}
				}
				for i := range 6 {
					for j, c := range winogradG {
						var u [maxWidth]float32
						combine(&u, c, &rows[i][0], &rows[i][1], &rows[i][2])
						at := (i*6+j)*plane + (panel*p.inC+k)*width
						copy(p.weights[at:at+n], u[:n])
					}
				}
			}
		}
	})
}

// maxWidth is the widest panel of any instruction set.
const maxWidth = 32

func combine(d *[maxWidth]float32, c [3]float32, a, b, e *[maxWidth]float32) {
	for i := range d {
		d[i] = c[0]*a[i] + c[1]*b[i] + c[2]*e[i]
	}
}

// planWinograd cuts the patches of all pictures into blocks.
func (g *grid) planWinograd() int {
	g.block = (*grid).winogradBlock
	g.nby, g.nbx = split(g.rows, 4), split(g.cols, 4)
	g.total = g.n * g.nby * g.nbx
	g.blocks = split(g.total, winogradTiles)
	return g.blocks
}

func (g *grid) winogradBlock(worker, job int) {
	t0, t1 := g.total*job/g.blocks, g.total*(job+1)/g.blocks
	th, tw := g.nby, g.nbx
	p, m := g.p, g.p.micro
	n, ci := t1-t0, pixelStride(p.inC, 1)
	co := p.panels * m.width
	v := scratch(worker, slotWinoV, 36*n*ci)
	prod := scratch(worker, slotWinoM, 36*n*co)
	a := &workerArgs[worker]
	a.wino.tmp = addr(scratch(worker, slotWinoTmp, 36*m.lanes()), 0)
	for q := range n {
		g.winogradIn(worker, (t0+q)/(th*tw), (t0+q)/tw%th, (t0+q)%tw, v[q*ci:], 4*n*ci)
	}

	t := &a.tile
	setTaps(t, &workerTaps[worker], 1, 1, p.inC, p.inC, 1)
	t.lda, t.ldc = int64(4*ci), int64(4*co)
	runs := split(n, m.rows)
	for xi := range 36 {
		for panel := range p.panels {
			t.b = addr(p.weights, (xi*p.panels+panel)*p.inC*m.width)
			for r := range runs {
				ra, rb := n*r/runs, n*(r+1)/runs
				t.a, t.c = addr(v, (xi*n+ra)*ci), addr(prod, (xi*n+ra)*co+panel*m.width)
				t.run(m, rb-ra)
			}
		}
	}

	bias := g.dst.bias
	if bias == nil {
		bias = scratch(worker, slotBias, p.outC)
		clear(bias)
	}
	a.wino.bias, a.wino.slope = addr(bias, 0), g.dst.slope
	for q := range n {
		g.winogradOut(worker, (t0+q)/(th*tw), (t0+q)/tw%th, (t0+q)%tw, prod[q*co:], 4*n*co)
	}
	a.tile, a.wino = tileArgs{}, winogradArgs{}
}

// winogradIn transforms the 6x6 patch of tile (ty,tx), read in place where it
// lies inside the picture.
func (g *grid) winogradIn(worker, b, ty, tx int, v []float32, plane int) {
	p, s := g.p, &g.src
	i, j := 4*ty+g.ph.y0, 4*tx+g.ph.x0
	a := &workerArgs[worker].wino
	a.dst, a.plane, a.groups = addr(v, 0), int64(plane), int64(p.inC/p.micro.lanes())
	if i >= 0 && j >= 0 && i+6 <= s.h && j+6 <= s.w {
		a.src, a.row, a.pix = addr(s.x, ((b*s.h+i)*s.w+j)*s.c), int64(4*s.w*s.c), int64(4*s.c)
	} else {
		patch := scratch(worker, slotPatch, 36*s.c)
		s.strip(patch, b, i, 6, j, 6, s.c)
		a.src, a.row, a.pix = addr(patch, 0), int64(4*6*s.c), int64(4*s.c)
	}
	a.in(p.micro)
}

// winogradOut writes the 4x4 patch of tile (ty,tx), or the part of it that
// lies inside the picture.
func (g *grid) winogradOut(worker, b, ty, tx int, prod []float32, plane int) {
	p, d := g.p, &g.dst
	a := &workerArgs[worker].wino
	a.src, a.plane, a.groups = addr(prod, 0), int64(plane), int64(p.outC/p.micro.lanes())
	out := ((b*d.h+4*ty)*d.w + 4*tx) * p.outC
	if 4*ty+4 <= d.h && 4*tx+4 <= d.w {
		a.dst, a.row, a.pix = addr(d.y, out), int64(4*d.w*p.outC), int64(4*p.outC)
		a.out(p.micro)
		return
	}
	patch := scratch(worker, slotPatch, 16*p.outC)
	a.dst, a.row, a.pix = addr(patch, 0), int64(4*4*p.outC), int64(4*p.outC)
	a.out(p.micro)
	for y := range min(4, d.h-4*ty) {
		copy(d.y[out+y*d.w*p.outC:][:min(4, d.w-4*tx)*p.outC], patch[y*4*p.outC:])
	}
}
