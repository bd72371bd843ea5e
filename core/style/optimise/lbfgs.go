package optimise

import (
	"math"

	"github.com/atelier-engine/atelier/core/kernel"
)

// objective returns the value at x and writes the gradient there. A value that is
// not finite says that x is out of bounds.
type objective func(grad, x []float32) (float64, error)

// lbfgs minimises an objective by the limited-memory method of Broyden, Fletcher,
// Goldfarb and Shanno (Nocedal, "Updating quasi-Newton matrices with limited
// storage", 1980). The inverse of the second derivatives is what the last pairs of
// movements s and changes of the gradient y tell; the two-loop recursion applies
// it. The pairs lie in a ring, so that a step allocates nothing.
//
// A step goes along the direction by 1, or half as far again and again until the
// value falls by a share of what the slope promises (Armijo's condition). Memory:
// 2·pairs + 4 vectors beside x.
type lbfgs struct {
	x      []float32 // where it stands
	value  float64   // there
	f      objective
	first  float64 // length of the first step, in the largest change of any number
	s, y   [][]float32
	rho    []float64 // 1/(s·y)
	count  int       // pairs held
	next   int       // ring: where the next pair goes
	grad   []float32
	trial  []float32
	tgrad  []float32
	dir    []float32
	alphas []float64
}

const (
	sufficient = 1e-4 // of the promised fall
	halvings   = 12
	curved     = 1e-8 // s·y relative to y·y, below which a pair says nothing
)

// newLBFGS begins at x, which it changes from then on. first bounds the change of
// any number in the first step.
func newLBFGS(x []float32, pairs int, first float64, f objective) (*lbfgs, error) {
	n := len(x)
	o := &lbfgs{x: x, f: f, first: first, rho: make([]float64, pairs), alphas: make([]float64, pairs),
		grad: kernel.Aligned(n), trial: kernel.Aligned(n), tgrad: kernel.Aligned(n), dir: kernel.Aligned(n)}
	for range pairs {
		o.s, o.y = append(o.s, kernel.Aligned(n)), append(o.y, kernel.Aligned(n))
	}
	var err error
	o.value, err = f(o.grad, x)
	return o, err
}

// step moves once. moved is false when no smaller value is found along the
// direction or along the slope: the end, as far as float32 can tell.
func (o *lbfgs) step() (moved bool, err error) {
	for {
		slope := o.direction()
		if slope < 0 {
			if moved, err = o.search(slope); moved || err != nil {
				return moved, err
			}
		}
		if o.count == 0 {
			return false, nil
		}
		o.count = 0 // what the pairs tell does not hold here: follow the slope
	}
}

// direction sets dir = -H·grad and returns its slope grad·dir.
func (o *lbfgs) direction() float64 {
	d, pairs := o.dir, len(o.s)
	copy(d, o.grad)
	at := func(age int) int { return (o.next - 1 - age + 2*pairs) % pairs }
	for age := range o.count {
		i := at(age)
		o.alphas[i] = o.rho[i] * kernel.Dot(o.s[i], d)
		kernel.AXPY(d, o.y[i], float32(-o.alphas[i]))
	}
	scale := 0.
	if o.count > 0 {
		i := at(0)
		scale = 1 / (o.rho[i] * kernel.SumSquares(o.y[i]))
	} else if top := largest(o.grad); top > 0 {
		scale = o.first / top
	}
	kernel.Scale(d, d, float32(scale))
	for age := o.count - 1; age >= 0; age-- {
		i := at(age)
		beta := o.rho[i] * kernel.Dot(o.y[i], d)
		kernel.AXPY(d, o.s[i], float32(o.alphas[i]-beta))
	}
	kernel.Scale(d, d, -1)
	return kernel.Dot(o.grad, d)
}

// search looks for a smaller value along dir and goes there.
func (o *lbfgs) search(slope float64) (bool, error) {
	t := 1.
	for range halvings {
		copy(o.trial, o.x)
		kernel.AXPY(o.trial, o.dir, float32(t))
		v, err := o.f(o.tgrad, o.trial)
		if err != nil {
			return false, err
		}
		if finite(v) && v <= o.value+sufficient*t*slope && finite(kernel.SumSquares(o.tgrad)) {
			o.accept(v)
			return true, nil
		}
		t /= 2
	}
	return false, nil
}

// accept moves to the trial and keeps the pair, if it tells a positive curvature.
func (o *lbfgs) accept(v float64) {
	s, y := o.s[o.next], o.y[o.next]
	copy(s, o.trial)
	kernel.AXPY(s, o.x, -1)
	copy(y, o.tgrad)
	kernel.AXPY(y, o.grad, -1)
	if sy := kernel.Dot(s, y); sy > curved*kernel.SumSquares(y) && finite(1/sy) {
		o.rho[o.next] = 1 / sy
		o.next = (o.next + 1) % len(o.s)
		o.count = min(o.count+1, len(o.s))
	}
	copy(o.x, o.trial)
	o.grad, o.tgrad = o.tgrad, o.grad
	o.value = v
}

func largest(x []float32) (top float64) {
	for _, v := range x {
		top = max(top, math.Abs(float64(v)))
	}
	return top
}

func finite(v float64) bool { return !math.IsNaN(v) && !math.IsInf(v, 0) }
