package recipe

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"runtime/metrics"
	"sync"
	"sync/atomic"
	"time"
)

// Limits bound what one recipe may use. Zero fields take the defaults.
type Limits struct {
	Instructions int64         // instructions of the Lua machine and steps of pattern matching
	Time         time.Duration // of the recipe itself; reading a sentence does not count
	// Memory is how many bytes the heap may grow by from the recipe's start. Go
	// does not say who allocated what: the whole process's heap is measured, so
	// what others do in the same process meanwhile counts as well.
	Memory int64
}

// DefaultLimits are generous: a recipe of a thousand pictures uses about a
// hundredth of them.
func DefaultLimits() Limits {
	return Limits{Instructions: 50_000_000, Time: 10 * time.Second, Memory: 256 << 20}
}

func (l Limits) withDefaults() Limits {
	d := DefaultLimits()
	if l.Instructions <= 0 {
		l.Instructions = d.Instructions
	}
	if l.Time <= 0 {
		l.Time = d.Time
	}
	if l.Memory <= 0 {
		l.Memory = d.Memory
	}
	return l
}

// ErrBudget is wrapped by the error of a recipe that used up a limit.
var ErrBudget = errors.New("the recipe was stopped")

// budget is the context of one Lua state. gopher-lua asks Done() before every
// instruction: counting those calls gives a limit on instructions that is the
// same on every machine. A second goroutine watches time and memory, which the
// machine itself cannot: one instruction can allocate many megabytes.
type budget struct {
	context.Context
	limits Limits
	left   int64     // only touched by the goroutine of the Lua state
	start  time.Time // when the recipe began
	heap   int64     // what was in use then, in bytes

	over atomic.Bool
	once sync.Once
	done chan struct{}
	err  error // set before done is closed

	host  atomic.Int64 // nanoseconds spent in the host on behalf of the recipe
	busy  atomic.Bool  // the host is working
	quit  chan struct{}
	ended sync.WaitGroup
}

func newBudget(ctx context.Context, l Limits) *budget {
	b := &budget{Context: ctx, limits: l, left: l.Instructions, done: make(chan struct{}), quit: make(chan struct{})}
	runtime.GC() // garbage of before must not count as in use
	b.start, b.heap = time.Now(), heapBytes()
	b.ended.Add(1)
	go b.watch()
	return b
}

// close ends the watching.
func (b *budget) close() {
	close(b.quit)
	b.ended.Wait()
}

// Done counts an instruction. It is called by the Lua machine.
func (b *budget) Done() <-chan struct{} {
	b.spend(1)
	return b.done
}

// Err says why the recipe was stopped.
func (b *budget) Err() error {
	if b.over.Load() {
		return b.err
	}
	return nil
}

// spend takes n instructions and reports whether the recipe may go on.
func (b *budget) spend(n int) bool {
	if b.left -= int64(n); b.left < 0 {
		b.stop(fmt.Errorf("%w: more than %d instructions: look for a loop without an end, or raise instructions under [recipe] in engine.toml", ErrBudget, b.limits.Instructions))
	}
	return !b.over.Load()
}

func (b *budget) stop(err error) {
	b.once.Do(func() {
		b.err = err
		b.over.Store(true)
		close(b.done)
	})
}

// inHost runs work for the recipe whose time does not count.
func (b *budget) inHost(work func() error) error {
	start := time.Now()
	b.busy.Store(true)
	defer func() {
		b.host.Add(int64(time.Since(start)))
		b.busy.Store(false)
	}()
	return work()
}

func (b *budget) watch() {
	defer b.ended.Done()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case <-b.quit:
			return
		case <-b.Context.Done():
			b.stop(b.Context.Err())
			return
		case <-tick.C:
		}
		if !b.busy.Load() && time.Since(b.start)-time.Duration(b.host.Load()) > b.limits.Time {
			b.stop(fmt.Errorf("%w: it ran for more than %v: look for a loop without an end, or raise seconds under [recipe] in engine.toml", ErrBudget, b.limits.Time))
		}
		if heapBytes() > b.heap+b.limits.Memory {
			runtime.GC() // what was thrown away does not count
			if heapBytes() > b.heap+b.limits.Memory {
				b.stop(fmt.Errorf("%w: it needs more than %d MiB of memory: look for a table or a text that grows, or raise memory under [recipe] in engine.toml", ErrBudget, b.limits.Memory>>20))
			}
		}
	}
}

// heapBytes is the memory of all objects of the program, without stopping it.
func heapBytes() int64 {
	sample := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
	metrics.Read(sample)
	return int64(sample[0].Value.Uint64())
}
