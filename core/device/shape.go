package device

import (
	"fmt"
	"math"
)

// maxSide and maxValues bound every tensor of a network, so that sizes never overflow an int.
const (
	maxSide   = 1 << 24
	maxValues = 1 << 36
)

// infer returns the shape of a node's result from the shapes of its operands. Open sizes (H = W = 0) stay open
// where the operation allows it. The node's own Shape matters for inputs and reshapes only.
func (n *Node) infer(in []Shape) (Shape, error) {
	var s Shape
	var err error
	switch n.Op {
	case OpInput, OpReshape:
		s = n.Shape
		if n.Op == OpReshape && (in[0].Any() || s.Any() || s.Len() != in[0].Len()) {
			return s, fmt.Errorf("cannot make %v of %v: keep the number of values", s, in[0])
		}
	case OpConv:
		s, err = n.inferConv(in[0])
	case OpDense:
		switch {
		case in[0].Any():
			err = fmt.Errorf("a dense layer needs a known size: pool %v first or fix the input's size", in[0])
		case in[0].Len() != n.Conv.InC:
			err = fmt.Errorf("the weights take %d values but the operand %v has %d", n.Conv.InC, in[0], in[0].Len())
		default:
			err = n.Conv.Check()
		}
		s = Shape{1, 1, n.Conv.OutC}
	case OpInstanceNorm, OpCondNorm, OpBatchNorm:
		s, err = n.inferNorm(in)
	case OpAct, OpAffine:
		s = in[0]
		if n.Op == OpAffine && (len(n.Scale) != s.C || len(n.Shift) != s.C) {
			err = fmt.Errorf("%d scales and %d shifts for %d channels: give one for each", len(n.Scale), len(n.Shift), s.C)
		}
	case OpAdd:
		if in[0].C != in[1].C {
			return s, fmt.Errorf("cannot add %v and %v: shapes must agree", in[0], in[1])
		}
		s, err = join(in[0], in[1])
	case OpConcat:
		s, err = join(in[0], in[1])
		s.C = in[0].C + in[1].C
	case OpMaxPool, OpAvgPool:
		s, err = n.inferPool(in[0])
	case OpGlobalAvgPool:
		s = Shape{1, 1, in[0].C}
	case OpResize:
		if n.Factor < 1 || n.Factor > maxSide {
			return s, fmt.Errorf("factor %d: use 1 or more", n.Factor)
		}
		s = Shape{in[0].H * n.Factor, in[0].W * n.Factor, in[0].C}
	default:
		err = fmt.Errorf("unknown operation %v", n.Op)
	}
	if err != nil {
		return s, err
	}
	return s, s.check()
}

// check refuses shapes that are negative, half open or too large to be counted.
func (s Shape) check() error {
	if s.C < 1 || s.C > maxSide || s.H < 0 || s.W < 0 || s.H > maxSide || s.W > maxSide || (s.H == 0) != (s.W == 0) {
		return fmt.Errorf("shape %dx%dx%d is impossible: sizes and channels must be positive", s.H, s.W, s.C)
	}
	if float64(s.H)*float64(s.W)*float64(s.C) > maxValues {
		return fmt.Errorf("shape %v is too large: use a smaller picture or tiles", s)
	}
	return nil
}

// join merges two shapes that must have the same height and width, one of which may be open.
func join(a, b Shape) (Shape, error) {
	if a.Any() {
		a.H, a.W = b.H, b.W
	}
	if !b.Any() && (a.H != b.H || a.W != b.W) {
		return a, fmt.Errorf("sizes %v and %v differ: they must agree", a, b)
	}
	return a, nil
}

func (n *Node) inferConv(x Shape) (Shape, error) {
	if err := n.Conv.Check(); err != nil {
		return Shape{}, err
	}
	if x.C != n.Conv.InC {
		return Shape{}, fmt.Errorf("the weights take %d channels but the operand %v has %d", n.Conv.InC, x, x.C)
	}
	if x.Any() {
		return Shape{C: n.Conv.OutC}, nil
	}
	h, w := n.Conv.OutSize(x.H, x.W)
	if h < 1 || w < 1 {
		return Shape{}, fmt.Errorf("%v is too small for a %dx%d kernel: use a larger picture", x, n.Conv.KH, n.Conv.KW)
	}
	return Shape{h, w, n.Conv.OutC}, nil
}

func (n *Node) inferNorm(in []Shape) (Shape, error) {
	s := in[0]
	if !(n.Eps > 0) || math.IsInf(float64(n.Eps), 0) {
		return s, fmt.Errorf("eps %g: use a small positive number", n.Eps)
	}
	if n.Op == OpCondNorm {
		style := in[1]
		if style.H != 1 || style.W != 1 {
			return s, fmt.Errorf("the style is %v: it must be 1x1xS", style)
		}
		if n.Offset < 0 || n.Offset > style.C || style.C-n.Offset < 2*s.C {
			return s, fmt.Errorf("style[%d:%d] is outside of %d values", n.Offset, n.Offset+2*s.C, style.C)
		}
	}
	if n.Residual {
		r := in[len(in)-1]
		if r.C != s.C {
			return s, fmt.Errorf("the residual is %v but the operand %v: shapes must agree", r, s)
		}
		return join(s, r)
	}
	return s, nil
}

func (n *Node) inferPool(x Shape) (Shape, error) {
	if n.K < 1 || n.Stride < 1 {
		return x, fmt.Errorf("window %d, stride %d: use 1 or more", n.K, n.Stride)
	}
	if x.Any() {
		return x, nil
	}
	if x.H < n.K || x.W < n.K {
		return x, fmt.Errorf("%v is smaller than the %dx%d window: use a larger picture", x, n.K, n.K)
	}
	return Shape{(x.H-n.K)/n.Stride + 1, (x.W-n.K)/n.Stride + 1, x.C}, nil
}

// Shapes returns the shape of every node for inputs of the given shapes, one for each input in the order of
// Inputs. Errors name the node that cannot work.
func (g *Graph) Shapes(inputs []Shape) ([]Shape, error) {
	if g.err != nil {
		return nil, g.err
	}
	shapes := make([]Shape, len(g.Nodes))
	k := 0
	for i := range g.Nodes {
		n := &g.Nodes[i]
		var err error
		if n.Op == OpInput {
			if k >= len(inputs) {
				return nil, fmt.Errorf("network %s: input %s is missing: give %d inputs", g.Name, n.Name, len(g.Inputs()))
			}
			shapes[i], err = n.accept(inputs[k])
			k++
		} else {
			in := make([]Shape, len(n.In))
			for j, r := range n.In {
				in[j] = shapes[r]
			}
			shapes[i], err = n.infer(in)
		}
		if err != nil {
			return nil, fmt.Errorf("network %s: %s: %w", g.Name, n.Name, err)
		}
	}
	if k != len(inputs) {
		return nil, fmt.Errorf("network %s: %d inputs given: it takes %d", g.Name, len(inputs), k)
	}
	return shapes, nil
}

// accept checks a given input shape against the declared one.
func (n *Node) accept(s Shape) (Shape, error) {
	if s.H < 1 || s.W < 1 {
		return s, fmt.Errorf("the input is %dx%dx%d: give a tensor that is not empty", s.H, s.W, s.C)
	}
	if s.C != n.Shape.C || (!n.Shape.Any() && s != n.Shape) {
		return s, fmt.Errorf("the input is %v: it must be %v", s, n.Shape)
	}
	return s, s.check()
}
