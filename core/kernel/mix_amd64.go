package kernel

import "unsafe"

func vecMixRows(y, x []float32, at []int, weight []float32) {
	switch isa {
	case ISAAVX512:
		mixRowsAVX512(start(y), start(x), unsafe.SliceData(at), start(weight), len(at), len(y))
	case ISAAVX2:
		mixRowsAVX2(start(y), start(x), unsafe.SliceData(at), start(weight), len(at), len(y))
	default:
		MixRowsPlain(y, x, at, weight)
	}
}

// vecMixPixels does the pixels that make whole groups of four and returns their number.
func vecMixPixels(y, x []float32, at []int32, weight []float32, taps, pixels int, add bool) int {
	groups := pixels / 4
	switch {
	case isa < ISAAVX2 || groups == 0:
		return 0
	case add:
		mixPixelsAdd(start(y), start(x), unsafe.SliceData(at), start(weight), taps, groups)
	default:
		mixPixels(start(y), start(x), unsafe.SliceData(at), start(weight), taps, groups)
	}
	return 4 * groups
}
