package device

import "fmt"

// Precision says in which format a device multiplies matrices: products of factors that are rounded to it, added in
// float32. Tensors in memory are float32 always. The processor multiplies in float32 whatever is asked.
type Precision uint8

// The precisions. A device uses F32 in place of those that it lacks.
const (
	// TF32 rounds factors to 10 bits of mantissa, relative error 2^-11 each, with the range of float32.
	TF32 Precision = iota
	// F32 multiplies in full float32.
	F32
	// F16 rounds factors to float16: 10 bits of mantissa, and factors beyond 65504 become infinite. For networks whose
	// activations are normalised.
	F16
	// BF16 rounds factors to bfloat16: 7 bits of mantissa, relative error 2^-8 each, with the range of float32.
	BF16
)

var precisions = []string{TF32: "tf32", F32: "f32", F16: "f16", BF16: "bf16"}

// Precisions lists the names of the precisions, the default first.
func Precisions() []string { return append([]string(nil), precisions...) }

// String names the precision as options do.
func (p Precision) String() string {
	if int(p) < len(precisions) {
		return precisions[p]
	}
	return fmt.Sprintf("precision(%d)", uint8(p))
}

// ParsePrecision returns the precision of a name. The error lists the names.
func ParsePrecision(name string) (Precision, error) {
	for p, n := range precisions {
		if n == name {
			return Precision(p), nil
		}
	}
	return 0, fmt.Errorf("the precision %q: write tf32, f32, f16 or bf16", name)
}

// Training is the precision in which a device trains that was opened with p: gradients lose too much in 16 bits.
func (p Precision) Training() Precision {
	if p == F32 {
		return F32
	}
	return TF32
}

// PrecisionOf is the precision in force on a device: what its method Precision says, F32 without one.
func PrecisionOf(d Device) Precision {
	if p, ok := d.(interface{ Precision() Precision }); ok {
		return p.Precision()
	}
	return F32
}

// Label names a device, nil being the processor, with its precision: "gpu in tf32". Networks give other bits on
// devices of another label.
func Label(d Device) string {
	if d == nil {
		d = NewCPU()
	}
	return d.Name() + " in " + PrecisionOf(d).String()
}
