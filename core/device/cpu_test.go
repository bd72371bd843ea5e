package device

import (
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/atelier-engine/atelier/core/kernel"
	"pgregory.net/rapid"
)

const tolerance = 2e-4

// TestOps runs every operation, alone and where merging applies, against its plain twin.
func TestOps(t *testing.T) {
	open := Shape{C: 4}
	conv := kernel.Conv{OutC: 6, KH: 3, Pad: 1}
	cases := map[string]func(g *Graph, x Ref) Ref{
		"conv": func(g *Graph, x Ref) Ref { return g.Conv("c", x, conv, kernel.ActReLU) },
		"conv transposed": func(g *Graph, x Ref) Ref {
			return g.Conv("c", x, kernel.Conv{OutC: 5, KH: 4, Stride: 2, Pad: 1, Transposed: true}, kernel.ActTanh)
		},
		"dense":         func(g *Graph, x Ref) Ref { return g.Dense("d", g.Input("v", Shape{2, 3, 4}), 7, kernel.ActSigmoid) },
		"instance norm": func(g *Graph, x Ref) Ref { return g.InstanceNorm("n", x, kernel.ActReLU, None) },
		"instance norm residual": func(g *Graph, x Ref) Ref {
			return g.InstanceNorm("n", x, kernel.ActReLU, x)
		},
		"conditional norm": func(g *Graph, x Ref) Ref {
			return g.CondNorm(x, g.Input("s", Shape{1, 1, 11}), 2, kernel.ActLeakyReLU, x)
		},
		"batch norm":        func(g *Graph, x Ref) Ref { return g.BatchNorm("b", x, kernel.ActReLU) },
		"conv, batch norm":  func(g *Graph, x Ref) Ref { return g.BatchNorm("b", g.Conv("c", x, conv, 0), kernel.ActReLU) },
		"dense, batch norm": func(g *Graph, x Ref) Ref { return g.BatchNorm("b", g.Dense("d", g.GlobalAvgPool(x), 5, 0), 0) },
		"conv, act, batch norm": func(g *Graph, x Ref) Ref {
			return g.BatchNorm("b", g.Conv("c", x, conv, kernel.ActReLU), kernel.ActReLU)
		},
		"batch norm, affine, act": func(g *Graph, x Ref) Ref {
			y := g.Affine(g.BatchNorm("b", x, 0), []float32{1, -2, 3, 4}, []float32{0, 1, 2, 3})
			return g.Activate(y, kernel.ActTanh)
		},
		"conv, affine, act": func(g *Graph, x Ref) Ref {
			y := g.Affine(g.Conv("c", x, kernel.Conv{OutC: 2, KH: 1}, 0), []float32{2, -1}, []float32{0.5, 1})
			return g.Activate(y, kernel.ActLeakyReLU)
		},
		"norm, act":          func(g *Graph, x Ref) Ref { return g.Activate(g.InstanceNorm("n", x, 0, None), kernel.ActReLU) },
		"norm residual, act": func(g *Graph, x Ref) Ref { return g.Activate(g.InstanceNorm("n", x, 0, x), kernel.ActReLU) },
		"norm, add": func(g *Graph, x Ref) Ref {
			y := g.Conv("c", x, kernel.Conv{OutC: 4, KH: 3, Pad: 1}, 0)
			return g.Add(x, g.InstanceNorm("n", y, kernel.ActReLU, None))
		},
		"batch norm, add": func(g *Graph, x Ref) Ref { return g.Add(g.BatchNorm("b", x, kernel.ActReLU), x) },
		"act":             func(g *Graph, x Ref) Ref { return g.Activate(x, kernel.ActSigmoid) },
		"act none":        func(g *Graph, x Ref) Ref { return g.Activate(x, kernel.ActNone) },
		"add to itself":   func(g *Graph, x Ref) Ref { y := g.Activate(x, kernel.ActReLU); return g.Add(y, y) },
		"concat":          func(g *Graph, x Ref) Ref { return g.Concat(x, g.Activate(x, kernel.ActReLU)) },
		"reshape":         func(g *Graph, x Ref) Ref { return g.Reshape(g.Input("v", Shape{2, 3, 4}), Shape{3, 2, 4}) },
		"max pool":        func(g *Graph, x Ref) Ref { return g.MaxPool(x, 3, 2) },
		"average pool":    func(g *Graph, x Ref) Ref { return g.AvgPool(x, 2, 2) },
		"global pool":     func(g *Graph, x Ref) Ref { return g.GlobalAvgPool(x) },
		"resize nearest":  func(g *Graph, x Ref) Ref { return g.Resize(x, 3, false) },
		"resize bilinear": func(g *Graph, x Ref) Ref { return g.Resize(x, 2, true) },
		"resize by 1":     func(g *Graph, x Ref) Ref { return g.Resize(x, 1, true) },
		"resize, conv":    func(g *Graph, x Ref) Ref { return g.Conv("c", g.Resize(x, 2, false), conv, kernel.ActReLU) },
		"resize, conv, reflect": func(g *Graph, x Ref) Ref {
			return g.Conv("c", g.Resize(x, 2, false), kernel.Conv{OutC: 3, KH: 5, Pad: 2, PadMode: kernel.PadReflect}, 0)
		},
		"resize, conv stride 2": func(g *Graph, x Ref) Ref {
			return g.Conv("c", g.Resize(x, 2, false), kernel.Conv{OutC: 3, KH: 3, Pad: 1, Stride: 2}, 0)
		},
		"affine": func(g *Graph, x Ref) Ref { return g.Affine(x, []float32{1, 2, 3, 4}, []float32{4, 3, 2, 1}) },
	}
	for name, build := range cases {
		t.Run(name, func(t *testing.T) {
			g := NewGraph(name)
			g.Output(build(g, g.Input("x", open)))
			w := randomWeights(g, 7)
			fused, plain := compile(t, NewCPU(), g, w), compile(t, &CPU{noFuse: true, noShare: true}, g, w)
			for _, n := range []int{1, 3} {
				var in []Tensor
				for i, r := range g.Inputs() {
					s := g.Nodes[r].Shape
					if s.Any() {
						s.H, s.W = 7, 9
					}
					in = append(in, randomTensor(uint64(i), n, s))
				}
				want := twin(g, w, in)
				near(t, run(t, fused, 1, in...), want, tolerance)
				near(t, run(t, plain, 1, in...), want, tolerance)
			}
		})
	}
}

func TestMerging(t *testing.T) {
	g := NewGraph("net")
	x := g.Input("x", Shape{C: 4})
	y := g.Activate(g.BatchNorm("b1", g.Conv("c1", x, kernel.Conv{OutC: 4, KH: 3, Pad: 1}, 0), 0), kernel.ActReLU)
	y = g.Conv("c2", g.Resize(y, 2, false), kernel.Conv{OutC: 4, KH: 3, Pad: 1}, 0)
	z := g.Add(g.Activate(g.InstanceNorm("n", y, 0, None), kernel.ActReLU), g.Activate(y, kernel.ActTanh))
	g.Output(z)
	w := randomWeights(g, 1)
	p := compile(t, NewCPU(), g, w).(*cpuProgram)
	var ops []string
	for _, s := range p.Steps {
		ops = append(ops, s.Op.String())
	}
	if got := strings.Join(ops, " "); got != "conv conv act instancenorm" {
		t.Errorf("steps are %s", got)
	}
	in := randomTensor(1, 2, Shape{6, 6, 4})
	near(t, run(t, p, 1, in), twin(g, w, []Tensor{in}), tolerance)
}

// skipNet is a network with long skips: values of many lifetimes.
func skipNet() *Graph {
	g := NewGraph("skip")
	x := g.Input("x", Shape{C: 3})
	style := g.Input("s", Shape{1, 1, 32})
	a := g.InstanceNorm("n1", g.Conv("c1", x, kernel.Conv{OutC: 16, KH: 3, Pad: 1, PadMode: kernel.PadReflect}, 0), kernel.ActReLU, None)
	b := g.BatchNorm("n2", g.Conv("c2", a, kernel.Conv{OutC: 16, KH: 3, Stride: 2, Pad: 1}, 0), kernel.ActLeakyReLU)
	c := b
	for i := range 3 {
		d := g.Conv(fmt.Sprintf("r%d", i), c, kernel.Conv{OutC: 16, KH: 3, Pad: 1, PadMode: kernel.PadReflect}, 0)
		c = g.CondNorm(d, style, 0, kernel.ActReLU, c)
	}
	e := g.Conv("c3", g.Resize(g.Concat(c, b), 2, false), kernel.Conv{OutC: 16, KH: 3, Pad: 1}, 0)
	f := g.Add(g.Activate(e, kernel.ActReLU), a)
	g.Output(g.Conv("c4", f, kernel.Conv{OutC: 3, KH: 9, Pad: 4, PadMode: kernel.PadReflect}, kernel.ActTanh), c, g.GlobalAvgPool(c))
	return g
}

func TestSharedMemoryChangesNothing(t *testing.T) {
	g := skipNet()
	w := randomWeights(g, 3)
	shared, own := compile(t, NewCPU(), g, w), compile(t, &CPU{noShare: true}, g, w)
	for _, size := range []Shape{{16, 16, 3}, {10, 22, 3}, {32, 8, 3}, {16, 16, 3}} {
		in := []Tensor{randomTensor(1, 2, size), randomTensor(2, 2, Shape{1, 1, 32})}
		got := run(t, shared, 3, in...)
		same(t, got, run(t, own, 3, in...))
		near(t, got, twin(g, w, in), tolerance)
	}
	a, b := len(shared.(*cpuProgram).arena), len(own.(*cpuProgram).arena)
	if 2*a > b {
		t.Errorf("sharing needs %d values, without it %d: expected less than half", a, b)
	}
}

// TestRandomNetworks draws networks with random wiring: merging and sharing must not change results.
func TestRandomNetworks(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g := NewGraph("random")
		s := Shape{C: 4}
		refs := []Ref{g.Input("x", s), g.Input("y", s)}
		style := g.Input("s", Shape{1, 1, 8})
		acts := []kernel.Act{kernel.ActNone, kernel.ActReLU, kernel.ActLeakyReLU, kernel.ActTanh}
		for i := range rapid.IntRange(1, 12).Draw(t, "nodes") {
			pick := func() Ref { return refs[max(0, len(refs)-1-rapid.IntRange(0, 3).Draw(t, "back"))] }
			x, name := pick(), fmt.Sprint("n", i)
			act := rapid.SampledFrom(acts).Draw(t, "act")
			residual := None
			if rapid.Bool().Draw(t, "residual") {
				residual = pick()
			}
			switch rapid.IntRange(0, 9).Draw(t, "op") {
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
			case 9:
				x = g.Conv(name, g.Resize(x, 2, false), kernel.Conv{OutC: 4, KH: 3, Pad: 1, Stride: 2}, act)
			}
			refs = append(refs, x)
		}
		outs := rapid.IntRange(1, 3).Draw(t, "outs")
		for range outs {
			g.Output(refs[len(refs)-1-rapid.IntRange(0, len(refs)-1).Draw(t, "out")])
		}
		if g.Err() != nil {
			t.Fatal(g.Err())
		}
		w := randomWeights(g, 5)
		in := []Tensor{randomTensor(1, 2, Shape{5, 6, 4}), randomTensor(2, 2, Shape{5, 6, 4}), randomTensor(3, 2, Shape{1, 1, 8})}
		results := make([][]Tensor, 2)
		for i, d := range []*CPU{{}, {noShare: true}} {
			p, err := d.Compile(g, w)
			if err != nil {
				t.Fatal(err)
			}
			results[i] = make([]Tensor, outs)
			if err := p.Run(results[i], in); err != nil {
				t.Fatal(err)
			}
		}
		for k := range results[0] {
			for i, v := range results[1][k].Data {
				if results[0][k].Data[i] != v {
					t.Fatalf("output %d: value %d is %g with shared memory and %g without", k, i, results[0][k].Data[i], v)
				}
			}
		}
		want := twin(g, w, in)
		for k := range want {
			for i, v := range want[k].Data {
				if d := results[0][k].Data[i] - v; d > 2e-2 || d < -2e-2 {
					t.Fatalf("output %d: value %d is %g, want %g", k, i, results[0][k].Data[i], v)
				}
			}
		}
	})
}

func TestBatchAndThreadsChangeNothing(t *testing.T) {
	g := skipNet()
	p := compile(t, NewCPU(), g, randomWeights(g, 3))
	size, n := Shape{20, 18, 3}, 5
	x, s := randomTensor(1, n, size), randomTensor(2, n, Shape{1, 1, 32})
	whole := run(t, p, 3, x, s)
	defer kernel.SetWorkers(kernel.Workers())
	for _, workers := range []int{1, 3} {
		kernel.SetWorkers(workers)
		same(t, run(t, p, 3, x, s), whole)
	}
	for i := range n {
		row := func(t Tensor) Tensor {
			k := t.Shape().Len()
			return Tensor{t.Data[i*k : (i+1)*k], 1, t.H, t.W, t.C}
		}
		var want []Tensor
		for _, o := range whole {
			want = append(want, row(o))
		}
		same(t, run(t, p, 3, row(x), row(s)), want)
	}
}

func TestSteadyStateAllocations(t *testing.T) {
	g := skipNet()
	p := compile(t, NewCPU(), g, randomWeights(g, 3))
	in := []Tensor{randomTensor(1, 2, Shape{16, 16, 3}), randomTensor(2, 2, Shape{1, 1, 32})}
	out := make([]Tensor, 3)
	if err := p.Run(out, in); err != nil {
		t.Fatal(err)
	}
	perRun := testing.AllocsPerRun(20, func() {
		if err := p.Run(out, in); err != nil {
			t.Fatal(err)
		}
	})
	// The device allocates nothing; a kernel may make a few closures for the worker pool.
	if most := 4 * len(p.(*cpuProgram).Steps); perRun > float64(most) {
		t.Errorf("%v allocations a run, want at most %d", perRun, most)
	}
}

func TestOutputsAndReuse(t *testing.T) {
	g := NewGraph("outs")
	x := g.Input("x", Shape{C: 4})
	y := g.Activate(x, kernel.ActReLU)
	z := g.Activate(y, kernel.ActTanh)
	g.Output(x, y, z, y, g.Activate(z, kernel.ActNone))
	p := compile(t, NewCPU(), g, nil)
	in := randomTensor(1, 2, Shape{3, 3, 4})
	out := run(t, p, 5, in)
	near(t, out, twin(g, nil, []Tensor{in}), 1e-6)
	first := &out[1].Data[0]
	if err := p.Run(out, []Tensor{randomTensor(2, 1, Shape{3, 3, 4})}); err != nil {
		t.Fatal(err)
	}
	if &out[1].Data[0] != first || out[1].N != 1 || len(out[1].Data) != 36 {
		t.Error("memory that was long enough was not used again")
	}
}

func TestManySizes(t *testing.T) {
	g := skipNet()
	w := randomWeights(g, 3)
	p := compile(t, NewCPU(), g, w)
	for round := range 2 {
		for i := range maxPlans + 3 {
			in := []Tensor{randomTensor(1, 1, Shape{8 + 2*i, 12, 3}), randomTensor(2, 1, Shape{1, 1, 32})}
			near(t, run(t, p, 3, in...), twin(g, w, in), tolerance)
		}
		if n := len(p.(*cpuProgram).plans); n != maxPlans {
			t.Errorf("round %d: %d plans are kept, want %d", round, n, maxPlans)
		}
	}
	if p.Memory() <= 0 {
		t.Error("Memory is not positive")
	}
}

func TestRunMistakes(t *testing.T) {
	g := NewGraph("net")
	x := g.Input("x", Shape{C: 4})
	g.Output(g.Add(x, g.Input("y", Shape{C: 4})))
	p := compile(t, NewCPU(), g, nil)
	ok := randomTensor(1, 2, Shape{3, 3, 4})
	for _, c := range []struct {
		name string
		outs int
		in   []Tensor
		want string
	}{
		{"one input", 1, []Tensor{ok}, "input y is missing"},
		{"three inputs", 1, []Tensor{ok, ok, ok}, "3 inputs given"},
		{"no input", 1, nil, "input x is missing"},
		{"batch differs", 1, []Tensor{ok, randomTensor(1, 1, Shape{3, 3, 4})}, "input 1 has 1 samples"},
		{"empty batch", 1, []Tensor{{}, {}}, "at least 1"},
		{"short data", 1, []Tensor{ok, {Data: make([]float32, 5), N: 2, H: 3, W: 3, C: 4}}, "input 1 holds 5 values"},
		{"negative", 1, []Tensor{ok, {Data: nil, N: 2, H: -3, W: 3, C: 4}}, "impossible"},
		{"overflow", 1, []Tensor{ok, {Data: nil, N: 2, H: 1 << 62, W: 4, C: 4}}, "impossible"},
		{"sizes differ", 1, []Tensor{ok, randomTensor(1, 2, Shape{3, 4, 4})}, "differ"},
		{"outputs", 2, []Tensor{ok, ok}, "2 outputs asked for"},
	} {
		err := p.Run(make([]Tensor, c.outs), c.in)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got error %v, want one with %q", c.name, err, c.want)
		}
	}
	run(t, p, 1, ok, ok) // still usable
}

func TestFreeze(t *testing.T) {
	g := skipNet()
	p := compile(t, NewCPU(), g, randomWeights(g, 3))
	x, s := randomTensor(1, 1, Shape{16, 16, 3}), randomTensor(2, 1, Shape{1, 1, 32})
	want := run(t, p, 3, x, s)
	stats := p.Stats()
	if len(stats) != 4 {
		t.Fatalf("%d statistics, want 4", len(stats))
	}
	run(t, p, 3, randomTensor(9, 1, Shape{16, 16, 3}), s)
	if err := p.Freeze(stats); err != nil {
		t.Fatal(err)
	}
	near(t, run(t, p, 3, x, s), want, tolerance)
	twice := func(t Tensor) Tensor {
		return Tensor{append(append([]float32{}, t.Data...), t.Data...), 2, t.H, t.W, t.C}
	}
	near(t, run(t, p, 3, twice(x), twice(s)), []Tensor{twice(want[0]), twice(want[1]), twice(want[2])}, tolerance)
	if err := p.Freeze(nil); err != nil {
		t.Fatal(err)
	}
	same(t, run(t, p, 3, x, s), want)
	if err := p.Freeze(stats[:2]); err == nil || !strings.Contains(err.Error(), "2 norms given") {
		t.Errorf("got error %v", err)
	}
	stats[1].Mean = stats[1].Mean[:3]
	if err := p.Freeze(stats); err == nil || !strings.Contains(err.Error(), "norm 1 has 3 means") {
		t.Errorf("got error %v", err)
	}
}

func TestConcurrentRuns(t *testing.T) {
	g := skipNet()
	p := compile(t, NewCPU(), g, randomWeights(g, 3))
	var wg sync.WaitGroup
	for k := range 4 {
		in := []Tensor{randomTensor(uint64(k), 1, Shape{8 + 2*k, 8, 3}), randomTensor(2, 1, Shape{1, 1, 32})}
		want := run(t, p, 3, in...)
		wg.Go(func() {
			out := make([]Tensor, 3)
			for range 5 {
				if err := p.Run(out, in); err != nil {
					t.Error(err)
					return
				}
				for i, v := range want[0].Data {
					if out[0].Data[i] != v {
						t.Errorf("runs disturb each other")
						return
					}
				}
			}
		})
	}
	wg.Wait()
}

func TestOpen(t *testing.T) {
	d, err := Open("", TF32)
	if err != nil || d.Name() != "cpu" {
		t.Fatalf("Open(\"\") = %v, %v", d, err)
	}
	if _, err := Open("abacus", TF32); err == nil || !strings.Contains(err.Error(), "use cpu") {
		t.Errorf("got error %v", err)
	}
}
