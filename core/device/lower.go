package device

import (
	"math"
	"slices"

	"github.com/atelier-engine/atelier/core/kernel"
)

// A step is one call of a kernel. Lowering turns the nodes of a graph into steps and merges neighbours:
//
//	conv or dense, then batch norm or affine   the factors go into the weights
//	batch norm, affine                         one scale and shift for each channel
//	..., then activation                       the kernel's own activation
//	norm or affine, then add                   the kernel's own residual
//	nearest x2, then conv                      the convolution's own upsampling
//
// A merged step takes the place of its last node. That is always allowed: its operands exist by then and, as
// only a value with a single reader is merged away, nobody else waits for it.
type step struct {
	op         Op // batch norm and affine are both OpAffine
	out        Ref
	in         []Ref
	conv       kernel.Conv
	act        kernel.Act
	residual   bool // the last of in
	k, stride  int
	factor     int
	bilinear   bool
	offset     int
	eps        float32
	norm       int       // index among the norms, or -1
	weight     []float32 // conv, dense: until packed
	bias       []float32
	gain, bend []float32 // affine: scale and shift; instance norm: gamma and beta
	packed     *kernel.Packed
}

// lower makes the steps of a graph whose weights were checked.
func lower(g *Graph, w Weights, fuse bool) []step {
	uses := make([]int, len(g.Nodes))
	for i := range g.Nodes {
		for _, r := range g.Nodes[i].In {
			uses[r]++
		}
	}
	for _, r := range g.Outs {
		uses[r] += 2 // an output is never merged away
	}
	at := make([]*step, len(g.Nodes)) // the step that ends in a node
	norms := 0
	for i := range g.Nodes {
		n := &g.Nodes[i]
		s := newStep(n, Ref(i), w)
		if s == nil {
			continue
		}
		if s.op == OpInstanceNorm || s.op == OpCondNorm {
			s.norm = norms
			norms++
		}
		at[i] = s
		if fuse {
			merge(at, s, uses)
		}
	}
	var steps []step
	for _, s := range at {
		if s != nil {
			steps = append(steps, *s)
		}
	}
	return steps
}

// newStep returns the step of a single node, nil for inputs and views.
func newStep(n *Node, r Ref, w Weights) *step {
	s := &step{op: n.Op, out: r, in: slices.Clone(n.In), conv: n.Conv, act: n.Act, residual: n.Residual,
		k: n.K, stride: n.Stride, factor: n.Factor, bilinear: n.Bilinear, offset: n.Offset, eps: n.Eps, norm: -1}
	array := func(name string) []float32 { return w[n.Name+"."+name].Data }
	switch {
	case n.Op == OpInput || isView(n):
		return nil
	case n.Op == OpConv || n.Op == OpDense:
		s.weight, s.bias = array("weight"), slices.Clone(array("bias"))
	case n.Op == OpInstanceNorm:
		s.gain, s.bend = slices.Clone(array("gamma")), slices.Clone(array("beta"))
	case n.Op == OpAffine:
		s.gain, s.bend = slices.Clone(n.Scale), slices.Clone(n.Shift)
	case n.Op == OpBatchNorm:
		s.op = OpAffine
		gamma, beta, mean, variance := array("gamma"), array("beta"), array("mean"), array("var")
		s.gain, s.bend = make([]float32, len(gamma)), make([]float32, len(gamma))
		for c := range gamma {
			f := float64(gamma[c]) / math.Sqrt(float64(variance[c])+float64(n.Eps))
			s.gain[c] = float32(f)
			s.bend[c] = float32(float64(beta[c]) - float64(mean[c])*f)
		}
	}
	return s
}

// isView reports whether a node only gives its operand's memory another name.
func isView(n *Node) bool {
	return n.Op == OpReshape || n.Op == OpAct && n.Act == kernel.ActNone || n.Op == OpResize && n.Factor == 1
}

// views returns, for each node, the node whose memory holds its value.
func views(g *Graph) []Ref {
	v := make([]Ref, len(g.Nodes))
	for i := range g.Nodes {
		v[i] = Ref(i)
		if isView(&g.Nodes[i]) {
			v[i] = v[g.Nodes[i].In[0]]
		}
	}
	return v
}

// merge joins step s, the last so far, with the step before it where a rule above allows.
func merge(at []*step, s *step, uses []int) {
	for k, r := range s.in {
		p := at[r]
		if p == nil || uses[r] != 1 {
			continue
		}
		var joined *step
		switch {
		case s.op == OpAdd && p.takesResidual():
			joined = p
			joined.in = append(joined.in, s.in[1-k])
			joined.residual = true
		case k > 0:
			continue
		case s.op == OpAct && p.takesAct():
			joined = p
			joined.act = s.act
		case s.op == OpAffine && p.act == kernel.ActNone && !p.residual && p.takesScale():
			joined = p
			joined.rescale(s.gain, s.bend)
			joined.act = s.act
		case s.op == OpConv && s.conv.Up <= 1 && p.op == OpResize && p.factor == 2 && !p.bilinear:
			c := s.conv
			c.Up = 2
			if c.Check() != nil {
				continue
			}
			joined = s
			joined.conv, joined.in = c, p.in
		default:
			continue
		}
		at[r] = nil
		joined.out = s.out
		at[s.out] = joined
		return
	}
}

func (s *step) takesResidual() bool {
	return !s.residual && (s.op == OpInstanceNorm || s.op == OpCondNorm || s.op == OpAffine)
}

func (s *step) takesAct() bool {
	return s.act == kernel.ActNone && !s.residual && (s.takesScale() || s.op == OpInstanceNorm || s.op == OpCondNorm)
}

func (s *step) takesScale() bool { return s.op == OpConv || s.op == OpDense || s.op == OpAffine }

// rescale appends y*gain[c] + bend[c] to what the step computes.
func (s *step) rescale(gain, bend []float32) {
	if s.op == OpAffine {
		for c := range s.gain {
			s.gain[c] *= gain[c]
			s.bend[c] = s.bend[c]*gain[c] + bend[c]
		}
		return
	}
	w := make([]float32, len(s.weight)) // the caller's weights stay as they are
	for i := range w {
		w[i] = s.weight[i] * gain[i%len(gain)] // the output channel is innermost
	}
	s.weight = w
	for c := range s.bias {
		s.bias[c] = s.bias[c]*gain[c] + bend[c]
	}
}

// pack lays the weights out for the kernels and returns the number of bytes that the step keeps.
func (s *step) pack() int {
	if s.weight == nil {
		return 4 * (len(s.gain) + len(s.bend))
	}
	s.packed = s.conv.Pack(nil, s.weight)
	n := 4 * (len(s.weight) + len(s.bias))
	s.weight = nil
	return n
}
