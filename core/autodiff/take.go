package autodiff

import (
	"fmt"

	"gorgonia.org/gorgonia"
)

// Take gives an input the numbers that a node of another tape has after that
// tape's last run: a result that is kept, or a leaf. Where both tapes run on one
// device they stay there. They count until Take, Set or Data is called for that
// input again. The node must have as many values as the input.
func (t *Tape) Take(input string, from *Tape, n *gorgonia.Node) error {
	l, v := t.inputs[input], from.valueOf(n)
	switch {
	case l == nil:
		return fmt.Errorf("take input %q: the tape has none of that name", input)
	case v == nil:
		return fmt.Errorf("take input %q: the node has no value: run its tape first, and Keep the node", input)
	case len(v) != len(l.data):
		return fmt.Errorf("take input %q: %d values given: it takes %d, shape %v", input, len(v), len(l.data), l.node.Shape())
	}
	if t.link != nil && from.link != nil && t.link.on == from.link.on {
		if err := t.link.Take(l.data, from.link.Session, v); err != nil {
			return fmt.Errorf("take input %q: %w", input, err)
		}
		l.taken = true
		return nil
	}
	from.fetch(v)
	if from.err != nil {
		return from.err
	}
	l.taken = false
	copy(l.data, v)
	return nil
}

// load copies the inputs to the device that the tape runs on, if it does: all in
// one go, which each by itself would wait for the device.
func (t *Tape) load() error {
	if t.link == nil {
		return nil
	}
	var list [][]float32
	for _, name := range sortedKeys(t.inputs) {
		if l := t.inputs[name]; !l.taken {
			list = append(list, l.data)
		}
	}
	t.link.Changed(list...)
	if err := t.link.Load(list...); err != nil {
		return fmt.Errorf("run tape: load inputs: %w", err)
	}
	return nil
}

// Fetch makes the values of nodes readable, all in one go: where a tape runs on a
// device, a Value or a Scalar of each would wait for it anew. Nodes without a
// value are passed over. A failure is the next run's.
func (t *Tape) Fetch(nodes ...*gorgonia.Node) {
	var list [][]float32
	for _, n := range nodes {
		if v := t.valueOf(n); v != nil {
			list = append(list, v)
		}
	}
	t.fetch(list...)
}
