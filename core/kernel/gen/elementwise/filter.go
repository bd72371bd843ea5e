package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// mixRows: y[i] = Σ_k weight[k]*x[at[k]+i], multiplied and added one after the other from 0 on,
// not fused.
func mixRows(zmm bool) {
	k := begin("mixRows", "(y, x *float32, at *int, weight *float32, taps, n int)", zmm)
	y, x, at, weight := pointer("y"), pointer("x"), pointer("at"), pointer("weight")
	taps, end := pointer("taps"), bytes("n")
	row, tap := GP64(), GP64()
	const unroll = 4
	width := func(label string, count int, idx reg.Register, here func(u int) func(reg.Register) Mem) {
		sums := make([]reg.VecVirtual, count)
		for u := range sums {
			sums[u] = k.zero()
		}
		XORQ(tap, tap)
		Label(label)
		MOVQ(Mem{Base: at, Index: tap, Scale: 8}, row)
		LEAQ(Mem{Base: x, Index: row, Scale: 4}, row)
		w := k.vec()
		VBROADCASTSS(Mem{Base: weight, Index: tap, Scale: 4}, w)
		for u := range sums {
			v := k.load(here(u)(row))
			VMULPS(w, v, v)
			VADDPS(v, sums[u], sums[u])
		}
		INCQ(tap)
		CMPQ(tap, taps)
		JLT(LabelRef(label))
		for u := range sums {
			k.store(sums[u], here(u)(y))
		}
	}
	idx, next := GP64(), GP64()
	here := func(u int) func(reg.Register) Mem {
		return func(p reg.Register) Mem { return Mem{Base: p, Index: idx, Scale: 1, Disp: u * k.size} }
	}
	XORQ(idx, idx)
	for _, count := range []int{unroll, 1} {
		loop, out := fmt.Sprintf("mix%d", count), fmt.Sprintf("mixout%d", count)
		Label(loop)
		LEAQ(Mem{Base: idx, Disp: count * k.size}, next)
		CMPQ(next, end)
		JHI(LabelRef(out))
		width(fmt.Sprintf("taps%d", count), count, idx, here)
		MOVQ(next, idx)
		JMP(LabelRef(loop))
		Label(out)
	}
	left := next
	MOVQ(end, left)
	SUBQ(idx, left)
	JE(LabelRef("done"))
	SHRQ(Imm(2), left)
	k.setMask(left)
	width("tapsrest", 1, idx, here)
	k.mask = nil
	Label("done")
	k.end()
}

// mixPixels: four pixels of three numbers at a time, y[p] (+)= Σ_k weight[p*taps+k]*x[at[p*taps+k]].
// A pixel lies in one register, with the first number of the next; groups of four become three
// registers of y. It needs AVX only.
func mixPixels(add bool) {
	name := "mixPixels"
	if add {
		name += "Add"
	}
	TEXT(name, NOSPLIT, "func(y, x *float32, at *int32, weight *float32, taps, groups int)")
	Pragma("noescape")
	y, x, at, weight := pointer("y"), pointer("x"), pointer("at"), pointer("weight")
	taps, groups := pointer("taps"), pointer("groups")
	bytes := GP64()
	MOVQ(taps, bytes)
	SHLQ(Imm(2), bytes)
	three := GP64()
	LEAQ(Mem{Base: bytes, Index: bytes, Scale: 2}, three)
	tap, row := GP64(), GP64()
	Label("group")
	var p [4]reg.VecVirtual
	for i := range p {
		p[i] = XMM()
		VXORPS(p[i], p[i], p[i])
	}
	MOVQ(taps, tap)
	Label("tap")
	for i := range p {
		of := func(base reg.Register) Mem {
			switch i {
			case 0:
				return Mem{Base: base}
			case 3:
				return Mem{Base: base, Index: three, Scale: 1}
			}
			return Mem{Base: base, Index: bytes, Scale: uint8(i)}
		}
		MOVLQSX(of(at), row)
		LEAQ(Mem{Base: row, Index: row, Scale: 2}, row)
		w := XMM()
		VBROADCASTSS(of(weight), w)
		VMULPS(Mem{Base: x, Index: row, Scale: 4}, w, w)
		VADDPS(w, p[i], p[i])
	}
	ADDQ(Imm(4), at)
	ADDQ(Imm(4), weight)
	DECQ(tap)
	JNE(LabelRef("tap"))
	ADDQ(three, at) // on to the next group
	ADDQ(three, weight)
	first, second, third := XMM(), XMM(), XMM()
	VINSERTPS(Imm(0x30), p[1], p[0], first)  // 0 0 0 1
	VSHUFPS(Imm(0x49), p[2], p[1], second)   // 1 1 2 2
	VPERMILPS(Imm(0x90), p[3], third)        // - 3 3 3
	VINSERTPS(Imm(0x80), p[2], third, third) // 2 3 3 3
	for i, v := range []reg.VecVirtual{first, second, third} {
		if add {
			VADDPS(Mem{Base: y, Disp: 16 * i}, v, v)
		}
		VMOVUPS(v, Mem{Base: y, Disp: 16 * i})
	}
	ADDQ(Imm(48), y)
	DECQ(groups)
	JNE(LabelRef("group"))
	RET()
}
