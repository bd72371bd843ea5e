package autodiff

import (
	"fmt"
	"math"
	"sort"

	"gorgonia.org/gorgonia"

	"github.com/atelier-engine/atelier/core/kernel"
)

// Adam is the optimiser of Kingma and Ba (2015), fused in one kernel. It
// implements gorgonia.Solver. Moments are kept by the names of the parameters,
// so that a checkpoint can hold them. The zero value of a field means its
// default. An Adam serves one goroutine.
type Adam struct {
	LR    float64 // learning rate; 0: 2e-4
	Beta1 float64 // 0: 0.5, as for GANs; give 0.9 for other training
	Beta2 float64 // 0: 0.999
	Eps   float64 // 0: 1e-8
	// Clip bounds the norm of all gradients together: longer ones are scaled
	// down. 0: no bound.
	Clip float64

	// Scale multiplies LR; 0 means 1. Loop lowers it after a rollback, and
	// checkpoints keep it.
	Scale float64

	moments map[string]*moment
	norm    float64

	// On a device: see stepOn.
	link   *link
	normOf func() float64
	square []float32 // sum of the squares of all gradients, one value
}

// moment is the state of one parameter.
type moment struct {
	m, v []float32
	step int

	shared bool // with a device
}

var _ gorgonia.Solver = (*Adam)(nil)

func or(v, def float64) float64 {
	if v == 0 {
		return def
	}
	return v
}

// Step updates every parameter by its gradient. Each must have a name of its
// own. The norm of the gradients is then known to Norm.
func (a *Adam) Step(params []gorgonia.ValueGrad) error {
	if err := a.leave(); err != nil {
		return fmt.Errorf("adam: %w", err)
	}
	ws, gs, names := make([][]float32, len(params)), make([][]float32, len(params)), make([]string, len(params))
	var sq float64
	for i, p := range params {
		n, ok := p.(gorgonia.Namer)
		if !ok || n.Name() == "" {
			return fmt.Errorf("adam: parameter %d has no name: name the node", i)
		}
		names[i] = n.Name()
		g, err := p.Grad()
		if err != nil {
			return fmt.Errorf("adam: %s: %w", names[i], err)
		}
		if ws[i], err = flat(p.Value()); err != nil {
			return fmt.Errorf("adam: %s: %w", names[i], err)
		}
		if gs[i], err = flat(g); err != nil {
			return fmt.Errorf("adam: gradient of %s: %w", names[i], err)
		}
		if len(ws[i]) != len(gs[i]) {
			return fmt.Errorf("adam: %s has %d values and %d gradients", names[i], len(ws[i]), len(gs[i]))
		}
		sq += kernel.SumSquares(gs[i])
	}
	a.norm = math.Sqrt(sq)
	if a.Clip > 0 && a.norm > a.Clip {
		for _, g := range gs {
			kernel.Scale(g, g, float32(a.Clip/a.norm))
		}
	}
	if a.moments == nil {
		a.moments = map[string]*moment{}
	}
	lr := or(a.LR, 2e-4) * or(a.Scale, 1)
	for i, name := range names {
		s := a.moments[name]
		if s == nil {
			s = &moment{m: kernel.Aligned(len(ws[i])), v: kernel.Aligned(len(ws[i]))}
			a.moments[name] = s
		}
		if len(s.m) != len(ws[i]) {
			return fmt.Errorf("adam: %s has %d values but its moments %d: they belong to another network", name, len(ws[i]), len(s.m))
		}
		s.step++
		kernel.Adam(ws[i], s.m, s.v, gs[i], float32(lr), float32(or(a.Beta1, 0.5)), float32(or(a.Beta2, 0.999)), float32(or(a.Eps, 1e-8)), s.step)
	}
	return nil
}

// Norm is the norm of the gradients of the last step, before clipping.
// Ask before the next run of the tape.
func (a *Adam) Norm() float64 {
	if a.normOf != nil {
		return a.normOf()
	}
	return a.norm
}

// names lists the parameters that have moments, sorted.
func (a *Adam) names() []string {
	var s []string
	for n := range a.moments {
		s = append(s, n)
	}
	sort.Strings(s)
	return s
}
