package training

import (
	"math/rand/v2"

	"github.com/atelier-engine/atelier/core/portrait"
	"github.com/atelier-engine/atelier/core/portrait/faces"
)

// batch is a batch of photographs and their conditions.
type batch struct {
	step  int
	real  []float32 // (batch, side, side, 3) in [-1,1]
	conds []portrait.Condition
}

// feeder prepares batches ahead in a goroutine of its own. A batch depends on
// the seed and the number of its step only, so a resumed run sees the same.
type feeder struct {
	s     *faces.Sampler
	cfg   TrainConfig
	ready chan *batch
	free  chan *batch
	done  chan struct{}
}

func newFeeder(s *faces.Sampler, c TrainConfig, step int) *feeder {
	f := &feeder{s: s, cfg: c}
	f.start(step)
	return f
}

func (f *feeder) start(step int) {
	const ahead = 2 // and one in use
	f.ready, f.free, f.done = make(chan *batch, ahead+1), make(chan *batch, ahead+1), make(chan struct{})
	side := f.cfg.Shape.Side
	for range ahead + 1 {
		f.free <- &batch{real: make([]float32, f.cfg.Batch*side*side*3), conds: make([]portrait.Condition, f.cfg.Batch)}
	}
	go func(ready, free chan *batch, done chan struct{}) {
		for ; ; step++ {
			select {
			case b := <-free:
				f.fill(b, step)
				ready <- b // has room for every batch there is
			case <-done:
				return
			}
		}
	}(f.ready, f.free, f.done)
}

func (f *feeder) fill(b *batch, step int) {
	r := rand.New(rand.NewPCG(f.cfg.Seed, uint64(step)<<1))
	b.step = step
	size := len(b.real) / f.cfg.Batch
	for i := range b.conds {
		p := f.s.Pick(r)
		b.conds[i] = f.s.Condition(p)
		f.s.Show(b.real[i*size:][:size], p, r)
	}
}

// next returns the batch of a step; after a rollback it starts anew there.
func (f *feeder) next(step int) *batch {
	b := <-f.ready
	if b.step != step {
		f.stop()
		f.start(step)
		b = <-f.ready
	}
	return b
}

// reuse gives a batch back.
func (f *feeder) reuse(b *batch) { f.free <- b }

func (f *feeder) stop() { close(f.done) }
