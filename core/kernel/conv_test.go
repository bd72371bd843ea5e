package kernel

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
)

// convTolerance is the largest difference allowed between a fast convolution
// and its plain twin, in parts of the root mean square of the exact sum times
// the square root of its length: float32 rounding in another order.
const (
	convTolerance     = 2e-6
	winogradTolerance = 2e-5 // the transforms multiply by up to 8
)

// someISAs runs f under every instruction set of this processor.
func someISAs(t *testing.T, f func(t *testing.T)) {
	t.Helper()
	was := isa
	defer func() { isa = was }()
	for i := ISAPlain; i <= bestISA(); i++ {
		isa = i
		t.Run(i.String(), f)
	}
}

func randoms(r *rand.Rand, n int) []float32 {
	x := make([]float32, n)
	for i := range x {
		x[i] = float32(r.NormFloat64())
	}
	return x
}

// difference is the largest |a-b|, relative to the scale of b.
func difference(a, b []float32) float64 {
	var d, sq float64
	for i := range b {
		e := math.Abs(float64(a[i]) - float64(b[i]))
		if math.IsNaN(e) {
			return math.Inf(1)
		}
		d = max(d, e)
		sq += float64(b[i]) * float64(b[i])
	}
	return d / (math.Sqrt(sq/float64(max(1, len(b)))) + 1e-6)
}

// checkConv compares all three fast kernels with their plain twins.
func checkConv(t *testing.T, c Conv, n, h, w int, act Act, seed uint64) {
	t.Helper()
	oh, ow := c.OutSize(h, w)
	if c.Check() != nil || oh < 1 || ow < 1 {
		return
	}
	r := rand.New(rand.NewPCG(seed, 1))
	x, wt, bias := randoms(r, n*h*w*c.InC), randoms(r, c.WeightLen()), randoms(r, c.OutC)
	if seed%3 == 0 {
		bias = nil
	}
	dy := randoms(r, n*oh*ow*c.OutC)
	name := fmt.Sprintf("%+v %dx%dx%d", c, n, h, w)
	// Sums of K products differ by about sqrt(K) roundings.
	tol := func(k int, winograd bool) float64 {
		e := convTolerance
		if winograd {
			e = winogradTolerance
		}
		return e * max(4, math.Sqrt(float64(k)))
	}
	check := func(what string, got, want []float32, limit float64) {
		t.Helper()
		if d := difference(got, want); d > limit {
			t.Errorf("%s of %s: differs by %.1e, limit %.1e", what, name, d, limit)
		}
	}
	sentinel := func(n int) []float32 {
		s := make([]float32, n+3)
		for i := range s {
			s[i] = 12345
		}
		return s
	}
	intact := func(what string, s []float32, n int) []float32 {
		t.Helper()
		for _, v := range s[n:] {
			if v != 12345 {
				t.Errorf("%s of %s writes past its end", what, name)
			}
		}
		return s[:n]
	}

	want, got := make([]float32, len(dy)), sentinel(len(dy))
	ConvForwardPlain(c, want, x, n, h, w, wt, bias, act)
	p := c.Pack(nil, wt)
	c.Forward(got, x, n, h, w, p, bias, act)
	check("forward", intact("forward", got, len(dy)), want, tol(c.KH*c.KW*c.InC, p.layout == layoutWinograd))

	want, got = make([]float32, len(x)), sentinel(len(x))
	ConvGradDataPlain(c, want, dy, n, h, w, wt)
	p = c.PackGrad(nil, wt)
	c.GradData(got, dy, n, h, w, p)
	check("data gradient", intact("data gradient", got, len(x)), want, tol(c.KH*c.KW*c.OutC, p.layout == layoutWinograd))

	want, got = make([]float32, len(wt)), sentinel(len(wt))
	ConvGradWeightsPlain(c, want, x, dy, n, h, w)
	c.GradWeights(got, x, dy, n, h, w)
	check("weight gradient", intact("weight gradient", got, len(wt)), want, tol(n*oh*ow, false))
}

func TestConvMatchesPlain(t *testing.T) {
	cases := []struct {
		c       Conv
		n, h, w int
		act     Act
	}{
		{Conv{InC: 3, OutC: 5, KH: 3, KW: 3, Stride: 1, Pad: 1}, 2, 5, 7, ActNone},
		{Conv{InC: 1, OutC: 1, KH: 1, KW: 1, Stride: 1}, 1, 1, 1, ActReLU},
		{Conv{InC: 32, OutC: 32, KH: 3, KW: 3, Stride: 1, Pad: 1}, 2, 9, 11, ActReLU},
		{Conv{InC: 32, OutC: 64, KH: 3, KW: 3, Stride: 1, Pad: 1, PadMode: PadReflect}, 1, 8, 13, ActLeakyReLU},
		{Conv{InC: 48, OutC: 32, KH: 3, KW: 3, Stride: 1, Pad: 1, Direct: true}, 1, 17, 15, ActTanh},
		{Conv{InC: 3, OutC: 32, KH: 9, KW: 9, Stride: 1, Pad: 4, PadMode: PadReflect}, 1, 20, 19, ActNone},
		{Conv{InC: 32, OutC: 3, KH: 9, KW: 9, Stride: 1, Pad: 4, PadMode: PadReflect}, 1, 20, 19, ActSigmoid},
		{Conv{InC: 33, OutC: 40, KH: 3, KW: 3, Stride: 2, Pad: 1, PadMode: PadReflect}, 2, 10, 9, ActNone},
		{Conv{InC: 3, OutC: 64, KH: 4, KW: 4, Stride: 2, Pad: 1}, 2, 16, 16, ActLeakyReLU},
		{Conv{InC: 64, OutC: 40, KH: 4, KW: 4, Stride: 2, Pad: 1}, 3, 8, 8, ActLeakyReLU},
		{Conv{InC: 40, OutC: 64, KH: 4, KW: 4, Stride: 2, Pad: 1, Transposed: true}, 3, 4, 4, ActReLU},
		{Conv{InC: 64, OutC: 33, KH: 4, KW: 4, Stride: 2, Pad: 1, Transposed: true}, 2, 16, 16, ActReLU},
		{Conv{InC: 24, OutC: 3, KH: 4, KW: 4, Stride: 2, Pad: 1, Transposed: true}, 2, 16, 17, ActTanh},
		{Conv{InC: 8, OutC: 6, KH: 2, KW: 2, Stride: 3, Pad: 0, Transposed: true}, 2, 3, 5, ActNone},
		{Conv{InC: 32, OutC: 24, KH: 3, KW: 3, Stride: 1, Pad: 1, Up: 2, PadMode: PadReflect}, 1, 9, 10, ActNone},
		{Conv{InC: 24, OutC: 3, KH: 3, KW: 3, Stride: 1, Pad: 1, Up: 2}, 2, 9, 10, ActNone},
		{Conv{InC: 5, OutC: 7, KH: 5, KW: 5, Stride: 1, Pad: 2, Up: 2}, 2, 6, 4, ActNone},
		{Conv{InC: 5, OutC: 7, KH: 5, KW: 5, Stride: 1, Pad: 2, Up: 2, PadMode: PadReflect}, 2, 6, 4, ActNone},
		{Conv{InC: 5, OutC: 7, KH: 3, KW: 3, Stride: 2, Pad: 1, Up: 2}, 2, 6, 5, ActNone},
		{Conv{InC: 150, OutC: 100, KH: 1, KW: 1, Stride: 1}, 37, 1, 1, ActReLU},
		{Conv{InC: 256, OutC: 1, KH: 1, KW: 1, Stride: 1}, 5, 1, 1, ActNone},
		{Conv{InC: 256, OutC: 64, KH: 3, KW: 3, Stride: 1, Pad: 1}, 2, 6, 6, ActNone},
		{Conv{InC: 16, OutC: 32, KH: 1, KW: 3, Stride: 1, Pad: 1}, 1, 20, 40, ActNone},
		{Conv{InC: 4, OutC: 20, KH: 3, KW: 3, Stride: 1, Pad: 5, PadMode: PadReflect}, 1, 3, 2, ActNone},
		{Conv{InC: 4, OutC: 20, KH: 3, KW: 3, Stride: 2}, 1, 30, 130, ActNone},
	}
	someISAs(t, func(t *testing.T) {
		for i, c := range cases {
			checkConv(t, c.c, c.n, c.h, c.w, c.act, uint64(i))
		}
	})
}

// FuzzConv draws geometries; a convolution of any kind must match its twin.
func FuzzConv(f *testing.F) {
	for i := range 40 {
		r := rand.New(rand.NewPCG(uint64(i), 7))
		f.Add(uint64(i), r.Uint64())
	}
	f.Fuzz(func(t *testing.T, seed, geometry uint64) {
		r := rand.New(rand.NewPCG(geometry, 3))
		channels := []int{1, 2, 3, 7, 16, 20, 32, 33, 48, 64, 72}
		c := Conv{
			InC: channels[r.IntN(len(channels))], OutC: channels[r.IntN(len(channels))],
			KH: 1 + r.IntN(5), KW: 1 + r.IntN(5), Stride: 1 + r.IntN(3), Pad: r.IntN(4),
			PadMode: PadMode(r.IntN(2)), Up: r.IntN(3), Transposed: r.IntN(4) == 0, Direct: r.IntN(2) == 0,
		}
		if r.IntN(2) == 0 {
			c.KH, c.KW, c.Stride = 3, 3, 1
		}
		if c.Transposed {
			c.Up, c.PadMode = 0, PadZero
		}
		n, h, w := 1+r.IntN(3), 1+r.IntN(20), 1+r.IntN(20)
		someISAs(t, func(t *testing.T) { checkConv(t, c, n, h, w, Act(r.IntN(3)), seed) })
	})
}

// TestConvSameBits: neither the number of workers nor the place in a batch
// changes a bit.
func TestConvSameBits(t *testing.T) {
	was := Workers()
	defer SetWorkers(was)
	r := rand.New(rand.NewPCG(1, 2))
	for _, c := range []Conv{
		{InC: 32, OutC: 48, KH: 3, KW: 3, Stride: 1, Pad: 1},
		{InC: 40, OutC: 36, KH: 4, KW: 4, Stride: 2, Pad: 1},
		{InC: 40, OutC: 3, KH: 4, KW: 4, Stride: 2, Pad: 1, Transposed: true},
		{InC: 150, OutC: 300, KH: 1, KW: 1, Stride: 1},
	} {
		n, h, w := 7, 6, 6
		if c.KH == 1 {
			h, w = 1, 1
		}
		oh, ow := c.OutSize(h, w)
		x, wt := randoms(r, n*h*w*c.InC), randoms(r, c.WeightLen())
		p := c.Pack(nil, wt)
		first, dw := make([]float32, n*oh*ow*c.OutC), make([]float32, len(wt))
		SetWorkers(1)
		c.Forward(first, x, n, h, w, p, nil, ActNone)
		c.GradWeights(dw, x, first, n, h, w)
		for workers := 2; workers <= 4; workers++ {
			SetWorkers(workers)
			y, dw2 := make([]float32, len(first)), make([]float32, len(dw))
			c.Forward(y, x, n, h, w, p, nil, ActNone)
			c.GradWeights(dw2, x, first, n, h, w)
			for i := range y {
				if y[i] != first[i] {
					t.Fatalf("%+v: output %d changes with %d workers", c, i, workers)
				}
			}
			for i := range dw {
				if dw[i] != dw2[i] {
					t.Fatalf("%+v: gradient %d changes with %d workers", c, i, workers)
				}
			}
		}
		for b := range n {
			y := make([]float32, oh*ow*c.OutC)
			c.Forward(y, x[b*h*w*c.InC:], 1, h, w, p, nil, ActNone)
			for i := range y {
				if y[i] != first[b*len(y)+i] {
					t.Fatalf("%+v: picture %d of a batch differs from the same alone", c, b)
				}
			}
		}
	}
}

func TestMatMul(t *testing.T) {
	r := rand.New(rand.NewPCG(4, 2))
	m, k, n := 37, 50, 45
	a, b := randoms(r, m*k), randoms(r, k*n)
	want, got := make([]float32, m*n), make([]float32, m*n)
	for i := range m {
		for j := range n {
			for q := range k {
				want[i*n+j] += a[i*k+q] * b[q*n+j]
			}
		}
	}
	MatMul(got, a, b, m, k, n)
	if d := difference(got, want); d > 1e-5 {
		t.Errorf("MatMul differs by %.1e", d)
	}
	at := make([]float32, len(a))
	for i := range m {
		for q := range k {
			at[q*m+i] = a[i*k+q]
		}
	}
	clear(got)
	MatMulTN(got, at, b, k, m, n)
	if d := difference(got, want); d > 1e-5 {
		t.Errorf("MatMulTN differs by %.1e", d)
	}
}

func TestConvAllocatesNothing(t *testing.T) {
	for _, c := range []Conv{
		{InC: 32, OutC: 32, KH: 3, KW: 3, Stride: 1, Pad: 1},
		{InC: 32, OutC: 40, KH: 3, KW: 3, Stride: 2, Pad: 1},
		{InC: 32, OutC: 3, KH: 9, KW: 9, Stride: 1, Pad: 4},
		{InC: 32, OutC: 16, KH: 4, KW: 4, Stride: 2, Pad: 1, Transposed: true},
	} {
		h, w := 20, 20
		oh, ow := c.OutSize(h, w)
		x, y, wt := make([]float32, h*w*c.InC), make([]float32, oh*ow*c.OutC), make([]float32, c.WeightLen())
		p, g := c.Pack(nil, wt), c.PackGrad(nil, wt)
		for name, f := range map[string]func(){
			"Forward":     func() { c.Forward(y, x, 1, h, w, p, nil, ActReLU) },
			"GradData":    func() { c.GradData(x, y, 1, h, w, g) },
			"GradWeights": func() { c.GradWeights(wt, x, y, 1, h, w) },
		} {
			// Pools lose what they keep when the collector runs: hence not exactly 0.
			if n := testing.AllocsPerRun(50, f); n >= 1 && !raceEnabled {
				t.Errorf("%+v: %s allocates %.1f times", c, name, n)
			}
		}
	}
}

// TestConvRefusesShortSlices: a mistake of the caller panics in Go, before the
// assembly runs.
func TestConvRefusesShortSlices(t *testing.T) {
	c := Conv{InC: 32, OutC: 32, KH: 3, KW: 3, Stride: 1, Pad: 1}
	x, y, w := make([]float32, 8*8*32), make([]float32, 8*8*32), make([]float32, c.WeightLen())
	p, g := c.Pack(nil, w), c.PackGrad(nil, w)
	other := c
	other.Pad = 0
	for name, f := range map[string]func(){
		"short input":        func() { c.Forward(y, x[:100:100], 1, 8, 8, p, nil, ActNone) },
		"short output":       func() { c.Forward(y[:100:100], x, 1, 8, 8, p, nil, ActNone) },
		"short bias":         func() { c.Forward(y, x, 1, 8, 8, p, w[:5:5], ActNone) },
		"weights of another": func() { other.Forward(y, x, 1, 8, 8, p, nil, ActNone) },
		"gradient's weights": func() { c.Forward(y, x, 1, 8, 8, g, nil, ActNone) },
		"forward's weights":  func() { c.GradData(x, y, 1, 8, 8, p) },
		"short gradient":     func() { c.GradData(x[:9:9], y, 1, 8, 8, g) },
		"short dy":           func() { c.GradWeights(w, x, y[:9:9], 1, 8, 8) },
		"short weights":      func() { c.Pack(nil, w[:9:9]) },
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s: no panic", name)
				}
			}()
			f()
		}()
	}
}
