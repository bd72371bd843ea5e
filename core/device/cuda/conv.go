package cuda

import (
	"fmt"

	"github.com/atelier-engine/atelier/core/kernel"
)

// border says what lies outside of the source, as in src/device.h.
type border int

const (
	borderZero border = iota
	borderReflect
	borderClamp
)

func borderOf(m kernel.PadMode) border {
	if m == kernel.PadReflect {
		return borderReflect
	}
	return borderZero
}

// gather is one implicit matrix product of src/conv.h: how the rows of A are gathered from a source (n,h,w,c),
// which weights B holds, and where the results go, (n,oh,ow,nn).
type gather struct {
	n, h, w, c  int
	oh, ow, nn  int
	kh, kw      int
	stride, pad int
	turned      bool // the stride is that of the output: phases
	border      border
	up          int
	swapped     bool // weights (KH,KW,N,C)
	bias, resid Ptr
	act         kernel.Act
	out, x      Ptr
	outArg      Arg // instead of out, in scratch memory
	biasArg     Arg // instead of bias, in scratch memory
	weights     Arg
	precision   Precision
}

// tile is the part of the output that a block computes.
type tile struct{ m, n int }

func ceil(a, b int) int { return (a + b - 1) / b }

// blocks counts the blocks of a tile for one phase.
func (t tile) blocks(rows, n int) int { return ceil(rows, t.m) * ceil(n, t.n) }

// rows is the number of outputs of one phase of one sample, the largest phase.
func (g *gather) rows() int {
	if g.turned {
		return ceil(g.oh, g.stride) * ceil(g.ow, g.stride)
	}
	return g.oh * g.ow
}

func (g *gather) phases() int {
	if g.turned {
		return g.stride * g.stride
	}
	return 1
}

// depth is k, of the largest phase.
func (g *gather) depth() int {
	if g.turned {
		return ceil(g.kh, g.stride) * ceil(g.kw, g.stride) * g.c
	}
	return g.kh * g.kw * g.c
}

// tile chooses the largest tile that keeps all multiprocessors busy; the largest of all wants two blocks on each,
// or its four warps wait for their copies in vain. Every tile adds in the same order, so the choice may look at the
// whole batch.
func (t Target) tile(g *gather) tile {
	rows := g.n * g.rows()
	if g.nn <= 32 {
		return tile{128, 32}
	}
	if g.precision == F32 {
		return tile{128, 64}
	}
	// Of two widths the one that computes fewer columns in vain, or else the larger.
	for _, tl := range []tile{{128, 128}, {128, 96}} {
		if waste := ceil(g.nn, tl.n)*tl.n - g.nn; waste < 32 && waste <= ceil(g.nn, 96)*96-g.nn && tl.blocks(rows, g.nn)*g.phases() >= 2*t.sms() {
			return tl
		}
	}
	if tall := (tile{128, 64}); tall.blocks(rows, g.nn)*g.phases() >= t.sms() {
		return tall
	}
	return tile{64, 64}
}

// splits says in how many parts k is cut where the outputs of a sample alone leave the GPU idle. It looks at
// one sample only: a sample's result must not depend on how many others there are.
func (t Target) splits(g *gather) int {
	blocks := tile{64, 64}.blocks(g.rows(), g.nn) * g.phases()
	if g.rows()*g.nn*g.phases() <= 4096 { // partial sums cost nothing
		return max(1, min(32/blocks, g.depth()/128))
	}
	return max(1, min(32/blocks, g.depth()/256, 8))
}

// stages is the number of tiles in shared memory, 2 to 4, and their size in bytes. Two blocks should fit into
// a multiprocessor.
func (t Target) stages(one int) (stages, bytes int) {
	stages = max(2, min(4, t.shared()/(2*one)))
	return stages, stages * one
}

const (
	flagVectorA = 1 << iota
	flagVectorB
	flagVectorOut
	flagTurned
	flagWhole
	flagQuads
)

func aligned(ps ...Ptr) bool {
	for _, p := range ps {
		if p%16 != 0 {
			return false
		}
	}
	return true
}

func (g *gather) check() {
	if g.n < 0 || g.n*g.h*g.w >= 1<<31 || g.n*g.oh*g.ow >= 1<<31 {
		panic(fmt.Sprintf("cuda: a convolution of %d pictures %dx%d to %dx%d: run fewer at a time", g.n, g.h, g.w, g.oh, g.ow))
	}
}

// do appends the launches of g.
func (t Target) do(o *Op, g *gather) {
	g.check()
	tl, splits := t.tile(g), t.splits(g)
	words := 1 // how many values of k a word of B holds
	if g.precision == F16 || g.precision == BF16 {
		words = 2
	}
	name := fmt.Sprintf("conv_%v_%dx%d", g.precision, tl.m, tl.n)
	b := 16 / words * (tl.n + 8)
	if g.swapped {
		name += "_swapped"
		b = tl.n * 20
	}
	a := tl.m * 20
	if words == 2 {
		a = tl.m * 24
	}
	stages, shared := t.stages(4 * (a + b))
	x := g.widen(o, words)
	final := g.outArg
	if !final.Scratch {
		final = arg(g.out)
	}
	bias := g.biasArg
	if !bias.Scratch {
		bias = arg(g.bias)
	}
	out, first, resid, act := final, bias, g.resid, g.act
	flags := 0
	wAligned := g.weights.Bits%16 == 0
	if g.c%4 == 0 && x.Bits%16 == 0 && (!g.swapped || wAligned) {
		flags |= flagVectorA
	}
	if g.nn%4 == 0 && wAligned {
		flags |= flagVectorB
	}
	if g.nn%4 == 0 && aligned(Ptr(final.Bits), Ptr(bias.Bits), g.resid) {
		flags |= flagVectorOut
	}
	if flags&flagVectorA != 0 && g.c%16 == 0 {
		flags |= flagWhole
	}
	if flags&flagVectorA != 0 && g.c == 4 && !g.turned && !g.swapped {
		flags |= flagQuads
	}
	step, stride := 1, g.stride
	if g.turned {
		flags |= flagTurned
		step, stride = g.stride, 1
	}
	total := g.n * g.oh * g.ow * g.nn
	if splits > 1 {
		out, first, resid, act = o.reserve(4*total*splits), arg(Ptr(0)), 0, kernel.ActNone
	}
	o.launch(name, [3]int{ceil(g.n*g.rows(), tl.m), ceil(g.nn, tl.n), g.phases() * splits}, [3]int{128, 1, 1}, shared,
		out, x, g.weights, first, resid, g.n, g.h, g.w, g.c, ceil(g.c, words)*words, g.oh, g.ow, g.nn, g.kh, g.kw,
		stride, step, g.pad, int(g.border), max(1, g.up), splits, stages, int(act), flags)
	if splits > 1 {
		o.launch("conv_finish", blocksFor(total, 256), [3]int{256, 1, 1}, 0,
			final, out, bias, g.resid, total, g.nn, splits, int(g.act))
	}
}

// widen gives pictures whose channels are no multiple of four, such as RGB, channels of zeros up to one, so that
// they can be copied in vectors: gathering values one by one costs more than the products. It returns the source.
// 16-bit weights are packed for pairs of channels, which must stay as many.
func (g *gather) widen(o *Op, words int) Arg {
	to := (g.c + 3) &^ 3
	if g.c == to || g.kh*g.kw == 1 || g.h*g.w < 64 || words == 2 && g.c%4 != 3 {
		return arg(g.x)
	}
	x := o.reserve(4 * g.n * g.h * g.w * to)
	o.launch("widen", blocksFor(g.n*g.h*g.w*to, 256), [3]int{256, 1, 1}, 0, x, g.x, g.n*g.h*g.w, g.c, to)
	if words == 1 {
		rows, length := g.kh*g.kw, g.nn // of the weights, and what a channel takes
		if g.swapped {
			rows, length = rows*g.nn, 1
		}
		w := o.reserve(4 * rows * length * to)
		o.launch("widen", blocksFor(rows*length*to, 256), [3]int{256, 1, 1}, 0, w, g.weights, rows, length*g.c, length*to)
		g.weights = w
	}
	g.c = to
	return x
}

// doNarrow appends the launch of src/conv_narrow.cu.
func (t Target) doNarrow(o *Op, g *gather) {
	g.check()
	o.launch("conv_narrow", [3]int{ceil(g.ow, 32), ceil(g.oh, 16), g.n}, [3]int{128, 1, 1}, sharedNarrow(g.kh, g.kw),
		g.out, g.x, g.weights, g.bias, g.resid, g.h, g.w, g.c, g.oh, g.ow, g.nn, g.kh, g.kw, g.pad, int(g.border), int(g.act),
		g.c%4 == 0 && aligned(g.x))
}

// sharedNarrow is the memory for the picture under a block and the weights of four channels.
func sharedNarrow(kh, kw int) int { return 16 * ((32+kw-1)*(16+kh-1) + 4*kh*kw) }

// blocksFor gives a grid of blocks of size threads for n values; kernels loop where it is short.
func blocksFor(n, size int) [3]int { return [3]int{min(ceil(n, size), 1<<16), 1, 1} }
