package training

import (
	"math/rand/v2"
	"testing"
)

// TestSigns compares with one bit at a time.
func TestSigns(t *testing.T) {
	for _, n := range []int{1, 7, 64, 65, 200, 1024} {
		v, r := make([]float32, n), rand.New(rand.NewPCG(3, 4))
		signs(v, rand.New(rand.NewPCG(3, 4)))
		sum := float32(0)
		for i := 0; i < n; i += 64 {
			bits := r.Uint64()
			for j := i; j < min(i+64, n); j++ {
				want := float32(-1)
				if bits>>(j-i)&1 == 1 {
					want = 1
				}
				if v[j] != want {
					t.Fatalf("%d signs: number %d is %g, want %g", n, j, v[j], want)
				}
				sum += want
			}
		}
		if n == 1024 && (sum > 160 || sum < -160) {
			t.Errorf("the signs add up to %g", sum)
		}
	}
}

func BenchmarkSigns(b *testing.B) {
	v, r := make([]float32, 32*128*128*3), rand.New(rand.NewPCG(1, 2))
	for b.Loop() {
		signs(v, r)
	}
}
