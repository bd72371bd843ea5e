package main

import (
	"fmt"
	"math"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// kern is one kernel being written, for one register width.
type kern struct {
	zmm  bool
	size int          // bytes of a register
	mask reg.Register // valid lanes, set while the rest of a row is written
}

// begin opens a function such as addAVX512.
func begin(name, signature string, zmm bool) *kern {
	k := &kern{zmm: zmm, size: 32}
	suffix := "AVX2"
	if zmm {
		k.size, suffix = 64, "AVX512"
	}
	TEXT(name+suffix, NOSPLIT, "func"+signature)
	Pragma("noescape")
	return k
}

func (k *kern) end() {
	VZEROUPPER()
	RET()
}

func (k *kern) vec() reg.VecVirtual {
	if k.zmm {
		return ZMM()
	}
	return YMM()
}

func (k *kern) zero() reg.VecVirtual {
	r := k.vec()
	if k.zmm {
		VPXORD(r, r, r)
	} else {
		VXORPS(r, r, r)
	}
	return r
}

// load reads a register, only the valid lanes in the rest of a row; the others become zero.
func (k *kern) load(m Mem) reg.VecVirtual {
	r := k.vec()
	switch {
	case k.mask == nil:
		VMOVUPS(m, r)
	case k.zmm:
		VMOVUPS_Z(m, k.mask, r)
	default:
		VMASKMOVPS(m, k.mask, r)
	}
	return r
}

func (k *kern) store(r reg.Register, m Mem) {
	switch {
	case k.mask == nil:
		VMOVUPS(r, m)
	case k.zmm:
		VMOVUPS(r, k.mask, m)
	default:
		VMASKMOVPS(r, k.mask, m)
	}
}

// broadcast fills a register with a float32 or int32 parameter.
func (k *kern) broadcast(param string) reg.VecVirtual {
	c, err := Param(param).Resolve()
	if err != nil {
		panic(err)
	}
	r := k.vec()
	VBROADCASTSS(c.Addr, r)
	return r
}

// constant returns 64 bytes of read-only memory filled with v.
func constant(v float32) Mem { return constantBits(math.Float32bits(v)) }

var constants = map[uint32]Mem{}

func constantBits(bits uint32) Mem {
	m, ok := constants[bits]
	if !ok {
		m = GLOBL(fmt.Sprintf("splat_%08x", bits), RODATA|NOPTR)
		for i := range 16 {
			DATA(4*i, U32(bits))
		}
		constants[bits] = m
	}
	return m
}

var tailMask *Mem

// setMask makes a mask of the left (1 to lanes-1) numbers; left is overwritten.
func (k *kern) setMask(left reg.GPVirtual) {
	if k.zmm {
		m, r := K(), GP32()
		MOVL(U32(1), r)
		SHLXL(left.As32(), r, r)
		DECL(r)
		KMOVW(r, m)
		k.mask = m
		return
	}
	if tailMask == nil {
		m := GLOBL("tail_mask", RODATA|NOPTR)
		for i := range 16 {
			v := uint32(0)
			if i < 8 {
				v = 0xffffffff
			}
			DATA(4*i, U32(v))
		}
		tailMask = &m
	}
	base, m := GP64(), YMM()
	LEAQ(tailMask.Offset(32), base)
	SHLQ(Imm(2), left)
	SUBQ(left, base)
	VMOVUPS(Mem{Base: base}, m)
	k.mask = m
}

var labels int

// columns writes a loop over one row of end bytes: body is called for registers one by one, at
// gives the operand of the current register behind a pointer. Labels are fresh in each call.
func (k *kern) columns(end reg.GPVirtual, unroll int, body func(at func(p reg.Register) Mem)) {
	labels++
	name := func(s string) string { return fmt.Sprintf("%s%d", s, labels) }
	many, one, rest, done := name("many"), name("one"), name("rest"), name("done")
	idx, next := GP64(), GP64()
	at := func(disp int) func(p reg.Register) Mem {
		return func(p reg.Register) Mem { return Mem{Base: p, Index: idx, Scale: 1, Disp: disp} }
	}
	XORQ(idx, idx)
	loop := func(label, out string, count int) {
		Label(label)
		LEAQ(Mem{Base: idx, Disp: count * k.size}, next)
		CMPQ(next, end)
		JHI(LabelRef(out))
		for u := range count {
			body(at(u * k.size))
		}
		MOVQ(next, idx)
		JMP(LabelRef(label))
	}
	loop(many, one, unroll)
	loop(one, rest, 1)
	Label(rest)
	left := next
	MOVQ(end, left)
	SUBQ(idx, left)
	JE(LabelRef(done))
	SHRQ(Imm(2), left)
	k.setMask(left)
	body(at(0))
	k.mask = nil
	Label(done)
}

// pointer loads a pointer parameter.
func pointer(param string) reg.Register { return Load(Param(param), GP64()) }

// bytes loads a count of float32 numbers as bytes.
func bytes(param string) reg.GPVirtual {
	r := Load(Param(param), GP64()).(reg.GPVirtual)
	SHLQ(Imm(2), r)
	return r
}
