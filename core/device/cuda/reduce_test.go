package cuda

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/atelier-engine/atelier/core/kernel"
)

// terms are the reductions in float64, with their derivatives.
var terms = map[Reduction]struct{ f, df func(a, b, p float64) float64 }{
	Sum:          {func(a, _, _ float64) float64 { return a }, func(_, _, _ float64) float64 { return 1 }},
	SumSquares:   {func(a, _, _ float64) float64 { return a * a }, func(a, _, _ float64) float64 { return 2 * a }},
	Dot:          {func(a, b, _ float64) float64 { return a * b }, func(_, b, _ float64) float64 { return b }},
	SquaredError: {func(a, b, _ float64) float64 { return (a - b) * (a - b) }, func(a, b, _ float64) float64 { return 2 * (a - b) }},
	AbsError:     {func(a, b, _ float64) float64 { return math.Abs(a - b) }, func(a, b, _ float64) float64 { return math.Copysign(1, a-b) }},
	BCE:          {bce, func(a, b, _ float64) float64 { return logistic(a) - b }},
	BCEConst:     {func(a, _, p float64) float64 { return bce(a, p, 0) }, func(a, _, p float64) float64 { return logistic(a) - p }},
	Hinge: {func(a, _, p float64) float64 { return max(0, 1-p*a) }, func(a, _, p float64) float64 {
		if p*a < 1 {
			return -p
		}
		return 0
	}},
}

func bce(a, b, _ float64) float64 { return max(a, 0) - a*b + math.Log1p(math.Exp(-math.Abs(a))) }
func logistic(a float64) float64  { return 1 / (1 + math.Exp(-a)) }

func TestReductions(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 7))
	const n, param, alpha = 6000, -1.0, 0.25
	for f, term := range terms {
		for _, one := range []int{n, 1500} { // without and with weights and a shared second operand
			a, b, w, dy := normal(r, n), normal(r, n), normal(r, n/one), []float32{3}
			bn := one
			ma, mb, mw, md := given("a", a), given("b", b), given("weights", w), given("dy", dy)
			out, dx := wanted("out", 1), wanted("dx", n)
			weights := func() Ptr {
				if one == n {
					return 0
				}
				return mw.ptr
			}
			name := fmt.Sprintf("reduction %d over %d", f, one)
			twin{name, func() Op { return gpu.Reduce(out.ptr, ma.ptr, mb.ptr, weights(), n, one, bn, f, param, alpha) },
				[]*memory{ma, mb, mw, out}, func() [][]float32 {
					var s float64
					for i := range a {
						v := term.f(float64(a[i]), float64(b[i%bn]), param)
						if one < n {
							v *= float64(w[i/one])
						}
						s += v
					}
					return [][]float32{{float32(s * alpha)}}
				}, 1e-5}.check(t)
			twin{name + " gradient", func() Op {
				return gpu.ReduceGrad(dx.ptr, ma.ptr, mb.ptr, weights(), md.ptr, n, one, bn, f, param, alpha)
			}, []*memory{ma, mb, mw, md, dx}, func() [][]float32 {
				y := make([]float32, n)
				for i := range y {
					v := term.df(float64(a[i]), float64(b[i%bn]), param) * alpha * 3
					if one < n {
						v *= float64(w[i/one])
					}
					y[i] = float32(v)
				}
				return [][]float32{y}
			}, 1e-5}.check(t)
		}
	}
}

func TestSoftmaxLoss(t *testing.T) {
	r := rand.New(rand.NewPCG(8, 8))
	n, k := 300, 7
	z, w, p := normal(r, n*k), normal(r, n), make([]float32, n*k)
	for i := range p {
		p[i] = r.Float32() / float32(k)
		z[i] *= 20 // exp(z) alone would overflow after some more
	}
	mz, mp, mw, out, dz, dy := given("z", z), given("p", p), given("weights", w), wanted("loss", 1), wanted("dz", n*k), given("dy", []float32{2})
	var loss float64
	grad := make([]float32, n*k)
	for i := range n {
		top, sum, mass := math.Inf(-1), 0.0, 0.0
		for j := range k {
			top = max(top, float64(z[i*k+j]))
		}
		for j := range k {
			sum += math.Exp(float64(z[i*k+j]) - top)
			mass += float64(p[i*k+j])
		}
		for j := range k {
			loss += float64(w[i]) * float64(p[i*k+j]) * (top + math.Log(sum) - float64(z[i*k+j])) / float64(n)
			grad[i*k+j] = float32((mass*math.Exp(float64(z[i*k+j])-top)/sum - float64(p[i*k+j])) * float64(w[i]) * 2 / float64(n))
		}
	}
	twin{"softmax", func() Op { return gpu.SoftmaxLoss(out.ptr, mz.ptr, mp.ptr, mw.ptr, n, k) }, []*memory{mz, mp, mw, out},
		func() [][]float32 { return [][]float32{{float32(loss)}} }, 1e-5}.check(t)
	twin{"softmax gradient", func() Op { return gpu.SoftmaxLossGrad(dz.ptr, mz.ptr, mp.ptr, mw.ptr, dy.ptr, n, k) },
		[]*memory{mz, mp, mw, dy, dz}, func() [][]float32 { return [][]float32{grad} }, 1e-6}.check(t)
}

func TestTotalVariation(t *testing.T) {
	r := rand.New(rand.NewPCG(9, 9))
	for _, s := range sizes {
		x := normal(r, s.n*s.h*s.w*s.c)
		grad := make([]float64, len(x))
		var sum float64
		for i := range x {
			p := i / s.c
			pair := func(j int) {
				d := float64(x[i]) - float64(x[j])
				sum += d * d / float64(len(x))
				grad[i] += 4 * d / float64(len(x))
				grad[j] -= 4 * d / float64(len(x))
			}
			if p%s.w+1 < s.w {
				pair(i + s.c)
			}
			if p/s.w%s.h+1 < s.h {
				pair(i + s.w*s.c)
			}
		}
		want := make([]float32, len(x))
		for i, v := range grad {
			want[i] = float32(v)
		}
		mx, out, dx, dy := given("x", x), wanted("tv", 1), wanted("dx", len(x)), given("dy", []float32{2})
		twin{"tv", func() Op { return gpu.TV(out.ptr, mx.ptr, s.n, s.h, s.w, s.c) }, []*memory{mx, out},
			func() [][]float32 { return [][]float32{{float32(sum)}} }, 1e-5}.check(t)
		twin{"tv gradient", func() Op { return gpu.TVGrad(dx.ptr, mx.ptr, dy.ptr, s.n, s.h, s.w, s.c) }, []*memory{mx, dy, dx},
			func() [][]float32 { return [][]float32{want} }, 1e-5}.check(t)
	}
}

func TestWeightedSum(t *testing.T) {
	x, w := []float32{1, 2, 3, 4, 5, 6}, []float32{1, 10, 100, 1000, 10000, -1}
	mx, out := given("x", x), wanted("sum", 1)
	twin{"weighted sum", func() Op {
		var ps []Ptr
		for i := range x {
			ps = append(ps, mx.ptr.Add(i))
		}
		return gpu.WeightedSum(out.ptr, ps, w)
	}, []*memory{mx, out}, func() [][]float32 { return [][]float32{{54315}} }, 0}.check(t)
}

func TestRowsAndAugmentations(t *testing.T) {
	r := rand.New(rand.NewPCG(10, 10))
	n, h, w, c := 2, 5, 6, 3
	x := normal(r, n*h*w*c)
	mx, my := given("x", x), wanted("y", len(x))
	result := func(f func(i, s, row, column, k int) float32) func() [][]float32 {
		return func() [][]float32 {
			y := make([]float32, len(x))
			for i := range y {
				p := i / c
				y[i] = f(i, p/w/h, p/w%h, p%w, i%c)
			}
			return [][]float32{y}
		}
	}
	by := []float32{1, -2, -9, 3}
	mb := given("by", by)
	for _, sign := range []int{1, -1} {
		twin{"shift", func() Op { return gpu.Shift(my.ptr, mx.ptr, mb.ptr, n, h, w, c, sign) }, []*memory{mx, mb, my},
			result(func(_, s, row, column, k int) float32 {
				row, column = row-sign*int(by[2*s]), column-sign*int(by[2*s+1])
				if row < 0 || row >= h || column < 0 || column >= w {
					return 0
				}
				return x[((s*h+row)*w+column)*c+k]
			}), 0}.check(t)
	}
	box := []float32{1, 2, 2, 9, -1, -1, 3, 2}
	mb = given("by", box)
	twin{"cut", func() Op { return gpu.Cut(my.ptr, mx.ptr, mb.ptr, n, h, w, c) }, []*memory{mx, mb, my},
		result(func(i, s, row, column, _ int) float32 {
			b := box[4*s:]
			if row >= int(b[0]) && row < int(b[0]+b[2]) && column >= int(b[1]) && column < int(b[1]+b[3]) {
				return 0
			}
			return x[i]
		}), 0}.check(t)
	colour := []float32{1.5, 0.25, 0.5, 1, 0, 1}
	mb = given("by", colour)
	for _, offset := range []bool{true, false} {
		twin{"tone", func() Op { return gpu.Tone(my.ptr, mx.ptr, mb.ptr, n, h, w, c, offset) }, []*memory{mx, mb, my},
			result(func(i, s, _, _, _ int) float32 {
				b, p := colour[3*s:], x[i/c*c:]
				grey := (p[0] + p[1] + p[2]) / 3
				v := b[0] * (grey + b[2]*(x[i]-grey))
				if offset {
					v += b[1]
				}
				return v
			}), 1e-5}.check(t)
	}

	// Concatenation: two copies into one result; planes: a vector a sample, repeated over its pixels.
	cond := normal(r, n*4)
	mc, wide := given("cond", cond), wanted("y", n*h*w*(c+4))
	twin{"concat with planes", func() Op {
		o := gpu.CopyRows(wide.ptr, mx.ptr, n*h*w, c, c+4, c, 1)
		o.then(gpu.CopyRows(wide.ptr.Add(c), mc.ptr, n*h*w, 4, c+4, 4, h*w))
		return o
	}, []*memory{mx, mc, wide}, func() [][]float32 {
		planes, y := make([]float32, n*h*w*4), make([]float32, n*h*w*(c+4))
		for i := range planes {
			planes[i] = cond[i/4/h/w*4+i%4]
		}
		kernel.ConcatPlain(y, x, planes, n*h*w, c, 4)
		return [][]float32{y}
	}, 0}.check(t)
	twin{"copy", func() Op { return gpu.Copy(my.ptr, mx.ptr, len(x)) }, []*memory{mx, my}, func() [][]float32 { return [][]float32{x} }, 0}.check(t)
}
