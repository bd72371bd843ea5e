package plan

import (
	"container/list"
	"slices"
	"sync"

	"github.com/atelier-engine/atelier/core/picture"
)

// Cache keeps results of steps by their hashes. Safe for concurrent use.
type Cache interface {
	// Has tells whether Get would likely succeed, without loading anything.
	Has(Hash) bool
	Get(Hash) (any, bool)
	Put(Hash, any)
}

// Memory is a Cache in memory that drops what was used longest ago when it
// holds more than its limit in bytes.
type Memory struct {
	mu    sync.Mutex
	limit int64
	used  int64
	order *list.List // of *entry, the last used in front
	at    map[Hash]*list.Element
}

type entry struct {
	hash  Hash
	value any
	size  int64
}

// NewMemory makes a cache that holds up to limit bytes.
func NewMemory(limit int64) *Memory {
	return &Memory{limit: limit, order: list.New(), at: map[Hash]*list.Element{}}
}

// Has tells whether the result of the step with the hash is held.
func (m *Memory) Has(h Hash) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	_, ok := m.at[h]
	return ok
}

// Get gives the result of the step with the hash.
func (m *Memory) Get(h Hash) (any, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	e, ok := m.at[h]
	if !ok {
		return nil, false
	}
	m.order.MoveToFront(e)
	return e.Value.(*entry).value, true
}

// Put keeps a result. One larger than the whole cache is not kept, nor is a
// raster in a temporary file.
func (m *Memory) Put(h Hash, value any) {
	size := sizeOf(value)
	if size == 0 {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if _, ok := m.at[h]; ok || size > m.limit {
		return
	}
	m.at[h] = m.order.PushFront(&entry{h, value, size})
	m.used += size
	for m.used > m.limit {
		last := m.order.Back()
		old := m.order.Remove(last).(*entry)
		delete(m.at, old.hash)
		m.used -= old.size
	}
}

// sizeOf is the memory of a result in bytes; what is not a picture is small. 0
// is a raster whose pixels are not in memory.
func sizeOf(value any) int64 {
	switch v := value.(type) {
	case *picture.Picture:
		return int64(len(v.Pix)+len(v.Alpha))*4 + 256
	case *picture.Raster:
		return v.Held()
	case *picture.Film:
		size := int64(1024)
		for _, r := range v.Frames {
			size += r.Held()
		}
		return size
	}
	return 1024
}

// Tiers asks each cache in turn, and puts what a later one held into the ones
// before it.
type Tiers []Cache

// Has tells whether one of the caches holds the result.
func (t Tiers) Has(h Hash) bool {
	return slices.ContainsFunc(t, func(c Cache) bool { return c.Has(h) })
}

// Get gives the result of the step with the hash.
func (t Tiers) Get(h Hash) (any, bool) {
	for i, c := range t {
		if v, ok := c.Get(h); ok {
			for _, before := range t[:i] {
				before.Put(h, v)
			}
			return v, true
		}
	}
	return nil, false
}

// Put keeps a result in every cache.
func (t Tiers) Put(h Hash, value any) {
	for _, c := range t {
		c.Put(h, value)
	}
}
