package gpu

import (
	"fmt"
	"maps"
	"slices"
	"unsafe"

	"github.com/atelier-engine/atelier/core/device"
	"github.com/atelier-engine/atelier/core/device/cuda"
)

// session implements device.Session.
type session struct {
	t   *trainer
	ops cuda.Operations
	own map[*float32]*resident
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
	if err := t.send(part{r.host, r.memory.at}); err != nil {
		return 0, err
	}
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

// Sync implements device.Session.
func (s *session) Sync(v ...[]float32) error {
	s.t.mu.Lock()
	defer s.t.mu.Unlock()
	list := make([]*resident, len(v))
	for i, one := range v {
		list[i] = s.look(one)
	}
	return s.t.fetch(list...)
}

// SyncShared implements device.Session.
func (s *session) SyncShared() error {
	s.t.mu.Lock()
	defer s.t.mu.Unlock()
	return s.t.fetch(slices.Collect(maps.Values(s.t.shared))...)
}

// Load implements device.Session.
func (s *session) Load(v ...[]float32) error {
	s.t.mu.Lock()
	defer s.t.mu.Unlock()
	var parts []part
	for _, one := range v {
		r := s.find(one)
		if r.there && r.values >= len(one) || !r.here {
			continue
		}
		if err := s.t.room(r, len(r.host)); err != nil {
			return err
		}
		parts = append(parts, part{r.host, r.memory.at})
		r.there, r.values = true, len(r.host)
	}
	return s.t.send(parts...)
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

// Take implements device.Session.
func (s *session) Take(y []float32, from device.Session, x []float32) error {
	f, ok := from.(*session)
	if !ok || f.t != s.t {
		return fmt.Errorf("take %d values from a session on another device: fetch them", len(x))
	}
	s.t.mu.Lock()
	defer s.t.mu.Unlock()
	src, err := f.read(x)
	if err != nil {
		return err
	}
	dst, err := s.write(y)
	if err != nil {
		return err
	}
	op := s.ops.Copy(dst, src, len(y))
	s.t.card.owner.post(func(o *owner) error { return o.launch(&op) })
	return nil
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
	s.t.card.owner.post(func(o *owner) error {
		for i := range ops {
			if err := o.launch(&ops[i]); err != nil {
				return err
			}
		}
		return nil
	})
	return nil
}
