package engine

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/atelier-engine/atelier/core/device"
	"github.com/atelier-engine/atelier/core/kernel"
)

// BenchResult is one measured kernel.
type BenchResult struct {
	Name    string
	Seconds float64 // of the fastest round
	Rate    float64 // floating-point operations a second, counted as direct convolution
	Peak    float64 // what the processor can do at most, measured between the rounds; 0: no vector instructions, or on another device
}

// Share gives the rate in parts of the peak.
func (r BenchResult) Share() string {
	if r.Peak <= 0 {
		return "-"
	}
	return fmt.Sprintf("%.0f%%", 100*r.Rate/r.Peak)
}

// benchCase is a convolution as it occurs in the networks that ship.
type benchCase struct {
	name    string
	conv    kernel.Conv
	n, h, w int
	grads   bool
}

func benchCases() []benchCase {
	same := func(in, out, k int) kernel.Conv {
		return kernel.Conv{InC: in, OutC: out, KH: k, KW: k, Stride: 1, Pad: k / 2, PadMode: kernel.PadReflect}
	}
	direct := same(128, 128, 3)
	direct.Direct = true
	up := same(128, 64, 3)
	up.Up = 2
	down := kernel.Conv{InC: 64, OutC: 128, KH: 4, KW: 4, Stride: 2, Pad: 1}
	return []benchCase{
		{"3x3 128 to 128 at 64x64, direct", direct, 1, 64, 64, true},
		{"3x3 128 to 128 at 64x64, Winograd", same(128, 128, 3), 1, 64, 64, false},
		{"9x9 3 to 32 at 256x256", same(3, 32, 9), 1, 256, 256, false},
		{"9x9 32 to 3 at 256x256", same(32, 3, 9), 1, 256, 256, false},
		{"3x3 128 to 64 at 64x64, doubled", up, 1, 64, 64, false},
		{"4x4 stride 2, 64 to 128 at 32x32, batch 64", down, 64, 32, 32, true},
		{"dense 128 to 8192, batch 64", kernel.Conv{InC: 128, OutC: 8192, KH: 1, KW: 1, Stride: 1}, 64, 1, 1, false},
	}
}

// BenchMachine says what is measured on.
func (e *Engine) BenchMachine() string {
	return fmt.Sprintf("%s, %v kernels, %d threads; Winograd and fused doubling count as many operations as the direct way", Build(), kernel.Features(), kernel.Workers())
}

// BenchDevice says what networks are measured on. Kernels are those of the
// processor.
func (e *Engine) BenchDevice() (string, error) {
	d, err := e.computer.open()
	if err != nil || d.Name() == "cpu" {
		return "networks on the processor", err
	}
	return fmt.Sprintf("networks on %s, with the way there and back; kernels, and what lies around the networks of paintings, on the processor", device.Label(d)), nil
}

// peakOf measures the peak of the device that networks run on; nil where that is
// not the processor.
func peakOf(d device.Device) func() float64 {
	if d.Name() == "cpu" {
		return kernel.Peak
	}
	return nil
}

// Bench measures the kernels, then the networks of the models that are there,
// and tells each result. Kernel and peak take turns, and of each the fastest
// round counts: other programs slow both down.
func (e *Engine) Bench(ctx context.Context, rounds int, tell func(BenchResult)) error {
	cases := benchCases()
	if err := benchKernels(ctx, cases, rounds, tell); err != nil {
		return err
	}
	if best := kernel.Features(); best > kernel.ISAAVX2 {
		if err := kernel.SetISA(kernel.ISAAVX2); err != nil {
			return err
		}
		direct := cases[0]
		direct.name, direct.grads = direct.name+", AVX2", false
		err := errors.Join(benchKernels(ctx, []benchCase{direct}, rounds, tell), kernel.SetISA(best))
		if err != nil {
			return err
		}
	}
	return e.benchNetworks(ctx, rounds, tell)
}

func benchKernels(ctx context.Context, cases []benchCase, rounds int, tell func(BenchResult)) error {
	for _, c := range cases {
		oh, ow := c.conv.OutSize(c.h, c.w)
		x, y := kernel.Aligned(c.n*c.h*c.w*c.conv.InC), kernel.Aligned(c.n*oh*ow*c.conv.OutC)
		w := kernel.Aligned(c.conv.WeightLen())
		packed := c.conv.Pack(nil, w)
		work := []struct {
			name string
			f    func()
		}{{"", func() { c.conv.Forward(y, x, c.n, c.h, c.w, packed, nil, kernel.ActNone) }}}
		if c.grads {
			dw, grad := kernel.Aligned(c.conv.WeightLen()), c.conv.PackGrad(nil, w)
			work = append(work, []struct {
				name string
				f    func()
			}{
				{", gradient to data", func() { c.conv.GradData(x, y, c.n, c.h, c.w, grad) }},
				{", gradient to weights", func() { c.conv.GradWeights(dw, x, y, c.n, c.h, c.w) }},
			}...)
		}
		for _, part := range work {
			if err := ctx.Err(); err != nil {
				return err
			}
			tell(measure(c.name+part.name, c.conv.FLOPs(c.n, c.h, c.w), rounds, kernel.Peak, part.f))
		}
	}
	return nil
}

// measure times f: in each round as often as fits into a twentieth of a second.
// peakNow may be nil.
func measure(name string, flops float64, rounds int, peakNow func() float64, f func()) BenchResult {
	f() // warm
	best, peak := 0.0, 0.0
	for range rounds {
		if peakNow != nil {
			peak = max(peak, peakNow())
		}
		start, n := time.Now(), 0
		for time.Since(start) < 50*time.Millisecond || n == 0 {
			f()
			n++
		}
		if s := time.Since(start).Seconds() / float64(n); best == 0 || s < best {
			best = s
		}
	}
	return BenchResult{Name: name, Seconds: best, Rate: flops / best, Peak: peak}
}
