package gpu

import (
	"errors"
	"fmt"
	"math/bits"

	"github.com/atelier-engine/atelier/core/device"
	"github.com/atelier-engine/atelier/core/device/cuda"
)

// A pool keeps device memory that is not in use, since taking it from the driver stops the device. Sizes are
// rounded up to one of four steps between powers of two, so that a block serves sizes alike; a block is never
// split. Only when the driver has no more is everything unused given back to it. A pool belongs to its owner's
// goroutine, and to the computing stream: memory that is put back may be written at once by work that is
// enqueued later.
type pool struct {
	driver driver
	spare  map[int][]cuda.Ptr // by size
	held   int64              // bytes taken from the driver
	calls  int                // of alloc, for tests
}

// block is a piece of device memory. The zero block is none.
type block struct {
	at   cuda.Ptr
	size int // bytes
}

func newPool(d driver) *pool { return &pool{driver: d, spare: map[int][]cuda.Ptr{}} }

// sizeClass rounds up to k/4 of a power of two, k from 5 to 8, but to 1 KiB at least and by 32 MiB at most.
func sizeClass(n int) int {
	const least, coarse = 1 << 10, 32 << 20
	switch {
	case n <= least:
		return least
	case n > 4*coarse:
		return (n + coarse - 1) / coarse * coarse
	}
	step := 1 << (bits.Len(uint(n-1)) - 3)
	return (n + step - 1) / step * step
}

// get takes a block of at least n bytes. What is in it is undefined.
func (p *pool) get(n int) (block, error) {
	size := sizeClass(n)
	if list := p.spare[size]; len(list) > 0 {
		p.spare[size] = list[:len(list)-1]
		return block{list[len(list)-1], size}, nil
	}
	at, err := p.take(size)
	if errors.Is(err, device.ErrMemory) && p.trim() {
		at, err = p.take(size)
	}
	if errors.Is(err, device.ErrMemory) {
		return block{}, p.full(size, err)
	}
	return block{at, size}, err
}

func (p *pool) take(size int) (cuda.Ptr, error) {
	p.calls++
	at, err := p.driver.alloc(size)
	if err == nil {
		p.held += int64(size)
	}
	return at, err
}

// put gives a block back.
func (p *pool) put(b block) {
	if b.at != 0 {
		p.spare[b.size] = append(p.spare[b.size], b.at)
	}
}

// trim gives what is not in use back to the driver and reports whether there was any.
func (p *pool) trim() bool {
	some := false
	for size, list := range p.spare {
		for _, at := range list {
			if p.driver.free(at) == nil {
				p.held -= int64(size)
			}
			some = true
		}
		delete(p.spare, size)
	}
	return some
}

// full says what there is.
func (p *pool) full(size int, err error) error {
	free, total, failed := p.driver.room()
	if failed != nil {
		return err
	}
	text := fmt.Sprintf("of %s of the GPU %s are free, this process holds %s", mebi(total), mebi(free), mebi(p.held))
	if others := total - free - p.held; others > total/8 {
		text += fmt.Sprintf(" and others %s: wait for them or end them", mebi(others))
	}
	return &shortage{need: int64(size), free: free, text: text, err: err}
}

// shortage is an error about too little memory: it knows how much was wanted and how much there is.
type shortage struct {
	need, free int64
	text       string
	err        error
}

func (s *shortage) Error() string {
	return fmt.Sprintf("%s are needed: %s", mebi(s.need), s.text)
}

func (s *shortage) Unwrap() error { return s.err }
