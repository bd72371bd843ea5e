package kernel

import "sync"

// Every product with the weights — convolution, transposed convolution, the
// fused upsampling, and the gradients to the data of all three — is a sum of
// correlations, each of which fills one regular grid of the output:
//
//	y[step·i+oy, step·j+ox] = Σ_{a<kh,b<kw} x̂[stride·i+y0+a, stride·j+x0+b] · w'[a,b]
//
// A convolution is one such phase; a transposed one of stride s has s² of
// them, with every s-th weight each; nearest upsampling by two followed by a
// convolution has four, whose weights are sums of those that fall on the same
// source pixel (2.25 times fewer products for a 3x3 kernel).

// phase is one grid. source lists for each of the kh·kw taps the positions in
// the HWIO kernel whose weights are added up.
type phase struct {
	kh, kw int
	y0, x0 int
	oy, ox int
	source [][]int
	offset int // of its weights in Packed.weights
}

// axis is one dimension of a phase: taps, origin, and the kernel positions of
// each tap.
type axis struct {
	origin int
	source [][]int
}

// convAxis is a convolution's only phase.
func convAxis(k, pad int) axis {
	a := axis{origin: -pad}
	for i := range k {
		a.source = append(a.source, []int{i})
	}
	return a
}

// transposedAxis is phase r of a transposed convolution: output s·q+r takes
// kernel position m from input q+(r+pad-m)/s wherever s divides.
func transposedAxis(k, s, pad, r int) axis {
	first := (r + pad) % s
	count := max(0, (k-first+s-1)/s)
	a := axis{origin: (r+pad-first)/s - (count - 1)}
	for i := range count {
		a.source = append(a.source, []int{first + s*(count-1-i)})
	}
	if count == 0 { // no weight reaches this grid: one tap of zeros
		a = axis{source: [][]int{nil}}
	}
	return a
}

// upAxis is phase r of nearest upsampling by two, then a convolution: kernel
// position m reads source q + ⌊(r+m-pad)/2⌋.
func upAxis(k, pad, r int) axis {
	lo, hi := floorHalf(r-pad), floorHalf(r+k-1-pad)
	a := axis{origin: lo, source: make([][]int, hi-lo+1)}
	for m := range k {
		d := floorHalf(r+m-pad) - lo
		a.source[d] = append(a.source[d], m)
	}
	return a
}

// upGradAxis is the gradient to the data of the same: a convolution of stride
// two whose tap t gathers kernel positions pad-t and pad-t+1. margin widens
// the result by so many pixels on each side.
func upGradAxis(k, pad, margin int) axis {
	a := axis{origin: pad - k + 1 - 2*margin}
	for i := range k + 1 {
		var src []int
		for _, m := range []int{k - 1 - i, k - i} {
			if m >= 0 && m < k {
				src = append(src, m)
			}
		}
		a.source = append(a.source, src)
	}
	return a
}

func floorHalf(i int) int { return i >> 1 }

// cross joins the vertical and the horizontal axis of a phase.
func cross(v, h axis, oy, ox, kw int) phase {
	p := phase{kh: len(v.source), kw: len(h.source), y0: v.origin, x0: h.origin, oy: oy, ox: ox}
	for _, rows := range v.source {
		for _, cols := range h.source {
			var src []int
			for _, a := range rows {
				for _, b := range cols {
					src = append(src, a*kw+b)
				}
			}
			p.source = append(p.source, src)
		}
	}
	return p
}

// border says what a correlation reads outside its input.
type border uint8

const (
	borderZero border = iota
	borderReflect
	borderClamp
)

// index maps i to [0,n), or to -1 for zero.
func (b border) index(i, n int) int {
	switch {
	case i >= 0 && i < n:
		return i
	case b == borderZero:
		return -1
	case b == borderClamp:
		return max(0, min(i, n-1))
	}
	return borderIndex(i, n, PadReflect)
}

// fusedUp tells whether upsampling can be folded into the weights. With
// reflection by more than one pixel the border would need other weights.
func (c Conv) fusedUp() bool {
	return c.Up == 2 && c.Stride == 1 && (c.PadMode == PadZero || c.Pad <= 1)
}

// forwardPhases describes the forward pass.
func (c Conv) forwardPhases() (ps []phase, stride, step, up int, b border) {
	switch {
	case c.Transposed:
		return c.transposedPhases(c.Stride, c.Pad), 1, c.Stride, 1, borderZero
	case c.fusedUp():
		for r := range 4 {
			ps = append(ps, cross(upAxis(c.KH, c.Pad, r/2), upAxis(c.KW, c.Pad, r%2), r/2, r%2, c.KW))
		}
		if c.PadMode == PadReflect {
			b = borderClamp // one upsampled pixel beyond the edge mirrors onto the edge's own source
		}
		return ps, 1, 2, 1, b
	}
	if c.PadMode == PadReflect {
		b = borderReflect
	}
	return []phase{cross(convAxis(c.KH, c.Pad), convAxis(c.KW, c.Pad), 0, 0, c.KW)}, c.Stride, 1, c.up(), b
}

func (c Conv) transposedPhases(s, pad int) (ps []phase) {
	for r := range s * s {
		ps = append(ps, cross(transposedAxis(c.KH, s, pad, r/s), transposedAxis(c.KW, s, pad, r%s), r/s, r%s, c.KW))
	}
	return ps
}

// gradPhases describes the gradient to the data, from dy to dx. margin is how
// far dx is widened on each side: what falls there is folded back afterwards,
// because the border mirrors it.
func (c Conv) gradPhases() (ps []phase, stride, step, margin int) {
	switch {
	case c.Transposed:
		return []phase{cross(convAxis(c.KH, c.Pad), convAxis(c.KW, c.Pad), 0, 0, c.KW)}, c.Stride, 1, 0
	case c.fusedUp():
		if c.PadMode == PadReflect {
			margin = c.Pad
		}
		return []phase{cross(upGradAxis(c.KH, c.Pad, margin), upGradAxis(c.KW, c.Pad, margin), 0, 0, c.KW)}, 2, 1, margin
	case c.PadMode == PadReflect:
		return c.transposedPhases(c.Stride, 0), 1, c.Stride, c.Pad
	}
	return c.transposedPhases(c.Stride, c.Pad), 1, c.Stride, 0
}

// phasePlan is what forwardPhases says, kept.
type phasePlan struct {
	phases           []phase
	stride, step, up int
	border           border
	swapped          phase // for gradSwapped
}

var (
	plansLock sync.RWMutex
	plans     = map[Conv]*phasePlan{}
)

// forwardPlan returns the forward pass of c, described once a process.
func (c Conv) forwardPlan() *phasePlan {
	plansLock.RLock()
	p := plans[c]
	plansLock.RUnlock()
	if p != nil {
		return p
	}
	p = &phasePlan{swapped: cross(transposedAxis(c.KH, 1, 0, 0), transposedAxis(c.KW, 1, 0, 0), 0, 0, c.KW)}
	p.phases, p.stride, p.step, p.up, p.border = c.forwardPhases()
	plansLock.Lock()
	defer plansLock.Unlock()
	plans[c] = p
	return p
}
