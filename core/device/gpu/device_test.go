package gpu

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"

	"pgregory.net/rapid"

	"github.com/atelier-engine/atelier/core/device"
	"github.com/atelier-engine/atelier/core/device/cuda"
	"github.com/atelier-engine/atelier/core/kernel"
)

// tolerance is for sums in another order than the CPU's, and for its Winograd transforms.
const tolerance = 2e-4

const fakePTX = ".version 7.8\n.target sm_70\n"

// open opens a device on a fake.
func open(t testing.TB, m *fake, packs bool) *Device {
	t.Helper()
	d, err := tryOpen(m, packs)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func tryOpen(m *fake, packs bool) (*Device, error) {
	c, err := newCard("gpu", func() (driver, error) { return m, m.fail("open", "open") },
		func(_ about, p device.Precision) (cuda.Operations, []*module) {
			return &plainOps{m: m, packs: packs, in: p}, []*module{{ptx: fakePTX, kernels: []string{"conv", "pack"}}, {ptx: fakePTX + "//", kernels: []string{"norm"}}}
		})
	if err != nil {
		return nil, err
	}
	return c.at(device.TF32), nil
}

// skipNet has every kind of node, long skips and three outputs.
func skipNet() *device.Graph {
	g := device.NewGraph("skip")
	x := g.Input("x", device.Shape{C: 3})
	style := g.Input("s", device.Shape{H: 1, W: 1, C: 40})
	a := g.InstanceNorm("n1", g.Conv("c1", x, kernel.Conv{OutC: 16, KH: 3, Pad: 1, PadMode: kernel.PadReflect}, 0), kernel.ActReLU, device.None)
	b := g.BatchNorm("n2", g.Conv("c2", a, kernel.Conv{OutC: 16, KH: 3, Stride: 2, Pad: 1}, 0), kernel.ActLeakyReLU)
	c := g.CondNorm(g.Conv("r", b, kernel.Conv{OutC: 16, KH: 3, Pad: 1}, 0), style, 3, kernel.ActReLU, b)
	c = g.Affine(g.Activate(c, kernel.ActTanh), make([]float32, 16), []float32{1, 2, 3, 4, 5, 6, 7, 8, 9, 1, 2, 3, 4, 5, 6, 7})
	e := g.Conv("c3", g.Resize(g.Concat(c, b), 2, false), kernel.Conv{OutC: 16, KH: 3, Pad: 1}, 0)
	f := g.Add(g.Activate(e, kernel.ActReLU), a)
	y := g.Conv("c4", f, kernel.Conv{OutC: 3, KH: 9, Pad: 4, PadMode: kernel.PadReflect}, kernel.ActTanh)
	z := g.Reshape(g.GlobalAvgPool(g.MaxPool(c, 2, 2)), device.Shape{H: 4, W: 4, C: 1})
	z = g.Dense("d", z, 7, kernel.ActSigmoid)
	g.Output(y, x, g.Resize(g.AvgPool(b, 2, 2), 3, true), z, g.Reshape(z, device.Shape{H: 7, W: 1, C: 1}))
	return g
}

func randomWeights(g *device.Graph) device.Weights {
	r := rand.New(rand.NewPCG(7, 1))
	w := device.Weights{}
	for _, p := range g.Params() {
		a := device.Array{Shape: p.Shape, Data: make([]float32, p.Len())}
		fan := max(1, p.Len()/p.Shape[len(p.Shape)-1])
		for i := range a.Data {
			a.Data[i] = float32(r.NormFloat64() / math.Sqrt(float64(fan)))
			if p.Init == device.InitOne {
				a.Data[i] = 0.5 + r.Float32()
			}
		}
		w[p.Name] = a
	}
	return w
}

func randomTensor(seed uint64, n, h, w, c int) device.Tensor {
	r := rand.New(rand.NewPCG(seed, 2))
	t := device.NewTensor(n, h, w, c)
	for i := range t.Data {
		t.Data[i] = float32(r.NormFloat64())
	}
	return t
}

func skipInputs(seed uint64, n, h, w int) []device.Tensor {
	return []device.Tensor{randomTensor(seed, n, h, w, 3), randomTensor(seed+1, n, 1, 1, 40)}
}

func compile(t testing.TB, d device.Device, g *device.Graph) device.Program {
	t.Helper()
	p, err := d.Compile(g, randomWeights(g))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func run(t testing.TB, p device.Program, g *device.Graph, in []device.Tensor) []device.Tensor {
	t.Helper()
	out := make([]device.Tensor, len(g.Outs))
	if err := p.Run(out, in); err != nil {
		t.Fatal(err)
	}
	return out
}

// differ describes the first value that differs by more than tol of the range, or is "".
func differ(got, want []device.Tensor, tol float64) string {
	for k := range want {
		if got[k].N != want[k].N || got[k].Shape() != want[k].Shape() {
			return fmt.Sprintf("output %d is %d of %v, want %d of %v", k, got[k].N, got[k].Shape(), want[k].N, want[k].Shape())
		}
		scale := 1.0
		for _, v := range want[k].Data {
			scale = max(scale, math.Abs(float64(v)))
		}
		for i, v := range want[k].Data {
			if d := math.Abs(float64(got[k].Data[i]) - float64(v)); !(d <= tol*scale) {
				return fmt.Sprintf("output %d: value %d is %g, want %g", k, i, got[k].Data[i], v)
			}
		}
	}
	return ""
}

func TestNetworkAgreesWithCPU(t *testing.T) {
	g := skipNet()
	cpu := compile(t, device.NewCPU(), g)
	for _, packs := range []bool{false, true} {
		gpu := compile(t, open(t, newFake(), packs), g)
		for _, size := range [][3]int{{1, 12, 16}, {3, 16, 12}, {1, 12, 16}, {2, 20, 24}} {
			in := skipInputs(1, size[0], size[1], size[2])
			if d := differ(run(t, gpu, g, in), run(t, cpu, g, in), tolerance); d != "" {
				t.Fatalf("packed %v, %v: %s", packs, size, d)
			}
			var got, want []device.Tensor
			for i, s := range gpu.Stats() {
				c := cpu.Stats()[i]
				for _, v := range [][2][]float32{{s.Mean, c.Mean}, {s.InvStd, c.InvStd}} {
					got = append(got, device.Tensor{Data: v[0], N: len(v[0]), H: 1, W: 1, C: 1})
					want = append(want, device.Tensor{Data: v[1], N: len(v[1]), H: 1, W: 1, C: 1})
				}
			}
			if d := differ(got, want, tolerance); d != "" {
				t.Fatalf("statistics: %s", d)
			}
		}
		if gpu.Memory() < 4*(16*16*9*2) {
			t.Errorf("the program says that it holds %d bytes", gpu.Memory())
		}
	}
}

// TestPrecisionReachesKernels: networks run in the precision asked for, sessions train in TF32, or in float32 where
// that was asked, and both on one card.
func TestPrecisionReachesKernels(t *testing.T) {
	g := skipNet()
	in := skipInputs(1, 1, 12, 16)
	want := run(t, compile(t, device.NewCPU(), g), g, in)
	m := newFake()
	card := open(t, m, true).card
	x, y := make([]float32, 8), make([]float32, 8)
	for _, c := range []struct {
		asked          device.Precision
		network, train string
	}{{device.TF32, "conv", "linear"}, {device.F32, "conv f32", "linear f32"}, {device.F16, "conv f16", "linear"}, {device.BF16, "conv bf16", "linear"}} {
		d := card.at(c.asked)
		if p := device.PrecisionOf(d); p != c.asked {
			t.Errorf("asked for %v, in force is %v", c.asked, p)
		}
		m.names = nil
		if s := differ(run(t, compile(t, d, g), g, in), want, tolerance); s != "" {
			t.Errorf("%v: %s", c.asked, s)
		}
		for _, name := range m.names {
			if strings.HasPrefix(name, "conv") && name != c.network {
				t.Errorf("%v: the kernel %q ran", c.asked, name)
			}
		}
		if !slices.Contains(m.names, c.network) {
			t.Errorf("%v: %q ran, want %s among them", c.asked, m.names, c.network)
		}
		m.names = nil
		s := d.NewSession()
		if err := errors.Join(s.Linear(y, x, nil, 1, 0), s.Sync(y)); err != nil {
			t.Fatal(err)
		}
		s.Close()
		if !slices.Equal(m.names, []string{c.train}) {
			t.Errorf("%v: a session ran %q, want %s", c.asked, m.names, c.train)
		}
	}
	old := newFake()
	old.is.major = 7
	if p := device.PrecisionOf(open(t, old, true).at(device.F16)); p != device.F32 {
		t.Errorf("without tensor cores %v is in force", p)
	}
}

// TestRandomNetworks wires nodes by chance: lowering, memory plans and addresses must fit together.
func TestRandomNetworks(t *testing.T) {
	devices := map[bool]*Device{true: open(t, newFake(), true), false: open(t, newFake(), false)}
	rapid.Check(t, func(t *rapid.T) {
		g := device.NewGraph("random")
		refs := []device.Ref{g.Input("x", device.Shape{C: 4}), g.Input("y", device.Shape{C: 4})}
		style := g.Input("s", device.Shape{H: 1, W: 1, C: 8})
		for i := range rapid.IntRange(1, 10).Draw(t, "nodes") {
			pick := func() device.Ref { return refs[max(0, len(refs)-1-rapid.IntRange(0, 3).Draw(t, "back"))] }
			x, name := pick(), fmt.Sprint("n", i)
			act := rapid.SampledFrom([]kernel.Act{kernel.ActNone, kernel.ActReLU, kernel.ActTanh}).Draw(t, "act")
			residual := device.None
			if rapid.Bool().Draw(t, "residual") {
				residual = pick()
			}
			switch rapid.IntRange(0, 8).Draw(t, "op") {
			case 0, 1:
				x = g.Conv(name, x, kernel.Conv{OutC: 4, KH: 3, Pad: 1}, act)
			case 2:
				x = g.InstanceNorm(name, x, act, residual)
			case 3:
				x = g.CondNorm(x, style, 0, act, residual)
			case 4:
				x = g.BatchNorm(name, x, act)
			case 5:
				x = g.Activate(x, act)
			case 6:
				x = g.Add(x, pick())
			case 7:
				x = g.Conv(name, g.Concat(x, pick()), kernel.Conv{OutC: 4, KH: 1}, act)
			case 8:
				x = g.Affine(x, []float32{1, -1, 0.5, 2}, []float32{0, 1, 0, -1})
			}
			refs = append(refs, x)
		}
		for range rapid.IntRange(1, 3).Draw(t, "outs") {
			g.Output(refs[len(refs)-1-rapid.IntRange(0, len(refs)-1).Draw(t, "out")])
		}
		in := []device.Tensor{randomTensor(1, 2, 5, 6, 4), randomTensor(2, 2, 5, 6, 4), randomTensor(3, 2, 1, 1, 8)}
		var results [2][]device.Tensor
		for i, d := range []device.Device{devices[rapid.Bool().Draw(t, "packs")], device.NewCPU()} {
			p, err := d.Compile(g, randomWeights(g))
			if err != nil {
				t.Fatal(err)
			}
			results[i] = make([]device.Tensor, len(g.Outs))
			if err := p.Run(results[i], in); err != nil {
				t.Fatal(err)
			}
		}
		if d := differ(results[0], results[1], 2e-2); d != "" { // norms of nearly constant values amplify
			t.Fatal(d)
		}
	})
}

func TestFreeze(t *testing.T) {
	g := skipNet()
	gpu, cpu := compile(t, open(t, newFake(), false), g), compile(t, device.NewCPU(), g)
	in := skipInputs(1, 2, 16, 12)
	run(t, gpu, g, in)
	stats := gpu.Stats()
	other := skipInputs(5, 2, 12, 20)
	one := device.Stats{}
	for i, s := range stats {
		c := []int{16, 16}[i]
		one = append(one, device.NormStats{Mean: s.Mean[c : 2*c], InvStd: s.InvStd[c : 2*c]})
	}
	for _, c := range []struct {
		name string
		st   device.Stats
	}{{"none", nil}, {"of one sample", one}, {"of each sample", stats}, {"of one sample again", one}} {
		name, st := c.name, c.st
		if err := errors.Join(gpu.Freeze(st), cpu.Freeze(st)); err != nil {
			t.Fatal(err)
		}
		if d := differ(run(t, gpu, g, other), run(t, cpu, g, other), tolerance); d != "" {
			t.Errorf("%s: %s", name, d)
		}
		if st == nil {
			continue
		}
		for i, s := range gpu.Stats() {
			if want := cpu.Stats()[i]; fmt.Sprint(s) != fmt.Sprint(want) {
				t.Errorf("%s: statistics %v, want %v", name, s, want)
			}
		}
	}
	if err := gpu.Freeze(stats[:1]); err == nil || !strings.Contains(err.Error(), "1 norms given") {
		t.Errorf("got error %v", err)
	}
	if err := gpu.Freeze(stats); err != nil {
		t.Fatal(err)
	}
	if err := gpu.Run(make([]device.Tensor, 5), skipInputs(1, 3, 12, 12)); err == nil || !strings.Contains(err.Error(), "another number of samples") {
		t.Errorf("got error %v", err)
	}
}

func TestConcurrentRuns(t *testing.T) {
	d := open(t, newFake(), true)
	g := skipNet()
	programs := []device.Program{compile(t, d, g), compile(t, d, g)}
	cpu := compile(t, device.NewCPU(), g)
	var wg sync.WaitGroup
	for k := range 6 {
		in := skipInputs(uint64(k), 1+k%2, 12+4*(k%3), 16)
		want := run(t, cpu, g, in)
		wg.Go(func() {
			for range 4 {
				out := make([]device.Tensor, len(g.Outs))
				if err := programs[k%2].Run(out, in); err != nil {
					t.Error(err)
					return
				}
				if d := differ(out, want, tolerance); d != "" {
					t.Errorf("runs disturb each other: %s", d)
					return
				}
			}
		})
	}
	wg.Wait()
}

func TestLargeCopies(t *testing.T) {
	g := device.NewGraph("double")
	x := g.Input("x", device.Shape{C: 3})
	g.Output(g.Affine(x, []float32{2, 2, 2}, []float32{1, 1, 1}))
	p := compile(t, open(t, newFake(), false), g)
	in := []device.Tensor{randomTensor(1, 1, 1100, 1400, 3)} // two chunks and a bit
	out := run(t, p, g, in)
	for i, v := range in[0].Data {
		if out[0].Data[i] != 2*v+1 {
			t.Fatalf("value %d is %g, want %g", i, out[0].Data[i], 2*v+1)
		}
	}
}

func TestSteadyStateTakesNoMemory(t *testing.T) {
	m := newFake()
	d := open(t, m, true)
	g := skipNet()
	p := compile(t, d, g)
	sizes := [][3]int{{1, 16, 16}, {2, 12, 16}, {1, 24, 20}}
	round := func() {
		for _, s := range sizes {
			run(t, p, g, skipInputs(1, s[0], s[1], s[2]))
		}
	}
	round()
	round()
	before := m.allocs
	for range 5 {
		round()
	}
	if m.allocs != before {
		t.Errorf("%d allocations in the steady state", m.allocs-before)
	}
	// Another network fits into what the first one leaves.
	p.(*program).memory.release(d.owner)
	before = m.allocs
	run(t, compile(t, d, g), g, skipInputs(1, 1, 16, 16))
	if n := m.allocs - before; n > 0 {
		t.Errorf("%d allocations for a second network of the same size", n)
	}
}
