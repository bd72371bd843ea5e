package device

import (
	"fmt"

	"github.com/atelier-engine/atelier/core/kernel"
)

// fail records the first mistake and returns None, which later calls accept without a word.
func (g *Graph) fail(name string, format string, a ...any) Ref {
	if g.err == nil {
		g.err = fmt.Errorf("build network %s: %s: %s", g.Name, name, fmt.Sprintf(format, a...))
	}
	return None
}

// shape returns the shape of a node known so far.
func (g *Graph) shape(r Ref) (Shape, bool) {
	if r < 0 || int(r) >= len(g.Nodes) {
		return Shape{}, false
	}
	return g.Nodes[r].Shape, true
}

// add checks a node, infers its shape and appends it. An empty name becomes the operation and the index.
func (g *Graph) add(n Node) Ref {
	if n.Name == "" {
		n.Name = fmt.Sprintf("%s.%d", n.Op, len(g.Nodes))
	}
	if g.err != nil {
		return None
	}
	if g.names == nil {
		g.names = map[string]bool{}
	}
	if g.names[n.Name] {
		return g.fail(n.Name, "the name is used twice: give each node its own")
	}
	in := make([]Shape, len(n.In))
	for i, r := range n.In {
		s, ok := g.shape(r)
		if !ok {
			return g.fail(n.Name, "operand %d is no node of this graph: pass what a builder method returned", i)
		}
		in[i] = s
	}
	s, err := n.infer(in)
	if err != nil {
		return g.fail(n.Name, "%v", err)
	}
	n.Shape = s
	g.names[n.Name] = true
	g.Nodes = append(g.Nodes, n)
	return Ref(len(g.Nodes) - 1)
}

// Input adds a tensor that the caller gives. H = W = 0 leaves its size open.
func (g *Graph) Input(name string, s Shape) Ref {
	return g.add(Node{Op: OpInput, Name: name, Shape: s})
}

// Conv adds a convolution with parameters name.weight (KH,KW,InC,OutC) and name.bias (OutC). InC is taken from
// x if 0, Stride is 1 if 0, KW is KH if 0.
func (g *Graph) Conv(name string, x Ref, c kernel.Conv, act kernel.Act) Ref {
	if s, ok := g.shape(x); ok && c.InC == 0 {
		c.InC = s.C
	}
	if c.Stride == 0 {
		c.Stride = 1
	}
	if c.KW == 0 {
		c.KW = c.KH
	}
	return g.add(Node{Op: OpConv, Name: name, In: []Ref{x}, Conv: c, Act: act, Init: g.WeightInit})
}

// Dense adds a fully connected layer: (H,W,C) is flattened to H*W*C values, the result is (1,1,out). Parameters
// name.weight (in,out) and name.bias (out). The size of x must be known.
func (g *Graph) Dense(name string, x Ref, out int, act kernel.Act) Ref {
	s, _ := g.shape(x)
	c := kernel.Conv{InC: s.Len(), OutC: out, KH: 1, KW: 1, Stride: 1}
	return g.add(Node{Op: OpDense, Name: name, In: []Ref{x}, Conv: c, Act: act, Init: g.WeightInit})
}

// InstanceNorm adds act(norm(x)*gamma + beta) + residual with parameters name.gamma and name.beta (C). Pass
// None (-1) for no residual.
func (g *Graph) InstanceNorm(name string, x Ref, act kernel.Act, residual Ref) Ref {
	n := Node{Op: OpInstanceNorm, Name: name, In: []Ref{x}, Act: act, Eps: DefaultEps}
	return g.add(n.withResidual(residual))
}

// CondNorm adds an instance norm whose gamma and beta come from style, a (1,1,S) node, for each sample:
// gamma = style[offset:offset+C], beta = style[offset+C:offset+2C].
func (g *Graph) CondNorm(x, style Ref, offset int, act kernel.Act, residual Ref) Ref {
	n := Node{Op: OpCondNorm, In: []Ref{x, style}, Offset: offset, Act: act, Eps: DefaultEps}
	return g.add(n.withResidual(residual))
}

func (n Node) withResidual(r Ref) Node {
	if r >= 0 {
		n.In, n.Residual = append(n.In, r), true
	}
	return n
}

// BatchNorm adds act(norm(x)*gamma + beta) with parameters name.gamma and name.beta, and the running
// statistics name.mean and name.var (variance, without Eps) that inference uses; all of length C.
func (g *Graph) BatchNorm(name string, x Ref, act kernel.Act) Ref {
	return g.add(Node{Op: OpBatchNorm, Name: name, In: []Ref{x}, Act: act, Eps: DefaultEps})
}

// Activate adds an activation alone.
func (g *Graph) Activate(x Ref, act kernel.Act) Ref {
	return g.add(Node{Op: OpAct, In: []Ref{x}, Act: act})
}

// Add adds the sum of two nodes of one shape.
func (g *Graph) Add(a, b Ref) Ref { return g.add(Node{Op: OpAdd, In: []Ref{a, b}}) }

// Concat puts the channels of b after those of a.
func (g *Graph) Concat(a, b Ref) Ref { return g.add(Node{Op: OpConcat, In: []Ref{a, b}}) }

// Reshape gives the values of x, in their order, another shape of as many values.
func (g *Graph) Reshape(x Ref, s Shape) Ref {
	return g.add(Node{Op: OpReshape, In: []Ref{x}, Shape: s})
}

// MaxPool takes the largest value of k by k windows, stride apart, without padding.
func (g *Graph) MaxPool(x Ref, k, stride int) Ref {
	return g.add(Node{Op: OpMaxPool, In: []Ref{x}, K: k, Stride: stride})
}

// AvgPool takes the mean of k by k windows, stride apart, without padding.
func (g *Graph) AvgPool(x Ref, k, stride int) Ref {
	return g.add(Node{Op: OpAvgPool, In: []Ref{x}, K: k, Stride: stride})
}

// GlobalAvgPool takes the mean over height and width: (1,1,C).
func (g *Graph) GlobalAvgPool(x Ref) Ref { return g.add(Node{Op: OpGlobalAvgPool, In: []Ref{x}}) }

// Resize makes x factor times as high and as wide, repeating pixels or interpolating with half-pixel centres.
func (g *Graph) Resize(x Ref, factor int, bilinear bool) Ref {
	return g.add(Node{Op: OpResize, In: []Ref{x}, Factor: factor, Bilinear: bilinear})
}

// Affine computes x*scale[c] + shift[c] with constants that are part of the description, not of the weights.
func (g *Graph) Affine(x Ref, scale, shift []float32) Ref {
	return g.add(Node{Op: OpAffine, In: []Ref{x}, Scale: scale, Shift: shift})
}

// Output names the results, in order. It may be called more than once; results are appended.
func (g *Graph) Output(x ...Ref) {
	for i, r := range x {
		if _, ok := g.shape(r); !ok {
			g.fail("output", "result %d is no node of this graph: pass what a builder method returned", i)
			return
		}
		g.Outs = append(g.Outs, r)
	}
}
