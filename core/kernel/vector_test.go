package kernel

import (
	"math"
	"slices"
	"testing"
)

func TestVectors(t *testing.T) {
	withISAs(t, func(t *testing.T) {
		r := newRand(1)
		for _, n := range lengths {
			a, b := noise(r, n, 0), noise(r, n, 0.5)
			for _, c := range []struct {
				name        string
				fast, plain func(y []float32)
			}{
				{"add", func(y []float32) { Add(y, a, b) }, func(y []float32) { AddPlain(y, a, b) }},
				{"axpy", func(y []float32) { copy(y, a); AXPY(y, b, -1.7) }, func(y []float32) { copy(y, a); AXPYPlain(y, b, -1.7) }},
				{"scale", func(y []float32) { Scale(y, a, 0.3) }, func(y []float32) { ScalePlain(y, a, 0.3) }},
				{"ema", func(y []float32) { copy(y, a); EMA(y, b, 0.999) }, func(y []float32) { copy(y, a); EMAPlain(y, b, 0.999) }},
				{"max", func(y []float32) { vecMax(y, a, b) }, func(y []float32) { maxGo(y, a, b) }},
				{"lerp", func(y []float32) { vecLerp(y, a, b, 0.25) }, func(y []float32) { lerpGo(y, a, b, 0.25) }},
			} {
				got, intact := guarded(n)
				want := make([]float32, n)
				c.fast(got)
				c.plain(want)
				near(t, label("%s n=%d", c.name, n), got, want, tolRound)
				if !intact() {
					t.Errorf("%s n=%d wrote outside its vector", c.name, n)
				}
			}
			size := SumSquaresPlain(a) + SumSquaresPlain(b)
			for _, c := range []struct {
				name      string
				got, want float64
			}{
				{"sum", Sum(b), SumPlain(b)}, {"squares", SumSquares(a), SumSquaresPlain(a)}, {"dot", Dot(a, b), DotPlain(a, b)},
			} {
				if d := math.Abs(c.got - c.want); d > 1e-13*(1+size) {
					t.Errorf("%s n=%d: %v, want %v", c.name, n, c.got, c.want)
				}
			}
		}
	})
}

func TestAdam(t *testing.T) {
	withISAs(t, func(t *testing.T) {
		r := newRand(2)
		for _, n := range lengths {
			w := noise(r, n, 0)
			m, v := make([]float32, n), make([]float32, n)
			w2, m2, v2 := slices.Clone(w), slices.Clone(m), slices.Clone(v)
			for step := 1; step <= 3; step++ {
				g := noise(r, n, 0)
				Adam(w, m, v, g, 1e-2, 0.5, 0.999, 1e-8, step)
				AdamPlain(w2, m2, v2, g, 1e-2, 0.5, 0.999, 1e-8, step)
			}
			near(t, label("w n=%d", n), w, w2, tolRound)
			near(t, label("m n=%d", n), m, m2, tolRound)
			near(t, label("v n=%d", n), v, v2, tolRound)
		}
	})
}

// The first step of Adam moves every weight by lr, whatever the size of its gradient.
func TestAdamFirstStep(t *testing.T) {
	w, m, v := []float32{1, 1, 1}, make([]float32, 3), make([]float32, 3)
	Adam(w, m, v, []float32{5, -0.01, 0}, 0.1, 0.9, 0.999, 1e-8, 1)
	near(t, "weights", w, []float32{0.9, 1.1, 1}, tolRound)
}

func TestBiasGradAndGlobalAvgPool(t *testing.T) {
	withISAs(t, func(t *testing.T) {
		r := newRand(3)
		for _, c := range []int{1, 2, 3, 5, 7, 16, 24, 33, 64, 100, 257, 300} {
			for _, rows := range []int{1, 2, 3, 17, 64, 129, 1000, 2*chunkFloats/c + 70} {
				x := noise(r, rows*c, 0.1)
				got, intact := guarded(c)
				want := make([]float32, c)
				BiasGrad(got, x, rows, c)
				BiasGradPlain(want, x, rows, c)
				near(t, label("bias rows=%d c=%d", rows, c), got, want, tolSum)
				GlobalAvgPool(got, x, 1, rows, c)
				GlobalAvgPoolPlain(want, x, 1, rows, c)
				near(t, label("average rows=%d c=%d", rows, c), got, want, tolSum)
				if !intact() {
					t.Errorf("rows=%d c=%d wrote outside its vector", rows, c)
				}
			}
		}
		n, hw, c := 3, 10, 5
		dy := noise(r, n*c, 0)
		got, want := make([]float32, n*hw*c), make([]float32, n*hw*c)
		GlobalAvgPoolGrad(got, dy, n, hw, c)
		GlobalAvgPoolGradPlain(want, dy, n, hw, c)
		near(t, "average gradient", got, want, tolRound)
	})
}

func TestConcatSplit(t *testing.T) {
	r := newRand(4)
	for _, rows := range []int{0, 1, 5, 5000} {
		ca, cb := 3, 17
		a, b := noise(r, rows*ca, 0), noise(r, rows*cb, 0)
		got, want := make([]float32, rows*(ca+cb)), make([]float32, rows*(ca+cb))
		Concat(got, a, b, rows, ca, cb)
		ConcatPlain(want, a, b, rows, ca, cb)
		near(t, "concat", got, want, tolExact)
		a2, b2 := make([]float32, len(a)), make([]float32, len(b))
		Split(a2, b2, got, rows, ca, cb)
		near(t, "split a", a2, a, tolExact)
		near(t, "split b", b2, b, tolExact)
	}
}

func TestVectorsAreDeterministic(t *testing.T) {
	r := newRand(5)
	rows, c := 9000, 37
	x := noise(r, rows*c, 3)
	sameForAnyWorkers(t, "bias gradient", func() []float32 {
		db := make([]float32, c)
		BiasGrad(db, x, rows, c)
		return db
	})
	sameForAnyWorkers(t, "sums", func() []float32 {
		return []float32{float32(Sum(x)), float32(SumSquares(x)), float32(Dot(x, x))}
	})
}

func TestVectorsAllocateLittle(t *testing.T) {
	rows, c := 4096, 64
	x, y, z, db := make([]float32, rows*c), make([]float32, rows*c), make([]float32, rows*c), make([]float32, c)
	allocates(t, "Add", func() { Add(y, x, x) })
	allocates(t, "AXPY", func() { AXPY(y, x, 2) })
	allocates(t, "Adam", func() { Adam(x, y, z, x, 1e-3, .9, .999, 1e-8, 1) })
	allocates(t, "Dot", func() { Dot(x, y) })
	allocates(t, "BiasGrad", func() { BiasGrad(db, x, rows, c) })
	allocates(t, "GlobalAvgPool", func() { GlobalAvgPool(db, x, 1, rows, c) })
	allocates(t, "Activate", func() { Activate(y, x, ActTanh) })
	allocates(t, "ActivateGrad", func() { ActivateGrad(y, x, x, ActTanh) })
}

func FuzzVectors(f *testing.F) {
	f.Add(uint64(1), uint16(100))
	f.Add(uint64(2), uint16(17))
	f.Fuzz(func(t *testing.T, seed uint64, size uint16) {
		n := int(size) % 3000
		r := newRand(seed)
		a, b := noise(r, n, 0), noise(r, n, 0)
		got, want := make([]float32, n), make([]float32, n)
		Add(got, a, b)
		AddPlain(want, a, b)
		near(t, "add", got, want, tolExact)
		copy(got, a)
		copy(want, a)
		AXPY(got, b, 0.7)
		AXPYPlain(want, b, 0.7)
		near(t, "axpy", got, want, tolRound)
		if d := math.Abs(Dot(a, b) - DotPlain(a, b)); d > 1e-12*float64(1+n) {
			t.Fatalf("dot is off by %g", d)
		}
	})
}
