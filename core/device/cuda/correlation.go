package cuda

import (
	"fmt"

	"github.com/atelier-engine/atelier/core/kernel"
)

// correlation is one matrix product of src/weights.h: the sum over pixels (n,ph,pw) of what the source (n,h,w,·)
// shows under each tap, times rows (n·ph·pw,·).
type correlation struct {
	c            kernel.Conv
	dw           Arg
	source, rows Ptr
	n, h, w      int
	ph, pw       int
	alpha        float32
}

// weightsGrad appends the launches of k. The pixels are cut into so many parts that all multiprocessors are
// full, each part of at least 16 tiles of pixels.
func (t Target) weightsGrad(o *Op, k *correlation) {
	if k.n*k.h*k.w >= 1<<31 || k.n*k.ph*k.pw >= 1<<31 {
		panic(fmt.Sprintf("cuda: a weight gradient over %d pictures %dx%d: run fewer at a time", k.n, k.h, k.w))
	}
	c, b := k.c.InC, k.c.OutC // channels of the source and of rows
	mode, up := borderOf(k.c.PadMode), max(1, k.c.Up)
	if k.c.Transposed {
		c, b = b, c
	}
	taps, channels, source, dw := k.c.KH*k.c.KW, c, arg(k.source), k.dw
	if c%4 != 0 && taps > 1 && k.h*k.w >= 64 { // as gather.widen
		c = (c + 3) &^ 3
		source, dw = o.reserve(4*k.n*k.h*k.w*c), o.reserve(4*taps*c*b)
		o.launch("widen", blocksFor(k.n*k.h*k.w*c, 256), [3]int{256, 1, 1}, 0, source, k.source, k.n*k.h*k.w, channels, c)
	}
	columns, pixels := taps*c, k.n*k.ph*k.pw
	p, tl := t.gradPrecision(), tile{128, 64}
	switch {
	case b <= 32:
		tl = tile{128, 32}
	case p == F32:
	case columns <= 64:
		tl = tile{64, 64}
	case b > 64 && columns > 128:
		tl = tile{128, 128}
	}
	resident := 4 // blocks that a multiprocessor holds: large tiles fill its registers
	if tl.n > 64 {
		resident = 2
	}
	blocks := tl.blocks(columns, b)
	splits := max(1, min(resident*t.sms()/blocks, pixels/256, 256))
	out := dw
	if splits > 1 {
		out = o.reserve(4 * columns * b * splits)
	}
	flags := 0
	if c%4 == 0 && source.Bits%16 == 0 {
		flags |= 1
	}
	if b%4 == 0 && aligned(k.rows) {
		flags |= 2
	}
	stages, shared := t.stages(4 * 16 * (tl.m + 8 + tl.n + 8))
	o.launch(fmt.Sprintf("weights_%v_%dx%d", p, tl.m, tl.n), [3]int{ceil(columns, tl.m), ceil(b, tl.n), splits}, [3]int{128, 1, 1}, shared,
		out, source, k.rows, k.n, k.h, k.w, c, k.ph, k.pw, b, k.c.KH, k.c.KW, k.c.Stride, k.c.Pad, int(mode), up,
		splits, stages, k.c.Transposed, flags, k.alpha)
	if splits > 1 {
		o.launch("sum_parts", blocksFor(columns*b, 256), [3]int{256, 1, 1}, 0, dw, out, columns*b, splits)
	}
	if c != channels { // leave the gradients of the zeros out
		rows, length := taps, b
		if k.c.Transposed {
			rows, length = taps*b, 1
		}
		o.launch("widen", blocksFor(rows*length*channels, 256), [3]int{256, 1, 1}, 0, k.dw, dw, rows, length*c, length*channels)
	}
}
