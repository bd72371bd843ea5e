package main

import (
	"math"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// constant is a vector in read-only memory with v in every lane.
func (t target) constant(v float32) Mem {
	name := "c" + map[float32]string{2: "two", 4: "four", 5: "five", 8: "eight"}[v] + t.suffix
	if m, ok := constants[name]; ok {
		return m
	}
	m := GLOBL(name, RODATA|NOPTR)
	for i := 0; i < t.bytes; i += 4 {
		DATA(i, U32(math.Float32bits(v)))
	}
	constants[name] = m
	return m
}

var constants = map[string]Mem{}

// inLine is one line of Bᵀd for F(4x4,3x3) (Lavin and Gray, 2016):
//
//	o0 = 4d0-5d2+d4           o1 = (d4-4d2)+(d3-4d1)   o2 = (d4-4d2)-(d3-4d1)
//	o3 = (d4-d2)+2(d3-d1)     o4 = (d4-d2)-2(d3-d1)    o5 = 4d1-5d3+d5
func (t target) inLine(d, o []VecPhysical, t0, t1 VecPhysical) {
	c2, c4, c5 := t.constant(2), t.constant(4), t.constant(5)
	VMOVAPS(d[4], o[0])
	VFMADD231PS(c4, d[0], o[0])
	VFNMADD231PS(c5, d[2], o[0])
	VMOVAPS(d[4], t0)
	VFNMADD231PS(c4, d[2], t0)
	VMOVAPS(d[3], t1)
	VFNMADD231PS(c4, d[1], t1)
	VADDPS(t1, t0, o[1])
	VSUBPS(t1, t0, o[2])
	VSUBPS(d[2], d[4], t0)
	VSUBPS(d[1], d[3], t1)
	VMOVAPS(t0, o[3])
	VFMADD231PS(c2, t1, o[3])
	VMOVAPS(t0, o[4])
	VFNMADD231PS(c2, t1, o[4])
	VMOVAPS(d[5], o[5])
	VFMADD231PS(c4, d[1], o[5])
	VFNMADD231PS(c5, d[3], o[5])
}

// columns is the first half of a transform: it takes the six columns at RSI,
// whose rows lie row bytes apart and which lie next bytes apart, through line,
// from in to out, and keeps the result at R11.
func (t target) columns(row, next GPPhysical, in, out []VecPhysical, line func()) {
	MOVQ(RSI, R12)
	for x := range 6 {
		MOVQ(R12, R13)
		for y := range in {
			VMOVUPS(Mem{Base: R13}, in[y])
			if y < len(in)-1 {
				ADDQ(row, R13)
			}
		}
		line()
		for y := range out {
			VMOVUPS(out[y], Mem{Base: R11, Disp: (y*6 + x) * t.bytes})
		}
		ADDQ(next, R12)
	}
}

// winogradIn transforms one 6x6 patch into 36 planes, for groups of channels
// of one register. args: dst src row pix plane tmp groups, strides in bytes;
// tmp holds 36 registers.
func (t target) winogradIn() {
	t.begin("winogradIn")
	MOVQ(arg(0), RDX)
	MOVQ(arg(1), RSI)
	MOVQ(arg(2), R8)
	MOVQ(arg(3), R9)
	MOVQ(arg(4), R10)
	MOVQ(arg(5), R11)
	MOVQ(arg(6), RCX)
	d, o, t0, t1 := t.reg[0:6], t.reg[6:12], t.reg[12], t.reg[13]
	Label("group")
	t.columns(R8, R9, d, o, func() { t.inLine(d, o, t0, t1) })
	MOVQ(RDX, R12)
	for y := range 6 {
		for x := range 6 {
			VMOVUPS(Mem{Base: R11, Disp: (y*6 + x) * t.bytes}, d[x])
		}
		t.inLine(d, o, t0, t1)
		for x := range 6 {
			VMOVUPS(o[x], Mem{Base: R12})
			ADDQ(R10, R12)
		}
	}
	ADDQ(Imm(uint64(t.bytes)), RSI)
	ADDQ(Imm(uint64(t.bytes)), RDX)
	DECQ(RCX)
	JNZ(LabelRef("group"))
	end()
}

// outLine is one line of Aᵀm:
//
//	o0 = m0+(m1+m2)+(m3+m4)   o1 = (m1-m2)+2(m3-m4)
//	o2 = (m1+m2)+4(m3+m4)     o3 = (m1-m2)+8(m3-m4)+m5
func (t target) outLine(m, o []VecPhysical, tmp []VecPhysical) {
	c2, c4, c8 := t.constant(2), t.constant(4), t.constant(8)
	VADDPS(m[2], m[1], tmp[0])
	VSUBPS(m[2], m[1], tmp[1])
	VADDPS(m[4], m[3], tmp[2])
	VSUBPS(m[4], m[3], tmp[3])
	VADDPS(tmp[0], m[0], o[0])
	VADDPS(tmp[2], o[0], o[0])
	VMOVAPS(tmp[1], o[1])
	VFMADD231PS(c2, tmp[3], o[1])
	VMOVAPS(tmp[0], o[2])
	VFMADD231PS(c4, tmp[2], o[2])
	VADDPS(m[5], tmp[1], o[3])
	VFMADD231PS(c8, tmp[3], o[3])
}

// winogradOut turns 36 planes into a 4x4 patch, adds the bias and applies
// max(v, slope·v). args: dst src row pix plane tmp groups bias slope.
func (t target) winogradOut() {
	t.begin("winogradOut")
	MOVQ(arg(0), RDX)
	MOVQ(arg(1), RSI)
	MOVQ(arg(2), R8)
	MOVQ(arg(3), R9)
	MOVQ(arg(4), R10)
	MOVQ(arg(5), R11)
	MOVQ(arg(6), RCX)
	MOVQ(arg(7), RBX)
	LEAQ(Mem{Base: R10, Index: R10, Scale: 2}, R15)
	ADDQ(R15, R15) // six planes: one line of the transformed patch
	m, o, tmp := t.reg[0:6], t.reg[6:10], t.reg[10:14]
	bias, slope := t.reg[14], t.reg[15]
	VBROADCASTSS(arg(8), slope)
	Label("group")
	t.columns(R15, R10, m, o, func() { t.outLine(m, o, tmp) })
	MOVQ(RDX, R12)
	VMOVUPS(Mem{Base: RBX}, bias)
	for y := range 4 {
		for x := range 6 {
			VMOVUPS(Mem{Base: R11, Disp: (y*6 + x) * t.bytes}, m[x])
		}
		t.outLine(m, o, tmp)
		MOVQ(R12, R13)
		for x := range 4 {
			VADDPS(bias, o[x], o[x])
			VMULPS(o[x], slope, tmp[0])
			VMAXPS(o[x], tmp[0], o[x])
			VMOVUPS(o[x], Mem{Base: R13})
			if x < 3 {
				ADDQ(R9, R13)
			}
		}
		ADDQ(R8, R12)
	}
	ADDQ(Imm(uint64(t.bytes)), RSI)
	ADDQ(Imm(uint64(t.bytes)), RDX)
	ADDQ(Imm(uint64(t.bytes)), RBX)
	DECQ(RCX)
	JNZ(LabelRef("group"))
	end()
}
