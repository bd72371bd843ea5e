package training

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"sync"

	"github.com/atelier-engine/atelier/core/portrait"
	"github.com/atelier-engine/atelier/core/portrait/faces"
)

// batch is a batch of photographs and their conditions.
type batch struct {
	step  int
	real  []float32 // (batch, side, side, 3) in [-1,1]
	conds []portrait.Condition
	left  sync.WaitGroup // faces that are not there yet
	fault chan error     // why one of them cannot be made: the first
}

// feeder prepares batches ahead, many faces at a time: a warped face takes a
// processor some milliseconds. A quarter of the processors is left to the step,
// which on a GPU is many short waits and comes first. A face depends on the seed,
// the number of its step and its place in the batch only, so a run sees the same
// wherever it began and however many there are at work.
type feeder struct {
	s     *faces.Sampler
	cfg   TrainConfig
	ready chan *batch // in the order of the steps, perhaps not filled
	free  chan *batch
	done  chan struct{}
}

// seat is a place in a batch.
type seat struct {
	*batch
	place int
}

func newFeeder(s *faces.Sampler, c TrainConfig, step int) *feeder {
	f := &feeder{s: s, cfg: c}
	f.start(step)
	return f
}

func (f *feeder) start(step int) {
	const ahead = 3 // and one in use
	f.ready, f.free, f.done = make(chan *batch, ahead+1), make(chan *batch, ahead+1), make(chan struct{})
	side := f.cfg.Shape.Side
	for range ahead + 1 {
		f.free <- &batch{real: make([]float32, f.cfg.Batch*side*side*3), conds: make([]portrait.Condition, f.cfg.Batch), fault: make(chan error, 1)}
	}
	seats := make(chan seat)
	go f.plan(step, seats, f.ready, f.free, f.done)
	for range max(1, min(runtime.GOMAXPROCS(0)*3/4, (ahead+1)*f.cfg.Batch)) {
		go func() {
			for s := range seats {
				f.fill(s)
			}
		}()
	}
}

// plan hands out the places of one batch after the other, until done.
func (f *feeder) plan(step int, seats chan<- seat, ready chan<- *batch, free <-chan *batch, done <-chan struct{}) {
	defer close(seats)
	for ; ; step++ {
		select {
		case b := <-free:
			b.step = step
			b.left.Add(len(b.conds))
			ready <- b // has room for every batch there is
			for i := range b.conds {
				select {
				case seats <- seat{b, i}:
				case <-done:
					return
				}
			}
		case <-done:
			return
		}
	}
}

// fill makes the face of a place. The numbers that a step itself draws are those
// of the odd seeds: see train. A panic, which would end the process here, is the
// batch's fault.
func (f *feeder) fill(s seat) {
	defer s.left.Done()
	defer func() {
		if v := recover(); v != nil {
			select {
			case s.fault <- fmt.Errorf("prepare step %d: %v", s.step, v):
			default:
			}
		}
	}()
	r := rand.New(rand.NewPCG(f.cfg.Seed, uint64(s.step)<<24|uint64(s.place)<<1))
	p := f.s.Pick(r)
	s.conds[s.place] = f.s.Condition(p)
	size := len(s.real) / len(s.conds)
	f.s.Show(s.real[s.place*size:][:size], p, r)
}

// next returns the batch of a step; after a rollback it starts anew there. The error
// is that of a face that cannot be made.
func (f *feeder) next(step int) (*batch, error) {
	b := <-f.ready
	if b.step != step {
		f.stop()
		f.start(step)
		b = <-f.ready
	}
	b.left.Wait()
	select {
	case err := <-b.fault:
		f.reuse(b)
		return nil, err
	default:
		return b, nil
	}
}

// reuse gives a batch back.
func (f *feeder) reuse(b *batch) { f.free <- b }

func (f *feeder) stop() { close(f.done) }
