package device

import (
	"fmt"

	"github.com/atelier-engine/atelier/core/kernel"
)

// Run implements Program.
func (p *cpuProgram) Run(out, in []Tensor) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	pl, err := p.planFor(in)
	if err != nil {
		return err
	}
	if len(out) != len(p.graph.Outs) {
		return fmt.Errorf("run network %s: %d outputs asked for: it has %d", p.graph.Name, len(out), len(p.graph.Outs))
	}
	if p.frozen != nil {
		if err := p.checkFrozen(pl, p.frozen); err != nil {
			return err
		}
	}
	for k, r := range p.graph.Outs {
		s := pl.shapes[r]
		size := pl.n * s.Len()
		if cap(out[k].Data) < size {
			out[k].Data = kernel.Aligned(size)
		}
		out[k] = Tensor{out[k].Data[:size], pl.n, s.H, s.W, s.C}
	}
	if len(p.arena) < pl.arena {
		p.arena = nil // let the old one go before the new one comes
		p.arena = kernel.Aligned(pl.arena)
	}
	m := memory{p, pl, out, in}
	for i := range p.steps {
		m.do(&p.steps[i])
	}
	for k, r := range pl.outs {
		if r >= 0 {
			copy(out[k].Data, m.at(Ref(r)))
		}
	}
	return nil
}

// planFor checks the inputs and returns their plan, the one in use before if sizes are the same.
func (p *cpuProgram) planFor(in []Tensor) (*plan, error) {
	n := 0
	for i, t := range in {
		if i == 0 {
			n = t.N
		}
		if t.N < 1 || t.N != n {
			return nil, fmt.Errorf("run network %s: input %d has %d samples, input 0 has %d: give all the same number, at least 1", p.graph.Name, i, t.N, n)
		}
		if err := t.Shape().check(); err != nil {
			return nil, fmt.Errorf("run network %s: input %d: %w", p.graph.Name, i, err)
		}
		if s := t.Shape().Len(); s == 0 || len(t.Data)/s != n || len(t.Data)%s != 0 {
			return nil, fmt.Errorf("run network %s: input %d holds %d values: %d samples of %v are needed", p.graph.Name, i, len(t.Data), n, t.Shape())
		}
	}
	for i, pl := range p.plans {
		if pl.fits(n, in) {
			copy(p.plans[1:i+1], p.plans[:i])
			p.plans[0] = pl
			return pl, nil
		}
	}
	shapes := make([]Shape, len(in))
	for i, t := range in {
		shapes[i] = t.Shape()
	}
	pl, err := p.newPlan(n, shapes)
	if err != nil {
		return nil, err
	}
	if len(p.plans) < maxPlans {
		p.plans = append(p.plans, nil)
	}
	copy(p.plans[1:], p.plans)
	p.plans[0] = pl
	return pl, nil
}

func (pl *plan) fits(n int, in []Tensor) bool {
	if n != pl.n || len(in) != len(pl.inputs) {
		return false
	}
	for i, s := range pl.inputs {
		if in[i].Shape() != s {
			return false
		}
	}
	return true
}

// memory finds the values of one run.
type memory struct {
	p       *cpuProgram
	pl      *plan
	out, in []Tensor
}

// at returns the value of a node.
func (m *memory) at(r Ref) []float32 {
	pc := m.pl.place[m.p.view[r]]
	switch pc.kind {
	case inInput:
		return m.in[pc.index].Data
	case inOutput:
		return m.out[pc.index].Data[:pc.length]
	}
	return m.p.arena[pc.index : pc.index+pc.length]
}

// do runs one step.
func (m *memory) do(s *step) {
	n, y, x := m.pl.n, m.at(s.out), m.at(s.in[0])
	in, out := m.pl.shapes[s.in[0]], m.pl.shapes[s.out]
	var residual []float32
	if s.residual {
		residual = m.at(s.in[len(s.in)-1])
	}
	switch s.op {
	case OpConv:
		s.conv.Forward(y, x, n, in.H, in.W, s.packed, s.bias, s.act)
	case OpDense:
		s.conv.Forward(y, x, n, 1, 1, s.packed, s.bias, s.act)
	case OpInstanceNorm, OpCondNorm:
		m.norm(s, y, x, residual)
	case OpAffine:
		kernel.ScaleShift(y, x, residual, s.gain, s.bend, n*in.H*in.W, in.C, s.act)
	case OpAct:
		kernel.Activate(y, x, s.act)
	case OpAdd:
		kernel.Add(y, x, m.at(s.in[1]))
	case OpConcat:
		b := m.pl.shapes[s.in[1]]
		kernel.Concat(y, x, m.at(s.in[1]), n*in.H*in.W, in.C, b.C)
	case OpMaxPool:
		kernel.MaxPool(y, nil, x, n, in.H, in.W, in.C, s.k, s.stride)
	case OpAvgPool:
		kernel.AvgPool(y, x, n, in.H, in.W, in.C, s.k, s.stride)
	case OpGlobalAvgPool:
		kernel.GlobalAvgPool(y, x, n, in.H*in.W, in.C)
	case OpResize:
		if s.bilinear {
			kernel.ResizeBilinear(y, x, n, in.H, in.W, in.C, out.H, out.W)
		} else {
			kernel.ResizeNearest(y, x, n, in.H, in.W, in.C, s.factor)
		}
	}
}
