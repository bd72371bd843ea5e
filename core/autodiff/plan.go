package autodiff

import (
	"fmt"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/atelier-engine/atelier/core/kernel"
)

// block is memory that several results use, one after the other.
type block struct {
	size int
	free bool
	data []float32
}

// plan gives each op the memory of its result. It walks the nodes in the order
// in which gorgonia will run them; when the last consumer of a result has run,
// its block is free for others. gorgonia's own memory is the sum of all outputs:
// at batch 64 that is several times what a step needs.
//
// Kept for good: parameter gradients, scalars, results of Apply, what Keep names.
func (t *Tape) plan() error {
	sorted, err := gorgonia.Sort(t.g)
	if err != nil {
		return fmt.Errorf("run tape: sort: %w", err)
	}
	for i, j := 0, len(sorted)-1; i < j; i, j = i+1, j-1 {
		sorted[i], sorted[j] = sorted[j], sorted[i]
	}
	for _, l := range t.trained {
		if d := l.node.Deriv(); d != nil {
			t.keep[d] = true
		}
	}
	lastUse := map[*gorgonia.Node]int{}
	done := map[*gorgonia.Node]bool{}
	for i, n := range sorted {
		done[n] = true
		o, ok := n.Op().(*op)
		if !ok {
			continue
		}
		if o.behind != nil && !done[o.behind] {
			return fmt.Errorf("run tape: %s would run before %s, whose intermediate results it reads: this is a fault of the tape: report it", o, o.behind.Op())
		}
		if len(o.shape) == 0 {
			t.keep[n] = true
		}
		for _, c := range o.in {
			lastUse[c] = i
		}
	}

	var blocks []*block
	owner := map[*gorgonia.Node]*block{}
	for i, n := range sorted {
		o, ok := n.Op().(*op)
		if !ok {
			continue
		}
		size := length(o.shape)
		switch {
		case o.side != nil:
		case t.keep[n]:
			b := &block{size: size}
			blocks, owner[n] = append(blocks, b), b
		default:
			b := o.takeOver(i, owner, lastUse, t.keep)
			if b == nil {
				if b = pick(blocks, size); b == nil {
					b = &block{}
					blocks = append(blocks, b)
				}
			}
			b.size, b.free = max(b.size, size), false
			owner[n] = b
		}
		for _, c := range o.in {
			if b := owner[c]; b != nil && lastUse[c] == i && !t.keep[c] && b != owner[n] {
				b.free = true
			}
		}
		if _, used := lastUse[n]; !used && !t.keep[n] && owner[n] != nil {
			owner[n].free = true
		}
	}

	for _, b := range blocks {
		b.data = kernel.Aligned(b.size)
		t.memory += b.size
	}
	for _, n := range sorted {
		if o, ok := n.Op().(*op); ok {
			if o.side != nil {
				o.bind(o.side)
				continue
			}
			size := length(o.shape)
			o.bind(owner[n].data[:size:size])
		}
	}
	return nil
}

// takeOver returns the block of the operand that o may overwrite, if o is the
// last to read it.
func (o *op) takeOver(i int, owner map[*gorgonia.Node]*block, lastUse map[*gorgonia.Node]int, keep map[*gorgonia.Node]bool) *block {
	if o.inPlace < 0 {
		return nil
	}
	c := o.in[o.inPlace]
	b := owner[c]
	if b == nil || keep[c] || lastUse[c] != i || length(c.Shape()) != length(o.shape) {
		return nil
	}
	for k, other := range o.in {
		if k != o.inPlace && owner[other] == b {
			return nil
		}
	}
	return b
}

// pick returns the smallest free block that holds size numbers, else the largest
// free one, to be enlarged. Blocks of another order of magnitude are left alone:
// a vector must not occupy the memory that the next picture needs.
func pick(blocks []*block, size int) *block {
	const far = 8
	var fit, largest *block
	for _, b := range blocks {
		if !b.free || b.size > far*size || size > far*b.size {
			continue
		}
		if b.size >= size && (fit == nil || b.size < fit.size) {
			fit = b
		}
		if largest == nil || b.size > largest.size {
			largest = b
		}
	}
	if fit != nil {
		return fit
	}
	return largest
}

// length is the number of values of a shape; a scalar has one.
func length(s tensor.Shape) int {
	n := 1
	for _, d := range s {
		n *= d
	}
	return n
}
