package style

import (
	"github.com/atelier-engine/atelier/core/device"
	"github.com/atelier-engine/atelier/core/kernel"
)

// FeatureRunner runs a feature network on pictures, one at a time. It serves
// one goroutine.
type FeatureRunner struct {
	prog device.Program
	outs []device.Tensor
}

// Runner prepares the network for running on the CPU.
func (f *FeatureNet) Runner() (*FeatureRunner, error) { return f.RunnerOn(device.NewCPU()) }

// RunnerOn prepares the network for running on a device.
func (f *FeatureNet) RunnerOn(d device.Device) (*FeatureRunner, error) {
	prog, err := d.Compile(f.Graph, f.Weights)
	if err != nil {
		return nil, err
	}
	return &FeatureRunner{prog: prog, outs: make([]device.Tensor, len(f.Taps))}, nil
}

// Run returns the taps for a picture (1,h,w,3), RGB in [0,1]; they are
// overwritten by the next call.
func (r *FeatureRunner) Run(pix []float32, h, w int) ([]device.Tensor, error) {
	err := r.prog.Run(r.outs, []device.Tensor{{Data: pix, N: 1, H: h, W: w, C: 3}})
	return r.outs, err
}

// Gram is the Gram matrix of features (hw,c): G = FᵀF/(hw·c), (c,c), the
// same as that of autodiff.GramLoss.
func Gram(x []float32, hw, c int) []float32 {
	g := make([]float32, c*c)
	kernel.MatMulTN(g, x, x, hw, c, c)
	kernel.Scale(g, g, 1/(float32(hw)*float32(c)))
	return g
}
