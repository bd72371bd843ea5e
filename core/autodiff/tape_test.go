package autodiff

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"gorgonia.org/gorgonia"

	"github.com/atelier-engine/atelier/core/device"
	"github.com/atelier-engine/atelier/core/kernel"
)

// TestSameAsDevice: one description, two executions, the same numbers.
func TestSameAsDevice(t *testing.T) {
	for _, c := range graphCases() {
		t.Run(c.name, func(t *testing.T) {
			g := device.NewGraph("net")
			x := g.Input("x", c.in)
			style := device.None
			if c.style > 0 {
				style = g.Input("style", device.Shape{H: 1, W: 1, C: c.style})
			}
			g.Output(c.build(g, x, style))
			p := perturb(NewParams(g, 5), 6)
			tape := NewTape()
			nodes := []*gorgonia.Node{tape.Input("x", 2, c.in.H, c.in.W, c.in.C)}
			tensors := []device.Tensor{{Data: fillRandom(tape.Data("x"), 1), N: 2, H: c.in.H, W: c.in.W, C: c.in.C}}
			if c.style > 0 {
				nodes = append(nodes, tape.Input("style", 2, 1, 1, c.style))
				tensors = append(tensors, device.Tensor{Data: fillRandom(tape.Data("style"), 2), N: 2, H: 1, W: 1, C: c.style})
			}
			y, err := tape.Apply(g, p, FrozenInference, nodes...)
			if err != nil {
				t.Fatal(err)
			}
			if err := tape.Run(); err != nil {
				t.Fatal(err)
			}
			program, err := device.NewCPU().Compile(g, p.Weights())
			if err != nil {
				t.Fatal(err)
			}
			out := make([]device.Tensor, 1)
			if err := program.Run(out, tensors); err != nil {
				t.Fatal(err)
			}
			got := tape.Value(y[0])
			if len(got) != len(out[0].Data) {
				t.Fatalf("%d values, the device gives %d", len(got), len(out[0].Data))
			}
			for i, v := range got {
				// The device folds batch norms and may use Winograd: some float32 roundings.
				if d := math.Abs(float64(v - out[0].Data[i])); !(d <= 1e-4*(1+math.Abs(float64(v)))) {
					t.Fatalf("value %d is %g, the device gives %g", i, v, out[0].Data[i])
				}
			}
		})
	}
}

// TestWorkers: a GAN step is the same bits for any number of workers.
func TestWorkers(t *testing.T) {
	defer kernel.SetWorkers(kernel.Workers())
	var want *gan
	for _, workers := range []int{1, 2, 3, 5} {
		kernel.SetWorkers(workers)
		g := newGAN(t, 12, 10, []int{48, 32, 24}, 4)
		fillRandom(g.genTape.Data("code"), 1)
		fillRandom(g.disTape.Data("real"), 2)
		g.step(t)
		g.step(t)
		if want == nil {
			want = g
			continue
		}
		for _, ps := range [][2]*Params{{want.gen, g.gen}, {want.dis, g.dis}} {
			for _, e := range ps[0].list {
				for i, v := range ps[1].Get(e.Name) {
					if math.Float32bits(v) != math.Float32bits(e.data[i]) {
						t.Fatalf("%d workers: %s[%d] is %g, one worker gives %g", workers, e.Name, i, v, e.data[i])
					}
				}
			}
		}
	}
}

// count counts the ops of a tape whose name begins so.
func count(tape *Tape, prefix string) int {
	n := 0
	for _, node := range tape.nodes {
		if o, ok := node.Op().(*op); ok && strings.HasPrefix(o.name, prefix) {
			n++
		}
	}
	return n
}

// TestOnlyNeededGradients: no gradient to inputs, none to frozen weights.
func TestOnlyNeededGradients(t *testing.T) {
	g := newGAN(t, 2, 6, []int{16, 8}, 3)
	for _, c := range []struct {
		tape   *Tape
		prefix string
		want   int
	}{
		{g.disTape, "conv dx first", 0},
		{g.disTape, "conv dw first", 2},
		{g.genTape, "conv dx first", 1},
		{g.genTape, "conv dw first", 0},
		{g.genTape, "conv dx start", 0},
		{g.genTape, "conv dw start", 1},
	} {
		if n := count(c.tape, c.prefix); n != c.want {
			t.Errorf("%d ops %q, expected %d", n, c.prefix, c.want)
		}
	}
}

// TestSteadyState: after the first runs, a step allocates only what gorgonia's
// tape machine needs for each node, nothing that grows with the tensors.
func TestSteadyState(t *testing.T) {
	g := newGAN(t, 8, 10, []int{64, 32}, 3)
	g.step(t)
	g.step(t)
	nodes := len(g.genTape.g.AllNodes()) + len(g.disTape.g.AllNodes())
	if n := testing.AllocsPerRun(5, func() { g.step(t) }); n > float64(20*nodes) {
		t.Errorf("%.0f allocations a step for %d nodes", n, nodes)
	}
}

// TestPlanSharesMemory: a deep chain needs far less than the sum of its outputs
// for a forward pass, and gradients are recycled in a backward pass.
func TestPlanSharesMemory(t *testing.T) {
	g := device.NewGraph("deep")
	x := g.Input("x", device.Shape{H: 16, W: 16, C: 8})
	for i := range 12 {
		x = g.Conv("c"+string(rune('a'+i)), x, kernel.Conv{OutC: 8, KH: 3, Pad: 1}, kernel.ActReLU)
	}
	g.Output(x)
	p := NewParams(g, 1)
	one := 4 * 2 * 16 * 16 * 8
	build := func(train bool) int {
		tape := NewTape()
		y, err := tape.Apply(g, p, Train, tape.Input("in", 2, 16, 16, 8))
		if err != nil {
			t.Fatal(err)
		}
		if train {
			if err := tape.Minimise(tape.Mean(y[0]), p); err != nil {
				t.Fatal(err)
			}
		}
		if err := tape.Run(); err != nil {
			t.Fatal(err)
		}
		return tape.Memory()
	}
	weights := 4 * p.Len()
	if m := build(false); m > 4*one {
		t.Errorf("forward needs %d bytes, one result is %d", m, one)
	}
	if m := build(true); m > 12*one+4*one+weights {
		t.Errorf("training needs %d bytes: 12 results of %d, gradients of %d and a few more were expected", m, one, weights)
	}
}

// TestBehind: an op that reads what another leaves beside its result runs after it,
// or the tape does not run; losses, norms and pools say what they read.
func TestBehind(t *testing.T) {
	tape := NewTape()
	x := tape.Input("x", 1, 2, 2, 1)
	first := tape.Add(x, x)
	second := tape.Add(first, x)
	tape.Keep(second)
	first.Op().(*op).behind = second
	if err := tape.Run(); err == nil || !strings.Contains(err.Error(), fmt.Sprintf("%s would run before %s", first.Op(), second.Op())) {
		t.Errorf("got error %v", err)
	}

	g := device.NewGraph("net")
	g.Output(g.BatchNorm("n", g.MaxPool(g.Conv("c", g.Input("x", device.Shape{C: 1}), kernel.Conv{OutC: 2, KH: 1, KW: 1, Stride: 1}, kernel.ActNone), 2, 2), kernel.ActNone))
	p := NewParams(g, 1)
	tape = NewTape()
	out, err := tape.Apply(g, p, Train, tape.Input("x", 1, 8, 8, 1))
	if err != nil {
		t.Fatal(err)
	}
	if err := tape.Minimise(tape.Weave(out[0], 2, 4), p); err != nil {
		t.Fatal(err)
	}
	var behind []string
	for _, n := range tape.nodes {
		if o, ok := n.Op().(*op); ok && o.behind != nil {
			behind = append(behind, o.name+" behind "+o.behind.Op().(*op).name)
		}
	}
	if want := []string{"weave d0 behind weave", "norm dx n behind norm n", "maxpool dx behind maxpool"}; !slices.Equal(behind, want) {
		t.Errorf("%q, want %q", behind, want)
	}
	if err := tape.Run(); err != nil {
		t.Error(err)
	}
}
