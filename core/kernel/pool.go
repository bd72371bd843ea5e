// The worker pool: one for the process.
//
// Short layers lose half their time to goroutine start-up, so workers are persistent: after a
// job they spin for some microseconds, then park. A job is a range [0,n) cut into chunks of
// exactly grain elements; workers take chunks from a shared counter. Where a chunk begins and
// ends depends on n and grain only, so a kernel that keeps one partial result a chunk and adds
// them up in order gives the same bits for any number of workers.
//
// The gate is odd while a job is open. A helper first counts itself in (active), then looks at
// the gate; the owner first closes the gate, then waits for active to reach zero. Whatever the
// order, a helper never reads a job that is being replaced, and an owner never waits for a
// helper that slept through the job.

package kernel

import (
	"os"
	"reflect"
	"runtime"
	"strconv"
	"sync"
	"sync/atomic"
)

const (
	maxWorkers = 64
	maxNesting = 4
	idleSpins  = 20000 // looks at the gate before a helper parks: some ten microseconds
	waitSpins  = 4000  // looks at active before the owner yields its processor
	waitYields = 50    // yields before the owner parks
)

type helper struct {
	asleep atomic.Bool
	wake   chan struct{}
}

type workerPool struct {
	owner   sync.Mutex // held by the one running Parallel
	nested  sync.Mutex // held by the one nested Parallel that runs
	workers atomic.Int32
	helpers []*helper // helper i is worker i+1

	gate   atomic.Uint32
	_      [60]byte
	active atomic.Int32
	_      [60]byte
	next   atomic.Int64 // first element that no worker has taken
	_      [56]byte

	// The open job. Written by the owner while the gate is closed and active is zero.
	f        func(worker, lo, hi int)
	n, grain int
	limit    int // workers allowed in

	parked   atomic.Bool // the owner sleeps until active is zero
	finished chan struct{}
}

var pool = newPool()

func newPool() *workerPool {
	p := &workerPool{finished: make(chan struct{}, 1)}
	n := runtime.GOMAXPROCS(0)
	if v, err := strconv.Atoi(os.Getenv("ATELIER_THREADS")); err == nil {
		n = v
	}
	p.workers.Store(int32(max(1, min(n, maxWorkers))))
	return p
}

// Workers returns the number of workers that share a kernel, the caller included. It starts as
// ATELIER_THREADS, or else GOMAXPROCS, from 1 to 64.
func Workers() int { return int(pool.workers.Load()) }

// SetWorkers sets the number of workers, from 1 to 64; numbers outside are clipped. It waits
// for the running kernel. Results of kernels do not depend on it.
func SetWorkers(n int) {
	pool.owner.Lock()
	defer pool.owner.Unlock()
	pool.workers.Store(int32(max(1, min(n, maxWorkers))))
}

// Parallel calls f for the chunks [lo,hi) of [0,n), each of exactly grain elements but the
// last, on all workers, and returns when all is done. worker is below 64+4 and no two running
// calls share it. Concurrent callers queue. A Parallel inside a body runs inline on its worker;
// a body must not wait for another goroutine that calls Parallel.
func Parallel(n, grain int, f func(worker, lo, hi int)) {
	if n <= 0 {
		return
	}
	grain = max(1, grain)
	p := pool
	if !p.owner.TryLock() {
		if d := nesting(); d > 0 {
			p.inline(d, n, grain, f)
			return
		}
		p.owner.Lock()
	}
	p.f, p.n, p.grain = f, n, grain
	p.next.Store(0)
	p.limit = min(int(p.workers.Load()), (n+grain-1)/grain)
	defer p.close()
	if p.limit > 1 {
		p.open()
	}
	runChunks(p, 0)
}

// open lets limit-1 helpers in and wakes those that sleep.
func (p *workerPool) open() {
	for len(p.helpers) < p.limit-1 {
		h := &helper{wake: make(chan struct{}, 1)}
		p.helpers = append(p.helpers, h)
		go p.help(h, len(p.helpers), p.gate.Load())
	}
	p.gate.Add(1)
	for _, h := range p.helpers[:p.limit-1] {
		if h.asleep.CompareAndSwap(true, false) {
			h.wake <- struct{}{}
		}
	}
}

// close ends the job, also when the owner's body panics, so that the pool stays usable.
func (p *workerPool) close() {
	if p.limit > 1 {
		p.next.Store(int64(p.n)) // already past it, unless the owner panicked
		p.gate.Add(1)
		p.wait()
	}
	p.f = nil // it may hold large slices
	p.owner.Unlock()
}

// wait returns when no helper is inside: it spins, yields, then parks.
func (p *workerPool) wait() {
	for spins := 0; p.active.Load() != 0; spins++ {
		switch {
		case spins < waitSpins:
		case spins < waitSpins+waitYields:
			runtime.Gosched()
		default:
			p.parked.Store(true)
			if p.active.Load() == 0 && p.parked.CompareAndSwap(true, false) {
				return
			}
			<-p.finished
		}
	}
}

// help is the life of one helper; seen is the last gate it knows.
func (p *workerPool) help(h *helper, worker int, seen uint32) {
	for {
		g := p.gate.Load()
		for spins := 0; g == seen || g&1 == 0; g = p.gate.Load() {
			if spins++; spins <= idleSpins {
				continue
			}
			spins = 0
			h.asleep.Store(true)
			if g = p.gate.Load(); g != seen && g&1 == 1 && h.asleep.CompareAndSwap(true, false) {
				break
			}
			<-h.wake
		}
		p.active.Add(1)
		if seen = p.gate.Load(); seen&1 == 1 && worker < p.limit {
			runChunks(p, worker)
		}
		if p.active.Add(-1) == 0 && p.parked.CompareAndSwap(true, false) {
			p.finished <- struct{}{}
		}
	}
}

// runChunks takes chunks of the open job until none is left. It stays a frame of its own: its
// presence on a stack marks the inside of a Parallel body.
//
//go:noinline
func runChunks(p *workerPool, worker int) {
	n, grain, f := p.n, p.grain, p.f
	for {
		lo := int(p.next.Add(int64(grain))) - grain
		if lo >= n {
			return
		}
		f(worker, lo, min(n, lo+grain))
	}
}

// inline runs a job on the calling goroutine, which is inside depth Parallel bodies. Its
// scratch memory is apart from that of the body around it.
func (p *workerPool) inline(depth, n, grain int, f func(worker, lo, hi int)) {
	if depth == 1 {
		p.nested.Lock()
		defer p.nested.Unlock()
	}
	runNested(maxWorkers+depth-1, n, grain, f)
}

//go:noinline
func runNested(worker, n, grain int, f func(worker, lo, hi int)) {
	for lo := 0; lo < n; lo += grain {
		f(worker, lo, min(n, lo+grain))
	}
}

var bodyEntries = [2]uintptr{
	reflect.ValueOf(runChunks).Pointer(),
	reflect.ValueOf(runNested).Pointer(),
}

// nesting counts the Parallel bodies on the stack of the calling goroutine. It is asked only
// when the pool is busy, so the microseconds it takes do not matter.
func nesting() int {
	depth := 0
	var pcs [64]uintptr
	for skip := 2; ; skip += len(pcs) {
		k := runtime.Callers(skip, pcs[:])
		for _, pc := range pcs[:k] {
			if fn := runtime.FuncForPC(pc - 1); fn != nil && (fn.Entry() == bodyEntries[0] || fn.Entry() == bodyEntries[1]) {
				depth++
			}
		}
		if k < len(pcs) {
			return min(depth, maxNesting)
		}
	}
}
