package kernel

import "sync"

// Packed holds the weights of one convolution, or of its gradient to the data,
// in the order in which the micro-kernels read them: panels of the tile width,
// in each the taps, in each the input channels. It may be read concurrently.
// Weights packed under one instruction set must not be used under another.
type Packed struct {
	conv         Conv
	grad         bool
	micro        *micro
	inC, outC    int // channels read and written
	stride, step int
	up           int
	margin       int
	border       border
	phases       []phase
	layout       layout
	panels       int
	weights      []float32
}

// layout is the way a convolution is computed.
type layout uint8

const (
	layoutDirect   layout = iota // panels of output channels
	layoutNarrow                 // few output channels: columns are (tap column, channel)
	layoutWinograd               // 36 transformed planes
)

// Pack orders the weights w (HWIO) for Forward. It reuses p's memory when p is
// not nil.
func (c Conv) Pack(p *Packed, w []float32) *Packed {
	p = c.prepare(p, false)
	p.fill(w[:c.WeightLen()])
	return p
}

// PackGrad orders the weights w (HWIO) for GradData. It reuses p's memory when
// p is not nil.
func (c Conv) PackGrad(p *Packed, w []float32) *Packed {
	p = c.prepare(p, true)
	p.fill(w[:c.WeightLen()])
	return p
}

// prepare settles geometry, layout and memory, which depend on c alone.
func (c Conv) prepare(p *Packed, grad bool) *Packed {
	m := microOf(isa)
	if p != nil && p.conv == c && p.grad == grad && p.micro == m {
		return p
	}
	if p == nil {
		p = new(Packed)
	}
	*p = Packed{conv: c, grad: grad, micro: m, inC: c.InC, outC: c.OutC, up: 1, weights: p.weights}
	if grad {
		p.inC, p.outC = c.OutC, c.InC
		p.phases, p.stride, p.step, p.margin = c.gradPhases()
	} else {
		p.phases, p.stride, p.step, p.up, p.border = c.forwardPhases()
	}
	columns := p.outC
	first := &p.phases[0]
	switch {
	case !c.Direct && m.winogradIn != nil && len(p.phases) == 1 && first.kh == 3 && first.kw == 3 && p.stride == 1 && p.up == 1 &&
		p.inC >= 32 && p.outC >= 32 && p.inC%m.lanes() == 0 && p.outC%m.lanes() == 0:
		p.layout = layoutWinograd
	case p.stride == 1 && p.outC <= m.width/4 && p.maxKW() > 1 && p.maxKW()*p.outC <= 2*m.width:
		p.layout = layoutNarrow
		columns = p.maxKW() * p.outC
	}
	p.panels = (columns + m.width - 1) / m.width
	total := 0
	for i := range p.phases {
		ph := &p.phases[i]
		ph.offset = total
		total += p.panels * p.panelLen(ph)
	}
	if cap(p.weights) < total {
		p.weights = Aligned(total) // zeros: to write them again would touch every page at start
		return p
	}
	p.weights = p.weights[:total]
	clear(p.weights)
	return p
}

func (p *Packed) maxKW() (n int) {
	for i := range p.phases {
		n = max(n, p.phases[i].kw)
	}
	return n
}

// panelLen is the length of one panel of a phase.
func (p *Packed) panelLen(ph *phase) int {
	switch p.layout {
	case layoutNarrow:
		return ph.kh * p.inC * p.micro.width
	case layoutWinograd:
		return 36 * p.inC * p.micro.width
	}
	return ph.kh * ph.kw * p.inC * p.micro.width
}

// fill writes the weights in order, one tap of one phase at a time.
func (p *Packed) fill(w []float32) {
	if p.layout == layoutWinograd {
		p.fillWinograd(w)
		return
	}
	for i := range p.phases {
		ph := &p.phases[i]
		const rows = 64 // input channels a job
		blocks := (p.inC + rows - 1) / rows
		Parallel(len(ph.source)*blocks, 1, func(_, lo, hi int) {
			for job := lo; job < hi; job++ {
				k0 := job % blocks * rows
				p.fillTap(ph, job/blocks, k0, min(k0+rows, p.inC), w)
			}
		})
	}
}

// fillTap writes input channels [k0,k1) of one tap.
func (p *Packed) fillTap(ph *phase, tap, k0, k1 int, w []float32) {
	width := p.micro.width
	panel := p.panelLen(ph)
	base, column := ph.offset+tap*p.inC*width, 0
	if p.layout == layoutNarrow {
		base, column = ph.offset+tap/ph.kw*p.inC*width, tap%ph.kw*p.outC
	}
	src := ph.source[tap]
	for o := 0; o < p.outC; {
		at := column + o
		n := min(width-at%width, p.outC-o)
		dst := p.weights[base+at/width*panel:]
		for k := k0; k < k1; k++ {
			d := dst[k*width+at%width:][:n]
			if len(src) == 0 {
				clear(d)
			}
			for s, pos := range src {
				p.row(d, w, pos, k, o, s > 0)
			}
		}
		o += n
	}
}

// row copies, or adds, the weights of kernel position pos from channel k to
// channels o and following.
func (p *Packed) row(d, w []float32, pos, k, o int, add bool) {
	if p.transposedWeights() {
		stride := p.inC // HWIO with the roles of the channels exchanged
		s := w[(pos*p.outC+o)*stride+k:]
		for j := range d {
			if add {
				d[j] += s[j*stride]
			} else {
				d[j] = s[j*stride]
			}
		}
		return
	}
	s := w[(pos*p.inC+k)*p.outC+o:][:len(d)]
	if !add {
		copy(d, s)
		return
	}
	for j, v := range s {
		d[j] += v
	}
}

// transposedWeights tells whether the channels read are the second of the two
// in HWIO: in gradients, since HWIO always means (input, output) of the layer.
func (p *Packed) transposedWeights() bool { return p.grad }

// matPacked keeps the panels of MatMul's right-hand sides.
var matPacked = sync.Pool{New: func() any { return new(Packed) }}
