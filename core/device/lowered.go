package device

import (
	"fmt"
	"slices"

	"github.com/atelier-engine/atelier/core/kernel"
)

// Lowered is a network as a list of steps, with a memory plan for each recent set of input sizes. It is what
// devices have in common: a device runs the steps one after the other, in the memory that the plan assigns.
// It is used by one goroutine at a time.
type Lowered struct {
	Graph *Graph
	Steps []Step
	View  []Ref // the node whose memory holds a node's value: itself, unless it is a view
	Norms []int // channels of each norm that computes statistics

	noShare bool    // tests: every value has memory of its own
	plans   []*Plan // most recent first
}

// maxPlans bounds the number of input sizes whose plans are kept.
const maxPlans = 8

// Lower checks the weights, folds constants and fuses neighbouring steps. Weights of the steps may share memory
// with w.
func Lower(g *Graph, w Weights) (*Lowered, error) { return lower(g, w, true) }

func lower(g *Graph, w Weights, fuse bool) (*Lowered, error) {
	if err := g.CheckWeights(w); err != nil {
		return nil, err
	}
	own := *g
	own.Nodes, own.Outs = slices.Clone(g.Nodes), slices.Clone(g.Outs)
	l := &Lowered{Graph: &own, Steps: steps(&own, w, fuse), View: views(&own)}
	for i := range own.Nodes {
		if n := &own.Nodes[i]; n.Op == OpInstanceNorm || n.Op == OpCondNorm {
			l.Norms = append(l.Norms, n.Shape.C)
		}
	}
	return l, nil
}

// PlanFor checks the inputs of a run and returns their plan, the one in use before if sizes are the same.
func (l *Lowered) PlanFor(in []Tensor) (*Plan, error) {
	n := 0
	for i, t := range in {
		if i == 0 {
			n = t.N
		}
		if t.N < 1 || t.N != n {
			return nil, fmt.Errorf("run network %s: input %d has %d samples, input 0 has %d: give all the same number, at least 1", l.Graph.Name, i, t.N, n)
		}
		if err := t.Shape().check(); err != nil {
			return nil, fmt.Errorf("run network %s: input %d: %w", l.Graph.Name, i, err)
		}
		if s := t.Shape().Len(); s == 0 || len(t.Data)/s != n || len(t.Data)%s != 0 {
			return nil, fmt.Errorf("run network %s: input %d holds %d values: %d samples of %v are needed", l.Graph.Name, i, len(t.Data), n, t.Shape())
		}
	}
	for i, pl := range l.plans {
		if pl.fits(n, in) {
			copy(l.plans[1:i+1], l.plans[:i])
			l.plans[0] = pl
			return pl, nil
		}
	}
	shapes := make([]Shape, len(in))
	for i, t := range in {
		shapes[i] = t.Shape()
	}
	pl, err := l.Plan(n, shapes)
	if err != nil {
		return nil, err
	}
	if len(l.plans) < maxPlans {
		l.plans = append(l.plans, nil)
	}
	copy(l.plans[1:], l.plans)
	l.plans[0] = pl
	return pl, nil
}

func (pl *Plan) fits(n int, in []Tensor) bool {
	if n != pl.N || len(in) != len(pl.Inputs) {
		return false
	}
	for i, s := range pl.Inputs {
		if in[i].Shape() != s {
			return false
		}
	}
	return true
}

// Last returns the plan of the last run, or nil.
func (l *Lowered) Last() *Plan {
	if len(l.plans) == 0 {
		return nil
	}
	return l.plans[0]
}

// CheckRun refuses a wrong number of outputs, and frozen statistics of another number of samples than the run
// has.
func (l *Lowered) CheckRun(pl *Plan, out []Tensor, frozen Stats) error {
	if len(out) != len(l.Graph.Outs) {
		return fmt.Errorf("run network %s: %d outputs asked for: it has %d", l.Graph.Name, len(out), len(l.Graph.Outs))
	}
	for i := range frozen {
		if have, one := len(frozen[i].Mean), l.Norms[i]; have != pl.N*one && have != one {
			return fmt.Errorf("run network %s: frozen statistics of norm %d are for another number of samples than %d: give those of one sample or of as many", l.Graph.Name, i, pl.N)
		}
	}
	return nil
}

// Shape gives each output its shape, and memory where it has too little.
func (pl *Plan) Shape(g *Graph, out []Tensor) {
	for k, r := range g.Outs {
		s := pl.Shapes[r]
		size := pl.N * s.Len()
		if cap(out[k].Data) < size {
			out[k].Data = kernel.Aligned(size)
		}
		out[k] = Tensor{out[k].Data[:size], pl.N, s.H, s.W, s.C}
	}
}

// CheckStats returns a copy of statistics that are to be frozen, nil for nil, or says why they do not fit.
func (l *Lowered) CheckStats(s Stats) (Stats, error) {
	if s == nil {
		return nil, nil
	}
	if len(s) != len(l.Norms) {
		return nil, fmt.Errorf("freeze statistics of network %s: %d norms given: it has %d", l.Graph.Name, len(s), len(l.Norms))
	}
	var own Stats
	for i, st := range s {
		c := l.Norms[i]
		if len(st.Mean) == 0 || len(st.Mean)%c != 0 || len(st.Mean) != len(st.InvStd) {
			return nil, fmt.Errorf("freeze statistics of network %s: norm %d has %d means and %d deviations: give %d a sample",
				l.Graph.Name, i, len(st.Mean), len(st.InvStd), c)
		}
		own = append(own, NormStats{slices.Clone(st.Mean), slices.Clone(st.InvStd)})
	}
	return own, nil
}
