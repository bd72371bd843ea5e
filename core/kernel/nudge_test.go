package kernel

import "testing"

// TestNudge: each value moves by the size, about as often up as down, neighbours and seeds independently.
func TestNudge(t *testing.T) {
	const n = 100_003
	x, a, b := make([]float32, n), make([]float32, n), make([]float32, n)
	for i := range x {
		x[i] = float32(i % 7)
	}
	Nudge(a, x, 1, .25)
	Nudge(b, x, 2, .25)
	var sum, neighbours, seeds, lanes float32 // of products of signs
	for i := range x {
		s := (a[i] - x[i]) / .25
		if s != 1 && s != -1 {
			t.Fatalf("value %d moves by %g", i, a[i]-x[i])
		}
		sum += s
		seeds += s * (b[i] - x[i]) / .25
		if i > 0 {
			neighbours += s * (a[i-1] - x[i-1]) / .25
		}
		if i >= 32 {
			lanes += s * (a[i-32] - x[i-32]) / .25
		}
	}
	for name, v := range map[string]float32{"signs": sum, "neighbours": neighbours, "seeds": seeds, "words": lanes} {
		if v > 1500 || v < -1500 { // five standard deviations
			t.Errorf("%s add up to %g of %d", name, v, n)
		}
	}
	Nudge(x, x, 1, .25)
	for i := range x {
		if x[i] != a[i] {
			t.Fatal("in place it gives other numbers")
		}
	}
}
