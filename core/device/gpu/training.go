package gpu

import (
	"fmt"
	"sync"
	"unsafe"

	"github.com/atelier-engine/atelier/core/device"
	"github.com/atelier-engine/atelier/core/device/cuda"
)

// trainer knows what the device keeps of the processor's memory: see device.Accelerator.
type trainer struct {
	device *Device

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

// session implements device.Session.
type session struct {
	t   *trainer
	own map[*float32]*resident
}

// training returns the device's trainer, made when it is first needed.
func (d *Device) training() *trainer {
	d.trainerOnce.Do(func() {
		d.trainer = &trainer{device: d, shared: map[*float32]*resident{}, ones: map[int]cuda.Ptr{}}
		for i := range d.trainer.marks {
			d.owner.post(func(o *owner) (err error) {
				d.trainer.marks[i], err = o.driver.event()
				return err
			})
		}
	})
	return d.trainer
}

// NewSession implements device.Accelerator.
func (d *Device) NewSession() device.Session {
	return &session{t: d.training(), own: map[*float32]*resident{}}
}

// Share implements device.Accelerator.
func (d *Device) Share(v ...[]float32) {
	t := d.training()
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, s := range v {
		if len(s) > 0 && t.shared[&s[0]] == nil {
			t.shared[&s[0]] = &resident{host: s, here: true}
		}
	}
}

// Forget implements device.Accelerator.
func (d *Device) Forget(v ...[]float32) {
	t := d.training()
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
	t.device.owner.post(func(o *owner) error {
		o.pool.put(b)
		return nil
	})
}

// Close implements device.Session.
func (s *session) Close() {
	s.t.mu.Lock()
	defer s.t.mu.Unlock()
	for _, r := range s.own {
		s.t.drop(r)
	}
	clear(s.own)
}

// find returns the resident of a slice.
func (s *session) find(v []float32) *resident {
	at := unsafe.SliceData(v)
	r := s.t.shared[at]
	if r == nil {
		if r = s.own[at]; r == nil {
			r = &resident{here: true}
			s.own[at] = r
		}
	}
	if len(v) > len(r.host) {
		r.host = v
	}
	return r
}

// look returns the resident of a slice if there is one.
func (s *session) look(v []float32) *resident {
	if len(v) == 0 {
		return nil
	}
	at := unsafe.SliceData(v)
	if r := s.t.shared[at]; r != nil {
		return r
	}
	return s.own[at]
}

// room gives a resident memory for n values on the device. What its copy held is lost if it was shorter.
func (t *trainer) room(r *resident, n int) error {
	if r.memory.size >= 4*n {
		return nil
	}
	return t.device.owner.do(func(o *owner) error {
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

// read makes the device's copy of an operand up to date and returns its address.
func (s *session) read(v []float32) (cuda.Ptr, error) {
	if v == nil {
		return 0, nil
	}
	r, t := s.find(v), s.t
	if r.there && r.values >= len(v) {
		return r.memory.at, nil
	}
	if r.there && !r.here { // it grows
		if err := t.fetch(r); err != nil {
			return 0, err
		}
	}
	if err := t.room(r, len(r.host)); err != nil {
		return 0, err
	}
	// The memory may be in use by what was launched before; what is launched next waits for the copy.
	o := t.device.owner
	if err := o.do(func(o *owner) error { return o.driver.record(t.marks[0], computing) }); err != nil {
		return 0, err
	}
	if err := t.device.in.in(r.memory.at, r.host, t.marks[0]); err != nil {
		return 0, err
	}
	o.post(func(o *owner) error {
		if err := o.driver.record(t.marks[1], copyingIn); err != nil {
			return err
		}
		return o.driver.wait(computing, t.marks[1])
	})
	r.there, r.values = true, len(r.host)
	return r.memory.at, nil
}

// write returns the address of a result, whose copy on the device is then the only one that is up to date.
func (s *session) write(v []float32) (cuda.Ptr, error) {
	if v == nil {
		return 0, nil
	}
	r := s.find(v)
	if err := s.t.room(r, len(v)); err != nil {
		return 0, err
	}
	r.here, r.there, r.values = false, true, len(v)
	return r.memory.at, nil
}

// fetch copies a resident back.
func (t *trainer) fetch(r *resident) error {
	o := t.device.owner
	if err := o.do(func(o *owner) error { return o.driver.record(t.marks[0], computing) }); err != nil {
		return err
	}
	if err := t.device.out.out(r.host[:min(r.values, len(r.host))], r.memory.at, t.marks[0]); err != nil {
		return err
	}
	r.here = true
	return nil
}

// Sync implements device.Session.
func (s *session) Sync(v ...[]float32) error {
	s.t.mu.Lock()
	defer s.t.mu.Unlock()
	for _, one := range v {
		if r := s.look(one); r != nil && !r.here {
			if err := s.t.fetch(r); err != nil {
				return err
			}
		}
	}
	return nil
}

// SyncShared implements device.Session.
func (s *session) SyncShared() error {
	s.t.mu.Lock()
	defer s.t.mu.Unlock()
	for _, r := range s.t.shared {
		if !r.here {
			if err := s.t.fetch(r); err != nil {
				return err
			}
		}
	}
	return nil
}

// Changed implements device.Session.
func (s *session) Changed(v ...[]float32) {
	s.t.mu.Lock()
	defer s.t.mu.Unlock()
	for _, one := range v {
		if r := s.look(one); r != nil {
			r.here, r.there = true, false
		}
	}
}

// operands finds the memory of an operation's slices: results, then operands. A slice that is both is read first.
func (s *session) operands(results, operands [][]float32) (y, x []cuda.Ptr, err error) {
	for _, v := range operands {
		p, err := s.read(v)
		if err != nil {
			return nil, nil, err
		}
		x = append(x, p)
	}
	for _, v := range results {
		p, err := s.write(v)
		if err != nil {
			return nil, nil, err
		}
		y = append(y, p)
	}
	return y, x, nil
}

// launch enqueues the operations that make builds of the addresses of results and operands.
func (s *session) launch(results, operands [][]float32, build func(y, x []cuda.Ptr) []cuda.Op) error {
	s.t.mu.Lock()
	defer s.t.mu.Unlock()
	y, x, err := s.operands(results, operands)
	if err != nil {
		return err
	}
	ops := build(y, x)
	s.t.device.owner.post(func(o *owner) error {
		for i := range ops {
			if err := o.launch(&ops[i]); err != nil {
				return err
			}
		}
		return nil
	})
	return nil
}

// constant returns memory that holds n times a value that every norm needs: one, or zero.
func (t *trainer) constant(n int, one bool) (cuda.Ptr, error) {
	key, v := n, float32(1)
	if !one {
		key, v = -n, 0
	}
	if p := t.ones[key]; p != 0 {
		return p, nil
	}
	var p cuda.Ptr
	err := t.device.owner.do(func(o *owner) (err error) {
		if p, err = t.fixed.take(o, 4*n); err != nil {
			return err
		}
		op := t.device.ops.Fill(p, n, v)
		return o.launch(&op)
	})
	if err == nil {
		t.ones[key] = p
	}
	return p, err
}

var _ device.Accelerator = (*Device)(nil)
