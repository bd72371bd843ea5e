//go:build !amd64

package kernel

func vecAdd(y, a, b []float32) { AddPlain(y, a, b) }

func vecMax(y, a, b []float32) { maxGo(y, a, b) }

func vecAXPY(y, x []float32, alpha float32) { AXPYPlain(y, x, alpha) }

func vecScale(y, x []float32, alpha float32) { ScalePlain(y, x, alpha) }

func vecLerp(y, a, b []float32, t float32) { lerpGo(y, a, b, t) }

func vecAdam(w, m, v, g []float32, rate, r1, r2, unbias, eps float32) {
	adamGo(w, m, v, g, rate, r1, r2, unbias, eps)
}

func vecSlope(y, x []float32, slope float32) { slopeGo(y, x, slope) }

func vecSlopeGrad(dx, y, dy []float32, slope float32) { slopeGradGo(dx, y, dy, slope) }

func vecTanh(y, x []float32) { tanhGo(y, x) }

func vecSigmoid(y, x []float32) { sigmoidGo(y, x) }

func vecTanhGrad(dx, y, dy []float32) { ActivateGradPlain(dx, y, dy, ActTanh) }

func vecSigmoidGrad(dx, y, dy []float32) { ActivateGradPlain(dx, y, dy, ActSigmoid) }

func rowsColumnSums(acc, x []float32, rows, w int) { rowsColumnSumsGo(acc, x, rows, w) }

func rowsMoments(sum, squares, x, shift []float32, rows, w int) {
	rowsMomentsGo(sum, squares, x, shift, rows, w)
}

func rowsGradSums(sum, dot, dy, x, mean []float32, rows, w int) {
	rowsGradSumsGo(sum, dot, dy, x, mean, rows, w)
}

func rowsGradApply(dx, dy, x, a, b, c []float32, rows, w int) {
	rowsGradApplyGo(dx, dy, x, a, b, c, rows, w)
}

func rowsAffine(y, x, res, scale, shift []float32, slope float32, rows, w int) {
	rowsAffineGo(y, x, res, scale, shift, slope, rows, w)
}

func vecMaxIndex(y []float32, idx []int32, x []float32, base int) { maxIndexGo(y, idx, x, base) }

func vecDot(a, b []float32) float64 { return DotPlain(a, b) }

func vecSum(a []float32) float64 { return SumPlain(a) }
