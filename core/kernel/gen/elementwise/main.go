// Command elementwise writes the assembly of the kernels that are not convolutions: vectors,
// activations, and the row loops of normalisation. Every kernel is described once and written
// for AVX-512 and for AVX2.
//
//	go run ./core/kernel/gen/elementwise -out core/kernel/zz_elementwise_amd64.s -stubs core/kernel/zz_elementwise_amd64.go -pkg kernel
package main

import (
	. "github.com/mmcloughlin/avo/build"
)

func main() {
	ConstraintExpr("amd64")
	for _, zmm := range []bool{true, false} {
		flatKernels(zmm)
		activationKernels(zmm)
		rowKernels(zmm)
		reductionKernels(zmm)
		mixRows(zmm)
	}
	mixPixels(false)
	mixPixels(true)
	Generate()
}
