package picture

import (
	"runtime"
	"sync"
)

// rows runs f over [0,n) in a few contiguous pieces at once. cost is the work
// of one row in about pixel visits; small jobs run inline. Every row is
// computed on its own, so the result never depends on the number of pieces.
func rows(n, cost int, f func(lo, hi int)) {
	pieces := min(runtime.GOMAXPROCS(0), n)
	if pieces > 1 {
		pieces = min(pieces, n*max(cost, 1)/(1<<15)+1)
	}
	if pieces <= 1 {
		f(0, n)
		return
	}
	var wg sync.WaitGroup
	for i := range pieces {
		wg.Go(func() { f(i*n/pieces, (i+1)*n/pieces) })
	}
	wg.Wait()
}

// rowsErr is rows for work that may fail; it returns the first error by place.
func rowsErr(n, cost int, f func(lo, hi int) error) error {
	var mu sync.Mutex
	var first error
	at := n
	rows(n, cost, func(lo, hi int) {
		if err := f(lo, hi); err != nil {
			mu.Lock()
			if lo < at {
				at, first = lo, err
			}
			mu.Unlock()
		}
	})
	return first
}
