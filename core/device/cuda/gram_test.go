package cuda

import (
	"math/rand/v2"
	"testing"

	"github.com/atelier-engine/atelier/core/kernel"
)

// matMul is c = a·b, a (m,k), b (k,n); with transposed, a is (k,m).
func matMul(a, b []float32, m, k, n int, transposed bool) []float32 {
	c := make([]float32, m*n)
	for i := range m {
		for j := range n {
			var s float64
			for p := range k {
				v := a[0]
				if transposed {
					v = a[p*m+i]
				} else {
					v = a[i*k+p]
				}
				s += float64(v) * float64(b[p*n+j])
			}
			c[i*n+j] = float32(s)
		}
	}
	return c
}

func TestMatMul(t *testing.T) {
	r := rand.New(rand.NewPCG(11, 11))
	for _, s := range []struct{ n, m, k, nn int }{{1, 1, 1, 1}, {2, 5, 7, 9}, {1, 70, 33, 65}, {1, 130, 20, 12}, {2, 4, 300, 8}} {
		for _, g := range []Target{targets[0], targets[1], targets[len(targets)-1]} {
			a, b, at := coarse(r, s.n*s.m*s.k), coarse(r, s.n*s.k*s.nn), coarse(r, s.n*s.k*s.m)
			ma, mb, mt, mc := given("a", a), given("b", b), given("a", at), wanted("c", s.n*s.m*s.nn)
			each := func(a []float32, transposed, shared bool) func() [][]float32 {
				return func() [][]float32 {
					var c []float32
					for i := range s.n {
						j := i
						if shared {
							j = 0
						}
						c = append(c, matMul(a[i*s.m*s.k:], b[j*s.k*s.nn:], s.m, s.k, s.nn, transposed)...)
					}
					return [][]float32{c}
				}
			}
			for _, shared := range []bool{true, false} {
				twin{"matmul", func() Op { return g.MatMul(mc.ptr, ma.ptr, mb.ptr, s.n, s.m, s.k, s.nn, shared) },
					[]*memory{ma, mb, mc}, each(a, false, shared), 0}.check(t)
			}
			twin{"transposed matmul", func() Op { return g.MatMulTN(mc.ptr, mt.ptr, mb.ptr, s.n, s.k, s.m, s.nn, 1) },
				[]*memory{mt, mb, mc}, each(at, true, false), 0}.check(t)
		}
	}
}

// TestGram checks Gram matrices, covariances and their gradients in full float32 against their formulas.
func TestGram(t *testing.T) {
	g := gpu
	g.Precision = F32
	r := rand.New(rand.NewPCG(12, 12))
	n, hw, c := 2, 40, 12
	one := (c + 1) * c
	f, d, dg := normal(r, n*hw*c), normal(r, n*one), normal(r, n*c*c)
	var gram, gramGrad, cov, covGrad []float32
	for s := range n {
		x := f[s*hw*c : (s+1)*hw*c]
		product, norm := matMul(x, x, c, hw, c, true), float32(hw*c)
		mean := make([]float32, c)
		kernel.GlobalAvgPoolPlain(mean, x, 1, hw, c)
		both, two := make([]float32, c*c), make([]float32, c*c)
		for i, v := range product {
			a, b := i/c, i%c
			gram = append(gram, v/norm)
			cov = append(cov, v/float32(hw)-mean[a]*mean[b])
			both[i] = (dg[s*c*c+i] + dg[s*c*c+b*c+a]) / norm
			two[i] = (d[s*one+i] + d[s*one+b*c+a]) / float32(hw)
		}
		cov = append(cov, mean...)
		gramGrad = append(gramGrad, matMul(x, both, hw, c, c, false)...)
		centred := make([]float32, len(x))
		for i := range x {
			centred[i] = x[i] - mean[i%c]
		}
		part := matMul(centred, two, hw, c, c, false)
		for i := range part {
			part[i] += d[s*one+c*c+i%c] / float32(hw)
		}
		covGrad = append(covGrad, part...)
	}
	mf, md, mdg := given("f", f), given("dy", d), given("dy", dg)
	my, mdf := wanted("y", n*c*c), wanted("df", len(f))
	twin{"gram", func() Op { return g.Gram(my.ptr, mf.ptr, n, hw, c) }, []*memory{mf, my}, func() [][]float32 { return [][]float32{gram} }, 1e-5}.check(t)
	twin{"gram gradient", func() Op { return g.GramGrad(mdf.ptr, mf.ptr, mdg.ptr, n, hw, c) }, []*memory{mf, mdg, mdf},
		func() [][]float32 { return [][]float32{gramGrad} }, 1e-5}.check(t)
	my = wanted("y", n*one)
	twin{"covariance", func() Op { return g.Covariance(my.ptr, mf.ptr, n, hw, c) }, []*memory{mf, my},
		func() [][]float32 { return [][]float32{cov} }, 1e-5}.check(t)
	my = given("y", cov)
	twin{"covariance gradient", func() Op { return g.CovarianceGrad(mdf.ptr, mf.ptr, my.ptr, md.ptr, n, hw, c) }, []*memory{mf, my, md, mdf},
		func() [][]float32 { return [][]float32{covGrad} }, 1e-5}.check(t)
}

// TestStats checks means and deviations side by side, and their gradient against differences.
func TestStats(t *testing.T) {
	r := rand.New(rand.NewPCG(13, 13))
	n, hw, c := 2, 50, 5
	const eps = 1e-5
	x, d := normal(r, n*hw*c), normal(r, n*2*c)
	mean, inv, y := make([]float32, n*c), make([]float32, n*c), make([]float32, n*2*c)
	ones, zeros := make([]float32, c), make([]float32, c)
	for i := range ones {
		ones[i] = 1
	}
	kernel.InstanceNormPlain(make([]float32, len(x)), x, nil, ones, zeros, n, hw, c, false, mean, inv, eps, kernel.ActNone)
	want := make([]float32, len(x))
	for i := range mean {
		s, k := i/c, i%c
		y[s*2*c+k], y[s*2*c+c+k] = mean[i], 1/inv[i]
	}
	for i := range x {
		s, k := i/(hw*c), i%c
		want[i] = (d[s*2*c+k] + d[s*2*c+c+k]*(x[i]-mean[s*c+k])*inv[s*c+k]) / float32(hw)
	}
	mx, my, md, mdx := given("x", x), wanted("y", len(y)), given("dy", d), wanted("dx", len(x))
	twin{"stats", func() Op { return gpu.Stats(my.ptr, mx.ptr, n, hw, c, eps) }, []*memory{mx, my}, func() [][]float32 { return [][]float32{y} }, 1e-5}.check(t)
	my = given("y", y)
	twin{"stats gradient", func() Op { return gpu.StatsGrad(mdx.ptr, mx.ptr, my.ptr, md.ptr, n, hw, c) }, []*memory{mx, my, md, mdx},
		func() [][]float32 { return [][]float32{want} }, 1e-5}.check(t)
}
