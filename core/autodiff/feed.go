package autodiff

import (
	"fmt"
	"sync"
)

// Feed fills the inputs of a tape for the steps of a training, ahead of them and
// in a goroutine of its own: beside a device that trains, the processor has
// nothing else to do.
type Feed struct {
	tape *Tape
	fill func(step int, in map[string][]float32) error

	ready, free chan *inputs
	done        chan struct{} // nil: it has not begun
	filling     sync.WaitGroup
}

// inputs are those of a step.
type inputs struct {
	step int
	in   map[string][]float32
	err  error
}

// NewFeed makes a feed of the inputs that a tape has now and that are named, or of
// all. fill is given memory for them, in which it finds what it wrote some steps
// before. What it writes should depend on the step alone: then a run that is
// resumed, or goes back, sees the same.
func NewFeed(t *Tape, fill func(step int, in map[string][]float32) error, names ...string) *Feed {
	const ahead = 2 // and one that is copied
	f := &Feed{tape: t, fill: fill, free: make(chan *inputs, ahead+1)}
	if len(names) == 0 {
		names = sortedKeys(t.inputs)
	}
	for range ahead + 1 {
		i := &inputs{in: map[string][]float32{}}
		for _, name := range names {
			i.in[name] = make([]float32, len(t.inputs[name].data))
		}
		f.free <- i
	}
	return f
}

// Next gives the tape the inputs of a step. It returns the error of fill,
// or its panic as one.
func (f *Feed) Next(step int) error {
	if f.done == nil {
		f.start(step)
	}
	i := <-f.ready
	if i.step != step { // the run went back
		f.free <- i
		f.Stop()
		f.start(step)
		i = <-f.ready
	}
	defer func() { f.free <- i }()
	for name, v := range i.in {
		if err := f.tape.Set(name, v); i.err == nil {
			i.err = err
		}
	}
	return i.err
}

func (f *Feed) start(step int) {
	f.ready, f.done = make(chan *inputs, cap(f.free)), make(chan struct{})
	f.filling.Go(func() {
		for ; ; step++ {
			select {
			case <-f.done:
				return
			case i := <-f.free:
				i.step, i.err = step, f.prepare(step, i.in)
				f.ready <- i // has room for all there are
			}
		}
	})
}

// prepare calls fill. A panic there becomes an error of the step: in a goroutine of
// its own it would end the process.
func (f *Feed) prepare(step int, in map[string][]float32) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = fmt.Errorf("prepare step %d: %v", step, v)
		}
	}()
	return f.fill(step, in)
}

// Stop ends the goroutine. Next begins anew.
func (f *Feed) Stop() {
	if f.done == nil {
		return
	}
	close(f.done)
	f.filling.Wait()
	f.done = nil
	for len(f.ready) > 0 {
		f.free <- <-f.ready
	}
}
