package autodiff

import (
	"fmt"
	"runtime"
	"slices"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/atelier-engine/atelier/core/kernel"
)

// Tape is one program: inputs, networks applied to them, losses, gradients.
// It is built once for fixed sizes and run many times. Mistakes in building are
// kept and returned by Err, Minimise and Run; after one, all methods return nil
// nodes. A tape is used by one goroutine at a time.
type Tape struct {
	g   *gorgonia.ExprGraph
	vm  gorgonia.VM
	err error

	nodes  gorgonia.Nodes // every node of ours, operands first
	inputs map[string]*leaf
	leaves map[*Params]map[string]*leaf
	byNode map[*gorgonia.Node]*leaf
	keep   map[*gorgonia.Node]bool

	nextID uint32
	hashes map[uint32]bool

	// Differentiation: which nodes a gradient flows to, how many terms each
	// still waits for, and the terms.
	needs   map[*gorgonia.Node]bool
	pending map[*gorgonia.Node]int
	terms   map[*gorgonia.Node][]*gorgonia.Node
	loss    *gorgonia.Node
	trained []*leaf

	memory int
	link   *link // to the device that it runs on; nil: the processor
	lost   error // why the device failed in the last run; gorgonia keeps only the text
}

// leaf is a node without operands: an input, or a parameter that is trained.
type leaf struct {
	node  *gorgonia.Node
	data  []float32
	owner *Params // nil for inputs
	taken bool    // an input whose numbers only the device has: see Take
}

// NewTape returns an empty tape.
func NewTape() *Tape {
	t := &Tape{g: gorgonia.NewGraph(), inputs: map[string]*leaf{}, leaves: map[*Params]map[string]*leaf{},
		byNode: map[*gorgonia.Node]*leaf{}, keep: map[*gorgonia.Node]bool{}, hashes: map[uint32]bool{},
		needs: map[*gorgonia.Node]bool{}, pending: map[*gorgonia.Node]int{}, terms: map[*gorgonia.Node][]*gorgonia.Node{}}
	t.link = newLink(t)
	return t
}

// Err returns the first mistake made in building the tape.
func (t *Tape) Err() error { return t.err }

func (t *Tape) fail(format string, a ...any) {
	if t.err == nil {
		t.err = fmt.Errorf("build tape: "+format, a...)
	}
}

// Input adds a tensor (n,h,w,c) that Set or Data fills before each run. A vector
// over the batch is (n,1,1,1), a row of numbers for each sample (n,1,1,k).
func (t *Tape) Input(name string, n, h, w, c int) *gorgonia.Node {
	switch {
	case t.err != nil:
		return nil
	case t.inputs[name] != nil:
		t.fail("input %q is there already: give each its own name", name)
		return nil
	case n < 1 || h < 1 || w < 1 || c < 1:
		t.fail("input %q is (%d,%d,%d,%d): sizes must be positive", name, n, h, w, c)
		return nil
	}
	l := t.leaf("input/"+name, []int{n, h, w, c}, kernel.Aligned(n*h*w*c))
	if l == nil {
		return nil
	}
	t.inputs[name] = l
	return l.node
}

// leaf adds a node that is bound to data.
func (t *Tape) leaf(name string, shape []int, data []float32) *leaf {
	v := tensor.New(tensor.WithShape(shape...), tensor.WithBacking(data))
	n := gorgonia.NewTensor(t.g, tensor.Float32, len(shape), gorgonia.WithShape(shape...),
		gorgonia.WithName(name), gorgonia.WithValue(v))
	if t.byNode[n] != nil || t.hashes[n.Hashcode()] {
		t.fail("the name %q clashes with another: rename one", name)
		return nil
	}
	t.hashes[n.Hashcode()] = true
	l := &leaf{node: n, data: data}
	t.byNode[n] = l
	t.nodes = append(t.nodes, n)
	return l
}

// Set copies the values of an input. The length must be that of the input.
func (t *Tape) Set(name string, data []float32) error {
	l := t.inputs[name]
	if l == nil {
		return fmt.Errorf("set input %q: the tape has none of that name", name)
	}
	if len(l.data) != len(data) {
		return fmt.Errorf("set input %q: %d values given: it takes %d, shape %v", name, len(data), len(l.data), l.node.Shape())
	}
	l.taken = false
	copy(l.data, data)
	return nil
}

// Data returns the memory of an input, to be filled in place, or nil.
func (t *Tape) Data(name string) []float32 {
	if l := t.inputs[name]; l != nil {
		if l.taken {
			t.fetch(l.data)
		}
		l.taken = false
		return l.data
	}
	return nil
}

// Keep makes Value work for nodes whose memory would be reused within a run.
// Results of Apply and scalars are kept anyway. Call it before the first run.
func (t *Tape) Keep(nodes ...*gorgonia.Node) {
	for _, n := range nodes {
		if t.vm == nil {
			t.keep[n] = true
		}
	}
}

// Value returns the numbers of a kept node or a leaf after the last run. The
// slice belongs to the tape and changes with the next run. It is nil before the
// first run and for nodes that are not kept.
func (t *Tape) Value(n *gorgonia.Node) []float32 {
	v := t.valueOf(n)
	t.fetch(v)
	return v
}

func (t *Tape) valueOf(n *gorgonia.Node) []float32 {
	if l := t.byNode[n]; l != nil {
		return l.data
	}
	if n != nil && t.keep[n] {
		if o, ok := n.Op().(*op); ok {
			return o.y
		}
	}
	return nil
}

// Scalar returns the value of a loss after the last run, or 0 for a node that
// is not a scalar.
func (t *Tape) Scalar(n *gorgonia.Node) float64 {
	if y := t.Value(n); len(y) == 1 {
		return float64(y[0])
	}
	return 0
}

// Memory is the number of bytes that the results of all nodes share. It is
// known after the first run.
func (t *Tape) Memory() int { return 4 * t.memory }

// Work is the number of floating-point operations of the convolutions and dense
// layers of one run, forwards and backwards, counted as direct convolutions. The
// rest is few beside them.
func (t *Tape) Work() float64 {
	sum := 0.0
	for _, n := range t.nodes {
		if o, ok := n.Op().(*op); ok {
			sum += o.work
		}
	}
	return sum
}

// Run computes the tape once.
func (t *Tape) Run() error {
	if t.err != nil {
		return t.err
	}
	if t.vm == nil {
		if err := t.compile(); err != nil {
			t.err = err
			return err
		}
	}
	if err := t.load(); err != nil {
		return err
	}
	t.vm.Reset()
	t.lost = nil
	if err := t.vm.RunAll(); err != nil {
		if t.lost != nil {
			err = t.lost
		}
		return fmt.Errorf("run tape: %w", err)
	}
	return t.err
}

func (t *Tape) compile() error {
	if len(t.nodes) == 0 {
		return fmt.Errorf("run tape: it is empty: apply a network first")
	}
	if err := t.plan(); err != nil {
		return err
	}
	prog, locs, err := gorgonia.Compile(t.g)
	if err != nil {
		return fmt.Errorf("run tape: compile: %w", err)
	}
	t.vm = gorgonia.NewTapeMachine(t.g, gorgonia.WithPrecompiled(prog, locs))
	// The machine's finalizer has nothing to do here, and would keep the tape for
	// ever: ops lead back to it, and cycles with finalizers are not collected.
	runtime.SetFinalizer(t.vm, nil)
	return nil
}

// shapeOf returns the four sizes of an activation, or fails.
func (t *Tape) shapeOf(what string, n *gorgonia.Node) (s [4]int) {
	if n == nil {
		if t.err == nil {
			t.fail("%s: an operand is nil", what)
		}
		return s
	}
	if n.Dims() != 4 {
		t.fail("%s: an operand has shape %v: it must be (N,H,W,C)", what, n.Shape())
		return s
	}
	copy(s[:], n.Shape())
	return s
}

// sameLen checks that nodes have one number of values.
func (t *Tape) sameLen(what string, a, b *gorgonia.Node) int {
	if t.err != nil {
		return 0
	}
	if a == nil || b == nil {
		t.fail("%s: an operand is nil", what)
		return 0
	}
	if a.Dims() == 0 || b.Dims() == 0 || a.Shape().TotalSize() != b.Shape().TotalSize() || a.Shape()[0] != b.Shape()[0] {
		t.fail("%s: shapes %v and %v differ: they must have as many values", what, a.Shape(), b.Shape())
		return 0
	}
	return a.Shape().TotalSize()
}

// values is the number of values of a node that is no scalar.
func (t *Tape) values(what string, x *gorgonia.Node) int {
	if t.err == nil && (x == nil || x.Dims() == 0) {
		t.fail("%s: the operand must be a tensor", what)
	}
	if t.err != nil {
		return 0
	}
	return x.Shape().TotalSize()
}

func shape4(n, h, w, c int) tensor.Shape { return tensor.Shape{n, h, w, c} }

func sameShape(n *gorgonia.Node) tensor.Shape {
	if n == nil {
		return nil
	}
	return slices.Clone(n.Shape())
}
