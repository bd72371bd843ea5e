package device

import (
	"slices"

	"github.com/atelier-engine/atelier/core/kernel"
)

// normMemory is what a norm needs beside its activations: N*C values each.
type normMemory struct {
	mean, invstd []float32 // statistics in use
	gain, bend   []float32 // gamma and beta of each sample; with frozen statistics scale and shift
}

// planNorms reserves the statistics of the norms.
func (p *cpuProgram) planNorms(pl *Plan) {
	for i := range p.Steps {
		if p.Steps[i].Norm >= 0 {
			pl.normLen += 4 * pl.N * pl.Shapes[p.Steps[i].Out].C
		}
	}
	pl.norms = make([]normMemory, len(p.Norms))
	slab := make([]float32, pl.normLen)
	take := func(n int) []float32 {
		s := slab[:n:n]
		slab = slab[n:]
		return s
	}
	for i := range p.Steps {
		s := &p.Steps[i]
		if s.Norm < 0 {
			continue
		}
		n := pl.N * pl.Shapes[s.Out].C
		pl.norms[s.Norm] = normMemory{take(n), take(n), take(n), take(n)}
	}
}

// norm runs an instance norm, with its own statistics or with frozen ones:
//
//	y = act((x - mean)*invstd*gamma + beta) + residual
func (m *memory) norm(s *Step, y, x, residual []float32) {
	n, shape, mem := m.pl.N, m.pl.Shapes[s.Out], &m.pl.norms[s.Norm]
	c, hw := shape.C, shape.H*shape.W
	gamma, beta, perSample := s.Gain, s.Bend, s.Op == OpCondNorm
	if perSample {
		style, size := m.at(s.In[1]), m.pl.Shapes[s.In[1]].C
		gamma, beta = mem.gain, mem.bend
		for i := range n {
			row := style[i*size+s.Offset:]
			copy(gamma[i*c:(i+1)*c], row[:c])
			copy(beta[i*c:(i+1)*c], row[c:2*c])
		}
	}
	if m.p.frozen == nil {
		kernel.InstanceNorm(y, x, residual, gamma, beta, n, hw, c, perSample, mem.mean, mem.invstd, s.Eps, s.Act)
		return
	}
	stats := m.p.frozen[s.Norm]
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
		kernel.ScaleShift(y[i*hw*c:(i+1)*hw*c], x[i*hw*c:(i+1)*hw*c], r, mem.gain[i*c:(i+1)*c], mem.bend[i*c:(i+1)*c], hw, c, s.Act)
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
	pl := p.Last()
	if pl == nil {
		return nil
	}
	var st Stats
	for _, m := range pl.norms {
		st = append(st, NormStats{Mean: slices.Clone(m.mean), InvStd: slices.Clone(m.invstd)})
	}
	return st
}

// Freeze implements Program.
func (p *cpuProgram) Freeze(s Stats) error {
	own, err := p.CheckStats(s)
	if err != nil {
		return err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.frozen = own
	return nil
}
