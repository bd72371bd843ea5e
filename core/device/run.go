package device

import (
	"github.com/atelier-engine/atelier/core/kernel"
)

// Run implements Program.
func (p *cpuProgram) Run(out, in []Tensor) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	pl, err := p.PlanFor(in)
	if err != nil {
		return err
	}
	if err := p.CheckRun(pl, out, p.frozen); err != nil {
		return err
	}
	if pl.norms == nil {
		p.planNorms(pl)
	}
	pl.Shape(p.Graph, out)
	if len(p.arena) < pl.Arena {
		p.arena = nil // let the old one go before the new one comes
		p.arena = kernel.Aligned(pl.Arena)
	}
	m := memory{p, pl, out, in}
	for i := range p.Steps {
		m.do(&p.Steps[i])
	}
	for k, r := range pl.Outs {
		if r >= 0 {
			copy(out[k].Data, m.at(Ref(r)))
		}
	}
	return nil
}

// memory finds the values of one run.
type memory struct {
	p       *cpuProgram
	pl      *Plan
	out, in []Tensor
}

// at returns the value of a node.
func (m *memory) at(r Ref) []float32 {
	pc := m.pl.Places[m.p.View[r]]
	switch pc.Kind {
	case InInput:
		return m.in[pc.Index].Data
	case InOutput:
		return m.out[pc.Index].Data[:pc.Length]
	}
	return m.p.arena[pc.Index : pc.Index+pc.Length]
}

// do runs one step.
func (m *memory) do(s *Step) {
	n, y, x := m.pl.N, m.at(s.Out), m.at(s.In[0])
	in, out := m.pl.Shapes[s.In[0]], m.pl.Shapes[s.Out]
	var residual []float32
	if s.Residual {
		residual = m.at(s.In[len(s.In)-1])
	}
	switch s.Op {
	case OpConv:
		s.Conv.Forward(y, x, n, in.H, in.W, s.packed, s.Bias, s.Act)
	case OpDense:
		s.Conv.Forward(y, x, n, 1, 1, s.packed, s.Bias, s.Act)
	case OpInstanceNorm, OpCondNorm:
		m.norm(s, y, x, residual)
	case OpAffine:
		kernel.ScaleShift(y, x, residual, s.Gain, s.Bend, n*in.H*in.W, in.C, s.Act)
	case OpAct:
		kernel.Activate(y, x, s.Act)
	case OpAdd:
		kernel.Add(y, x, m.at(s.In[1]))
	case OpConcat:
		b := m.pl.Shapes[s.In[1]]
		kernel.Concat(y, x, m.at(s.In[1]), n*in.H*in.W, in.C, b.C)
	case OpMaxPool:
		kernel.MaxPool(y, nil, x, n, in.H, in.W, in.C, s.K, s.Stride)
	case OpAvgPool:
		kernel.AvgPool(y, x, n, in.H, in.W, in.C, s.K, s.Stride)
	case OpGlobalAvgPool:
		kernel.GlobalAvgPool(y, x, n, in.H*in.W, in.C)
	case OpResize:
		if s.Bilinear {
			kernel.ResizeBilinear(y, x, n, in.H, in.W, in.C, out.H, out.W)
		} else {
			kernel.ResizeNearest(y, x, n, in.H, in.W, in.C, s.Factor)
		}
	}
}
