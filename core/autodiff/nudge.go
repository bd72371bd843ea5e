package autodiff

import (
	"gorgonia.org/gorgonia"

	"github.com/atelier-engine/atelier/core/device"
	"github.com/atelier-engine/atelier/core/kernel"
)

// Nudge returns x + size·s, where s are independent signs that depend on the number seed, an input (1,1,1,1): a whole
// number from 0 to 2^24 - 1. See kernel.Nudge.
func (t *Tape) Nudge(x, seed *gorgonia.Node, size float32) *gorgonia.Node {
	if s := t.shapeOf("nudge", seed); t.err == nil && s != [4]int{1, 1, 1, 1} {
		t.fail("nudge: the seed is %v: it must be (1,1,1,1)", s)
	}
	if t.err != nil {
		return nil
	}
	return t.add(spec{name: "nudge", shape: sameShape(x), alone: true,
		run: func(y []float32, v [][]float32) { kernel.Nudge(y, v[0], uint32(v[1][0]), size) },
		accel: func(s device.Session, y []float32, v [][]float32) error {
			return s.Nudge(y, v[0], v[1], size)
		},
		grad: func(want []bool, _ gorgonia.Nodes, _, dy *gorgonia.Node) []*gorgonia.Node {
			if want[1] {
				t.fail("nudge: the seed cannot be trained: give an input")
			}
			return []*gorgonia.Node{dy, nil}
		}}, x, seed)
}
