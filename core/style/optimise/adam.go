package optimise

import "github.com/atelier-engine/atelier/core/kernel"

// adam moves a picture by Kingma and Ba's method (2015) with a rate that falls.
// When the loss is no longer finite it goes back to the best picture with half the
// rate, and it ends with the best one.
type adam struct {
	scene  *scene
	x      []float32
	best   []float32
	grad   []float32
	m, v   []float32
	at     int // steps since the moments were cleared
	done   int // steps in all
	steps  int // to be done
	value  float64
	lowest float64
	backs  int
	rate   float64
}

const maxBacks = 4

// step is one move along the last gradient.
func (a *adam) step() (bool, error) {
	if a.m == nil {
		a.m, a.v = kernel.Aligned(len(a.x)), kernel.Aligned(len(a.x))
	}
	a.at++
	kernel.Adam(a.x, a.m, a.v, a.grad, float32(a.rate*cosine(a.done, a.steps)), .9, .99, 1e-8, a.at)
	a.done++
	var err error
	if a.value, err = a.scene.value(a.grad, a.x); err != nil {
		return false, err
	}
	if finite(a.value) && finite(kernel.SumSquares(a.grad)) {
		if a.value < a.lowest {
			a.lowest = a.value
			copy(a.best, a.x)
		} else if a.done == a.steps {
			copy(a.x, a.best)
		}
		return true, nil
	}
	copy(a.x, a.best)
	clear(a.m)
	clear(a.v)
	a.at = 0
	a.backs++
	a.rate /= 2
	if a.value, err = a.scene.value(a.grad, a.x); err != nil {
		return false, err
	}
	return a.backs <= maxBacks, nil
}
