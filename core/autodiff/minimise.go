package autodiff

import (
	"fmt"
	"sort"
	"strings"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/atelier-engine/atelier/core/device"
	"github.com/atelier-engine/atelier/core/kernel"
)

// Minimise asks for the gradient of a scalar loss to every parameter of ps that
// was applied in Train mode and that the loss depends on. Nothing else is
// differentiated. A tape has one loss: add several with WeightedSum.
func (t *Tape) Minimise(loss *gorgonia.Node, ps ...*Params) error {
	switch {
	case t.err != nil:
		return t.err
	case loss == nil || loss.Graph() != t.g || loss.Dims() != 0:
		t.fail("minimise: the loss must be a scalar node of this tape: use one of its losses")
	case t.loss != nil:
		t.fail("minimise: the tape has a loss already: add losses with WeightedSum")
	case t.vm != nil:
		t.fail("minimise: the tape has run already: ask before the first run")
	}
	if t.err != nil {
		return t.err
	}
	t.loss = loss
	var leaves []*leaf
	for _, p := range ps {
		for _, l := range t.leaves[p] {
			leaves = append(leaves, l)
		}
	}
	sort.Slice(leaves, func(i, j int) bool { return leaves[i].node.ID() < leaves[j].node.ID() })
	for _, l := range leaves {
		t.needs[l.node] = true
	}
	active := t.mark(loss)
	var wrt []*gorgonia.Node
	for _, l := range leaves {
		if active[l.node] {
			t.trained = append(t.trained, l)
			wrt = append(wrt, l.node)
		}
	}
	if len(wrt) == 0 {
		t.fail("minimise: the loss depends on no parameter in Train mode: apply a network with Train and give its Params")
		return t.err
	}
	if _, err := gorgonia.Grad(loss, wrt...); err != nil {
		if t.err == nil {
			t.fail("minimise: %v", err)
		}
		return t.err
	}
	return t.err
}

// mark spreads needs from the wanted leaves to everything computed from
// them, counts for each node the gradient terms that will reach it, and returns
// the nodes that both need a gradient and influence the loss.
func (t *Tape) mark(loss *gorgonia.Node) map[*gorgonia.Node]bool {
	for _, n := range t.nodes {
		if o, ok := n.Op().(*op); ok {
			for _, c := range o.in {
				if t.needs[c] {
					t.needs[n] = true
				}
			}
		}
	}
	active := map[*gorgonia.Node]bool{}
	if t.needs[loss] {
		active[loss] = true
	}
	for i := len(t.nodes) - 1; i >= 0; i-- {
		o, ok := t.nodes[i].Op().(*op)
		if !ok || !active[t.nodes[i]] {
			continue
		}
		for _, c := range o.in {
			if t.needs[c] {
				active[c] = true
				t.pending[c]++
			}
		}
	}
	return active
}

// sum adds gradient terms of one node.
func (t *Tape) sum(terms []*gorgonia.Node) *gorgonia.Node {
	if len(terms) == 1 {
		return terms[0]
	}
	return t.add(spec{name: "sum", shape: sameShape(terms[0]), inPlace: 1,
		run: func(y []float32, x [][]float32) {
			kernel.Add(y, x[0], x[1])
			for _, v := range x[2:] {
				kernel.AXPY(y, v, 1)
			}
		},
		accel: func(s device.Session, y []float32, x [][]float32) error {
			err := s.Linear(y, x[0], x[1], 1, 1)
			for _, v := range x[2:] {
				if err == nil {
					err = s.Linear(y, y, v, 1, 1)
				}
			}
			return err
		}}, terms...)
}

// Grad returns the gradient of the last run to a parameter, or nil when the tape
// does not compute it. The slice belongs to the tape.
func (t *Tape) Grad(p *Params, name string) []float32 {
	l := t.leaves[p][name]
	if l == nil || l.node.Deriv() == nil {
		return nil
	}
	if o, ok := l.node.Deriv().Op().(*op); ok {
		t.fetch(o.y)
		return o.y
	}
	return nil
}

// ValueGrads returns the trained parameters and their gradients, in the order in
// which the tape first used them, for a gorgonia.Solver. Their names are
// "params name/parameter name".
func (t *Tape) ValueGrads() []gorgonia.ValueGrad {
	vs := make([]gorgonia.ValueGrad, len(t.trained))
	for i, l := range t.trained {
		if err := l.owner.fetch(); err != nil && t.err == nil {
			t.err = err
		}
		t.Grad(l.owner, strings.TrimPrefix(l.node.Name(), l.owner.Name+"/")) // fetches it
		vs[i] = l.node
	}
	return vs
}

// Update lets a solver change the trained parameters by the gradients of the
// last run.
func (t *Tape) Update(s gorgonia.Solver) error {
	if t.vm == nil || t.loss == nil {
		return fmt.Errorf("update: the tape has no gradients yet: call Minimise, then Run")
	}
	if a, ok := s.(*Adam); ok && t.link != nil {
		if err := a.stepOn(t.link, t.trained); err != nil {
			return fmt.Errorf("update: %w", err)
		}
		for _, l := range t.trained {
			l.owner.version.Add(1)
		}
		return nil
	}
	if err := s.Step(t.ValueGrads()); err != nil {
		return fmt.Errorf("update: %w", err)
	}
	for _, l := range t.trained {
		l.owner.Touch()
	}
	return nil
}

// flat returns the numbers of a tensor value.
func flat(v gorgonia.Value) ([]float32, error) {
	d, ok := v.(*tensor.Dense)
	if !ok || d.Dtype() != tensor.Float32 {
		return nil, fmt.Errorf("a %T is no float32 tensor", v)
	}
	return d.Float32s(), nil
}
