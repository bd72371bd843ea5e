package nn

import "math"

// maxHalf is the largest finite number of half precision.
const maxHalf = 65504

// fromHalf widens an IEEE 754 half-precision number (1 sign, 5 exponent, 10 fraction bits); exact.
func fromHalf(h uint16) float32 {
	sign := uint32(h>>15) << 31
	exp, frac := uint32(h>>10)&31, uint32(h)&1023
	switch {
	case exp == 31: // infinity, NaN
		return math.Float32frombits(sign | 255<<23 | frac<<13)
	case exp == 0: // zero, subnormal: frac * 2^-24
		v := float32(frac) * (1.0 / (1 << 24))
		return math.Float32frombits(math.Float32bits(v) | sign)
	}
	return math.Float32frombits(sign | (exp+127-15)<<23 | frac<<13)
}

// toHalf rounds to the nearest half-precision number, ties to even. Numbers of 65520 and more become infinite.
func toHalf(f float32) uint16 {
	bits := math.Float32bits(f)
	sign := uint16(bits >> 16 & 0x8000)
	abs := bits & 0x7fffffff
	switch {
	case abs > 255<<23: // NaN stays one
		return sign | 0x7e00
	case abs >= 143<<23: // 2^16 and more
		return sign | 0x7c00
	case abs < 113<<23: // below 2^-14: subnormal, counted in 2^-24
		v := math.RoundToEven(float64(math.Float32frombits(abs)) * (1 << 24))
		return sign | uint16(v)
	}
	abs += 0xfff + abs>>13&1 // rounding may carry into the exponent, up to infinity, as it should
	return sign | uint16((abs-112<<23)>>13)
}
