package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// flatKernels writes the kernels over whole vectors.
func flatKernels(zmm bool) {
	// y = a + b
	k := begin("add", "(y, a, b *float32, n int)", zmm)
	y, a, b := pointer("y"), pointer("a"), pointer("b")
	k.columns(bytes("n"), 4, func(at func(reg.Register) Mem) {
		v, w := k.load(at(a)), k.load(at(b))
		VADDPS(w, v, v)
		k.store(v, at(y))
	})
	k.end()

	// y = max(a, b), a where either is not a number
	k = begin("max", "(y, a, b *float32, n int)", zmm)
	y, a, b = pointer("y"), pointer("a"), pointer("b")
	k.columns(bytes("n"), 4, func(at func(reg.Register) Mem) {
		v, w := k.load(at(a)), k.load(at(b))
		VMAXPS(v, w, v)
		k.store(v, at(y))
	})
	k.end()

	// y += alpha*x
	k = begin("axpy", "(y, x *float32, alpha float32, n int)", zmm)
	y, x := pointer("y"), pointer("x")
	alpha := k.broadcast("alpha")
	k.columns(bytes("n"), 4, func(at func(reg.Register) Mem) {
		v, w := k.load(at(y)), k.load(at(x))
		VFMADD231PS(alpha, w, v)
		k.store(v, at(y))
	})
	k.end()

	// y = alpha*x
	k = begin("scale", "(y, x *float32, alpha float32, n int)", zmm)
	y, x = pointer("y"), pointer("x")
	alpha = k.broadcast("alpha")
	k.columns(bytes("n"), 4, func(at func(reg.Register) Mem) {
		v := k.load(at(x))
		VMULPS(alpha, v, v)
		k.store(v, at(y))
	})
	k.end()

	// y = a + t*(b-a)
	k = begin("lerp", "(y, a, b *float32, t float32, n int)", zmm)
	y, a, b = pointer("y"), pointer("a"), pointer("b")
	t := k.broadcast("t")
	k.columns(bytes("n"), 4, func(at func(reg.Register) Mem) {
		v, w := k.load(at(a)), k.load(at(b))
		VSUBPS(v, w, w)
		VFMADD231PS(t, w, v)
		k.store(v, at(y))
	})
	k.end()

	adam(zmm)
	maxIndex(zmm)
}

// adam: m += r1*(g-m); v += r2*(g*g-v); w -= rate*m / (sqrt(v)*unbias + eps)
func adam(zmm bool) {
	k := begin("adam", "(w, m, v, grad *float32, rate, near, far, unbias, eps float32, n int)", zmm)
	w, m, v, g := pointer("w"), pointer("m"), pointer("v"), pointer("grad")
	rate, r1, r2 := k.broadcast("rate"), k.broadcast("near"), k.broadcast("far")
	unbias, eps := k.broadcast("unbias"), k.broadcast("eps")
	k.columns(bytes("n"), 1, func(at func(reg.Register) Mem) {
		gv, mv, vv := k.load(at(g)), k.load(at(m)), k.load(at(v))
		d := k.vec()
		VSUBPS(mv, gv, d)
		VFMADD231PS(r1, d, mv)
		k.store(mv, at(m))
		VMULPS(gv, gv, d)
		VSUBPS(vv, d, d)
		VFMADD231PS(r2, d, vv)
		k.store(vv, at(v))
		VSQRTPS(vv, d)
		VFMADD213PS(eps, unbias, d)
		VMULPS(rate, mv, mv)
		VDIVPS(d, mv, mv)
		wv := k.load(at(w))
		VSUBPS(mv, wv, wv)
		k.store(wv, at(w))
	})
	k.end()
}

// maxIndex: where x > y: y = x and idx = base + position
func maxIndex(zmm bool) {
	k := begin("maxIndex", "(y *float32, idx *int32, x *float32, base int32, n int)", zmm)
	y, idx, x := pointer("y"), pointer("idx"), pointer("x")
	here := k.broadcast("base")
	if positions == nil {
		m := GLOBL("positions", RODATA|NOPTR)
		for i := range 16 {
			DATA(4*i, U32(uint32(i)))
		}
		positions = &m
	}
	VPADDD(*positions, here, here)
	step := constantBits(uint32(k.size / 4))
	k.columns(bytes("n"), 2, func(at func(reg.Register) Mem) {
		v, w, i := k.load(at(y)), k.load(at(x)), k.load(at(idx))
		k.selectGreater(w, v, func(choose func(yes, no reg.Register)) {
			choose(w, v)
			choose(here, i)
		})
		k.store(v, at(y))
		k.store(i, at(idx))
		VPADDD(step, here, here)
	})
	k.end()
}

var positions *Mem

// selectGreater compares a > b; choose then writes yes over no in the lanes where it holds.
func (k *kern) selectGreater(a, b reg.Register, f func(choose func(yes, no reg.Register))) {
	const greaterOrdered = 30
	if k.zmm {
		m := K()
		VCMPPS(Imm(greaterOrdered), b, a, m)
		f(func(yes, no reg.Register) { VMOVAPS(yes, m, no) })
		return
	}
	m := k.vec()
	VCMPPS(Imm(greaterOrdered), b, a, m)
	f(func(yes, no reg.Register) { VBLENDVPS(m, yes, no, no) })
}
