package kernel

import "fmt"

// PadMode says what lies outside a picture.
type PadMode uint8

// The padding modes.
const (
	PadZero    PadMode = iota // zeros
	PadReflect                // mirror without repeating the border pixel
)

// Conv is the geometry of a convolution over NHWC data.
//
// With x (N,H,W,InC), w (KH,KW,InC,OutC) and bias (OutC) the output
// y (N,OH,OW,OutC) is
//
//	y[n,i,j,o] = bias[o] + Σ_{a,b,c} x̂[n, i·Stride+a-Pad, j·Stride+b-Pad, c] · w[a,b,c,o]
//
// where x̂ is x, enlarged twice by nearest neighbour if Up is 2, and continued
// beyond its border by PadMode. OH = (Ĥ+2·Pad-KH)/Stride + 1, rounded down.
//
// Transposed turns it round: every x[i,j] adds w, scaled, to y around
// (i·Stride-Pad, j·Stride-Pad), and OH = (H-1)·Stride - 2·Pad + KH. That is the
// gradient to the data of the convolution from OutC to InC channels. See
// Dumoulin and Visin, "A guide to convolution arithmetic" (2016).
//
// A dense layer is the convolution with KH = KW = Stride = H = W = 1.
type Conv struct {
	InC, OutC  int
	KH, KW     int
	Stride     int
	Pad        int
	PadMode    PadMode
	Up         int // 0 or 1: none; 2: nearest upsampling before the padding
	Transposed bool
	Direct     bool // never by Winograd's algorithm
}

// maxKernel bounds the sides of a kernel.
const maxKernel = 31

// Check reports the first thing about c that no kernel can compute.
func (c Conv) Check() error {
	switch {
	case c.InC < 1 || c.OutC < 1:
		return fmt.Errorf("convolution: %d to %d channels: both must be at least 1", c.InC, c.OutC)
	case c.KH < 1 || c.KW < 1 || c.KH > maxKernel || c.KW > maxKernel || c.Stride < 1 || c.Pad < 0:
		return fmt.Errorf("convolution: kernel %dx%d, stride %d, padding %d: the kernel must be 1 to %d wide, the stride at least 1, the padding at least 0", c.KH, c.KW, c.Stride, c.Pad, maxKernel)
	case c.Up < 0 || c.Up > 2:
		return fmt.Errorf("convolution: upsampling by %d: use 1 or 2", c.Up)
	case c.PadMode > PadReflect:
		return fmt.Errorf("convolution: padding mode %d: use PadZero or PadReflect", c.PadMode)
	case c.Transposed && (c.Up > 1 || c.PadMode != PadZero):
		return fmt.Errorf("convolution: a transposed one has neither upsampling nor reflection")
	case c.Transposed && (c.Pad >= c.KH || c.Pad >= c.KW):
		return fmt.Errorf("convolution: transposed with padding %d: must be below the kernel %dx%d", c.Pad, c.KH, c.KW)
	}
	return nil
}

func (c Conv) up() int { return max(c.Up, 1) }

// OutSize is the size of the output for an input of h x w. Either may be zero
// or negative when the input is too small.
func (c Conv) OutSize(h, w int) (oh, ow int) {
	if c.Transposed {
		return (h-1)*c.Stride - 2*c.Pad + c.KH, (w-1)*c.Stride - 2*c.Pad + c.KW
	}
	out := func(n, k int) int {
		d := n*c.up() + 2*c.Pad - k
		if d < 0 {
			return 0
		}
		return d/c.Stride + 1
	}
	return out(h, c.KH), out(w, c.KW)
}

// WeightLen is the number of weights, without the bias.
func (c Conv) WeightLen() int { return c.KH * c.KW * c.InC * c.OutC }

// FLOPs counts the multiplications and additions of one forward pass over n
// inputs of h x w, as if computed directly.
func (c Conv) FLOPs(n, h, w int) float64 {
	oh, ow := c.OutSize(h, w)
	if c.Transposed {
		oh, ow = h, w
	}
	return 2 * float64(n) * float64(oh) * float64(ow) * float64(c.WeightLen())
}

// borderIndex maps index i of an axis of length n, which may lie outside, to
// the source index, or to -1 where the padding is zero. Reflection repeats, so
// that any padding works on any n.
func borderIndex(i, n int, mode PadMode) int {
	if i >= 0 && i < n {
		return i
	}
	if mode == PadZero {
		return -1
	}
	if n == 1 {
		return 0
	}
	period := 2 * (n - 1)
	if i %= period; i < 0 {
		i += period
	}
	return min(i, period-i)
}
