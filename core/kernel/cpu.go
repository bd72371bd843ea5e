// Package kernel holds the float32 kernels that run on the CPU: convolution in
// all its forms, normalisation, pooling, resizing, activations, and their
// gradients. Activations are channels-last (N,H,W,C), weights HWIO.
//
// Each kernel exists twice: a plain Go twin (its name ends in Plain) that is
// the definition, and the fast one that is fuzzed against it. The fast one
// uses AVX-512 or AVX2 micro-kernels made by the generator in gen; elsewhere
// it runs the same blocking with a micro-kernel in Go.
package kernel

import (
	"fmt"
	"os"
)

// ISA is the instruction set that the fast kernels use.
type ISA int

// The instruction sets, in ascending order of speed.
const (
	ISAPlain  ISA = iota // portable Go
	ISAAVX2              // AVX2 with FMA: tiles of 6x16
	ISAAVX512            // AVX-512 F, BW, DQ, VL: tiles of 14x32
)

var isaNames = [...]string{"plain", "avx2", "avx512"}

func (i ISA) String() string {
	if i < 0 || int(i) >= len(isaNames) {
		return fmt.Sprintf("ISA(%d)", int(i))
	}
	return isaNames[i]
}

// isa is the instruction set in use. It is set before kernels run and not
// while they do.
var isa = initialISA()

// Features reports the instruction set in use.
func Features() ISA { return isa }

// SetISA makes the kernels use i, for tests and benchmarks. It must not be
// called while a kernel runs. Weights packed before have to be packed again.
// It fails when this processor does not have i.
func SetISA(i ISA) error {
	if i < ISAPlain || i > bestISA() {
		return fmt.Errorf("set instruction set: %v is not available: this processor offers up to %v", i, bestISA())
	}
	isa = i
	return nil
}

// initialISA is the best set of this processor, or the one that the
// environment variable ATELIER_ISA names when the processor has it.
func initialISA() ISA {
	best := bestISA()
	for i, name := range isaNames {
		if os.Getenv("ATELIER_ISA") == name && ISA(i) <= best {
			return ISA(i)
		}
	}
	return best
}
