package gpu

import (
	"errors"
	"strings"
	"testing"

	"github.com/atelier-engine/atelier/core/device"
	"github.com/atelier-engine/atelier/core/kernel"
)

// wants fails unless err says all texts and wraps kind.
func wants(t *testing.T, err, kind error, texts ...string) {
	t.Helper()
	if err == nil || kind != nil && !errors.Is(err, kind) {
		t.Fatalf("got error %v, want one that wraps %v", err, kind)
	}
	for _, text := range texts {
		if !strings.Contains(err.Error(), text) {
			t.Errorf("got error %q, want one with %q", err, text)
		}
	}
}

func TestUnsuitableDevices(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*fake)
		text   string
	}{
		"old driver":   {func(m *fake) { m.is.driver = 11040 }, "the driver knows CUDA 11.4: the kernels need 11.8: install a newer driver"},
		"old GPU":      {func(m *fake) { m.is.major, m.is.minor = 6, 1 }, "its compute capability is 6.1: the kernels need 7.0"},
		"no device":    {func(m *fake) { m.breaks("open", noDevice) }, "no GPU was found (CUDA error 100)"},
		"reserved":     {func(m *fake) { m.breaks("open", unavailable) }, "busy or reserved by another process"},
		"broken event": {func(m *fake) { m.breaks("event", 999) }, "make an event: an unknown error"},
	} {
		m := newFake()
		c.change(m)
		if _, err := tryOpen(m, false); err == nil || !strings.Contains(err.Error(), c.text) {
			t.Errorf("%s: got error %v, want one with %q", name, err, c.text)
		}
	}
}

// TestModules: the driver compiles a module once, when its first kernel is launched.
func TestModules(t *testing.T) {
	m := newFake()
	d := open(t, m, true)
	if len(m.ptx) != 0 {
		t.Error("modules were compiled before they were wanted")
	}
	g := skipNet()
	m.breaks("load", unsupportedPTX)
	_, err := d.Compile(g, randomWeights(g))
	wants(t, err, nil, "compile the kernels: the driver is older than the kernels", "pack")
	m.breaks("load", noCompiler)
	_, err = d.Compile(g, randomWeights(g))
	wants(t, err, nil, "install libnvidia-ptxjitcompiler")
	m.breaks("load", 0)
	before := len(m.ptx)
	for range 2 {
		run(t, compile(t, d, g), g, skipInputs(1, 1, 16, 16))
	}
	if n := len(m.ptx) - before; n != 2 {
		t.Errorf("%d modules were compiled, want 2", n)
	}
}

func TestSuits(t *testing.T) {
	newest := about{driver: 13000, major: 12}
	for _, c := range []struct {
		ptx string
		a   about
		ok  bool
	}{
		{".version 7.8", about{driver: 11080, major: 7}, true},
		{".version 7.8", about{driver: 11070, major: 7}, false},
		{"// x\n.version 8.5\n", about{driver: 12050, major: 9}, true},
		{".version 8.5", about{driver: 12040, major: 9}, false},
		{"", newest, false}, {".version x", newest, false},
	} {
		if err := c.a.suits(c.ptx); (err == nil) != c.ok {
			t.Errorf("%q on %+v: %v", c.ptx, c.a, err)
		}
	}
}

// TestBatchIsSplit gives the device memory for a part of a batch only.
func TestBatchIsSplit(t *testing.T) {
	g := skipNet()
	in := skipInputs(1, 8, 24, 24)
	want := run(t, compile(t, device.NewCPU(), g), g, in)
	m := newFake()
	d := open(t, m, false)
	p := compile(t, d, g)
	run(t, p, g, skipInputs(1, 2, 24, 24))
	m.limit = m.used + 175<<10
	out := make([]device.Tensor, len(g.Outs))
	if err := p.Run(out, in); err != nil {
		t.Fatal(err)
	}
	if s := differ(out, want, tolerance); s != "" {
		t.Fatal(s)
	}
	if n := len(p.Stats()[0].Mean); n != 8*16 {
		t.Errorf("%d means, want those of all samples", n)
	}
	if most := p.(*program).most; most < 1 || most > 4 {
		t.Errorf("it runs %d samples at a time", most)
	}
	before := m.allocs
	if err := p.Run(out, in); err != nil || m.allocs != before {
		t.Errorf("the second run takes memory again: %d allocations, %v", m.allocs-before, err)
	}
}

func TestTooLittleMemory(t *testing.T) {
	m := newFake()
	m.limit, m.foreign = 8<<20, 4<<20
	d := open(t, m, false)
	g := skipNet()
	p := compile(t, d, g)
	err := p.Run(make([]device.Tensor, len(g.Outs)), skipInputs(1, 1, 256, 256))
	wants(t, err, device.ErrMemory, "run network skip on gpu", "of 8.0 MiB of the GPU", "others 4.0 MiB: wait for them or end them", "instead of 256x256 would fit")
	run(t, p, g, skipInputs(1, 1, 64, 64)) // still usable

	m.foreign = 8<<20 - m.used - 1000
	_, err = d.Compile(g, randomWeights(g))
	wants(t, err, device.ErrMemory, "compile network skip for gpu", "are needed")
}

// TestSpareMemoryIsGivenBack: what other sizes left behind makes room.
func TestSpareMemoryIsGivenBack(t *testing.T) {
	m := newFake()
	m.limit = 40 << 20
	d := open(t, m, false)
	g := device.NewGraph("net")
	g.Output(g.Activate(g.Input("x", device.Shape{C: 8}), kernel.ActReLU))
	p := compile(t, d, g)
	for _, side := range []int{300, 310, 330, 350, 370, 390, 410} {
		run(t, p, g, []device.Tensor{randomTensor(1, 1, side, side, 8)})
	}
	if m.used > m.limit {
		t.Errorf("%d bytes in use of %d", m.used, m.limit)
	}
}

func TestErrorsNameTheKernel(t *testing.T) {
	m := newFake()
	d := open(t, m, false)
	g := skipNet()
	p := compile(t, d, g)
	m.breaks("launch maxpool", 701)
	err := p.Run(make([]device.Tensor, len(g.Outs)), skipInputs(1, 1, 16, 16))
	wants(t, err, nil, "launch maxpool: a kernel needs more registers", "network skip, maxpool")
	m.breaks("launch maxpool", 0)
	run(t, p, g, skipInputs(1, 1, 16, 16))
}

func TestLostDevice(t *testing.T) {
	m := newFake()
	d := open(t, m, false)
	g := skipNet()
	p := compile(t, d, g)
	in := skipInputs(1, 1, 16, 16)
	m.breaks("over", 719)
	out := make([]device.Tensor, len(g.Outs))
	wants(t, p.Run(out, in), device.ErrLost, "a kernel failed (CUDA error 719)", "what the GPU held is gone")
	m.breaks("over", 0)
	before := len(m.names)
	wants(t, p.Run(out, in), device.ErrLost, "719")
	if len(m.names) != before {
		t.Error("a lost device was used again")
	}
	_, err := d.Compile(g, randomWeights(g))
	wants(t, err, device.ErrLost)
	p.Memory() // does not hang
}

// TestGoesOnElsewhere loses the device in the middle of a job that may go on on the processor.
func TestGoesOnElsewhere(t *testing.T) {
	m := newFake()
	var told []error
	d := device.WithFallback(open(t, m, false), func() (device.Device, error) { return device.NewCPU(), nil },
		func(why error) { told = append(told, why) })
	g := skipNet()
	w := randomWeights(g)
	p, err := d.Compile(g, w)
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range w { // it keeps its own copy
		clear(a.Data)
	}
	cpu := compile(t, device.NewCPU(), g)
	in := skipInputs(1, 2, 16, 16)
	run(t, cpu, g, in)
	if err := errors.Join(p.Freeze(cpu.Stats()), cpu.Freeze(cpu.Stats())); err != nil {
		t.Fatal(err)
	}
	for lose := range 3 {
		if lose == 1 {
			m.breaks("over", 700)
		}
		if s := differ(run(t, p, g, in), run(t, cpu, g, in), tolerance); s != "" {
			t.Fatalf("round %d: %s", lose, s)
		}
	}
	if len(told) != 1 || d.Name() != "cpu" {
		t.Errorf("told %v, the device is %s", told, d.Name())
	}
	if _, err := d.Compile(g, randomWeights(g)); err != nil {
		t.Error(err)
	}
}

func TestFallbackKeepsOtherErrors(t *testing.T) {
	m := newFake()
	m.limit = 6 << 20
	d := device.WithFallback(open(t, m, false), func() (device.Device, error) { return nil, errors.New("never") }, func(error) {})
	g := skipNet()
	p, err := d.Compile(g, randomWeights(g))
	if err != nil {
		t.Fatal(err)
	}
	err = p.Run(make([]device.Tensor, len(g.Outs)), skipInputs(1, 1, 512, 512))
	wants(t, err, device.ErrMemory)
	m.breaks("over", 214)
	err = p.Run(make([]device.Tensor, len(g.Outs)), skipInputs(1, 1, 16, 16))
	wants(t, err, device.ErrLost, "never")
}

func TestPool(t *testing.T) {
	for _, n := range []int{1, 1023, 1024, 1025, 5000, 1 << 20, 1<<20 + 1, 200 << 20, 3 << 30} {
		size := sizeClass(n)
		if size < n || size%256 != 0 || n > 4096 && float64(size) > 1.26*float64(n) || sizeClass(size) != size {
			t.Errorf("%d bytes get a block of %d", n, size)
		}
	}
	m := newFake()
	p := newPool(m)
	a, err := p.get(5000)
	if err != nil {
		t.Fatal(err)
	}
	p.put(a)
	if b, err := p.get(4900); err != nil || b != a {
		t.Errorf("a block that would do was not used: %v, %v", b, err)
	}
	p.put(block{})
	m.limit = m.used + 8192
	if _, err := p.get(8000); err != nil {
		t.Error(err)
	}
	_, err = p.get(8000)
	wants(t, err, device.ErrMemory)
}
