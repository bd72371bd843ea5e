package device

import (
	"fmt"
	"slices"

	"github.com/atelier-engine/atelier/core/kernel"
)

// norm runs an instance norm, with its own statistics or with frozen ones:
//
//	y = act((x - mean)*invstd*gamma + beta) + residual
func (m *memory) norm(s *step, y, x, residual []float32) {
	n, shape, mem := m.pl.n, m.pl.shapes[s.out], &m.pl.norms[s.norm]
	c, hw := shape.C, shape.H*shape.W
	gamma, beta, perSample := s.gain, s.bend, s.op == OpCondNorm
	if perSample {
		style, size := m.at(s.in[1]), m.pl.shapes[s.in[1]].C
		gamma, beta = mem.gain, mem.bend
		for i := range n {
			row := style[i*size+s.offset:]
			copy(gamma[i*c:(i+1)*c], row[:c])
			copy(beta[i*c:(i+1)*c], row[c:2*c])
		}
	}
	if m.p.frozen == nil {
		kernel.InstanceNorm(y, x, residual, gamma, beta, n, hw, c, perSample, mem.mean, mem.invstd, s.eps, s.act)
		return
	}
	stats := m.p.frozen[s.norm]
	for i := range n {
		copy(mem.mean[i*c:(i+1)*c], sample(stats.Mean, i, c))
		copy(mem.invstd[i*c:(i+1)*c], sample(stats.InvStd, i, c))
		for j := i * c; j < (i+1)*c; j++ {
			g, b := gamma[j%len(gamma)], beta[j%len(beta)]
			mem.gain[j] = g * mem.invstd[j]
			mem.bend[j] = b - mem.mean[j]*mem.gain[j]
		}
		var r []float32
		if residual != nil {
			r = residual[i*hw*c : (i+1)*hw*c]
		}
		kernel.ScaleShift(y[i*hw*c:(i+1)*hw*c], x[i*hw*c:(i+1)*hw*c], r, mem.gain[i*c:(i+1)*c], mem.bend[i*c:(i+1)*c], hw, c, s.act)
	}
}

// sample returns the statistics of sample i; those of one sample serve all.
func sample(v []float32, i, c int) []float32 {
	if len(v) == c {
		return v
	}
	return v[i*c : (i+1)*c]
}

// Stats implements Program. It is nil before the first run and for networks without instance norms.
func (p *cpuProgram) Stats() Stats {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.plans) == 0 {
		return nil
	}
	var st Stats
	for _, m := range p.plans[0].norms {
		st = append(st, NormStats{Mean: slices.Clone(m.mean), InvStd: slices.Clone(m.invstd)})
	}
	return st
}

// Freeze implements Program.
func (p *cpuProgram) Freeze(s Stats) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if s == nil {
		p.frozen = nil
		return nil
	}
	if len(s) != len(p.norms) {
		return fmt.Errorf("freeze statistics of network %s: %d norms given: it has %d", p.graph.Name, len(s), len(p.norms))
	}
	var own Stats
	for i, st := range s {
		c := p.norms[i]
		if len(st.Mean) == 0 || len(st.Mean)%c != 0 || len(st.Mean) != len(st.InvStd) {
			return fmt.Errorf("freeze statistics of network %s: norm %d has %d means and %d deviations: give %d a sample",
				p.graph.Name, i, len(st.Mean), len(st.InvStd), c)
		}
		own = append(own, NormStats{slices.Clone(st.Mean), slices.Clone(st.InvStd)})
	}
	p.frozen = own
	return nil
}

// checkFrozen refuses frozen statistics of another number of samples than the run has.
func (p *cpuProgram) checkFrozen(pl *plan, s Stats) error {
	for i := range s {
		if have, want := len(s[i].Mean), len(pl.norms[i].mean); have != want && have != want/pl.n {
			return fmt.Errorf("run network %s: frozen statistics of norm %d are for another number of samples than %d: give those of one sample or of as many", p.graph.Name, i, pl.n)
		}
	}
	return nil
}
