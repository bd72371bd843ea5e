package autodiff

import (
	"fmt"
	"maps"
	"math"
	"runtime"
	"slices"

	"github.com/atelier-engine/atelier/core/kernel"
)

// stepOn is Step on the device: gradients, parameters and moments stay there.
func (a *Adam) stepOn(l *link, params []*leaf) error {
	if a.link == nil {
		a.link = l.sibling()
	}
	gs := make([][]float32, len(params))
	for i, p := range params {
		d := p.node.Deriv()
		if d == nil {
			return fmt.Errorf("adam: %s has no gradient", p.node.Name())
		}
		o, ok := d.Op().(*op)
		if !ok || len(o.y) != len(p.data) {
			return fmt.Errorf("adam: the gradient of %s does not fit", p.node.Name())
		}
		gs[i] = o.y
	}
	if a.square == nil {
		a.square = make([]float32, 1)
	}
	square := a.square
	if err := l.SumSquares(square, gs); err != nil {
		return fmt.Errorf("adam: %w", err)
	}
	a.normOf = func() float64 {
		if l.Sync(square) != nil {
			return math.NaN()
		}
		return math.Sqrt(float64(square[0]))
	}
	if a.moments == nil {
		a.moments = map[string]*moment{}
	}
	byStep := map[int]*group{} // one, but where parameters joined later
	for i, p := range params {
		name := p.node.Name()
		s := a.moments[name]
		if s == nil {
			s = &moment{m: kernel.Aligned(len(p.data)), v: kernel.Aligned(len(p.data))}
			a.moments[name] = s
		}
		if len(s.m) != len(p.data) {
			return fmt.Errorf("adam: %s has %d values but its moments %d: they belong to another network", name, len(p.data), len(s.m))
		}
		if !s.shared {
			l.Share(s.m, s.v)
			s.shared = true
			on := l.on
			runtime.AddCleanup(s, func(list [][]float32) { on.Forget(list...) }, [][]float32{s.m, s.v})
		}
		s.step++
		if byStep[s.step] == nil {
			byStep[s.step] = &group{}
		}
		byStep[s.step].add(p.data, s.m, s.v, gs[i])
	}
	lr := or(a.LR, 2e-4) * or(a.Scale, 1)
	for _, step := range slices.Sorted(maps.Keys(byStep)) {
		k := byStep[step]
		err := l.Adam(k.w, k.m, k.v, k.g, square, float32(lr), float32(or(a.Beta1, 0.5)), float32(or(a.Beta2, 0.999)),
			float32(or(a.Eps, 1e-8)), float32(a.Clip), step)
		if err != nil {
			return fmt.Errorf("adam: %w", err)
		}
	}
	return nil
}

// group is what makes its step together: weights, moments and gradients.
type group struct{ w, m, v, g [][]float32 }

func (k *group) add(w, m, v, g []float32) {
	k.w, k.m, k.v, k.g = append(k.w, w), append(k.m, m), append(k.v, v), append(k.g, g)
}

// fetch makes the moments readable.
func (a *Adam) fetch() error {
	if a.link == nil {
		return nil
	}
	var list [][]float32
	for _, s := range a.moments {
		list = append(list, s.m, s.v)
	}
	if err := a.link.Sync(list...); err != nil {
		return fmt.Errorf("fetch the moments of an optimiser: %w", err)
	}
	return nil
}

// leave makes the processor's moments those that count, for a step there.
func (a *Adam) leave() error {
	a.normOf = nil
	if a.link == nil {
		return nil
	}
	err := a.fetch()
	for _, s := range a.moments {
		a.link.Changed(s.m, s.v)
	}
	return err
}
