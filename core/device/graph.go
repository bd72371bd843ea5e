// Package device describes networks and runs them.
//
// A Graph is the one description of a network in the project: package nn runs it for inference through a
// Device, package autodiff trains it. It holds no numbers, only nodes, shapes and the names of parameters; the
// numbers live in Weights. Activations are float32, channels last: (N,H,W,C).
package device

import (
	"fmt"

	"github.com/atelier-engine/atelier/core/kernel"
)

// Ref names a node of a Graph by its index. A negative Ref is no node.
type Ref int

// None is the Ref that stands for "no node", for instance "no residual".
const None Ref = -1

// Op is what a node computes.
type Op uint8

// The operations of a Graph. Shapes are those of the node's result.
const (
	OpInput         Op = iota // a tensor given by the caller
	OpConv                    // convolution, bias, activation: Node.Conv, Node.Act
	OpDense                   // (H,W,C) flattened, times [H*W*C][out], bias, activation: (1,1,out)
	OpInstanceNorm            // act(norm(x)*gamma + beta) + residual, statistics of each sample and channel
	OpCondNorm                // as OpInstanceNorm, gamma and beta read from a style input at Node.Offset
	OpBatchNorm               // act(norm(x)*gamma + beta), running statistics at inference
	OpAct                     // activation alone
	OpAdd                     // a + b
	OpConcat                  // channels of a, then channels of b
	OpReshape                 // the same numbers under another (H,W,C)
	OpMaxPool                 // K by K windows, Stride apart, no padding
	OpAvgPool                 // K by K windows, Stride apart, no padding
	OpGlobalAvgPool           // mean over H and W: (1,1,C)
	OpResize                  // Factor times as large, nearest or bilinear
	OpAffine                  // x*Scale[c] + Shift[c], constants that are not trained
)

var opNames = [...]string{"input", "conv", "dense", "instancenorm", "condnorm", "batchnorm", "act", "add",
	"concat", "reshape", "maxpool", "avgpool", "globalavgpool", "resize", "affine"}

// String returns the operation's name in lower case.
func (o Op) String() string {
	if int(o) < len(opNames) {
		return opNames[o]
	}
	return fmt.Sprintf("op(%d)", uint8(o))
}

// Shape is the size of one sample: height, width, channels. The number of samples is free. H = W = 0 means
// "any size", known when a tensor is given.
type Shape struct{ H, W, C int }

// Any reports whether height and width are left open.
func (s Shape) Any() bool { return s.H == 0 && s.W == 0 }

// Len is the number of values in one sample.
func (s Shape) Len() int { return s.H * s.W * s.C }

// String returns HxWxC, with "?" for an open size.
func (s Shape) String() string {
	if s.Any() {
		return fmt.Sprintf("?x?x%d", s.C)
	}
	return fmt.Sprintf("%dx%dx%d", s.H, s.W, s.C)
}

// Node is one step of a network. Which fields mean something depends on Op.
type Node struct {
	Op       Op
	Name     string      // unique in its graph; prefix of its parameters' names
	In       []Ref       // operands; for OpCondNorm x then style; a residual comes last
	Conv     kernel.Conv // OpConv; OpDense has it as the 1x1 convolution of the flattened input
	Act      kernel.Act
	K        int // window of the pools
	Stride   int // stride of the pools
	Factor   int // OpResize
	Offset   int // OpCondNorm: gamma = style[Offset:Offset+C], beta = style[Offset+C:Offset+2C]
	Bilinear bool
	Residual bool      // the last In is a residual, added after the activation
	Shape    Shape     // as far as it is known without inputs
	Scale    []float32 // OpAffine, length C
	Shift    []float32 // OpAffine, length C
	Eps      float32   // norms: added to the variance
	Init     Init      // how training starts the weight of OpConv and OpDense
}

// DefaultEps is added to the variance by every norm unless Node.Eps is changed.
const DefaultEps = 1e-5

// Graph is a network: nodes in an order in which every node follows its operands.
type Graph struct {
	Name  string
	Nodes []Node
	Outs  []Ref
	// WeightInit is given to the weights of the convolutions and dense layers that are added next.
	WeightInit Init

	names map[string]bool
	err   error
}

// NewGraph returns an empty network. Its weights start with InitHe unless WeightInit is changed.
func NewGraph(name string) *Graph {
	return &Graph{Name: name, names: map[string]bool{}}
}

// Err returns the first mistake made while building the graph, naming the node, or nil.
func (g *Graph) Err() error { return g.err }

// Inputs returns the input nodes, in the order in which they were added.
func (g *Graph) Inputs() []Ref {
	var in []Ref
	for i := range g.Nodes {
		if g.Nodes[i].Op == OpInput {
			in = append(in, Ref(i))
		}
	}
	return in
}

// Tensor is N samples of H by W by C values, channels last.
type Tensor struct {
	Data       []float32 // length N*H*W*C
	N, H, W, C int
}

// NewTensor returns a tensor of zeros.
func NewTensor(n, h, w, c int) Tensor {
	return Tensor{Data: kernel.Aligned(n * h * w * c), N: n, H: h, W: w, C: c}
}

// Shape returns the size of one sample.
func (t Tensor) Shape() Shape { return Shape{t.H, t.W, t.C} }

// Array is one named array of weights.
type Array struct {
	Shape []int
	Data  []float32
}

// Weights holds the parameters of a network, or of several, by name.
type Weights map[string]Array
