package kernel

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
)

// Tolerances of a fast kernel against its plain twin, in parts of the largest value that meets
// in a sum. The plain twins add in float64, the fast ones runs of 128 numbers in float32.
const (
	tolExact   = 0    // the same operations in the same order
	tolRound   = 1e-6 // a few roundings, fused multiply-adds
	tolSum     = 4e-6 // float32 runs inside float64 sums
	tolNorm    = 2e-5 // moments, then scale and offset instead of centring
	tolFew     = 1e-3 // the same over fewer than 8 pixels
	tolApprox  = 2e-6 // tanh and sigmoid, relative
	tolNumeric = 2e-3 // against numerical differences of the plain twin
)

// withISAs runs f as a sub-test with each instruction set of this machine.
func withISAs(t *testing.T, f func(t *testing.T)) {
	t.Helper()
	old := Features()
	defer func() { _ = SetISA(old) }()
	for i := ISAPlain; i <= ISAAVX512; i++ {
		if SetISA(i) == nil {
			t.Run(i.String(), f)
		}
	}
}

func newRand(seed uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, 1)) }

// noise is n normal numbers around offset, off alignment by one number.
func noise(r *rand.Rand, n int, offset float64) []float32 {
	x := make([]float32, n+1)[1:]
	for i := range x {
		x[i] = float32(r.NormFloat64() + offset)
	}
	return x
}

// guarded is n numbers inside a longer slice; intact says whether its rest was left alone.
func guarded(n int) (x []float32, intact func() bool) {
	const margin, mark = 40, -12345
	b := make([]float32, n+2*margin)
	for i := range b {
		b[i] = mark
	}
	return b[margin:][:n], func() bool {
		for i := range margin {
			if b[i] != mark || b[len(b)-1-i] != mark {
				return false
			}
		}
		return true
	}
}

// failer is what testing.T and rapid.T share.
type failer interface {
	Helper()
	Fatalf(format string, v ...any)
}

// near compares got with want: |got-want| <= tol·(1+max|want|).
func near(t failer, name string, got, want []float32, tol float64) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%s: %d numbers, want %d", name, len(got), len(want))
	}
	var top float64
	for _, v := range want {
		top = max(top, math.Abs(float64(v)))
	}
	for i := range want {
		if d := math.Abs(float64(got[i]) - float64(want[i])); !(d <= tol*(1+top)) {
			t.Fatalf("%s: number %d of %d is %v, want %v (off by %.3g of %.3g)", name, i, len(want), got[i], want[i], d, top)
		}
	}
}

// numericGrad checks dx against central differences of f at some positions of x.
func numericGrad(t *testing.T, name string, x, dx []float32, f func() float64) {
	t.Helper()
	const h = 1e-2
	var top float64
	for _, v := range dx {
		top = max(top, math.Abs(float64(v)))
	}
	for i := 0; i < len(x); i += 1 + len(x)/40 {
		old := x[i]
		x[i] = old + h
		up := f()
		x[i] = old - h
		down := f()
		x[i] = old
		want := (up - down) / (2 * h)
		if d := math.Abs(want - float64(dx[i])); d > tolNumeric*(1+top) {
			t.Errorf("%s: derivative %d is %v, numerically %v", name, i, dx[i], want)
		}
	}
}

// sameForAnyWorkers runs f with 1 to 4 workers and compares what it returns bit by bit.
func sameForAnyWorkers(t *testing.T, name string, f func() []float32) {
	t.Helper()
	var want []float32
	withWorkers(t, func(t *testing.T, workers int) {
		got := f()
		if want == nil {
			want = got
		}
		for i := range want {
			if math.Float32bits(got[i]) != math.Float32bits(want[i]) {
				t.Fatalf("%s: with %d workers number %d is %v, with one %v", name, workers, i, got[i], want[i])
			}
		}
	})
}

// allocates checks that f allocates at most twice a call once it is warm.
func allocates(t *testing.T, name string, f func()) {
	t.Helper()
	if raceEnabled {
		return // the race detector drops pooled memory at random
	}
	f()
	if n := testing.AllocsPerRun(20, f); n > 2 {
		t.Errorf("%s: %v allocations a call, want at most 2", name, n)
	}
}

var lengths = []int{0, 1, 3, 7, 8, 15, 16, 17, 31, 33, 63, 64, 65, 127, 200, 1000, 3*chunkFloats + 5}

var acts = []Act{ActNone, ActReLU, ActLeakyReLU, ActTanh, ActSigmoid}

func label(s string, v ...any) string { return fmt.Sprintf(s, v...) }
