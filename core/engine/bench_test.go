package engine

import (
	"context"
	"errors"
	"testing"

	"github.com/atelier-engine/atelier/core/device"
	"github.com/atelier-engine/atelier/core/kernel"
	"github.com/atelier-engine/atelier/core/nn"
	"github.com/atelier-engine/atelier/core/style"
)

func TestGraphFLOPs(t *testing.T) {
	g := device.NewGraph("small")
	x := g.Input("x", device.Shape{H: 8, W: 6, C: 2})
	x = g.Conv("a", x, kernel.Conv{OutC: 4, KH: 3, KW: 3, Stride: 2, Pad: 1}, kernel.ActReLU)
	g.Output(g.Dense("b", x, 5, kernel.ActNone))
	got, err := graphFLOPs(g, 3, []device.Shape{{H: 8, W: 6, C: 2}})
	if want := 3.0 * 2 * (4*3*3*3*2*4 + 4*3*4*5); err != nil || got != want {
		t.Errorf("%v operations, want %v: %v", got, want, err)
	}
	g, err = style.DefaultArchitecture.Graph()
	if err != nil {
		t.Fatal(err)
	}
	got, err = graphFLOPs(g, 1, []device.Shape{{H: 256, W: 256, C: 3}, {H: 1, W: 1, C: style.DefaultArchitecture.VectorLen()}})
	if err != nil || got < 0.9*flopPixel*256*256 || got > 1.2*flopPixel*256*256 {
		t.Errorf("the style network needs %.3g operations: %v", got, err)
	}
}

// loom is the processor under another name, which counts networks.
type loom struct {
	device.Device
	compiled int
}

func (l *loom) Name() string { return "loom" }
func (l *loom) Compile(g *device.Graph, w device.Weights) (device.Program, error) {
	l.compiled++
	return l.Device.Compile(g, w)
}

func TestBenchNetwork(t *testing.T) {
	e, f, _ := newFake(t)
	graph := func(*nn.Model) (*device.Graph, error) {
		g := device.NewGraph("small")
		g.Output(g.Dense("d", g.Input("x", device.Shape{H: 1, W: 1, C: 4}), 4, kernel.ActNone))
		return g, g.Err()
	}
	sizes := func(in []device.Shape) []benchSize { return []benchSize{{"small", 2, in}} }
	dir, err := e.model("faces", "")
	if err != nil {
		t.Fatal(err)
	}
	tell := func(r BenchResult) { t.Errorf("weights of another network were run: %+v", r) }
	if err := benchModel(context.Background(), device.NewCPU(), dir, graph, sizes, 1, tell); !errors.Is(err, ErrBroken) {
		t.Errorf("got %v", err)
	}
	own := device.Weights{"d.weight": {Shape: []int{4, 4}, Data: make([]float32, 16)}, "d.bias": {Shape: []int{4}, Data: make([]float32, 4)}}
	m, err := nn.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	if err := nn.Save(dir, m.Card, own, false); err != nil {
		t.Fatal(err)
	}
	var told []BenchResult
	on := &loom{Device: device.NewCPU()}
	if err := benchModel(context.Background(), on, dir, graph, sizes, 1, func(r BenchResult) { told = append(told, r) }); err != nil {
		t.Fatal(err)
	}
	if len(told) != 1 || told[0].Rate <= 0 || told[0].Name != "small" || told[0].Peak != 0 || on.compiled != 1 {
		t.Errorf("%+v in %s, %d networks on the device", told, f.home, on.compiled)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	before := kernel.Features()
	if err := e.Bench(ctx, 1, func(BenchResult) {}); !errors.Is(err, context.Canceled) || kernel.Features() != before {
		t.Errorf("got %v with %v kernels", err, kernel.Features())
	}
}
