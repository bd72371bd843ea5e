package gpu

import (
	"fmt"

	"github.com/atelier-engine/atelier/core/device"
	"github.com/atelier-engine/atelier/core/device/cuda"
)

// A routine is all that a run launches, with the addresses that it was made for. It is made once and used as long
// as the memory stays where it is.
type routine struct {
	ops    []cuda.Op
	at     addresses
	inputs []cuda.Ptr
	outs   []cuda.Ptr
}

// routineKey says which runs a routine serves.
type routineKey struct {
	plan   *device.Plan
	slot   int
	frozen string // which norms have statistics of their own for each sample; "" if none are frozen
	first  int    // sample of the frozen statistics that belongs to the first sample of the run
}

// addresses are where the pieces of memory lie.
type addresses struct{ arena, in, out, stats, frozen cuda.Ptr }

// maxRoutines bounds how many are kept: two slots for each plan, with and without frozen statistics.
const maxRoutines = 64

// routine returns what a run of the plan in the slot launches. mu is held; the slot's memory is there.
func (p *program) routine(pl *device.Plan, s *slot, first int) *routine {
	key := routineKey{pl, s.number, p.pattern, first}
	at := addresses{p.memory.arena.at, s.in.at, s.out.at, s.stats.at, 0}
	if p.frozen != nil {
		at.frozen = p.memory.frozen.at
	}
	if e := p.routines[key]; e != nil && e.at == at {
		return e
	}
	if len(p.routines) >= maxRoutines {
		clear(p.routines)
	}
	b := builder{p: p, pl: pl, at: at, first: first}
	b.inputs, b.outputs = layoutOf(pl, p.Graph)
	e := &routine{at: at}
	for _, offset := range b.inputs {
		e.inputs = append(e.inputs, at.in.Add(offset))
	}
	for _, offset := range b.outputs {
		e.outs = append(e.outs, at.out.Add(offset))
	}
	for i := range p.Steps {
		b.step(&p.Steps[i], &p.params[i])
	}
	for k, r := range pl.Outs {
		if r >= 0 {
			b.add("output", p.device.ops.Copy(e.outs[k], b.value(device.Ref(r)), pl.N*pl.Shapes[r].Len()))
		}
	}
	e.ops = b.ops
	p.routines[key] = e
	return e
}

// layoutOf gives each input and output of a plan its place, in values, in the memory of a slot: each starts at a
// multiple of 256 bytes. The last entry is the length of all.
func layoutOf(pl *device.Plan, g *device.Graph) (in, out []int) {
	const line = 64 // values in 256 bytes
	place := func(list []int, at, n int) ([]int, int) {
		return append(list, at), at + (n+line-1)/line*line
	}
	at := 0
	for _, s := range pl.Inputs {
		in, at = place(in, at, pl.N*s.Len())
	}
	in = append(in, at)
	at = 0
	for _, r := range g.Outs {
		out, at = place(out, at, pl.N*pl.Shapes[r].Len())
	}
	return in, append(out, at)
}

// builder turns steps into operations.
type builder struct {
	p       *program
	pl      *device.Plan
	at      addresses
	first   int
	inputs  []int
	outputs []int
	ops     []cuda.Op
}

// value is where the value of a node lies.
func (b *builder) value(r device.Ref) cuda.Ptr {
	pc := b.pl.Places[b.p.View[r]]
	switch pc.Kind {
	case device.InInput:
		return b.at.in.Add(b.inputs[pc.Index])
	case device.InOutput:
		return b.at.out.Add(b.outputs[pc.Index])
	}
	return b.at.arena.Add(pc.Index)
}

func (b *builder) add(node string, op cuda.Op) {
	op.Name = fmt.Sprintf("network %s, %s: %s", b.p.Graph.Name, node, op.Name)
	b.ops = append(b.ops, op)
}

// step appends the operations of one step.
func (b *builder) step(s *device.Step, w *params) {
	ops, pl := b.p.device.ops, b.pl
	n, y, x := pl.N, b.value(s.Out), b.value(s.In[0])
	in, out := pl.Shapes[s.In[0]], pl.Shapes[s.Out]
	rows := n * in.H * in.W
	var residual cuda.Ptr
	if s.Residual {
		residual = b.value(s.In[len(s.In)-1])
	}
	add := func(op cuda.Op) { b.add(b.p.Graph.Nodes[s.Out].Name, op) }
	switch s.Op {
	case device.OpConv:
		add(ops.ConvForward(s.Conv, y, x, w.weights, w.bias, residual, n, in.H, in.W, s.Act))
	case device.OpDense:
		add(ops.ConvForward(s.Conv, y, x, w.weights, w.bias, residual, n, 1, 1, s.Act))
	case device.OpInstanceNorm, device.OpCondNorm:
		b.normalise(s, w, y, x, residual)
	case device.OpAffine:
		add(ops.ScaleShift(y, x, residual, w.gain, w.bend, rows, in.C, s.Act))
	case device.OpAct:
		add(ops.Activate(y, x, rows*in.C, s.Act))
	case device.OpAdd:
		add(ops.Linear(y, x, b.value(s.In[1]), rows*in.C, 1, 1))
	case device.OpConcat:
		other := pl.Shapes[s.In[1]]
		add(ops.CopyRows(y, x, rows, in.C, out.C, in.C, 1))
		add(ops.CopyRows(y.Add(in.C), b.value(s.In[1]), rows, other.C, out.C, other.C, 1))
	case device.OpMaxPool:
		add(ops.MaxPool(y, 0, x, n, in.H, in.W, in.C, s.K, s.Stride))
	case device.OpAvgPool:
		add(ops.AvgPool(y, x, n, in.H, in.W, in.C, s.K, s.Stride))
	case device.OpGlobalAvgPool:
		add(ops.ColumnMeans(y, x, n, in.H*in.W, in.C, true))
	case device.OpResize:
		if s.Bilinear {
			add(ops.ResizeBilinear(y, x, n, in.H, in.W, in.C, out.H, out.W))
		} else {
			add(ops.ResizeNearest(y, x, n, in.H, in.W, in.C, s.Factor))
		}
	default: // lowering makes no others
		panic("gpu: no kernel for " + s.Op.String())
	}
}

// normalise appends an instance norm, with its own statistics or with frozen ones.
func (b *builder) normalise(s *device.Step, w *params, y, x, residual cuda.Ptr) {
	ops, pl, name := b.p.device.ops, b.pl, b.p.Graph.Nodes[s.Out].Name
	shape := pl.Shapes[s.Out]
	n, c, hw := pl.N, shape.C, shape.H*shape.W
	a := cuda.NormParams{Gamma: w.gain, Beta: w.bend}
	if s.Op == device.OpCondNorm {
		style := b.value(s.In[1])
		a.Gamma, a.Beta, a.Params = style.Add(s.Offset), style.Add(s.Offset+c), pl.Shapes[s.In[1]].C
	}
	if frozen := b.p.frozen; frozen != nil {
		at := 0
		for _, st := range frozen[:s.Norm] {
			at += len(st.Mean) + len(st.InvStd)
		}
		size := len(frozen[s.Norm].Mean)
		a.Mean, a.InvStd = b.at.frozen.Add(at), b.at.frozen.Add(at+size)
		if size > c { // of every sample
			a.Mean, a.InvStd, a.Stats = a.Mean.Add(b.first*c), a.InvStd.Add(b.first*c), c
		}
	} else {
		at := 0
		for _, channels := range b.p.Norms[:s.Norm] {
			at += 2 * n * channels
		}
		a.Mean, a.InvStd, a.Stats = b.at.stats.Add(at), b.at.stats.Add(at+n*c), c
		b.add(name, ops.Moments(a.Mean, a.InvStd, x, n, hw, c, s.Eps, false))
	}
	b.add(name, ops.NormApply(y, x, residual, a, n, hw, c, s.Act))
}
