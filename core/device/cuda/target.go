package cuda

import "github.com/atelier-engine/atelier/core/device"

// Precision is the format of the factors of matrix products: see package device. Tensor cores, which TF32, F16 and
// BF16 want, are of compute capability 8.0 and later here; others fall back to F32. F16 and BF16 are for forward
// convolutions: gradients and plain products are TF32 then.
type Precision = device.Precision

// The precisions.
const (
	TF32 = device.TF32
	F32  = device.F32
	F16  = device.F16
	BF16 = device.BF16
)

// Target is a GPU for which launches are made. Its methods are the operations: pure functions from a
// geometry and addresses to launches. They panic on sizes that their documentation excludes, as slices do on
// wrong indices: geometry is checked where networks are built.
type Target struct {
	// Major and Minor are the compute capability, at least 7.0.
	Major, Minor int
	// SMs is the number of multiprocessors (0: 108). It decides how sums are cut, so results are the same on
	// the same kind of GPU.
	SMs int
	// Shared is how many bytes of shared memory a block may have (MAX_SHARED_MEMORY_PER_BLOCK_OPTIN). With 0
	// launches stay within 48 KiB, and no attribute need be set.
	Shared int
	// Precision is that of the matrix products, where the GPU has it: see InForce.
	Precision Precision
}

func (t Target) sms() int {
	if t.SMs > 0 {
		return t.SMs
	}
	return 108
}

func (t Target) shared() int { return max(t.Shared, 48<<10) }

// InForce is the precision in which products are computed: Precision, or F32 where the GPU lacks it.
func (t Target) InForce() Precision {
	if t.Major < 8 {
		return F32
	}
	return t.Precision
}

// gradPrecision is that of gradients.
func (t Target) gradPrecision() Precision { return t.InForce().Training() }
