package plan

import (
	"context"
	"time"
)

const (
	// batchAhead is how many steps of a plan are looked through for each one that
	// a batch may hold: a long plan is not searched to its end again and again.
	batchAhead = 64
	// batchMemory bounds the results that a batch makes at once, in bytes: they
	// wait for the steps that use them.
	batchMemory = 192 << 20
)

// together does step i with later ones of its kind in one call of RunBatch. It
// reports false where there is none, or where RunBatch gives nothing: then step i
// is to be done alone. The error is an *Error.
func (x *execution) together(ctx context.Context, i int, first *Call, start time.Time) (bool, error) {
	n := x.plan.Nodes[i]
	group := x.group(i)
	if len(group) < 2 {
		return false, nil
	}
	calls := []*Call{first}
	for _, j := range group[1:] {
		call, err := x.call(ctx, j)
		if err != nil {
			return false, err
		}
		calls = append(calls, call)
	}
	values, err := guarded(func() ([]any, error) { return n.kind.RunBatch(ctx, calls) })
	if err != nil {
		if ctx.Err() != nil {
			err = ctx.Err()
		}
		return false, failed(n, err)
	}
	if len(values) != len(calls) {
		return false, nil
	}
	took := time.Since(start) / time.Duration(len(group))
	for k, j := range group {
		if k > 0 {
			x.at++
		}
		x.finish(j, values[k], took)
	}
	return true, nil
}

// group gives the places of the steps to do together with step i, itself first:
// those of its kind whose inputs are at hand.
func (x *execution) group(i int) []int {
	n := x.plan.Nodes[i]
	group, most := []int{i}, n.kind.Batch
	memory := pictureBytes(n.Facts)
	for j := i + 1; j < min(i+batchAhead*most, len(x.plan.Nodes)) && len(group) < most; j++ {
		m := x.plan.Nodes[j]
		if m.kind.Name != n.kind.Name || !x.need[j] || x.ran[j] || !x.ready(m) {
			continue
		}
		if memory += pictureBytes(m.Facts); memory > batchMemory {
			break
		}
		group = append(group, j)
	}
	return group
}

// ready tells whether all inputs of a step are at hand.
func (x *execution) ready(n *Node) bool {
	for _, in := range n.Inputs {
		if _, ok := x.values[in]; !ok {
			return false
		}
	}
	return true
}
