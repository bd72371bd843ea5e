package autodiff

import (
	"fmt"

	"gorgonia.org/gorgonia"

	"github.com/atelier-engine/atelier/core/device"
)

// Mode says what applying a network does to its parameters.
type Mode uint8

const (
	// Train computes gradients to the parameters. Batch norms use the statistics
	// of the batch and move their running statistics.
	Train Mode = iota
	// Frozen computes no gradients to the parameters; gradients to the data flow
	// through. Batch norms use the statistics of the batch and change nothing.
	Frozen
	// FrozenInference is Frozen with the running statistics, as at inference.
	FrozenInference
)

// Apply puts a network on the tape and returns its outputs. The inputs are nodes
// (N,H,W,C), in the order of the graph's inputs. One Params may be applied any
// number of times; its gradients add up. Nodes that no output needs are left out.
func (t *Tape) Apply(g *device.Graph, p *Params, mode Mode, in ...*gorgonia.Node) ([]*gorgonia.Node, error) {
	if t.err != nil {
		return nil, t.err
	}
	if t.vm != nil || t.loss != nil {
		t.fail("apply %s: the tape is finished: apply networks before Minimise and Run", g.Name)
		return nil, t.err
	}
	n, err := t.checkInputs(g, in)
	if err != nil {
		t.err = err
		return nil, err
	}
	used := make([]bool, len(g.Nodes))
	for _, r := range g.Outs {
		used[r] = true
	}
	for i := len(g.Nodes) - 1; i >= 0; i-- {
		if used[i] {
			for _, r := range g.Nodes[i].In {
				used[r] = true
			}
		}
	}
	a := applier{t: t, p: p, mode: mode, n: n}
	at := make([]*gorgonia.Node, len(g.Nodes))
	k := 0
	for i := range g.Nodes {
		node := &g.Nodes[i]
		if node.Op == device.OpInput {
			at[i] = in[k]
			k++
			continue
		}
		if !used[i] {
			continue
		}
		x := make([]*gorgonia.Node, len(node.In))
		for j, r := range node.In {
			x[j] = at[r]
		}
		at[i] = a.node(node, x)
		if t.err != nil {
			t.err = fmt.Errorf("apply %s: node %s: %w", g.Name, node.Name, t.err)
			return nil, t.err
		}
	}
	outs := make([]*gorgonia.Node, len(g.Outs))
	for i, r := range g.Outs {
		outs[i] = at[r]
	}
	t.Keep(outs...)
	return outs, nil
}

// checkInputs checks the operands of Apply and returns the batch size.
func (t *Tape) checkInputs(g *device.Graph, in []*gorgonia.Node) (int, error) {
	shapes := make([]device.Shape, len(in))
	n := 0
	for i, x := range in {
		s := t.shapeOf("apply "+g.Name, x)
		if t.err != nil {
			return 0, t.err
		}
		if i > 0 && s[0] != n {
			return 0, fmt.Errorf("apply %s: inputs hold %d and %d samples: they must agree", g.Name, n, s[0])
		}
		n = s[0]
		shapes[i] = device.Shape{H: s[1], W: s[2], C: s[3]}
	}
	if len(g.Outs) == 0 {
		return 0, fmt.Errorf("apply %s: the network has no outputs: call Output while building it", g.Name)
	}
	if _, err := g.Shapes(shapes); err != nil {
		return 0, fmt.Errorf("apply: %w", err)
	}
	return n, nil
}

// applier interprets the nodes of one network.
type applier struct {
	t    *Tape
	p    *Params
	mode Mode
	n    int
}

func (a *applier) node(d *device.Node, x []*gorgonia.Node) *gorgonia.Node {
	t := a.t
	switch d.Op {
	case device.OpConv, device.OpDense:
		return a.conv(d, x[0])
	case device.OpInstanceNorm, device.OpCondNorm:
		return a.instanceNorm(d, x)
	case device.OpBatchNorm:
		return a.batchNorm(d, x[0])
	case device.OpAct:
		return t.activation(d.Act, x[0])
	case device.OpAdd:
		return t.Add(x[0], x[1])
	case device.OpConcat:
		return t.Concat(x[0], x[1])
	case device.OpReshape:
		return t.Reshape(x[0], d.Shape.H, d.Shape.W, d.Shape.C)
	case device.OpMaxPool:
		return t.maxPool(x[0], d.K, d.Stride)
	case device.OpAvgPool:
		return t.avgPool(x[0], d.K, d.Stride)
	case device.OpGlobalAvgPool:
		return t.globalAvgPool(x[0])
	case device.OpResize:
		return t.Resize(x[0], d.Factor, d.Bilinear)
	case device.OpAffine:
		return t.Affine(x[0], d.Scale, d.Shift)
	}
	t.fail("operation %s cannot be trained", d.Op)
	return nil
}

// param finds a parameter by name and checks its length.
func (a *applier) param(name string, length int) *param {
	e := a.p.byName[name]
	switch {
	case e == nil:
		a.t.fail("parameter %q is not in %q: make the Params from this graph", name, a.p.Name)
	case len(e.data) != length:
		a.t.fail("parameter %q of %q has %d values, not %d: make the Params from this graph", name, a.p.Name, len(e.data), length)
	default:
		a.p.attach(a.t.link)
		return e
	}
	return nil
}

// leaves returns the operands that stand for parameters: none unless training.
func (a *applier) leaves(es ...*param) []*gorgonia.Node {
	if a.mode != Train || a.t.err != nil {
		return nil
	}
	var in []*gorgonia.Node
	for _, e := range es {
		in = append(in, a.t.paramLeaf(e))
	}
	return in
}

// paramLeaf returns the tape's node of a parameter, bound to its own memory.
func (t *Tape) paramLeaf(e *param) *gorgonia.Node {
	if e == nil || t.err != nil {
		return nil
	}
	e.of.attach(t.link)
	m := t.leaves[e.of]
	if m == nil {
		for q := range t.leaves {
			if q.Name == e.of.Name {
				t.fail("two Params on one tape are both named %q: change the Name of one", q.Name)
				return nil
			}
		}
		m = map[string]*leaf{}
		t.leaves[e.of] = m
	}
	if m[e.Name] == nil {
		l := t.leaf(e.of.Name+"/"+e.Name, e.Shape, e.data)
		if l == nil {
			return nil
		}
		l.owner = e.of
		m[e.Name] = l
	}
	return m[e.Name].node
}

// Variable puts a parameter itself on the tape as a node (n,h,w,c), for instance
// a picture that is optimised. The sizes must multiply to its length.
func (t *Tape) Variable(p *Params, name string, n, h, w, c int) *gorgonia.Node {
	if t.err != nil {
		return nil
	}
	a := applier{t: t, p: p, mode: Train, n: n}
	e := a.param(name, n*h*w*c)
	x := t.paramLeaf(e)
	if x == nil {
		return nil
	}
	return t.reshape("variable", x, shape4(n, h, w, c))
}
