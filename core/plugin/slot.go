package plugin

import (
	"context"
	"fmt"
	"sync/atomic"
)

// restarts is how often a plugin that crashed or was killed is started again
// before it is quarantined.
const restarts = 1

// slot is the place of one plugin: at most one process at a time, started by
// whoever comes first while the others wait.
type slot struct {
	name string
	sem  chan struct{} // guards the fields below; a channel, so that waiting can be given up
	cur  atomic.Pointer[process]

	failures   int
	quarantine error
}

func (sl *slot) current() *process { return sl.cur.Load() }

func (sl *slot) lock(ctx context.Context, s *Supervisor) error {
	select {
	case sl.sem <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	case <-s.ctx.Done():
		return &Error{Name: sl.name, Err: ErrClosed}
	}
}

func (sl *slot) unlock() { <-sl.sem }

func (s *Supervisor) slot(name string) *slot {
	s.mu.Lock()
	defer s.mu.Unlock()
	sl := s.slots[name]
	if sl == nil {
		sl = &slot{name: name, sem: make(chan struct{}, 1)}
		s.slots[name] = sl
	}
	return sl
}

// acquire returns the running process of the plugin, which it starts if there
// is none.
func (s *Supervisor) acquire(ctx context.Context, name string) (*process, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	sl := s.slot(name)
	if err := sl.lock(ctx, s); err != nil {
		return nil, err
	}
	defer sl.unlock()
	if p := sl.current(); p != nil {
		if !p.child.exited() {
			return p, nil
		}
		s.failed(sl, p, fmt.Errorf("ended by itself: %s", p.child.epitaph()))
	}
	if sl.quarantine != nil {
		return nil, sl.quarantine
	}
	path, err := s.find(name)
	if err != nil {
		return nil, err
	}
	p, err := s.start(ctx, name, path)
	if err != nil {
		if isFault(err) {
			s.count(sl, path, err)
		}
		return nil, err
	}
	sl.cur.Store(p)
	if s.ctx.Err() != nil { // Close came in between and may have missed it
		s.end(p, 0)
		return nil, &Error{Name: name, Path: path, Err: ErrClosed}
	}
	return p, nil
}

// fail notes that p crashed or hung and kills it. A failure that several
// callers see is noted once.
func (s *Supervisor) fail(sl *slot, p *process, why error) {
	p.child.kill()
	sl.sem <- struct{}{} // never held longer than a start lasts
	defer sl.unlock()
	if sl.current() == p {
		s.failed(sl, p, why)
	}
}

// failed is fail with the slot locked.
func (s *Supervisor) failed(sl *slot, p *process, why error) {
	sl.cur.Store(nil)
	s.end(p, 0)
	s.log.Warn("plugin failed", "plugin", p.name, "path", p.path, "error", why)
	s.count(sl, p.path, why)
}

func (s *Supervisor) count(sl *slot, path string, why error) {
	sl.failures++
	if sl.failures > restarts {
		sl.quarantine = &Error{Name: sl.name, Path: path, Err: fmt.Errorf(
			"%w after %d failures, the last: %w: repair or replace it, then start this program again",
			ErrQuarantined, sl.failures, bare(why))}
	}
}
