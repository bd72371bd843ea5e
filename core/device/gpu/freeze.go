package gpu

import (
	"fmt"

	"github.com/atelier-engine/atelier/core/device"
)

// Stats implements device.Program.
func (p *program) Stats() device.Stats {
	p.mu.Lock()
	defer p.mu.Unlock()
	return cloneStats(p.stats)
}

// Freeze implements device.Program.
func (p *program) Freeze(s device.Stats) error {
	own, err := p.CheckStats(s)
	if err != nil {
		return err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if err := p.upload(own); err != nil {
		return fmt.Errorf("freeze statistics of network %s: %w", p.Graph.Name, err)
	}
	p.frozen, p.pattern = own, ""
	for i, st := range own {
		if len(st.Mean) > p.Norms[i] {
			p.pattern += "n"
		} else {
			p.pattern += "1"
		}
	}
	return nil
}

// upload copies frozen statistics to the device. mu is held; runs under way are not disturbed, since the memory
// is written when what they enqueued is done.
func (p *program) upload(s device.Stats) error {
	var flat []float32
	for _, n := range s {
		flat = append(append(flat, n.Mean...), n.InvStd...)
	}
	if len(flat) == 0 {
		return nil
	}
	mark := p.memory.mark
	err := p.device.owner.do(func(o *owner) (err error) {
		if p.memory.frozen.size < 4*len(flat) {
			o.pool.put(p.memory.frozen)
			p.memory.frozen = block{}
			if p.memory.frozen, err = o.pool.get(4 * len(flat)); err != nil {
				return err
			}
		}
		return o.driver.record(mark, computing)
	})
	if err == nil {
		err = p.device.in.in(p.memory.frozen.at, flat, mark)
	}
	if err == nil {
		err = p.device.owner.do(func(o *owner) error {
			if err := o.driver.record(mark, copyingIn); err != nil {
				return err
			}
			return o.driver.wait(computing, mark)
		})
	}
	return err
}

func cloneStats(s device.Stats) device.Stats {
	var c device.Stats
	for _, n := range s {
		c = append(c, device.NormStats{Mean: append([]float32(nil), n.Mean...), InvStd: append([]float32(nil), n.InvStd...)})
	}
	return c
}
