package gpu

import (
	"fmt"
	"runtime"
	"sync"

	"github.com/atelier-engine/atelier/core/device"
	"github.com/atelier-engine/atelier/core/device/cuda"
)

// program is a network on the device. Two runs may be under way: while one computes, the next one's inputs are
// copied in and the last one's outputs out. Results do not depend on that.
type program struct {
	*device.Lowered // its plans are guarded by mu
	device          *Device
	params          []params // of each step
	memory          *memory
	slots           chan *slot

	mu       sync.Mutex // guards what follows, and memory.arena and memory.frozen
	routines map[routineKey]*routine
	frozen   device.Stats
	pattern  string       // of frozen: a letter for each norm
	stats    device.Stats // of the last run
	most     int          // samples that are run at a time; 0: all
}

// params are the numbers of a step on the device.
type params struct {
	weights    cuda.Weights
	bias       cuda.Ptr
	gain, bend cuda.Ptr
}

// memory is all device memory of a program. It is released when the program is collected.
type memory struct {
	weights blocks
	arena   block
	frozen  block // frozen statistics, mean then invstd of each norm
	slots   [2]*slot
	mark    event // of loading and freezing
}

// slot is what a run has for itself.
type slot struct {
	number         int
	in, out, stats block
	ready, done    event     // inputs are there; outputs are there and inputs may be overwritten
	host           []float32 // statistics
}

// Compile implements device.Device: the weights are copied and laid out for the kernels.
func (d *Device) Compile(g *device.Graph, w device.Weights) (device.Program, error) {
	l, err := device.Lower(g, w)
	if err != nil {
		return nil, err
	}
	p := &program{Lowered: l, device: d, memory: &memory{}, slots: make(chan *slot, 2), routines: map[routineKey]*routine{}}
	runtime.AddCleanup(p, func(m *memory) { m.release(d.owner) }, p.memory)
	err = d.owner.do(func(o *owner) (err error) {
		if p.memory.mark, err = o.driver.event(); err != nil {
			return err
		}
		for i := range p.memory.slots {
			s := &slot{number: i}
			if s.ready, err = o.driver.event(); err != nil {
				return err
			}
			if s.done, err = o.driver.event(); err != nil {
				return err
			}
			p.memory.slots[i] = s
			p.slots <- s
		}
		return nil
	})
	if err == nil {
		err = p.loadWeights()
	}
	if err != nil {
		return nil, fmt.Errorf("compile network %s for %s: %w", g.Name, d.name, err)
	}
	return p, nil
}

// release gives everything back.
func (m *memory) release(o *owner) {
	m.weights.release(o)
	o.post(func(o *owner) error {
		o.pool.put(m.arena)
		o.pool.put(m.frozen)
		for _, s := range m.slots {
			if s != nil {
				o.pool.put(s.in)
				o.pool.put(s.out)
				o.pool.put(s.stats)
			}
		}
		return nil
	})
}

// loadWeights copies the numbers of all steps to the device.
func (p *program) loadWeights() error {
	p.params = make([]params, len(p.Steps))
	mark := p.memory.mark
	for i := range p.Steps {
		s, to := &p.Steps[i], &p.params[i]
		for _, part := range []struct {
			at   *cuda.Ptr
			data []float32
		}{{&to.bias, s.Bias}, {&to.gain, s.Gain}, {&to.bend, s.Bend}} {
			if len(part.data) == 0 {
				continue
			}
			if err := p.load(part.at, part.data, &p.memory.weights, mark); err != nil {
				return err
			}
		}
		if s.Weight != nil {
			if err := p.loadConv(s, to, mark); err != nil {
				return err
			}
		}
		s.Weight, s.Bias, s.Gain, s.Bend = nil, nil, nil, nil
	}
	return nil
}

// load copies an array into new memory.
func (p *program) load(at *cuda.Ptr, data []float32, to *blocks, mark event) error {
	err := p.device.owner.do(func(o *owner) (err error) {
		if *at, err = to.take(o, 4*len(data)); err != nil {
			return err
		}
		return o.driver.record(mark, computing) // the memory may have been in use until here
	})
	if err != nil {
		return err
	}
	return p.device.in.in(*at, data, mark)
}

// loadConv copies the weights of a convolution and packs them if its kernel wants that.
func (p *program) loadConv(s *device.Step, to *params, mark event) error {
	d, packed := p.device, p.device.ops.PackedBytes(s.Conv)
	if packed == 0 {
		return p.load(&to.weights.Raw, s.Weight, &p.memory.weights, mark)
	}
	var raw blocks
	var at cuda.Ptr
	if err := p.load(&at, s.Weight, &raw, mark); err != nil {
		return err
	}
	defer raw.release(d.owner)
	return d.owner.do(func(o *owner) (err error) {
		if to.weights.Packed, err = p.memory.weights.take(o, packed); err != nil {
			return err
		}
		if err := o.driver.record(mark, copyingIn); err != nil {
			return err
		}
		if err := o.driver.wait(computing, mark); err != nil {
			return err
		}
		op := d.ops.PackWeights(s.Conv, to.weights.Packed, at)
		return o.launch(&op)
	})
}

// Memory implements device.Program.
func (p *program) Memory() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	n := p.memory.weights.size()
	p.device.owner.do(func(*owner) error {
		n += p.memory.arena.size + p.memory.frozen.size
		for _, s := range p.memory.slots {
			n += s.in.size + s.out.size + s.stats.size
		}
		return nil
	})
	return n
}
