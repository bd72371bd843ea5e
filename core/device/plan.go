package device

import (
	"fmt"
	"slices"
	"sort"
)

// A Plan says where every value of a network lies for one set of input sizes.
//
// Values live from the step that computes them to the last step that reads them. A step that can work in place
// takes over the buffer of an operand that dies with it. Buffers whose lives do not overlap may share memory:
// they are placed by falling size, each at the lowest offset that is free while it lives (Pisarchyk and Lee,
// "Efficient memory management for deep neural net inference", 2020, "greedy by size"). Inputs and outputs lie
// in memory of their own and take none.
type Plan struct {
	N      int     // samples
	Inputs []Shape // of the inputs, in the order of the graph
	Shapes []Shape // of every node
	Places []Place // of every node that owns its memory: Lowered.View tells which
	Outs   []int   // for each output the node to copy from, or -1 when it is computed in place
	Arena  int     // length in values

	norms   []normMemory // CPU
	normLen int          // values in norms
}

// Place says where a value lies.
type Place struct {
	Kind   PlaceKind
	Index  int // offset in the arena, or number of the input or output
	Length int
}

// PlaceKind is which memory a value lies in.
type PlaceKind uint8

const (
	InArena PlaceKind = iota
	InInput
	InOutput
)

// buffer is memory that one value, or several in turn, occupy from step first to step last.
type buffer struct {
	size, first, last int
	offset            int
	node              Ref // decides the order among equals
	output            int // number of the output that lies here, or -1
}

// Plan plans the memory for n samples of the given input shapes.
func (l *Lowered) Plan(n int, inputs []Shape) (*Plan, error) {
	shapes, err := l.Graph.Shapes(inputs)
	if err != nil {
		return nil, err
	}
	for i, s := range shapes {
		if float64(n)*float64(s.Len()) > maxValues {
			return nil, fmt.Errorf("network %s: %s: %d samples of %v are too large: run fewer at a time",
				l.Graph.Name, l.Graph.Nodes[i].Name, n, s)
		}
	}
	pl := &Plan{N: n, Inputs: slices.Clone(inputs), Shapes: shapes, Places: make([]Place, len(shapes))}
	owner, bufs := l.assign(pl)
	l.bindOutputs(pl, owner, bufs)
	pl.Arena = layout(bufs, !l.noShare)
	for i := range shapes {
		if b := owner[i]; b != nil {
			pl.Places[i] = Place{InArena, b.offset, n * shapes[i].Len()}
			if b.output >= 0 {
				pl.Places[i].Kind, pl.Places[i].Index = InOutput, b.output
			}
		}
	}
	for k, r := range l.Graph.Inputs() {
		pl.Places[r] = Place{InInput, k, n * shapes[r].Len()}
	}
	return pl, nil
}

// assign gives each value a buffer and finds the buffers' lives.
func (l *Lowered) assign(pl *Plan) (owner []*buffer, bufs []*buffer) {
	last := make([]int, len(pl.Shapes)) // the last step that reads a value
	for k := range l.Steps {
		for _, r := range l.Steps[k].In {
			last[l.View[r]] = k
		}
	}
	for _, r := range l.Graph.Outs {
		last[l.View[r]] = len(l.Steps)
	}
	owner = make([]*buffer, len(pl.Shapes))
	for k := range l.Steps {
		s := &l.Steps[k]
		size := pl.N * pl.Shapes[s.Out].Len()
		if b := l.inPlace(s, k, owner, last); b != nil {
			b.last = max(k, last[s.Out])
			owner[s.Out] = b
			continue
		}
		b := &buffer{size: size, first: k, last: max(k, last[s.Out]), node: s.Out, output: -1}
		owner[s.Out] = b
		bufs = append(bufs, b)
	}
	return owner, bufs
}

// inPlace returns the buffer of an operand that step k may overwrite with its result, or nil. Shapes agree
// wherever it is allowed.
func (l *Lowered) inPlace(s *Step, k int, owner []*buffer, last []int) *buffer {
	if l.noShare {
		return nil
	}
	var may []Ref // the kernels allow y to be one of these
	switch s.Op {
	case OpAct:
		may = s.In[:1]
	case OpAdd:
		may = s.In
	case OpAffine, OpInstanceNorm, OpCondNorm:
		may = []Ref{s.In[0]}
		if s.Residual {
			may = append(may, s.In[len(s.In)-1])
		}
	}
	for _, o := range may {
		r := l.View[o]
		if last[r] != k || owner[r] == nil { // read later, or the caller's
			continue
		}
		readers := 0
		for _, o := range s.In {
			if l.View[o] == r {
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
func (l *Lowered) bindOutputs(pl *Plan, owner []*buffer, bufs []*buffer) {
	pl.Outs = make([]int, len(l.Graph.Outs))
	for k, r := range l.Graph.Outs {
		root := l.View[r]
		pl.Outs[k] = int(root)
		if b := owner[root]; b != nil && b.output < 0 {
			b.output, b.size = k, 0
			pl.Outs[k] = -1
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
