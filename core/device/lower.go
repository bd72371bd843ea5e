package device

import (
	"math"
	"slices"

	"github.com/atelier-engine/atelier/core/kernel"
)

// A Step is one call of a kernel. Lowering turns the nodes of a graph into steps and merges neighbours:
//
//	conv or dense, then batch norm or affine   the factors go into the weights
//	batch norm, affine                         one scale and shift for each channel
//	..., then activation                       the kernel's own activation
//	norm or affine, then add                   the kernel's own residual
//	nearest x2, then conv                      the convolution's own upsampling
//
// A merged step takes the place of its last node. That is always allowed: its operands exist by then and, as
// only a value with a single reader is merged away, nobody else waits for it.
//
// The fields are those of Node, of the last node where several were merged.
type Step struct {
	Op        Op // batch norm and affine are both OpAffine; there are no inputs, no views
	Out       Ref
	In        []Ref
	Conv      kernel.Conv
	Act       kernel.Act
	Residual  bool // the last of In
	K, Stride int
	Factor    int
	Bilinear  bool
	Offset    int
	Eps       float32
	Norm      int       // number of the norm among those that compute statistics, or -1
	Weight    []float32 // conv, dense: as Params says
	Bias      []float32
	Gain      []float32 // affine: scale; instance norm: gamma
	Bend      []float32 // affine: shift; instance norm: beta

	packed *kernel.Packed // CPU: takes the place of Weight
}

// steps lowers a graph whose weights were checked.
func steps(g *Graph, w Weights, fuse bool) []Step {
	uses := make([]int, len(g.Nodes))
	for i := range g.Nodes {
		for _, r := range g.Nodes[i].In {
			uses[r]++
		}
	}
	for _, r := range g.Outs {
		uses[r] += 2 // an output is never merged away
	}
	at := make([]*Step, len(g.Nodes)) // the step that ends in a node
	norms := 0
	for i := range g.Nodes {
		n := &g.Nodes[i]
		s := newStep(n, Ref(i), w)
		if s == nil {
			continue
		}
		if s.Op == OpInstanceNorm || s.Op == OpCondNorm {
			s.Norm = norms
			norms++
		}
		at[i] = s
		if fuse {
			merge(at, s, uses)
		}
	}
	var list []Step
	for _, s := range at {
		if s != nil {
			list = append(list, *s)
		}
	}
	return list
}

// newStep returns the step of a single node, nil for inputs and views.
func newStep(n *Node, r Ref, w Weights) *Step {
	s := &Step{Op: n.Op, Out: r, In: slices.Clone(n.In), Conv: n.Conv, Act: n.Act, Residual: n.Residual,
		K: n.K, Stride: n.Stride, Factor: n.Factor, Bilinear: n.Bilinear, Offset: n.Offset, Eps: n.Eps, Norm: -1}
	array := func(name string) []float32 { return w[n.Name+"."+name].Data }
	switch {
	case n.Op == OpInput || isView(n):
		return nil
	case n.Op == OpConv || n.Op == OpDense:
		s.Weight, s.Bias = array("weight"), slices.Clone(array("bias"))
	case n.Op == OpInstanceNorm:
		s.Gain, s.Bend = slices.Clone(array("gamma")), slices.Clone(array("beta"))
	case n.Op == OpAffine:
		s.Gain, s.Bend = slices.Clone(n.Scale), slices.Clone(n.Shift)
	case n.Op == OpBatchNorm:
		s.Op = OpAffine
		gamma, beta, mean, variance := array("gamma"), array("beta"), array("mean"), array("var")
		s.Gain, s.Bend = make([]float32, len(gamma)), make([]float32, len(gamma))
		for c := range gamma {
			f := float64(gamma[c]) / math.Sqrt(float64(variance[c])+float64(n.Eps))
			s.Gain[c] = float32(f)
			s.Bend[c] = float32(float64(beta[c]) - float64(mean[c])*f)
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
func merge(at []*Step, s *Step, uses []int) {
	for k, r := range s.In {
		p := at[r]
		if p == nil || uses[r] != 1 {
			continue
		}
		var joined *Step
		switch {
		case s.Op == OpAdd && p.takesResidual():
			joined = p
			joined.In = append(joined.In, s.In[1-k])
			joined.Residual = true
		case k > 0:
			continue
		case s.Op == OpAct && p.takesAct():
			joined = p
			joined.Act = s.Act
		case s.Op == OpAffine && p.Act == kernel.ActNone && !p.Residual && p.takesScale():
			joined = p
			joined.rescale(s.Gain, s.Bend)
			joined.Act = s.Act
		case s.Op == OpConv && s.Conv.Up <= 1 && p.Op == OpResize && p.Factor == 2 && !p.Bilinear:
			c := s.Conv
			c.Up = 2
			if c.Check() != nil {
				continue
			}
			joined = s
			joined.Conv, joined.In = c, p.In
		default:
			continue
		}
		at[r] = nil
		joined.Out = s.Out
		at[s.Out] = joined
		return
	}
}

func (s *Step) takesResidual() bool {
	return !s.Residual && (s.Op == OpInstanceNorm || s.Op == OpCondNorm || s.Op == OpAffine)
}

func (s *Step) takesAct() bool {
	return s.Act == kernel.ActNone && !s.Residual && (s.takesScale() || s.Op == OpInstanceNorm || s.Op == OpCondNorm)
}

func (s *Step) takesScale() bool { return s.Op == OpConv || s.Op == OpDense || s.Op == OpAffine }

// rescale appends y*gain[c] + bend[c] to what the step computes.
func (s *Step) rescale(gain, bend []float32) {
	if s.Op == OpAffine {
		for c := range s.Gain {
			s.Gain[c] *= gain[c]
			s.Bend[c] = s.Bend[c]*gain[c] + bend[c]
		}
		return
	}
	w := make([]float32, len(s.Weight)) // the caller's weights stay as they are
	for i := range w {
		w[i] = s.Weight[i] * gain[i%len(gain)] // the output channel is innermost
	}
	s.Weight = w
	for c := range s.Bias {
		s.Bias[c] = s.Bias[c]*gain[c] + bend[c]
	}
}

// pack lays the weights out for the kernels and returns the number of bytes that the step keeps.
func (s *Step) pack() int {
	if s.Weight == nil {
		return 4 * (len(s.Gain) + len(s.Bend))
	}
	s.packed = s.Conv.Pack(nil, s.Weight)
	n := 4 * (len(s.Weight) + len(s.Bias))
	s.Weight = nil
	return n
}
