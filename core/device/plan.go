package device

import (
	"fmt"
	"slices"
	"sort"
)

// A plan says where every value of a network lies for one set of input sizes.
//
// Values live from the step that computes them to the last step that reads them. A step that can work in place
// takes over the buffer of an operand that dies with it. Buffers whose lives do not overlap may share memory:
// they are placed by falling size, each at the lowest offset that is free while it lives (Pisarchyk and Lee,
// "Efficient memory management for deep neural net inference", 2020, "greedy by size"). Inputs and outputs lie
// in the caller's memory and take none.
type plan struct {
	n       int
	inputs  []Shape
	shapes  []Shape // of every node
	place   []place // of every node that owns its memory
	outs    []int   // for each output the node to copy from, or -1 when it is computed in place
	arena   int     // length in values
	norms   []normMemory
	normLen int // values in norms
}

// place says where a value lies.
type place struct {
	kind   placeKind
	index  int // offset in the arena, or number of the input or output
	length int
}

type placeKind uint8

const (
	inArena placeKind = iota
	inInput
	inOutput
)

// normMemory is what a norm needs beside its activations: N*C values each.
type normMemory struct {
	mean, invstd []float32 // statistics in use
	gain, bend   []float32 // gamma and beta of each sample; with frozen statistics scale and shift
}

// buffer is memory that one value, or several in turn, occupy from step first to step last.
type buffer struct {
	size, first, last int
	offset            int
	node              Ref // decides the order among equals
	output            int // number of the output that lies here, or -1
}

// newPlan plans the memory for n samples of the given input shapes.
func (p *cpuProgram) newPlan(n int, inputs []Shape) (*plan, error) {
	shapes, err := p.graph.Shapes(inputs)
	if err != nil {
		return nil, err
	}
	for i, s := range shapes {
		if float64(n)*float64(s.Len()) > maxValues {
			return nil, fmt.Errorf("network %s: %s: %d samples of %v are too large: run fewer at a time",
				p.graph.Name, p.graph.Nodes[i].Name, n, s)
		}
	}
	pl := &plan{n: n, inputs: slices.Clone(inputs), shapes: shapes, place: make([]place, len(shapes))}
	owner, bufs := p.assign(pl)
	p.bindOutputs(pl, owner, bufs)
	pl.arena = layout(bufs, p.shared)
	for i := range shapes {
		if b := owner[i]; b != nil {
			pl.place[i] = place{inArena, b.offset, n * shapes[i].Len()}
			if b.output >= 0 {
				pl.place[i].kind, pl.place[i].index = inOutput, b.output
			}
		}
	}
	for k, r := range p.graph.Inputs() {
		pl.place[r] = place{inInput, k, n * shapes[r].Len()}
	}
	p.planNorms(pl)
	return pl, nil
}

// assign gives each value a buffer and finds the buffers' lives.
func (p *cpuProgram) assign(pl *plan) (owner []*buffer, bufs []*buffer) {
	last := make([]int, len(pl.shapes)) // the last step that reads a value
	for k := range p.steps {
		for _, r := range p.steps[k].in {
			last[p.view[r]] = k
		}
	}
	for _, r := range p.graph.Outs {
		last[p.view[r]] = len(p.steps)
	}
	owner = make([]*buffer, len(pl.shapes))
	for k := range p.steps {
		s := &p.steps[k]
		size := pl.n * pl.shapes[s.out].Len()
		if b := p.inPlace(s, k, owner, last); b != nil {
			b.last = max(k, last[s.out])
			owner[s.out] = b
			continue
		}
		b := &buffer{size: size, first: k, last: max(k, last[s.out]), node: s.out, output: -1}
		owner[s.out] = b
		bufs = append(bufs, b)
	}
	return owner, bufs
}

// inPlace returns the buffer of an operand that step k may overwrite with its result, or nil. Shapes agree
// wherever it is allowed.
func (p *cpuProgram) inPlace(s *step, k int, owner []*buffer, last []int) *buffer {
	if !p.shared {
		return nil
	}
	var may []Ref // the kernels allow y to be one of these
	switch s.op {
	case OpAct:
		may = s.in[:1]
	case OpAdd:
		may = s.in
	case OpAffine, OpInstanceNorm, OpCondNorm:
		may = []Ref{s.in[0]}
		if s.residual {
			may = append(may, s.in[len(s.in)-1])
		}
	}
	for _, o := range may {
		r := p.view[o]
		if last[r] != k || owner[r] == nil { // read later, or the caller's
			continue
		}
		readers := 0
		for _, o := range s.in {
			if p.view[o] == r {
				readers++
			}
		}
		if readers == 1 {
			return owner[r]
		}
	}
	return nil
}

// bindOutputs lets outputs be computed in the caller's memory. An output that is an input, or a second name
// for the same memory, is copied at the end.
func (p *cpuProgram) bindOutputs(pl *plan, owner []*buffer, bufs []*buffer) {
	pl.outs = make([]int, len(p.graph.Outs))
	for k, r := range p.graph.Outs {
		root := p.view[r]
		pl.outs[k] = int(root)
		if b := owner[root]; b != nil && b.output < 0 {
			b.output, b.size = k, 0
			pl.outs[k] = -1
		}
	}
}

// layout sets the offsets of the buffers, multiples of a cache line, and returns the length of the arena.
func layout(bufs []*buffer, shared bool) int {
	const line = 16 // values in 64 bytes
	order := slices.Clone(bufs)
	sort.SliceStable(order, func(i, j int) bool {
		if order[i].size != order[j].size {
			return order[i].size > order[j].size
		}
		return order[i].node < order[j].node
	})
	var placed []*buffer // by rising offset
	total := 0
	for _, b := range order {
		size := (b.size + line - 1) / line * line
		at := 0
		for _, o := range placed {
			meet := !shared || b.first <= o.last && o.first <= b.last
			if size == 0 || !meet {
				continue
			}
			if at+size <= o.offset {
				break
			}
			at = max(at, o.offset+(o.size+line-1)/line*line)
		}
		b.offset = at
		if size > 0 {
			i := sort.Search(len(placed), func(i int) bool { return placed[i].offset > at })
			placed = slices.Insert(placed, i, b)
			total = max(total, at+size)
		}
	}
	return total
}

// planNorms reserves the statistics of the norms.
func (p *cpuProgram) planNorms(pl *plan) {
	for i := range p.steps {
		if p.steps[i].norm >= 0 {
			pl.normLen += 4 * pl.n * pl.shapes[p.steps[i].out].C
		}
	}
	pl.norms = make([]normMemory, len(p.norms))
	slab := make([]float32, pl.normLen)
	take := func(n int) []float32 {
		s := slab[:n:n]
		slab = slab[n:]
		return s
	}
	for i := range p.steps {
		s := &p.steps[i]
		if s.norm < 0 {
			continue
		}
		n := pl.n * pl.shapes[s.out].C
		pl.norms[s.norm] = normMemory{take(n), take(n), take(n), take(n)}
	}
}
