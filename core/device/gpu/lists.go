package gpu

import (
	"slices"
	"unsafe"

	"github.com/atelier-engine/atelier/core/device/cuda"
)

// The operations of a session that work on lists of arrays: those of an optimiser, over all parameters at once.

// table is a cuda.Table, kept with the first array of its list: as long as no array moves it stays as it is.
type table struct {
	words  []uint64
	memory block
}

// list returns the table of arrays: row i has array i of each list.
func (s *session) list(lists ...[][]float32) (cuda.Table, error) {
	l := cuda.Table{Rows: len(lists[0])}
	words := make([]uint64, 0, l.Rows*(len(lists)+1))
	for i, first := range lists[0] {
		for _, of := range lists {
			at, err := s.read(of[i])
			if err != nil {
				return l, err
			}
			words = append(words, uint64(at))
		}
		words = append(words, uint64(len(first)))
		l.Most = max(l.Most, len(first))
	}
	t := &s.find(lists[0][0]).table
	if !slices.Equal(t.words, words) {
		if err := s.t.place(t, words); err != nil {
			return l, err
		}
	}
	l.At = t.memory.at
	return l, nil
}

// place copies the words of a table to the device.
func (t *trainer) place(to *table, words []uint64) error {
	if to.words = nil; to.memory.size < 8*len(words) {
		err := t.card.owner.do(func(o *owner) (err error) {
			o.pool.put(to.memory)
			to.memory, err = o.pool.get(8 * len(words))
			return err
		})
		if err != nil {
			return err
		}
	}
	err := t.send(part{unsafe.Slice((*float32)(unsafe.Pointer(unsafe.SliceData(words))), 2*len(words)), to.memory.at})
	if err == nil {
		to.words = words
	}
	return err
}

// over enqueues an operation on lists, the first of which it changes.
func (s *session) over(changed int, lists [][][]float32, build func(l cuda.Table) cuda.Op) error {
	s.t.mu.Lock()
	defer s.t.mu.Unlock()
	if len(lists[0]) == 0 {
		return nil
	}
	l, err := s.list(lists...)
	if err != nil {
		return err
	}
	for _, list := range lists[:changed] {
		for _, v := range list {
			if _, err := s.write(v); err != nil {
				return err
			}
		}
	}
	op := build(l)
	s.t.card.owner.post(func(o *owner) error { return o.launch(&op) })
	return nil
}

func (s *session) EMA(avg, w [][]float32, decay float32) error {
	return s.over(1, [][][]float32{avg, w}, func(l cuda.Table) cuda.Op { return s.ops.EMA(l, decay) })
}

func (s *session) Adam(w, m, v, g [][]float32, normSq []float32, lr, beta1, beta2, eps, clip float32, step int) error {
	var norm cuda.Ptr
	var err error
	if normSq != nil {
		s.t.mu.Lock()
		norm, err = s.read(normSq)
		s.t.mu.Unlock()
	}
	if err != nil {
		return err
	}
	return s.over(3, [][][]float32{w, m, v, g}, func(l cuda.Table) cuda.Op {
		return s.ops.Adam(l, lr, beta1, beta2, eps, step, norm, clip)
	})
}

func (s *session) SumSquares(out []float32, x [][]float32) error {
	s.t.mu.Lock()
	to, err := s.write(out)
	s.t.mu.Unlock()
	if err != nil {
		return err
	}
	return s.over(0, [][][]float32{x}, func(l cuda.Table) cuda.Op { return s.ops.SumSquares(to, l) })
}
