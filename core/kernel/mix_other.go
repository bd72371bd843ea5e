//go:build !amd64

package kernel

func vecMixRows(y, x []float32, at []int, weight []float32) { MixRowsPlain(y, x, at, weight) }

func vecMixPixels(y, x []float32, at []int32, weight []float32, taps, pixels int, add bool) int {
	return 0
}
