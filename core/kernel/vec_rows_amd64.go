package kernel

import "unsafe"

// rowsColumnSums works on rows of w numbers: acc[j] += Σ_i x[i,j].
func rowsColumnSums(acc, x []float32, rows, w int) {
	switch isa {
	case ISAAVX512:
		columnSumsAVX512(start(acc), start(x), rows, w)
	case ISAAVX2:
		columnSumsAVX2(start(acc), start(x), rows, w)
	default:
		rowsColumnSumsGo(acc, x, rows, w)
	}
}

// rowsMoments works on rows of w numbers: sum[j] += Σ_i x[i,j]-shift[j] and squares[j] += Σ_i (x[i,j]-shift[j])².
func rowsMoments(sum, squares, x, shift []float32, rows, w int) {
	switch isa {
	case ISAAVX512:
		momentsAVX512(start(sum), start(squares), start(x), start(shift), rows, w)
	case ISAAVX2:
		momentsAVX2(start(sum), start(squares), start(x), start(shift), rows, w)
	default:
		rowsMomentsGo(sum, squares, x, shift, rows, w)
	}
}

// rowsGradSums works on rows of w numbers: sum[j] += Σ_i dy[i,j] and dot[j] += Σ_i dy[i,j]·(x[i,j]-mean[j]).
func rowsGradSums(sum, dot, dy, x, mean []float32, rows, w int) {
	switch isa {
	case ISAAVX512:
		gradSumsAVX512(start(sum), start(dot), start(dy), start(x), start(mean), rows, w)
	case ISAAVX2:
		gradSumsAVX2(start(sum), start(dot), start(dy), start(x), start(mean), rows, w)
	default:
		rowsGradSumsGo(sum, dot, dy, x, mean, rows, w)
	}
}

// rowsGradApply works on rows of w numbers: dx = a·dy + b·x + c.
func rowsGradApply(dx, dy, x, a, b, c []float32, rows, w int) {
	switch isa {
	case ISAAVX512:
		gradApplyAVX512(start(dx), start(dy), start(x), start(a), start(b), start(c), rows, w)
	case ISAAVX2:
		gradApplyAVX2(start(dx), start(dy), start(x), start(a), start(b), start(c), rows, w)
	default:
		rowsGradApplyGo(dx, dy, x, a, b, c, rows, w)
	}
}

// rowsAffine works on rows of w numbers: y = max(v, slope·v) + res, v = x·scale + shift; res may
// be nil.
func rowsAffine(y, x, res, scale, shift []float32, slope float32, rows, w int) {
	switch {
	case isa == ISAAVX512 && res == nil:
		affineAVX512(start(y), start(x), start(scale), start(shift), slope, rows, w)
	case isa == ISAAVX512:
		affineAddAVX512(start(y), start(x), start(res), start(scale), start(shift), slope, rows, w)
	case isa == ISAAVX2 && res == nil:
		affineAVX2(start(y), start(x), start(scale), start(shift), slope, rows, w)
	case isa == ISAAVX2:
		affineAddAVX2(start(y), start(x), start(res), start(scale), start(shift), slope, rows, w)
	default:
		rowsAffineGo(y, x, res, scale, shift, slope, rows, w)
	}
}

// vecMaxIndex: where x > y, y = x and idx = base + its position.
func vecMaxIndex(y []float32, idx []int32, x []float32, base int) {
	switch isa {
	case ISAAVX512:
		maxIndexAVX512(start(y), unsafe.SliceData(idx), start(x), int32(base), len(y))
	case ISAAVX2:
		maxIndexAVX2(start(y), unsafe.SliceData(idx), start(x), int32(base), len(y))
	default:
		maxIndexGo(y, idx, x, base)
	}
}

// vecDot is Σ a·b in float64.
func vecDot(a, b []float32) float64 {
	m := len(a) &^ 31
	switch isa {
	case ISAAVX512:
		return dotAVX512(start(a), start(b), m) + DotPlain(a[m:], b[m:])
	case ISAAVX2:
		return dotAVX2(start(a), start(b), m) + DotPlain(a[m:], b[m:])
	}
	return DotPlain(a, b)
}

// vecSum is Σ a in float64.
func vecSum(a []float32) float64 {
	m := len(a) &^ 31
	switch isa {
	case ISAAVX512:
		return sumAVX512(start(a), m) + SumPlain(a[m:])
	case ISAAVX2:
		return sumAVX2(start(a), m) + SumPlain(a[m:])
	}
	return SumPlain(a)
}
