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
	table  table
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
	b, list := r.memory, r.table.memory
	r.memory, r.values, r.table = block{}, 0, table{}
	t.card.owner.post(func(o *owner) error {
		o.pool.put(b)
		o.pool.put(list)
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

// fetch copies residents back that the processor does not have.
func (t *trainer) fetch(list ...*resident) error {
	var parts []part
	for _, r := range list {
		if r != nil && !r.here {
			parts = append(parts, part{r.host[:min(r.values, len(r.host))], r.memory.at})
		}
	}
	if len(parts) == 0 {
		return nil
	}
	o := t.card.owner
	if err := o.do(func(o *owner) error { return o.driver.record(t.marks[0], computing) }); err != nil {
		return err
	}
	if err := t.card.out.outs(parts, t.marks[0]); err != nil {
		return err
	}
	for _, r := range list {
		if r != nil {
			r.here = true
		}
	}
	return nil
}

// send copies arrays to the device. The memory may be in use by what was launched before; what is launched next
// waits for the copies.
func (t *trainer) send(parts ...part) error {
	if len(parts) == 0 {
		return nil
	}
	o := t.card.owner
	if err := o.do(func(o *owner) error { return o.driver.record(t.marks[0], computing) }); err != nil {
		return err
	}
	if err := t.card.in.ins(parts, t.marks[0]); err != nil {
		return err
	}
	o.post(func(o *owner) error {
		if err := o.driver.record(t.marks[1], copyingIn); err != nil {
			return err
		}
		return o.driver.wait(computing, t.marks[1])
	})
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
