package autodiff

import (
	"encoding/binary"
	"fmt"
	"hash"
	"hash/fnv"
	"slices"

	"github.com/chewxy/hm"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/atelier-engine/atelier/core/device"
)

// op is every operation on a tape: gorgonia's Op and SDOp around two functions.
//
// gorgonia merges nodes whose hashes agree, so each op instance has an id of its
// own and serves one node. The result lives in memory that Tape.plan assigns;
// no op writes to its operands unless the plan gave it their memory.
type op struct {
	tape  *Tape
	id    uint32
	name  string
	types []hm.Type    // of the operands, then of the result
	shape tensor.Shape // of the result

	// run computes y from the operands; scalars are slices of length 1.
	run func(y []float32, x [][]float32)
	// grad returns the gradient node of each operand that want asks for, given
	// the gradient dy of the result. Entries that are not wanted stay nil.
	grad func(want []bool, x gorgonia.Nodes, y, dy *gorgonia.Node) []*gorgonia.Node

	// accel runs the op on a device. Without it the op runs on the processor, after
	// its operands have been fetched and, unless alone is set, all parameters.
	accel func(s device.Session, y []float32, x [][]float32) error
	alone bool // run reads nothing of a Params but its operands and reads
	reads []float32

	inPlace int            // operand whose memory y may take over when it is dead, or -1
	side    []float32      // if set, y's memory: filled by an op that y depends on
	behind  *gorgonia.Node // reads what this one's op leaves beside its result; no edge of the graph says so
	work    float64        // floating-point operations of run; 0: few

	in        gorgonia.Nodes
	delivered []bool // after SymDiff: which operands got a gradient from it
	value     gorgonia.Value
	y         []float32
	args      [][]float32
}

// spec is what the constructor of an op says about it.
type spec struct {
	name    string
	shape   tensor.Shape
	run     func(y []float32, x [][]float32)
	grad    func(want []bool, x gorgonia.Nodes, y, dy *gorgonia.Node) []*gorgonia.Node
	accel   func(s device.Session, y []float32, x [][]float32) error
	alone   bool
	reads   []float32
	inPlace int // operand number plus one; zero: never
	side    []float32
	behind  *gorgonia.Node
	work    float64
}

// add puts an op on the tape. It returns nil when the tape has failed before.
func (t *Tape) add(s spec, in ...*gorgonia.Node) *gorgonia.Node {
	if t.err != nil {
		return nil
	}
	for i, n := range in {
		if n == nil || n.Graph() != t.g {
			t.fail("%s: operand %d is no node of this tape: pass what this tape's methods returned", s.name, i)
			return nil
		}
	}
	o := &op{tape: t, name: s.name, shape: s.shape, run: s.run, grad: s.grad, accel: s.accel, alone: s.alone, reads: s.reads, inPlace: s.inPlace - 1,
		side: s.side, behind: s.behind, work: s.work, in: slices.Clone(in), args: make([][]float32, len(in))}
	for _, n := range in {
		o.types = append(o.types, typeOf(n.Dims()))
		if n.Dims() == 0 {
			o.args[len(o.types)-1] = make([]float32, 1)
		}
	}
	o.types = append(o.types, typeOf(len(s.shape)))
	// A clash of 32-bit hashes would merge two nodes: take the next id until there is none.
	for {
		t.nextID++
		o.id = t.nextID
		if h := o.nodeHash(); !t.hashes[h] {
			t.hashes[h] = true
			break
		}
	}
	n, err := gorgonia.ApplyOp(o, in...)
	if err != nil {
		t.fail("%s: %v", s.name, err)
		return nil
	}
	t.nodes = append(t.nodes, n)
	return n
}

// nodeHash is the hash that gorgonia will give to the node of o.
func (o *op) nodeHash() uint32 {
	h := fnv.New32a()
	fmt.Fprintf(h, "%v%v", o.types[len(o.types)-1], o.shape)
	o.WriteHash(h)
	h.Write([]byte{byte(len(o.in))})
	for _, n := range o.in {
		binary.Write(h, binary.LittleEndian, n.Hashcode())
	}
	return h.Sum32()
}

func typeOf(dims int) hm.Type {
	if dims == 0 {
		return tensor.Float32
	}
	return gorgonia.TensorType{Dims: dims, Of: tensor.Float32}
}

func (o *op) Arity() int    { return len(o.in) }
func (o *op) Type() hm.Type { return hm.NewFnType(o.types...) }
func (o *op) InferShape(...gorgonia.DimSizer) (tensor.Shape, error) {
	return o.shape.Clone(), nil
}
func (o *op) ReturnsPtr() bool      { return true }
func (o *op) CallsExtern() bool     { return false }
func (o *op) OverwritesInput() int  { return -1 }
func (o *op) WriteHash(h hash.Hash) { fmt.Fprintf(h, "%s#%d", o.name, o.id) }
func (o *op) Hashcode() uint32      { return o.id }
func (o *op) String() string        { return fmt.Sprintf("%s#%d", o.name, o.id) }

// Do computes the op. A panic of a kernel becomes an error: the tape machine
// runs on a goroutine of its own, where a panic would end the process.
func (o *op) Do(vs ...gorgonia.Value) (_ gorgonia.Value, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("%s: %v", o, r)
		}
	}()
	for i, v := range vs {
		switch v := v.(type) {
		case *tensor.Dense:
			o.args[i] = v.Float32s()
		case *gorgonia.F32:
			if o.tape.link == nil {
				o.args[i][0] = float32(*v)
			}
		default:
			return nil, fmt.Errorf("%s: operand %d is a %T: only float32 tensors run on a tape", o, i, v)
		}
	}
	if l := o.tape.link; l != nil {
		return o.accelerated(l, vs)
	}
	o.run(o.y, o.args)
	if s, ok := o.value.(*gorgonia.F32); ok {
		*s = gorgonia.F32(o.y[0])
	}
	return o.value, nil
}

// bind gives the op the memory of its result.
func (o *op) bind(y []float32) {
	o.y = y
	if len(o.shape) == 0 {
		o.value = gorgonia.NewF32(0)
		return
	}
	o.value = tensor.New(tensor.WithShape(o.shape...), tensor.WithBacking(y))
}

// DiffWRT says through which operands gradients flow. gorgonia asks twice:
// before SymDiff to see what depends on what, and after it to collect terms.
func (o *op) DiffWRT(n int) []bool {
	if o.delivered != nil {
		return o.delivered
	}
	flows := make([]bool, n)
	for i := range flows {
		flows[i] = o.tape.needs[o.in[i]]
	}
	return flows
}

// SymDiff adds the gradients to the tape. Where a node has several consumers,
// the terms are held back until the last one is there, and added by our own op:
// gorgonia then sees one term for each node and never uses its own addition.
func (o *op) SymDiff(in gorgonia.Nodes, y, dy *gorgonia.Node) (gorgonia.Nodes, error) {
	t := o.tape
	want := o.DiffWRT(len(in))
	if o.grad == nil {
		return nil, fmt.Errorf("%s has no gradient", o)
	}
	terms := o.grad(want, in, y, dy)
	if t.err != nil {
		return nil, t.err
	}
	out := make(gorgonia.Nodes, len(in))
	o.delivered = make([]bool, len(in))
	for i, x := range in {
		if !want[i] {
			continue
		}
		t.terms[x] = append(t.terms[x], terms[i])
		if t.pending[x]--; t.pending[x] == 0 {
			out[i], o.delivered[i] = t.sum(t.terms[x]), true
		}
	}
	return out, t.err
}
