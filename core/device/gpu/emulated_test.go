package gpu

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/atelier-engine/atelier/core/device"
	"github.com/atelier-engine/atelier/core/device/cuda"
	"github.com/atelier-engine/atelier/core/device/cuda/emulator"
	"github.com/atelier-engine/atelier/core/kernel"
	"github.com/atelier-engine/atelier/core/style"
)

// emulated is a driver whose kernels are the real ones, compiled for the processor. Everything happens at once:
// the fake looks after order.
type emulated struct {
	e        *emulator.Emulator
	is       about
	schedule emulator.Schedule
	launched map[string]int
}

// emulate opens a device on the kernels. Without a C++ compiler the test is skipped.
func emulate(t *testing.T, major int) (*emulated, *card) {
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
	m := &emulated{e: e, is: about{model: "Emulated", driver: 12020, major: major, processors: 4, shared: 99 << 10, memory: 1 << 30},
		launched: map[string]int{}}
	c, err := newCard("gpu", func() (driver, error) { return m, nil }, kernelsFor)
	if err != nil {
		t.Fatal(err)
	}
	return m, c
}

func (m *emulated) about() about                       { return m.is }
func (m *emulated) load(*module) error                 { return nil }
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
// brainTolerance is for 8 bits, those of bfloat16.
const (
	roundingTolerance = 5e-3
	brainTolerance    = 8 * roundingTolerance
)

// TestKernelsRunNetworks runs a network with every kind of node, and the one that paints, through the real kernels, in
// each precision, and on a GPU without tensor cores. Results may not be nearer to the processor's than the precision
// allows: then another one's kernels would have run.
func TestKernelsRunNetworks(t *testing.T) {
	type job struct {
		g  *device.Graph
		in []device.Tensor
		on []device.Tensor // of the processor
	}
	var jobs []job
	add := func(g *device.Graph, in ...device.Tensor) {
		jobs = append(jobs, job{g, in, run(t, compile(t, device.NewCPU(), g), g, in)})
	}
	add(skipNet(), skipInputs(1, 1, 12, 16)...)
	add(skipNet(), skipInputs(1, 2, 16, 12)...)
	add(stylise(t), randomTensor(1, 1, 20, 24, 3), randomTensor(2, 1, 1, 1, style.DefaultArchitecture.VectorLen()))
	for _, c := range []struct {
		major        int
		asked, force device.Precision
		tol, nearer  float64
	}{
		{9, device.F32, device.F32, tolerance, 0},
		{9, device.TF32, device.TF32, roundingTolerance, tolerance / 10},
		{9, device.F16, device.F16, roundingTolerance, tolerance / 10},
		{9, device.BF16, device.BF16, brainTolerance, tolerance},
		{7, device.F16, device.F32, tolerance, 0},
	} {
		m, card := emulate(t, c.major)
		d := card.at(c.asked)
		if p := device.PrecisionOf(d); p != c.force {
			t.Errorf("%v on %d.0: in force is %v, want %v", c.asked, c.major, p, c.force)
		}
		for _, j := range jobs {
			got := run(t, compile(t, d, j.g), j.g, j.in)
			if d := differ(got, j.on, c.tol); d != "" {
				t.Errorf("%v on %d.0, %s: %s", c.asked, c.major, j.g.Name, d)
			}
			if c.nearer > 0 && differ(got, j.on, c.nearer) == "" {
				t.Errorf("%v, %s: no value differs by %g: nothing was rounded", c.asked, j.g.Name, c.nearer)
			}
		}
		m.wantConvolutions(t, c.force)
	}
}

// stylise is the network that styles share.
func stylise(t testing.TB) *device.Graph {
	g, err := style.DefaultArchitecture.Graph()
	if err != nil {
		t.Fatal(err)
	}
	return g
}

// wantConvolutions fails unless convolutions ran, all of them in the precision. Those to a few channels have a kernel
// of their own.
func (m *emulated) wantConvolutions(t *testing.T, p device.Precision) {
	t.Helper()
	some := false
	for name := range m.launched {
		own := strings.HasPrefix(name, fmt.Sprintf("conv_%v_", p))
		some = some || own
		if strings.HasPrefix(name, "conv_") && !own && name != "conv_narrow" && name != "conv_finish" {
			t.Errorf("in %v the kernel %s ran", p, name)
		}
	}
	if !some {
		t.Errorf("no convolution ran in %v: %v", p, m.launched)
	}
}

// TestKernelsTrainInOnePrecision: the sessions of a device for half precision train in TF32 beside its networks, with
// the same residents as those of another precision.
func TestKernelsTrainInOnePrecision(t *testing.T) {
	for asked, want := range map[device.Precision]device.Precision{
		device.TF32: device.TF32, device.F32: device.F32, device.F16: device.TF32, device.BF16: device.TF32,
	} {
		m, card := emulate(t, 9)
		conv := kernel.Conv{InC: 4, OutC: 8, KH: 3, KW: 3, Stride: 1, Pad: 1}
		x, y, w := randomTensor(1, 1, 6, 6, 4).Data, make([]float32, 6*6*8), randomTensor(2, 1, 1, 1, conv.WeightLen()).Data
		s := card.at(asked).NewSession()
		if err := errors.Join(s.ConvForward(conv, y, x, w, nil, 1, 6, 6, kernel.ActNone), s.ConvGradData(conv, x, y, w, 1, 6, 6), s.Sync(x, y)); err != nil {
			t.Fatal(err)
		}
		s.Close()
		m.wantConvolutions(t, want)
		if card.at(asked).training() != card.at(device.F32).training() {
			t.Errorf("%v: the trainer is not that of the GPU", asked)
		}
	}
}

// TestKernelsTrain makes steps of a training with every kind of operation on the real kernels.
func TestKernelsTrain(t *testing.T) {
	m, card := emulate(t, 9)
	for _, c := range []struct {
		p    device.Precision
		clip float64
		tols []float64
	}{{device.F32, .05, []float64{2e-3, 2e-2}}, {device.TF32, 0, []float64{2e-2, 5e-2, .1}}} {
		cpu, gpu := on(t, nil, c.clip), on(t, card.at(c.p), c.clip)
		for k, tol := range c.tols {
			cpu.step(t, k)
			gpu.step(t, k)
			agree(t, fmt.Sprintf("%v, step %d", c.p, k), gpu.numbers(t), cpu.numbers(t), tol)
			if t.Failed() {
				return
			}
		}
	}
	for _, k := range []string{"adam", "norm_grad_apply", "weights_f32_128x32", "weights_tf32_128x32", "reduce_grad", "tone"} {
		if m.launched[k] == 0 {
			t.Errorf("kernel %s never ran", k)
		}
	}
}
