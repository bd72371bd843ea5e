package kernel

import "unsafe"

// start is the address of the first number; n says how many the assembly may touch.
func start(s []float32) *float32 { return unsafe.SliceData(s) }

// vecAdd: y = a + b.
func vecAdd(y, a, b []float32) {
	switch isa {
	case ISAAVX512:
		addAVX512(start(y), start(a), start(b), len(y))
	case ISAAVX2:
		addAVX2(start(y), start(a), start(b), len(y))
	default:
		AddPlain(y, a, b)
	}
}

// vecMax: y = max(a, b).
func vecMax(y, a, b []float32) {
	switch isa {
	case ISAAVX512:
		maxAVX512(start(y), start(a), start(b), len(y))
	case ISAAVX2:
		maxAVX2(start(y), start(a), start(b), len(y))
	default:
		maxGo(y, a, b)
	}
}

// vecAXPY: y += alpha·x.
func vecAXPY(y, x []float32, alpha float32) {
	switch isa {
	case ISAAVX512:
		axpyAVX512(start(y), start(x), alpha, len(y))
	case ISAAVX2:
		axpyAVX2(start(y), start(x), alpha, len(y))
	default:
		AXPYPlain(y, x, alpha)
	}
}

// vecScale: y = alpha·x.
func vecScale(y, x []float32, alpha float32) {
	switch isa {
	case ISAAVX512:
		scaleAVX512(start(y), start(x), alpha, len(y))
	case ISAAVX2:
		scaleAVX2(start(y), start(x), alpha, len(y))
	default:
		ScalePlain(y, x, alpha)
	}
}

// vecLerp: y = a + t·(b-a).
func vecLerp(y, a, b []float32, t float32) {
	switch isa {
	case ISAAVX512:
		lerpAVX512(start(y), start(a), start(b), t, len(y))
	case ISAAVX2:
		lerpAVX2(start(y), start(a), start(b), t, len(y))
	default:
		lerpGo(y, a, b, t)
	}
}

// vecAdam: one Adam step; r1 = 1-β1, r2 = 1-β2, rate and unbias from adamRates.
func vecAdam(w, m, v, g []float32, rate, r1, r2, unbias, eps float32) {
	switch isa {
	case ISAAVX512:
		adamAVX512(start(w), start(m), start(v), start(g), rate, r1, r2, unbias, eps, len(w))
	case ISAAVX2:
		adamAVX2(start(w), start(m), start(v), start(g), rate, r1, r2, unbias, eps, len(w))
	default:
		adamGo(w, m, v, g, rate, r1, r2, unbias, eps)
	}
}

// vecSlope: y = max(x, slope·x).
func vecSlope(y, x []float32, slope float32) {
	switch isa {
	case ISAAVX512:
		slopeAVX512(start(y), start(x), slope, len(y))
	case ISAAVX2:
		slopeAVX2(start(y), start(x), slope, len(y))
	default:
		slopeGo(y, x, slope)
	}
}

// vecSlopeGrad: dx = dy where y > 0, else slope·dy.
func vecSlopeGrad(dx, y, dy []float32, slope float32) {
	switch isa {
	case ISAAVX512:
		slopeGradAVX512(start(dx), start(y), start(dy), slope, len(y))
	case ISAAVX2:
		slopeGradAVX2(start(dx), start(y), start(dy), slope, len(y))
	default:
		slopeGradGo(dx, y, dy, slope)
	}
}

// vecTanh: y = tanh(x).
func vecTanh(y, x []float32) {
	switch isa {
	case ISAAVX512:
		tanhAVX512(start(y), start(x), len(y))
	case ISAAVX2:
		tanhAVX2(start(y), start(x), len(y))
	default:
		tanhGo(y, x)
	}
}

// vecSigmoid: y = 1/(1+exp(-x)).
func vecSigmoid(y, x []float32) {
	switch isa {
	case ISAAVX512:
		sigmoidAVX512(start(y), start(x), len(y))
	case ISAAVX2:
		sigmoidAVX2(start(y), start(x), len(y))
	default:
		sigmoidGo(y, x)
	}
}

// vecTanhGrad: dx = dy·(1-y²).
func vecTanhGrad(dx, y, dy []float32) {
	switch isa {
	case ISAAVX512:
		tanhGradAVX512(start(dx), start(y), start(dy), len(y))
	case ISAAVX2:
		tanhGradAVX2(start(dx), start(y), start(dy), len(y))
	default:
		ActivateGradPlain(dx, y, dy, ActTanh)
	}
}

// vecSigmoidGrad: dx = dy·y·(1-y).
func vecSigmoidGrad(dx, y, dy []float32) {
	switch isa {
	case ISAAVX512:
		sigmoidGradAVX512(start(dx), start(y), start(dy), len(y))
	case ISAAVX2:
		sigmoidGradAVX2(start(dx), start(y), start(dy), len(y))
	default:
		ActivateGradPlain(dx, y, dy, ActSigmoid)
	}
}
