package engine

import (
	"context"
	"fmt"

	"github.com/atelier-engine/atelier/core/device"
	"github.com/atelier-engine/atelier/core/nn"
	"github.com/atelier-engine/atelier/core/portrait"
	"github.com/atelier-engine/atelier/core/style"
)

// benchSize is one run of a network: n samples of each input.
type benchSize struct {
	name string
	n    int
	in   []device.Shape
}

// benchNetworks measures the networks of the first portrait model and of the
// style model; a model that is not there is left out.
func (e *Engine) benchNetworks(ctx context.Context, rounds int, tell func(BenchResult)) error {
	on, err := e.computer.open()
	if err != nil {
		return err
	}
	if dir, err := e.PortraitModel(); err == nil {
		err := benchModel(ctx, on, dir, portrait.Graph, func(in []device.Shape) []benchSize {
			return []benchSize{{"portrait network, batch 1", 1, in}, {"portrait network, batch 64", 64, in}}
		}, rounds, tell)
		if err != nil {
			return err
		}
	}
	dir, err := e.Model("style")
	if err != nil {
		return nil
	}
	err = benchModel(ctx, on, dir, style.Graph, func(in []device.Shape) []benchSize {
		var all []benchSize
		for _, side := range []int{256, 512, 1024} {
			picture := device.Shape{H: side, W: side, C: 3}
			all = append(all, benchSize{fmt.Sprintf("style network, %dx%d", side, side), 1, []device.Shape{picture, in[1]}})
		}
		return all
	}, rounds, tell)
	if err != nil {
		return err
	}
	return e.benchPaint(ctx, dir, rounds, peakOf(on), tell)
}

// benchModel measures the network of a model's folder on a device, at the sizes
// that are made from the shapes of its inputs.
func benchModel(ctx context.Context, on device.Device, dir string, graph func(*nn.Model) (*device.Graph, error),
	sizes func([]device.Shape) []benchSize, rounds int, tell func(BenchResult)) error {
	broken := func(err error) error { return mark(fmt.Errorf("bench: %s: %w", dir, err), ErrBroken) }
	m, err := nn.Open(dir)
	if err != nil {
		return broken(err)
	}
	g, err := graph(m)
	if err != nil {
		return broken(err)
	}
	own := device.Weights{} // the style model holds a style beside its network
	for _, p := range g.Params() {
		if a, ok := m.Weights[p.Name]; ok {
			own[p.Name] = a
		}
	}
	net, err := nn.New(g, own, on)
	if err != nil {
		return broken(err)
	}
	var in []device.Shape
	for _, r := range g.Inputs() {
		in = append(in, g.Nodes[r].Shape)
	}
	for _, s := range sizes(in) {
		if err := ctx.Err(); err != nil {
			return err
		}
		flops, err := graphFLOPs(g, s.n, s.in)
		if err != nil {
			return err
		}
		var tensors []device.Tensor
		for _, in := range s.in {
			tensors = append(tensors, device.NewTensor(s.n, in.H, in.W, in.C))
		}
		outs := make([]device.Tensor, len(g.Outs))
		if err := net.RunInto(outs, tensors); err != nil {
			return err
		}
		tell(measure(s.name, flops, rounds, peakOf(on), func() { err = net.RunInto(outs, tensors) }))
		if err != nil {
			return err
		}
	}
	return nil
}

// graphFLOPs counts the multiplications and additions of the convolutions and
// dense layers of a network for n samples of the given inputs.
func graphFLOPs(g *device.Graph, n int, in []device.Shape) (float64, error) {
	shapes, err := g.Shapes(in)
	if err != nil {
		return 0, err
	}
	sum := 0.0
	for _, node := range g.Nodes {
		switch node.Op {
		case device.OpConv:
			x := shapes[node.In[0]]
			sum += node.Conv.FLOPs(n, x.H, x.W)
		case device.OpDense:
			sum += node.Conv.FLOPs(n, 1, 1)
		}
	}
	return sum, nil
}
