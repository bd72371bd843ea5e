//go:build gpu

package gpu

import (
	"testing"

	"github.com/atelier-engine/atelier/core/autodiff"
	"github.com/atelier-engine/atelier/core/device"
	"github.com/atelier-engine/atelier/core/portrait"
	"github.com/atelier-engine/atelier/core/style"
)

// Tolerances, in parts of a result's range. plain is float32 in another order. rounded is for products of TF32
// factors, each off by 2^-11, added with changing signs. deep is for networks of twenty of them, whose norms
// amplify; deepPlain and deepBrain for the same networks in float32 and in bfloat16, of three bits less than TF32.
const (
	plain     = 2e-4
	rounded   = 4e-3
	deep      = 2e-2
	deepPlain = 1e-3
	deepBrain = 8e-2
)

// gpu opens the GPU. These tests have no meaning without one.
func gpu(t testing.TB) *Device { return gpuIn(t, device.TF32) }

func gpuIn(t testing.TB, p device.Precision) *Device {
	t.Helper()
	d, err := openGPU(0, p)
	if err != nil {
		t.Fatal(err)
	}
	return d.(*Device)
}

func TestGPUKernels(t *testing.T) {
	real, twin := gpu(t), open(t, newFake(), false)
	t.Logf("%+v", real.about)
	for _, c := range kernelCases() {
		tol := plain
		if c.product {
			tol = rounded
		}
		if s := differ(c.run(t, real), c.run(t, twin), tol); s != "" {
			t.Errorf("%s: %s", c.name, s)
		}
		again := c.run(t, real)
		if s := differ(c.run(t, real), again, 0); s != "" {
			t.Errorf("%s gives other bits the second time: %s", c.name, s)
		}
	}
}

var portraitShape = portrait.Shape{Side: 64, Latent: 128, Generator: []int{512, 256, 128, 64}, Discriminator: []int{64, 128, 256, 512}}

func TestGPUNetworks(t *testing.T) {
	for _, c := range []struct {
		p   device.Precision
		tol float64
	}{{device.TF32, deep}, {device.F32, deepPlain}, {device.F16, deep}, {device.BF16, deepBrain}} {
		t.Run(c.p.String(), func(t *testing.T) {
			d := gpuIn(t, c.p)
			tol := c.tol
			if p := d.Precision(); p != c.p {
				t.Logf("%v is in force: this GPU has no %v", p, c.p)
				tol = deepPlain
			}
			testNetworks(t, d, tol)
		})
	}
}

// testNetworks compares networks with the processor's.
func testNetworks(t *testing.T, d *Device, tol float64) {
	styles := style.DefaultArchitecture.VectorLen()
	p := portrait.GeneratorGraph(portraitShape)
	var condition device.Shape
	for _, r := range p.Inputs()[1:] {
		condition = p.Nodes[r].Shape
	}
	for _, c := range []struct {
		name string
		g    *device.Graph
		in   []device.Tensor
	}{
		{"all kinds of node", skipNet(), skipInputs(1, 3, 48, 36)},
		{"style 256", stylise(t), []device.Tensor{randomTensor(1, 1, 256, 256, 3), randomTensor(2, 1, 1, 1, styles)}},
		{"style, two of 100x60", stylise(t), []device.Tensor{randomTensor(1, 2, 100, 60, 3), randomTensor(2, 2, 1, 1, styles)}},
		{"portraits", p, []device.Tensor{randomTensor(1, 4, 1, 1, 128), randomTensor(2, 4, 1, 1, condition.C)}},
	} {
		on, off := compile(t, d, c.g), compile(t, device.NewCPU(), c.g)
		want := run(t, off, c.g, c.in)
		if s := differ(run(t, on, c.g, c.in), want, tol); s != "" {
			t.Errorf("%s: %s", c.name, s)
		}
		if err := on.Freeze(off.Stats()); err != nil {
			t.Fatal(err)
		}
		if s := differ(run(t, on, c.g, c.in), want, tol); s != "" {
			t.Errorf("%s, frozen: %s", c.name, s)
		}
		if err := on.Freeze(nil); err != nil {
			t.Fatal(err)
		}
		// A sample's result is the same bits alone and in a batch.
		n := c.in[0].N
		whole := run(t, on, c.g, c.in)
		if s := differ(samples(whole, n-1, n), run(t, on, c.g, samples(c.in, n-1, n)), 0); n > 1 && s != "" {
			t.Errorf("%s: the last sample alone: %s", c.name, s)
		}
	}
}

func TestGPUTrainingStep(t *testing.T) {
	d := gpu(t)
	for _, clip := range []float64{0, .05} {
		cpu, gpu := on(t, nil, clip), on(t, d, clip)
		for k := range 3 {
			cpu.step(t, k)
			gpu.step(t, k)
			agree(t, "training", gpu.numbers(t), cpu.numbers(t), []float64{deep, 5e-2, .1}[k])
		}
	}
}

func TestGPUResume(t *testing.T) {
	d := gpu(t)
	resume(t, func() device.Accelerator { return d }, .1)
}

func TestGPUStatesThatItIsListed(t *testing.T) {
	gpu(t)
	list := device.List()
	if len(list) == 0 || list[0].Err != nil || list[0].Free <= 0 || list[0].Free >= list[0].Memory {
		t.Errorf("got %+v", list)
	}
	if a, err := device.OpenAuto(device.TF32); err != nil || a.Name() != "gpu" {
		t.Errorf("auto takes %s, %v", a.Name(), err)
	}
	autodiff.Accelerate(nil)
}
