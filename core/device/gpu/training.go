package gpu

import (
	"fmt"
	"sync"

	"github.com/atelier-engine/atelier/core/device"
	"github.com/atelier-engine/atelier/core/device/cuda"
)

// trainer knows what the device keeps of the processor's memory: see device.Accelerator.
type trainer struct {
	card *card

	mu     sync.Mutex // held while an operation finds its operands
	shared map[*float32]*resident
	marks  [2]event // of copies in
	ones   map[int]cuda.Ptr
	fixed  blocks // of ones
}

// resident is memory of the processor of which the device has a copy.
type resident struct {
	host   []float32 // the longest slice seen
	memory block
	values int  // how many of the device's copy mean something
	here   bool // the processor's copy is up to date
	there  bool // the device's copy is
}

// training returns the device's trainer, made when it is first needed.
func (c *card) training() *trainer {
	c.trainerOnce.Do(func() {
		c.trainer = &trainer{card: c, shared: map[*float32]*resident{}, ones: map[int]cuda.Ptr{}}
		for i := range c.trainer.marks {
			c.owner.post(func(o *owner) (err error) {
				c.trainer.marks[i], err = o.driver.event()
				return err
			})
		}
	})
	return c.trainer
}

// NewSession implements device.Accelerator.
func (d *Device) NewSession() device.Session {
	return &session{t: d.training(), ops: d.train, own: map[*float32]*resident{}}
}

// Share implements device.Accelerator.
func (c *card) Share(v ...[]float32) {
	t := c.training()
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, s := range v {
		if len(s) > 0 && t.shared[&s[0]] == nil {
			t.shared[&s[0]] = &resident{host: s, here: true}
		}
	}
}

// Forget implements device.Accelerator.
func (c *card) Forget(v ...[]float32) {
	t := c.training()
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, s := range v {
		if len(s) == 0 {
			continue
		}
		if r := t.shared[&s[0]]; r != nil {
			delete(t.shared, &s[0])
			t.drop(r)
		}
	}
}

// drop gives a resident's memory back, once what uses it is done.
func (t *trainer) drop(r *resident) {
	b := r.memory
	r.memory, r.values = block{}, 0
	t.card.owner.post(func(o *owner) error {
		o.pool.put(b)
		return nil
	})
}

// room gives a resident memory for n values on the device. What its copy held is lost if it was shorter.
func (t *trainer) room(r *resident, n int) error {
	if r.memory.size >= 4*n {
		return nil
	}
	return t.card.owner.do(func(o *owner) error {
		o.pool.put(r.memory)
		r.memory, r.values, r.there = block{}, 0, false
		b, err := o.pool.get(4 * n)
		if err != nil {
			return fmt.Errorf("%w: train with a smaller batch", err)
		}
		r.memory = b
		return nil
	})
}

// fetch copies a resident back.
func (t *trainer) fetch(r *resident) error {
	o := t.card.owner
	if err := o.do(func(o *owner) error { return o.driver.record(t.marks[0], computing) }); err != nil {
		return err
	}
	if err := t.card.out.out(r.host[:min(r.values, len(r.host))], r.memory.at, t.marks[0]); err != nil {
		return err
	}
	r.here = true
	return nil
}

// constant returns memory that holds n times a value that every norm needs: one, or zero.
func (t *trainer) constant(ops cuda.Operations, n int, one bool) (cuda.Ptr, error) {
	key, v := n, float32(1)
	if !one {
		key, v = -n, 0
	}
	if p := t.ones[key]; p != 0 {
		return p, nil
	}
	var p cuda.Ptr
	err := t.card.owner.do(func(o *owner) (err error) {
		if p, err = t.fixed.take(o, 4*n); err != nil {
			return err
		}
		op := ops.Fill(p, n, v)
		return o.launch(&op)
	})
	if err == nil {
		t.ones[key] = p
	}
	return p, err
}

var _ device.Accelerator = (*Device)(nil)
