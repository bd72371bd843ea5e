package cuda

// Precision says how matrix products are computed. Sums are float32 always, and so are tensors in memory.
type Precision uint8

// The precisions. Those that a GPU lacks fall back to F32.
const (
	// TF32 rounds factors to 10 bits of mantissa (compute capability 8.0 and later). Relative error of a
	// product: 2^-11.
	TF32 Precision = iota
	// F32 multiplies in full float32, without tensor cores.
	F32
	// F16 rounds factors to float16 in forward convolutions (8.0 and later); gradients are TF32. Values
	// beyond 65504 overflow: for networks whose activations are normalised.
	F16
	// BF16 rounds factors to bfloat16 in forward convolutions (8.0 and later), 8 bits of mantissa with the
	// range of float32; gradients are TF32.
	BF16
)

// String names the precision as options do.
func (p Precision) String() string {
	switch p {
	case TF32:
		return "tf32"
	case F32:
		return "f32"
	case F16:
		return "f16"
	case BF16:
		return "bf16"
	}
	return "unknown"
}

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
	// Precision is that of the matrix products.
	Precision Precision
}

func (t Target) sms() int {
	if t.SMs > 0 {
		return t.SMs
	}
	return 108
}

func (t Target) shared() int { return max(t.Shared, 48<<10) }

// precision is the one that the GPU has.
func (t Target) precision() Precision {
	if t.Major < 8 {
		return F32
	}
	return t.Precision
}

// gradPrecision is that of gradients.
func (t Target) gradPrecision() Precision {
	if p := t.precision(); p == F32 {
		return F32
	}
	return TF32
}
