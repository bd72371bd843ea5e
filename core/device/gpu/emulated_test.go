package gpu

import (
	"errors"
	"fmt"
	"testing"

	"github.com/atelier-engine/atelier/core/device"
	"github.com/atelier-engine/atelier/core/device/cuda"
	"github.com/atelier-engine/atelier/core/device/cuda/emulator"
)

// emulated is a driver whose kernels are the real ones, compiled for the processor. Everything happens at once:
// the fake looks after order.
type emulated struct {
	e        *emulator.Emulator
	target   cuda.Target
	schedule emulator.Schedule
	launched map[string]int
}

// emulate opens a device on the kernels, at a precision. Without a C++ compiler the test is skipped.
func emulate(t *testing.T, p cuda.Precision) (*emulated, *Device) {
	t.Helper()
	var names []string
	for k := range cuda.Kernels {
		names = append(names, k)
	}
	e, err := emulator.Start("../cuda", names)
	if errors.Is(err, emulator.ErrAbsent) {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(e.Close)
	m := &emulated{e: e, target: cuda.Target{Major: 9, SMs: 4, Shared: 99 << 10, Precision: p}, launched: map[string]int{}}
	d, err := newDevice("gpu", func() (driver, error) { return m, nil }, func(about) (cuda.Operations, []module) {
		var all []module
		for _, mod := range m.target.Modules() {
			all = append(all, module{mod.PTX, mod.Kernels})
		}
		return m.target, all
	})
	if err != nil {
		t.Fatal(err)
	}
	return m, d
}

func (m *emulated) about() about {
	return about{model: "Emulated", driver: 12020, major: m.target.Major, processors: m.target.SMs, shared: m.target.Shared, memory: 1 << 30}
}
func (m *emulated) load(string) error                  { return nil }
func (m *emulated) room() (free, total int64, _ error) { return 1 << 30, 1 << 30, nil }
func (m *emulated) alloc(bytes int) (cuda.Ptr, error)  { return cuda.Ptr(m.e.Alloc(bytes)), nil }
func (m *emulated) free(p cuda.Ptr) error              { m.e.Free(uint64(p)); return nil }
func (m *emulated) pin(bytes int) ([]byte, error)      { return make([]byte, bytes), nil }
func (m *emulated) upload(dst cuda.Ptr, src []byte, _ stream) error {
	m.e.Write(uint64(dst), src)
	return nil
}
func (m *emulated) download(dst []byte, src cuda.Ptr, _ stream) error {
	return m.e.Read(uint64(src), dst)
}
func (m *emulated) event() (event, error)      { return 0, nil }
func (m *emulated) record(event, stream) error { return nil }
func (m *emulated) wait(stream, event) error   { return nil }
func (m *emulated) over(event) (bool, error)   { return true, nil }

func (m *emulated) launch(l *cuda.Launch, scratch cuda.Ptr, _ stream) error {
	args := make([]uint64, len(l.Args))
	for i, a := range l.Args {
		if args[i] = a.Bits; a.Scratch {
			args[i] += uint64(scratch)
		}
	}
	m.launched[l.Kernel]++
	m.schedule = (m.schedule + 1) % emulator.Schedules
	return m.e.Launch(emulator.Launch{Kernel: l.Kernel, Grid: l.Grid, Block: l.Block, Shared: l.Shared, Args: args}, m.schedule)
}

// roundingTolerance is for whole networks whose products are rounded to 11 bits: 2^-11 a layer, of the range.
const roundingTolerance = 5e-3

// TestKernelsRunNetworks runs a network with every kind of node through the real kernels.
func TestKernelsRunNetworks(t *testing.T) {
	g := skipNet()
	cpu := compile(t, device.NewCPU(), g)
	for _, c := range []struct {
		precision cuda.Precision
		tol       float64
	}{{cuda.F32, tolerance}, {cuda.TF32, roundingTolerance}, {cuda.F16, roundingTolerance}} {
		_, d := emulate(t, c.precision)
		gpu := compile(t, d, g)
		for _, size := range [][3]int{{1, 12, 16}, {2, 16, 12}} {
			in := skipInputs(1, size[0], size[1], size[2])
			if d := differ(run(t, gpu, g, in), run(t, cpu, g, in), c.tol); d != "" {
				t.Errorf("%v, %v: %s", c.precision, size, d)
			}
		}
	}
}

// TestKernelsTrain makes steps of a training with every kind of operation on the real kernels.
func TestKernelsTrain(t *testing.T) {
	m, d := emulate(t, cuda.F32)
	cpu, gpu := on(t, nil, .05), on(t, d, .05)
	for k := range 2 {
		cpu.step(t, k)
		gpu.step(t, k)
		agree(t, fmt.Sprintf("step %d", k), gpu.numbers(t), cpu.numbers(t), []float64{2e-3, 2e-2}[k])
		if t.Failed() {
			return
		}
	}
	for _, k := range []string{"adam", "norm_grad_apply", "weights_f32_128x32", "reduce_grad", "tone"} {
		if m.launched[k] == 0 {
			t.Errorf("kernel %s never ran", k)
		}
	}
}
