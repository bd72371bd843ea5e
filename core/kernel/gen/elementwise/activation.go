package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// activationKernels writes the activations and their gradients.
func activationKernels(zmm bool) {
	// y = max(x, slope*x)
	k := begin("slope", "(y, x *float32, slope float32, n int)", zmm)
	y, x := pointer("y"), pointer("x")
	slope := k.broadcast("slope")
	k.columns(bytes("n"), 4, func(at func(reg.Register) Mem) {
		v := k.load(at(x))
		k.bend(v, slope)
		k.store(v, at(y))
	})
	k.end()

	// dx = y > 0 ? dy : slope*dy
	k = begin("slopeGrad", "(dx, y, dy *float32, slope float32, n int)", zmm)
	dx, y, dy := pointer("dx"), pointer("y"), pointer("dy")
	slope = k.broadcast("slope")
	zero := k.zero()
	k.columns(bytes("n"), 2, func(at func(reg.Register) Mem) {
		v, d, e := k.load(at(y)), k.load(at(dy)), k.vec()
		VMULPS(slope, d, e)
		k.selectGreater(v, zero, func(choose func(yes, no reg.Register)) { choose(d, e) })
		k.store(e, at(dx))
	})
	k.end()

	// dx = dy*(1-y*y)
	k = begin("tanhGrad", "(dx, y, dy *float32, n int)", zmm)
	dx, y, dy = pointer("dx"), pointer("y"), pointer("dy")
	k.columns(bytes("n"), 2, func(at func(reg.Register) Mem) {
		v, d := k.load(at(y)), k.load(at(dy))
		VFNMADD213PS(constant(1), v, v)
		VMULPS(v, d, d)
		k.store(d, at(dx))
	})
	k.end()

	// dx = dy*y*(1-y)
	k = begin("sigmoidGrad", "(dx, y, dy *float32, n int)", zmm)
	dx, y, dy = pointer("dx"), pointer("y"), pointer("dy")
	k.columns(bytes("n"), 2, func(at func(reg.Register) Mem) {
		v, d := k.load(at(y)), k.load(at(dy))
		VFNMADD213PS(v, v, v)
		VMULPS(v, d, d)
		k.store(d, at(dx))
	})
	k.end()

	tanh(zmm)
	sigmoid(zmm)
}

// bend: v = max(v, slope*v), v where it is not a number
func (k *kern) bend(v, slope reg.Register) {
	t := k.vec()
	VMULPS(slope, v, t)
	VMAXPS(v, t, v)
}

// clamp: v = min(max(v, lo), hi), v where it is not a number
func (k *kern) clamp(v reg.Register, lo, hi float32) {
	t := k.vec()
	VMOVUPS(constant(lo), t)
	VMAXPS(v, t, v)
	VMOVUPS(constant(hi), t)
	VMINPS(v, t, v)
}

// poly returns Σ c[i]*v^i by Horner's rule.
func (k *kern) poly(v reg.Register, c ...float32) reg.Register {
	p := k.vec()
	VMOVUPS(constant(c[len(c)-1]), p)
	for i := len(c) - 2; i >= 0; i-- {
		VFMADD213PS(constant(c[i]), v, p)
	}
	return p
}

// tanh: the rational approximation of degree 13/6 described at tanhOne in package kernel.
func tanh(zmm bool) {
	k := begin("tanh", "(y, x *float32, n int)", zmm)
	y, x := pointer("y"), pointer("x")
	k.columns(bytes("n"), 2, func(at func(reg.Register) Mem) {
		v, sq := k.load(at(x)), k.vec()
		k.clamp(v, -7.99881172180175781, 7.99881172180175781)
		VMULPS(v, v, sq)
		p := k.poly(sq, 4.89352455891786e-03, 6.37261928875436e-04, 1.48572235717979e-05,
			5.12229709037114e-08, -8.60467152213735e-11, 2.00018790482477e-13, -2.76076847742355e-16)
		q := k.poly(sq, 4.89352518554385e-03, 2.26843463243900e-03, 1.18534705686654e-04, 1.19825839466702e-06)
		VMULPS(v, p, p)
		VDIVPS(q, p, p)
		k.store(p, at(y))
	})
	k.end()
}

// sigmoid: 1/(1+exp(z)), z = -x, exp as described at expOne in package kernel.
func sigmoid(zmm bool) {
	k := begin("sigmoid", "(y, x *float32, n int)", zmm)
	y, x := pointer("y"), pointer("x")
	zero := k.zero()
	k.columns(bytes("n"), 2, func(at func(reg.Register) Mem) {
		z := k.load(at(x))
		VSUBPS(z, zero, z)
		k.clamp(z, -87, 88)
		const roundBias = 12582912 // 1.5 * 2^23: adding it leaves the nearest integer in the low bits
		t, n, r2 := k.vec(), k.vec(), k.vec()
		VMOVUPS(constant(roundBias), t)
		VFMADD231PS(constant(1.44269504088896341), z, t)
		VSUBPS(constant(roundBias), t, n)
		VFNMADD231PS(constant(0.693359375), n, z)
		VFNMADD231PS(constant(-2.12194440e-4), n, z)
		p := k.poly(z, 0.5, 1.6666665459e-1, 4.1665795894e-2, 8.3334519073e-3, 1.3981999507e-3, 1.9875691500e-4)
		VMULPS(z, z, r2)
		VADDPS(constant(1), z, z)
		VFMADD213PS(z, r2, p)
		VPSLLD(Imm(23), t, t)
		VPADDD(t, p, p)
		one := k.vec()
		VMOVUPS(constant(1), one)
		VADDPS(one, p, p)
		VDIVPS(p, one, p)
		k.store(p, at(y))
	})
	k.end()
}
