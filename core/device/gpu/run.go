package gpu

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/atelier-engine/atelier/core/device"
)

// Run implements device.Program. A batch that does not fit is run in parts: a sample's result does not depend on
// the others.
func (p *program) Run(out, in []device.Tensor) error {
	p.mu.Lock()
	pl, err := p.PlanFor(in)
	if err == nil {
		err = p.CheckRun(pl, out, p.frozen)
	}
	size := p.most
	p.mu.Unlock()
	if err != nil {
		return err
	}
	pl.Shape(p.Graph, out)
	if size == 0 {
		size = pl.N
	}
	stats := make(device.Stats, len(p.Norms))
	for lo := 0; lo < pl.N; {
		hi := min(pl.N, lo+size)
		err := p.part(samples(out, lo, hi), samples(in, lo, hi), lo, stats)
		if errors.Is(err, device.ErrMemory) && hi-lo > 1 {
			size = (hi - lo + 1) / 2
			continue
		}
		if err != nil {
			return fmt.Errorf("run network %s on %s: %w", p.Graph.Name, p.device.name, p.advise(err, pl))
		}
		lo = hi
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.stats = stats; len(p.Norms) == 0 {
		p.stats = nil
	}
	if size < pl.N {
		p.most = size
	}
	return nil
}

// samples are samples lo to hi-1 of all tensors.
func samples(list []device.Tensor, lo, hi int) []device.Tensor {
	part := make([]device.Tensor, len(list))
	for i, t := range list {
		one := t.Shape().Len()
		part[i] = device.Tensor{Data: t.Data[lo*one : hi*one], N: hi - lo, H: t.H, W: t.W, C: t.C}
	}
	return part
}

// part runs some of the samples, the first of which has the given number, and appends their statistics.
func (p *program) part(out, in []device.Tensor, first int, stats device.Stats) error {
	d := p.device
	s := <-p.slots
	defer func() { p.slots <- s }()
	p.mu.Lock()
	pl, err := p.PlanFor(in)
	p.mu.Unlock()
	if err != nil {
		return err
	}
	inputs, outputs := layoutOf(pl, p.Graph)
	if err := p.fit(s, pl, 4*inputs[len(inputs)-1], 4*outputs[len(outputs)-1]); err != nil {
		return err
	}
	for i := range in {
		if err := d.in.in(s.in.at.Add(inputs[i]), in[i].Data, s.done); err != nil {
			return err
		}
	}
	frozen, err := p.compute(s, pl, first)
	if err != nil {
		return err
	}
	for k := range out {
		if err := d.out.out(out[k].Data, s.out.at.Add(outputs[k]), s.done); err != nil {
			return err
		}
	}
	return p.collect(s, pl, first, frozen, stats)
}

// fit gives the slot memory for inputs, outputs and statistics of a plan.
func (p *program) fit(s *slot, pl *device.Plan, in, out int) error {
	stats := 0
	for _, c := range p.Norms {
		stats += 4 * 2 * pl.N * c
	}
	if s.in.size >= in && s.out.size >= out && s.stats.size >= stats {
		return nil
	}
	return p.device.owner.do(func(o *owner) error {
		for _, want := range []struct {
			b *block
			n int
		}{{&s.in, in}, {&s.out, out}, {&s.stats, stats}} {
			if want.b.size >= want.n {
				continue
			}
			o.pool.put(*want.b)
			*want.b = block{}
			b, err := o.pool.get(want.n)
			if err != nil {
				return err
			}
			*want.b = b
			if err := o.driver.record(s.done, computing); err != nil { // it may have been in use until here
				return err
			}
		}
		return nil
	})
}

// compute enqueues the whole network behind the copies of its inputs, and returns the frozen statistics that it
// uses.
func (p *program) compute(s *slot, pl *device.Plan, first int) (device.Stats, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for i, st := range p.frozen { // they may have been changed since the run began
		if c := p.Norms[i]; len(st.Mean) != c && len(st.Mean) < (first+pl.N)*c {
			return nil, errors.New("the frozen statistics were changed meanwhile: freeze between runs")
		}
	}
	return p.frozen, p.device.owner.do(func(o *owner) error {
		if p.memory.arena.size < 4*pl.Arena {
			o.pool.put(p.memory.arena)
			p.memory.arena = block{}
			b, err := o.pool.get(4 * pl.Arena)
			if err != nil {
				return err
			}
			p.memory.arena = b
		}
		if err := o.driver.record(s.ready, copyingIn); err != nil {
			return err
		}
		if err := o.driver.wait(computing, s.ready); err != nil {
			return err
		}
		e := p.routine(pl, s, first)
		for i := range e.ops {
			if err := o.launch(&e.ops[i]); err != nil {
				return err
			}
		}
		return o.driver.record(s.done, computing)
	})
}

// collect appends the statistics that a part used.
func (p *program) collect(s *slot, pl *device.Plan, first int, frozen, stats device.Stats) error {
	if len(p.Norms) == 0 {
		return nil
	}
	total := 0
	for _, c := range p.Norms {
		total += 2 * pl.N * c
	}
	if frozen == nil {
		if len(s.host) < total {
			s.host = make([]float32, total)
		}
		if err := p.device.out.out(s.host[:total], s.stats.at, s.done); err != nil {
			return err
		}
	}
	at := 0
	for i, c := range p.Norms {
		n := pl.N * c
		if frozen == nil {
			stats[i].Mean = append(stats[i].Mean, s.host[at:at+n]...)
			stats[i].InvStd = append(stats[i].InvStd, s.host[at+n:at+2*n]...)
			at += 2 * n
			continue
		}
		of := func(v []float32) []float32 {
			if len(v) > c {
				return v[first*c : first*c+n]
			}
			return slices.Repeat(v, pl.N)
		}
		stats[i].Mean = append(stats[i].Mean, of(frozen[i].Mean)...)
		stats[i].InvStd = append(stats[i].InvStd, of(frozen[i].InvStd)...)
	}
	return nil
}

// advise adds to an error about memory what size would fit.
func (p *program) advise(err error, pl *device.Plan) error {
	var short *shortage
	if !errors.As(err, &short) || len(pl.Inputs) == 0 {
		return err
	}
	one := pl.Inputs[0]
	one1, planErr := p.Plan(1, pl.Inputs)
	if planErr != nil {
		return err
	}
	inputs, outputs := layoutOf(one1, p.Graph)
	need := 4 * float64(one1.Arena+inputs[len(inputs)-1]+outputs[len(outputs)-1])
	side := int(math.Sqrt(float64(one.H*one.W)*0.8*float64(short.free)/need)) / 16 * 16
	if side < 16 || side >= max(one.H, one.W) {
		return fmt.Errorf("%w: use another device, or a smaller picture", err)
	}
	return fmt.Errorf("%w: about %dx%d instead of %dx%d would fit", err, side, side, one.W, one.H)
}
