package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// rowAddress gives memory operands for rows base + i*stride: small multiples
// of the stride live in registers, the rest comes from the index scale, and
// rows from 8 on start at a second base.
type rowAddress struct {
	base GPPhysical
	odd  map[int]GPPhysical // 1, 3, 5, 7 times the stride
}

// rowsFrom loads the stride from m and prepares its odd multiples.
func rowsFrom(base GPPhysical, m Mem, rows int) rowAddress {
	r := rowAddress{base, map[int]GPPhysical{1: R11}}
	MOVQ(m, R11)
	need := 1
	for i := 1; i < rows; i++ {
		if f, _ := factors(i % 8); f > need {
			need = f
		}
	}
	prev := R11
	for i, next := range []GPPhysical{R12, R13, R15} {
		f := 2*i + 3
		if f > need {
			break
		}
		LEAQ(Mem{Base: prev, Index: R11, Scale: 2}, next)
		r.odd[f], prev = next, next
	}
	return r
}

// second points RBX at row 8.
func (r rowAddress) second(rows int) {
	if rows > 8 {
		LEAQ(Mem{Base: r.base, Index: R11, Scale: 8}, RBX)
	}
}

// factors splits i into an odd factor and a power of two.
func factors(i int) (odd, pow int) {
	pow = 1
	if i == 0 {
		return 0, 1
	}
	for i%2 == 0 && pow < 8 {
		i /= 2
		pow *= 2
	}
	return i, pow
}

func (r rowAddress) row(i int) Mem {
	base := r.base
	if i >= 8 {
		base, i = RBX, i-8
	}
	if i == 0 {
		return Mem{Base: base}
	}
	odd, pow := factors(i)
	return Mem{Base: base, Index: r.odd[odd], Scale: uint8(pow)}
}

// tile is the kernel of everything that looks like a matrix product:
//
//	c[i][j] = act(bias[j] + Σ_t Σ_k a[i·lda + tap[t] + k] · b[t][k][j])
//
// for i < rows and j < two registers. The sum starts from c instead of the
// bias when flag 1 is set; act(v) = max(v, slope·v) when flag 2 is.
// args: a b c taps ntaps kc lda ldc bias flags slope. Taps and strides are in
// bytes; bias may be nil.
func (t target) tile(rows int) {
	t.begin(rowsName("tile", rows))
	a, b, c, taps, ntaps, kc := RSI, RDX, RCX, R8, R9, R10
	acc := func(i, j int) VecPhysical { return t.reg[2*i+j] }
	bv := func(j int) VecPhysical { return t.reg[2*rows+j] }

	MOVQ(arg(2), c)
	MOVQ(arg(9), RAX)
	BTQ(Imm(0), RAX)
	JCC(LabelRef("frombias"))
	cr := rowsFrom(c, arg(7), rows)
	cr.second(rows)
	for i := range rows {
		for j := range 2 {
			VMOVUPS(cr.row(i).Offset(j*t.bytes), acc(i, j))
		}
	}
	JMP(LabelRef("start"))

	Label("frombias")
	MOVQ(arg(8), RAX)
	TESTQ(RAX, RAX)
	JZ(LabelRef("fromzero"))
	for j := range 2 {
		VMOVUPS(Mem{Base: RAX, Disp: j * t.bytes}, acc(0, j))
		for i := 1; i < rows; i++ {
			VMOVAPS(acc(0, j), acc(i, j))
		}
	}
	JMP(LabelRef("start"))

	Label("fromzero")
	for i := range rows {
		t.zero(acc(i, 0))
		t.zero(acc(i, 1))
	}

	Label("start")
	MOVQ(arg(1), b)
	MOVQ(arg(3), taps)
	MOVQ(arg(4), ntaps)
	ar := rowsFrom(a, arg(6), rows)
	Label("tap")
	MOVQ(arg(0), a)
	ADDQ(Mem{Base: taps}, a)
	ADDQ(Imm(8), taps)
	MOVQ(arg(5), kc)
	ar.second(rows)
	Label("k")
	for j := range 2 {
		VMOVUPS(Mem{Base: b, Disp: j * t.bytes}, bv(j))
	}
	for i := range rows {
		t.multiplyAdd(ar.row(i), bv, i, rows)
	}
	ADDQ(Imm(uint64(2*t.bytes)), b)
	ADDQ(Imm(4), a)
	if rows > 8 {
		ADDQ(Imm(4), RBX)
	}
	DECQ(kc)
	JNZ(LabelRef("k"))
	DECQ(ntaps)
	JNZ(LabelRef("tap"))

	cr = rowsFrom(c, arg(7), rows)
	cr.second(rows)
	MOVQ(arg(9), RAX)
	BTQ(Imm(1), RAX)
	JCC(LabelRef("store"))
	VBROADCASTSS(arg(10), bv(0))
	for i := range rows {
		for j := range 2 {
			VMULPS(acc(i, j), bv(0), bv(1))
			VMAXPS(acc(i, j), bv(1), acc(i, j))
		}
	}
	Label("store")
	for i := range rows {
		for j := range 2 {
			VMOVUPS(acc(i, j), cr.row(i).Offset(j*t.bytes))
		}
	}
	end()
}

// multiplyAdd adds the float at m times the two registers of b to row i.
func (t target) multiplyAdd(m Mem, bv func(int) VecPhysical, i, rows int) {
	if t.wide {
		for j := range 2 {
			VFMADD231PS_BCST(m, bv(j), t.reg[2*i+j])
		}
		return
	}
	x := t.reg[2*rows+2]
	VBROADCASTSS(m, x)
	for j := range 2 {
		VFMADD231PS(x, bv(j), t.reg[2*i+j])
	}
}

// grad is the kernel of the gradient to the weights: rows of a are channels,
// the sum runs over pixels.
//
//	c[i][j] += Σ_s Σ_k a[seg[s].a + k·ka + i] · b[seg[s].b + k·width + j]
//
// args: a b c segs nsegs k ka ldc. Offsets and strides are in bytes; segs are
// pairs; width is two registers.
func (t target) grad(rows int) {
	t.begin(rowsName("grad", rows))
	a, b, c, segs, nsegs, k := RSI, RDX, RCX, R8, R9, R10
	acc := func(i, j int) VecPhysical { return t.reg[2*i+j] }
	bv := func(j int) VecPhysical { return t.reg[2*rows+j] }
	for i := range rows {
		t.zero(acc(i, 0))
		t.zero(acc(i, 1))
	}
	MOVQ(arg(3), segs)
	MOVQ(arg(4), nsegs)
	MOVQ(arg(6), RAX)
	Label("seg")
	MOVQ(arg(0), a)
	ADDQ(Mem{Base: segs}, a)
	MOVQ(arg(1), b)
	ADDQ(Mem{Base: segs, Disp: 8}, b)
	ADDQ(Imm(16), segs)
	MOVQ(arg(5), k)
	Label("k")
	for j := range 2 {
		VMOVUPS(Mem{Base: b, Disp: j * t.bytes}, bv(j))
	}
	for i := range rows {
		t.multiplyAdd(Mem{Base: a, Disp: 4 * i}, bv, i, rows)
	}
	ADDQ(Imm(uint64(2*t.bytes)), b)
	ADDQ(RAX, a)
	DECQ(k)
	JNZ(LabelRef("k"))
	DECQ(nsegs)
	JNZ(LabelRef("seg"))

	MOVQ(arg(2), c)
	MOVQ(arg(7), RAX)
	for i := range rows {
		for j := range 2 {
			m := Mem{Base: c, Disp: j * t.bytes}
			VADDPS(m, acc(i, j), acc(i, j))
			VMOVUPS(acc(i, j), m)
		}
		if i+1 < rows {
			ADDQ(RAX, c)
		}
	}
	end()
}
