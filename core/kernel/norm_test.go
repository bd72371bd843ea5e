package kernel

import (
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// normCase is one call of InstanceNorm with everything it needs and gives.
type normCase struct {
	n, hw, c               int
	perSample              bool
	act                    Act
	x, res, gamma, beta    []float32
	y, mean, invstd        []float32
	dy, dx, dgamma, dbeta  []float32
	yIntact, meanIntact    func() bool
	dxIntact, dgammaIntact func() bool
}

const normEps = 1e-5

func newNormCase(seed uint64, n, hw, c int, perSample, residual bool, act Act, offset float64) *normCase {
	r := newRand(seed)
	p := c
	if perSample {
		p = n * c
	}
	k := &normCase{n: n, hw: hw, c: c, perSample: perSample, act: act,
		x: noise(r, n*hw*c, offset), dy: noise(r, n*hw*c, 0.1), gamma: noise(r, p, 1), beta: noise(r, p, 0)}
	if residual {
		k.res = noise(r, n*hw*c, 0)
	}
	k.y, k.yIntact = guarded(n * hw * c)
	k.mean, k.meanIntact = guarded(n * c)
	k.invstd = make([]float32, n*c)
	k.dx, k.dxIntact = guarded(n * hw * c)
	k.dgamma, k.dgammaIntact = guarded(p)
	k.dbeta = make([]float32, p)
	return k
}

func (k *normCase) check(t failer, tol float64) {
	t.Helper()
	name := label("n=%d hw=%d c=%d perSample=%v residual=%v %v", k.n, k.hw, k.c, k.perSample, k.res != nil, k.act)
	InstanceNorm(k.y, k.x, k.res, k.gamma, k.beta, k.n, k.hw, k.c, k.perSample, k.mean, k.invstd, normEps, k.act)
	InstanceNormGrad(k.dx, k.dgamma, k.dbeta, k.x, k.dy, k.gamma, k.mean, k.invstd, k.n, k.hw, k.c, k.perSample)
	if !k.yIntact() || !k.meanIntact() || !k.dxIntact() || !k.dgammaIntact() {
		t.Fatalf("%s: wrote outside its vectors", name)
	}
	y, mean, invstd := make([]float32, len(k.y)), make([]float32, len(k.mean)), make([]float32, len(k.mean))
	InstanceNormPlain(y, k.x, k.res, k.gamma, k.beta, k.n, k.hw, k.c, k.perSample, mean, invstd, normEps, k.act)
	near(t, name+" y", k.y, y, tol)
	near(t, name+" mean", k.mean, mean, tolSum)
	near(t, name+" invstd", k.invstd, invstd, tol)
	dx, dgamma, dbeta := make([]float32, len(k.y)), make([]float32, len(k.dgamma)), make([]float32, len(k.dbeta))
	InstanceNormGradPlain(dx, dgamma, dbeta, k.x, k.dy, k.gamma, k.mean, k.invstd, k.n, k.hw, k.c, k.perSample)
	near(t, name+" dx", k.dx, dx, tol)
	near(t, name+" dgamma", k.dgamma, dgamma, tol*math.Sqrt(float64(k.hw)))
	near(t, name+" dbeta", k.dbeta, dbeta, tol)
}

func TestInstanceNorm(t *testing.T) {
	withISAs(t, func(t *testing.T) {
		seed := uint64(0)
		for _, c := range []int{1, 3, 5, 16, 20, 64, 130, 257} {
			for _, hw := range []int{2, 3, 15, 64, 333} {
				tol := tolNorm
				if hw < 8 { // dx is what is left of terms that all but cancel
					tol = tolFew
				}
				for _, act := range acts {
					seed++
					newNormCase(seed, 1+int(seed%4), hw, c, seed%2 == 0, seed%3 == 0, act, 0.3).check(t, tol)
				}
			}
		}
		// Large samples run in chunks.
		newNormCase(1, 2, 3000, 33, true, true, ActReLU, 1).check(t, tolNorm)
		newNormCase(2, 3, 70001, 1, false, false, ActNone, 1).check(t, tolNorm)
		newNormCase(3, 1, 2500, 70, false, true, ActTanh, 1).check(t, tolNorm)
	})
}

// Data far from zero keeps its variance: mean 10000, standard deviation 1. What float32 lost
// already in the input bounds the tolerance: 10000·2⁻²⁴.
func TestInstanceNormFarFromZero(t *testing.T) {
	withISAs(t, func(t *testing.T) {
		newNormCase(4, 2, 5000, 3, false, false, ActNone, 1e4).check(t, 2e-3)
		newNormCase(5, 2, 9000, 16, false, false, ActNone, 1e4).check(t, 2e-3)
	})
}

func TestInstanceNormConstant(t *testing.T) {
	n, hw, c := 1, 50, 3
	x := slices.Repeat([]float32{7.3, -2, 0}, hw)
	y, mean, invstd := make([]float32, len(x)), make([]float32, c), make([]float32, c)
	InstanceNorm(y, x, nil, []float32{1, 1, 1}, []float32{0.5, 0.25, 0}, n, hw, c, false, mean, invstd, normEps, ActNone)
	near(t, "constant", y, slices.Repeat([]float32{0.5, 0.25, 0}, hw), 1e-3)
}

// Two pixels, one channel, by hand: mean 2, variance 1.
func TestInstanceNormGolden(t *testing.T) {
	y, mean, invstd := make([]float32, 2), make([]float32, 1), make([]float32, 1)
	InstanceNorm(y, []float32{1, 3}, []float32{10, 20}, []float32{2}, []float32{1}, 1, 2, 1, false, mean, invstd, 0, ActReLU)
	near(t, "y", y, []float32{10, 23}, tolRound)
	near(t, "mean, invstd", []float32{mean[0], invstd[0]}, []float32{2, 1}, tolRound)
}

func TestInstanceNormInPlace(t *testing.T) {
	for _, act := range []Act{ActReLU, ActTanh} {
		for _, hw := range []int{30, 40000} {
			k := newNormCase(9, 2, hw, 5, false, true, act, 0)
			k.check(t, tolNorm)
			onto := slices.Clone(k.res)
			InstanceNorm(onto, k.x, onto, k.gamma, k.beta, 2, hw, 5, false, k.mean, k.invstd, normEps, act)
			near(t, "onto the residual", onto, k.y, tolExact)
			InstanceNorm(k.x, k.x, k.res, k.gamma, k.beta, 2, hw, 5, false, k.mean, k.invstd, normEps, act)
			near(t, "in place", k.x, k.y, tolExact)
		}
	}
}

func TestBatchNorm(t *testing.T) {
	r := newRand(11)
	withISAs(t, func(t *testing.T) {
		for _, rows := range []int{8, 50, 6000} {
			c := 19
			x, gamma, beta := noise(r, rows*c, 1), noise(r, c, 1), noise(r, c, 0)
			y, mean, invstd := make([]float32, rows*c), make([]float32, c), make([]float32, c)
			want, m2, i2 := make([]float32, rows*c), make([]float32, c), make([]float32, c)
			BatchNorm(y, x, gamma, beta, rows, c, mean, invstd, normEps, ActLeakyReLU)
			BatchNormPlain(want, x, gamma, beta, rows, c, m2, i2, normEps, ActLeakyReLU)
			near(t, "y", y, want, tolNorm)
			dx, dg, db := make([]float32, rows*c), make([]float32, c), make([]float32, c)
			BatchNormGrad(dx, dg, db, x, want, gamma, mean, invstd, rows, c)
			dx2, dg2, db2 := make([]float32, rows*c), make([]float32, c), make([]float32, c)
			BatchNormGradPlain(dx2, dg2, db2, x, want, gamma, mean, invstd, rows, c)
			near(t, "dx", dx, dx2, tolNorm)
			near(t, "dgamma", dg, dg2, tolNorm)
			near(t, "dbeta", db, db2, tolNorm)
		}
	})
}

func TestScaleShift(t *testing.T) {
	r := newRand(12)
	withISAs(t, func(t *testing.T) {
		for _, c := range []int{1, 3, 16, 100, 260} {
			for _, rows := range []int{1, 7, 300, 1300} {
				for i, act := range acts {
					x, a, b := noise(r, rows*c, 0), noise(r, c, 1), noise(r, c, 0)
					var res []float32
					if i%2 == 0 {
						res = noise(r, rows*c, 0)
					}
					y, intact := guarded(rows * c)
					want := make([]float32, rows*c)
					ScaleShift(y, x, res, a, b, rows, c, act)
					ScaleShiftPlain(want, x, res, a, b, rows, c, act)
					near(t, label("rows=%d c=%d %v", rows, c, act), y, want, tolApprox)
					if !intact() {
						t.Errorf("rows=%d c=%d wrote outside its vector", rows, c)
					}
				}
			}
		}
	})
}

func TestInstanceNormGradNumerically(t *testing.T) {
	for _, perSample := range []bool{false, true} {
		k := newNormCase(21, 2, 12, 3, perSample, false, ActNone, 0.5)
		InstanceNorm(k.y, k.x, nil, k.gamma, k.beta, 2, 12, 3, perSample, k.mean, k.invstd, normEps, ActNone)
		InstanceNormGrad(k.dx, k.dgamma, k.dbeta, k.x, k.dy, k.gamma, k.mean, k.invstd, 2, 12, 3, perSample)
		y, m, i := make([]float32, len(k.y)), make([]float32, 6), make([]float32, 6)
		loss := func() float64 {
			InstanceNormPlain(y, k.x, nil, k.gamma, k.beta, 2, 12, 3, perSample, m, i, normEps, ActNone)
			return DotPlain(y, k.dy)
		}
		numericGrad(t, "x", k.x, k.dx, loss)
		numericGrad(t, "gamma", k.gamma, k.dgamma, loss)
		numericGrad(t, "beta", k.beta, k.dbeta, loss)
	}
}

func TestNormIsDeterministic(t *testing.T) {
	for _, hw := range []int{100, 20000} {
		sameForAnyWorkers(t, label("hw=%d", hw), func() []float32 {
			k := newNormCase(5, 3, hw, 13, false, true, ActReLU, 2)
			InstanceNorm(k.y, k.x, k.res, k.gamma, k.beta, 3, hw, 13, false, k.mean, k.invstd, normEps, ActReLU)
			InstanceNormGrad(k.dx, k.dgamma, k.dbeta, k.x, k.dy, k.gamma, k.mean, k.invstd, 3, hw, 13, false)
			return slices.Concat(k.y, k.mean, k.invstd, k.dx, k.dgamma, k.dbeta)
		})
	}
}

func TestNormAllocatesLittle(t *testing.T) {
	for _, hw := range []int{64, 20000} {
		k := newNormCase(5, 3, hw, 13, false, true, ActReLU, 2)
		allocates(t, "InstanceNorm", func() {
			InstanceNorm(k.y, k.x, k.res, k.gamma, k.beta, 3, hw, 13, false, k.mean, k.invstd, normEps, ActReLU)
		})
		allocates(t, "InstanceNormGrad", func() {
			InstanceNormGrad(k.dx, k.dgamma, k.dbeta, k.x, k.dy, k.gamma, k.mean, k.invstd, 3, hw, 13, false)
		})
		allocates(t, "ScaleShift", func() { ScaleShift(k.y, k.x, nil, k.gamma, k.beta, 3*hw, 13, ActReLU) })
	}
}

func TestNormProperty(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		draw := func(name string, lo, hi int) int { return rapid.IntRange(lo, hi).Draw(r, name) }
		newNormCase(uint64(draw("seed", 1, 1000)), draw("n", 1, 4), draw("hw", 8, 300), draw("c", 1, 70),
			rapid.Bool().Draw(r, "perSample"), rapid.Bool().Draw(r, "residual"), acts[draw("act", 0, 4)], 0.5).check(r, tolNorm)
	})
}

func FuzzInstanceNorm(f *testing.F) {
	f.Add(uint64(1), uint8(2), uint16(100), uint8(7), uint8(3))
	f.Fuzz(func(t *testing.T, seed uint64, n uint8, hw uint16, c, flags uint8) {
		newNormCase(seed, 1+int(n%4), 8+int(hw%2000), 1+int(c%80), flags&1 > 0, flags&2 > 0, acts[(flags>>2)%5], 0.5).check(t, tolNorm)
	})
}
