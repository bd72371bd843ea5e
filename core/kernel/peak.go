package kernel

import (
	"sync"
	"time"
	"unsafe"
)

// Peak measures for about a tenth of a second how many multiplications and
// additions a second all workers together can do in registers, with no memory
// touched: the yardstick of the benchmarks. It is 0 where the kernels use no
// vector instructions.
func Peak() float64 {
	m := microOf(isa)
	if m.peak == nil {
		return 0
	}
	best := 0.0
	for range 5 {
		best = max(best, peakRate(m, 200_000))
	}
	return best
}

// peakRate runs count rounds of the peak loop on as many threads as there are
// workers.
func peakRate(m *micro, count int) float64 {
	args := make([]int64, 8*Workers())
	var wg sync.WaitGroup
	start := time.Now()
	for i := 0; i < len(args); i += 8 {
		args[i] = int64(count)
		wg.Go(func() { m.peak((*uint64)(unsafe.Pointer(&args[i]))) })
	}
	wg.Wait()
	return float64(len(args)/8) * float64(count) * m.peakFLOPs / time.Since(start).Seconds()
}
