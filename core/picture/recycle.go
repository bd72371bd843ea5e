package picture

import (
	"math/bits"
	"sync"
)

// The memory of short-lived rasters, see RasterOptions.Reuse, is kept for the next
// of about the same size, as when pictures of one size are painted one after the
// other: taking tens of megabytes from the system costs more than to work on them.
// What nobody asks for is left to the collector.
var spare [64]sync.Pool // of *memoryStore, by the number of bits of their size

// reused returns size zeros.
func reused(size int64) memoryStore {
	m, ok := spare[bits.Len64(uint64(size))].Get().(*memoryStore)
	if !ok || int64(cap(*m)) < size {
		return make(memoryStore, size)
	}
	s := (*m)[:size]
	rows(len(s), 1, func(lo, hi int) { clear(s[lo:hi]) })
	return s
}

// reuse takes the memory of a raster that was closed.
func reuse(s store) {
	if m, ok := s.(memoryStore); ok {
		spare[bits.Len64(uint64(cap(m)))].Put(&m)
	}
}
