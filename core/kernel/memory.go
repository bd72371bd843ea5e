package kernel

import (
	"sync"
	"unsafe"
)

const (
	lineFloats   = 16 // float32 numbers in one cache line and in one AVX-512 register
	scratchSlots = 16 // slots of reusable memory for each worker
)

// Aligned returns n zeroed numbers that start on a cache line (64 bytes).
func Aligned(n int) []float32 {
	b := make([]float32, n+lineFloats)
	skip := 0
	if r := uintptr(unsafe.Pointer(unsafe.SliceData(b))) % 64; r != 0 {
		skip = int(64-r) / 4
	}
	return b[skip : skip+n : skip+n]
}

// scratchMemory holds the reusable memory of each worker. The blank tail keeps the slots of
// neighbouring workers on lines of their own.
var scratchMemory [maxWorkers + maxNesting]struct {
	slot [scratchSlots][]float32
	_    [64]byte
}

// scratch returns n numbers that belong to the worker until its Parallel body returns. They
// start on a cache line; their contents are undefined. Different slots never overlap.
func scratch(worker, slot, n int) []float32 {
	s := &scratchMemory[worker].slot[slot]
	if cap(*s) < n {
		*s = Aligned(n + n/4)
	}
	return (*s)[:n]
}

// partials are float64 numbers that one kernel call keeps between its passes, such as one sum
// a chunk. They come from a free list, so the steady state allocates nothing.
type partials struct{ v []float64 }

var partialsPool = sync.Pool{New: func() any { return new(partials) }}

// newPartials returns n numbers with undefined contents; free gives them back.
func newPartials(n int) *partials {
	p := partialsPool.Get().(*partials)
	if cap(p.v) < n {
		p.v = make([]float64, n)
	}
	p.v = p.v[:n]
	return p
}

func (p *partials) free() { partialsPool.Put(p) }

// floats is the float32 twin of partials.
type floats struct{ v []float32 }

var floatsPool = sync.Pool{New: func() any { return new(floats) }}

// newFloats returns n numbers on a cache line with undefined contents; free gives them back.
func newFloats(n int) *floats {
	p := floatsPool.Get().(*floats)
	if cap(p.v) < n {
		p.v = Aligned(n)
	}
	p.v = p.v[:n]
	return p
}

func (p *floats) free() { floatsPool.Put(p) }
