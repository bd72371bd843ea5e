package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// reductionKernels writes the sums in float64; n must be a multiple of 32.
func reductionKernels(zmm bool) {
	for _, dot := range []bool{false, true} {
		name, params := "sum", "(a *float32, n int) float64"
		if dot {
			name, params = "dot", "(a, b *float32, n int) float64"
		}
		k := begin(name, params, zmm)
		a := pointer("a")
		var b reg.Register
		if dot {
			b = pointer("b")
		}
		count := pointer("n")
		acc := make([]reg.VecVirtual, 4)
		for i := range acc {
			acc[i] = k.zero()
		}
		half := k.size / 2 // bytes of float32 that fill a register of float64
		step := len(acc) * half
		Label("loop")
		SUBQ(Imm(uint64(step/4)), count)
		JLT(LabelRef("done"))
		for i := range acc {
			v := k.vec()
			VCVTPS2PD(Mem{Base: a, Disp: i * half}, v)
			if dot {
				w := k.vec()
				VCVTPS2PD(Mem{Base: b, Disp: i * half}, w)
				VFMADD231PD(w, v, acc[i])
			} else {
				VADDPD(v, acc[i], acc[i])
			}
		}
		ADDQ(Imm(uint64(step)), a)
		if dot {
			ADDQ(Imm(uint64(step)), b)
		}
		JMP(LabelRef("loop"))
		Label("done")
		VADDPD(acc[1], acc[0], acc[0])
		VADDPD(acc[3], acc[2], acc[2])
		VADDPD(acc[2], acc[0], acc[0])
		if k.zmm {
			t := YMM()
			VEXTRACTF64X4(Imm(1), acc[0], t)
			VADDPD(t, acc[0].AsY(), acc[0].AsY())
		}
		lo, hi := acc[0].AsX(), XMM()
		VEXTRACTF128(Imm(1), acc[0].AsY(), hi)
		VADDPD(hi, lo, lo)
		VUNPCKHPD(lo, lo, hi)
		VADDSD(hi, lo, lo)
		VZEROUPPER()
		Store(lo, ReturnIndex(0))
		RET()
	}
}
