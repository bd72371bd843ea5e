package optimise

import (
	"math"
	"testing"
)

// rosenbrock is Σ 100(x₂ᵢ₊₁-x₂ᵢ²)² + (1-x₂ᵢ)², smallest at ones.
func rosenbrock(grad, x []float32) (float64, error) {
	var sum float64
	for i := 0; i < len(x); i += 2 {
		a, b := float64(x[i]), float64(x[i+1])
		d := b - a*a
		sum += 100*d*d + (1-a)*(1-a)
		grad[i], grad[i+1] = float32(-400*a*d-2*(1-a)), float32(200*d)
	}
	return sum, nil
}

// bowl is Σ cᵢ xᵢ²/2 with c from 1 to 1000.
func bowl(grad, x []float32) (float64, error) {
	var sum float64
	for i, v := range x {
		c := math.Pow(1000, float64(i)/float64(len(x)-1))
		sum += c * float64(v) * float64(v) / 2
		grad[i] = float32(c * float64(v))
	}
	return sum, nil
}

// fence is a bowl that ends: beyond 1.5 its value is not a number.
func fence(grad, x []float32) (float64, error) {
	v, err := bowl(grad, x)
	for _, a := range x {
		if a > 1.5 || a < -1.5 {
			return math.NaN(), err
		}
	}
	return v, err
}

func TestLBFGS(t *testing.T) {
	tests := []struct {
		name  string
		f     objective
		start float32
		steps int
		below float64
	}{
		{"rosenbrock", rosenbrock, -1.2, 120, 1e-6},
		{"bowl", bowl, 1, 200, 1e-3},
		{"fence", fence, 1, 200, 1e-3},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			x := make([]float32, 40)
			for i := range x {
				x[i] = tt.start
			}
			o, err := newLBFGS(x, 6, .1, tt.f)
			if err != nil {
				t.Fatal(err)
			}
			last := o.value
			for range tt.steps {
				moved, err := o.step()
				if err != nil {
					t.Fatal(err)
				}
				if o.value > last {
					t.Fatalf("the value rose from %g to %g", last, o.value)
				}
				if last = o.value; !moved {
					break
				}
			}
			if !(o.value < tt.below) {
				t.Errorf("value %g after %d steps, want below %g", o.value, tt.steps, tt.below)
			}
		})
	}
}

// At the bottom there is nothing to find, and nothing may break.
func TestLBFGSAtTheBottom(t *testing.T) {
	x := make([]float32, 8)
	o, err := newLBFGS(x, 4, .1, bowl)
	if err != nil {
		t.Fatal(err)
	}
	if moved, err := o.step(); moved || err != nil {
		t.Errorf("moved %v, error %v: want no movement and no error", moved, err)
	}
}

func TestLBFGSAllocatesNothing(t *testing.T) {
	x := make([]float32, 4096)
	for i := range x {
		x[i] = 1
	}
	o, err := newLBFGS(x, 4, .1, bowl)
	if err != nil {
		t.Fatal(err)
	}
	if n := testing.AllocsPerRun(5, func() { o.step() }); n > 64 {
		t.Errorf("%g allocations a step", n)
	}
}
