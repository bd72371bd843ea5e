package gpu

import (
	"errors"
	"fmt"
	"runtime"
	"sync"
)

// An owner makes all calls to a driver. CUDA ties a context to a thread, so one goroutine, locked to its thread,
// takes functions from a queue and calls them in order. After the device is lost the driver is never called
// again: every function fails with the reason.
type owner struct {
	queue chan task
	quit  chan struct{}

	// What follows belongs to the goroutine.
	driver  driver
	pool    *pool
	scratch block              // of the computing stream
	modules map[string]*module // of each kernel
	gone    error              // why the device is lost
	late    error              // the first failure of a function that nobody waited for
	doing   string
}

// task is a function for the goroutine. done is nil if nobody waits.
type task struct {
	f    func(o *owner) error
	done chan error
}

// newOwner starts the goroutine. open makes the driver, on the goroutine's thread.
func newOwner(open func() (driver, error)) (*owner, error) {
	o := &owner{queue: make(chan task, 256), quit: make(chan struct{}),
		modules: map[string]*module{}}
	started := make(chan error)
	go func() {
		runtime.LockOSThread() // never unlocked: the thread ends with the goroutine
		d, err := open()
		o.driver = d
		if err == nil {
			o.pool = newPool(d)
		}
		started <- err
		if err == nil {
			o.work()
		}
	}()
	return o, <-started
}

// work serves the queue until the owner is closed.
func (o *owner) work() {
	for {
		var t task
		select {
		case t = <-o.queue:
		case <-o.quit:
			return
		}
		err := o.gone
		if err == nil && t.done != nil && o.late != nil { // what it builds upon is not there
			err, o.late = o.late, nil
		}
		if err == nil {
			err = o.call(t.f)
		}
		switch {
		case t.done != nil:
			t.done <- err
		case err != nil && o.late == nil:
			o.late = err
		}
	}
}

// call calls f, and remembers when the device is lost.
func (o *owner) call(f func(*owner) error) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = fmt.Errorf("GPU: %v", v)
		}
		if err != nil && o.doing != "" && lost(err) {
			err = fmt.Errorf("%w: the last kernel launched was that of %s: CUDA_LAUNCH_BLOCKING=1 names the one at fault", err, o.doing)
		}
		if lost(err) {
			o.gone = err
		}
	}()
	return f(o)
}

// dones are channels to wait with; they are used again.
var dones = sync.Pool{New: func() any { return make(chan error, 1) }}

// errClosed is the error of an owner that was closed, as tests do.
var errClosed = errors.New("the device is closed")

// do calls f on the goroutine and waits for it. It fails with the first failure of a function that was posted
// before.
func (o *owner) do(f func(*owner) error) error {
	done := dones.Get().(chan error)
	select {
	case o.queue <- task{f, done}:
	case <-o.quit:
		return errClosed
	}
	select {
	case err := <-done:
		dones.Put(done)
		return err
	case <-o.quit:
		return errClosed
	}
}

// post has f called after what was given before, and does not wait. Its failure is the next do's.
func (o *owner) post(f func(*owner) error) {
	select {
	case o.queue <- task{f, nil}:
	case <-o.quit:
	}
}

// close ends the goroutine.
func (o *owner) close() { close(o.quit) }
