package cuda

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/atelier-engine/atelier/core/kernel"
)

// sumLimit covers float32 sums of some thousand values in another order than the plain twin's.
const sumLimit = 2e-5

var gpu = Target{Major: 8, Shared: 99 << 10}

// twin is one test: an op on the device, the plain twin, and what to compare.
type twin struct {
	name  string
	op    func() Op
	ms    []*memory
	plain func() [][]float32 // wanted results, in the order of the memories that have one
	limit float64
}

func (w twin) check(t rapid.TB) {
	t.Helper()
	if !execute(t, w.name, w.op, w.ms...) {
		return
	}
	want := w.plain()
	for _, m := range w.ms {
		if m.result != nil {
			same(t, w.name+" "+m.name, m.result, want[0], w.limit)
			want = want[1:]
		}
	}
}

// sizes are tensors that the tests use: single values, channels that are no power of two, more rows than a chunk.
var sizes = []struct{ n, h, w, c int }{{1, 1, 1, 1}, {2, 3, 5, 3}, {1, 17, 9, 33}, {3, 2, 2, 40}, {1, 70, 40, 5}}

func TestNorms(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for i, s := range sizes {
		n, hw, c := s.n, s.h*s.w, s.c
		act := kernel.Act(i % 5)
		for _, stride := range []int{0, 2*c + 3} { // shared parameters, or parts of style vectors
			x, gamma, beta, res, dz := normal(r, n*hw*c), normal(r, n*max(stride, c)+c), normal(r, n*max(stride, c)+c), normal(r, n*hw*c), normal(r, n*hw*c)
			for j := range x {
				x[j] += 100 * float32(j%c%3) // far from zero
			}
			// The twin wants the parameters of samples next to each other.
			row := func(p []float32) []float32 {
				if stride == 0 {
					return p[:c]
				}
				var q []float32
				for k := range n {
					q = append(q, p[k*stride:][:c]...)
				}
				return q
			}
			mean, inv := make([]float32, n*c), make([]float32, n*c)
			y, y0 := make([]float32, n*hw*c), make([]float32, n*hw*c)
			kernel.InstanceNormPlain(y, x, res, row(gamma), row(beta), n, hw, c, stride > 0, mean, inv, 1e-5, act)
			kernel.InstanceNormPlain(y0, x, nil, row(gamma), row(beta), n, hw, c, stride > 0, mean, inv, 1e-5, act)
			mx, mg, mb, mr, my := given("x", x), given("gamma", gamma), given("beta", beta), given("residual", res), wanted("y", len(y))
			mm, mi := wanted("mean", n*c), wanted("invstd", n*c)
			params := func() NormParams {
				return NormParams{Mean: mm.ptr, InvStd: mi.ptr, Stats: c, Gamma: mg.ptr, Beta: mb.ptr, Params: stride}
			}
			name := fmt.Sprintf("norm of %d,%d,%d", n, hw, c)
			twin{name, func() Op {
				o := gpu.Moments(mm.ptr, mi.ptr, mx.ptr, n, hw, c, 1e-5, false)
				o.then(gpu.NormApply(my.ptr, mx.ptr, mr.ptr, params(), n, hw, c, act))
				return o
			}, []*memory{mx, mg, mb, mr, mm, mi, my}, func() [][]float32 { return [][]float32{mean, inv, y} }, 1e-4}.check(t)

			mm, mi = given("mean", mean), given("invstd", inv)
			dy := make([]float32, len(dz))
			kernel.ActivateGradPlain(dy, y0, dz, act)
			dx := make([]float32, len(dz))
			dgamma, dbeta := make([]float32, len(row(gamma))), make([]float32, len(row(gamma)))
			kernel.InstanceNormGradPlain(dx, dgamma, dbeta, x, dy, row(gamma), mean, inv, n, hw, c, stride > 0)
			spread := func(d []float32) []float32 { // to where the rows of gamma are; the rest stays as it was
				q := make([]float32, len(gamma))
				for k := range d {
					q[k/c*stride+k%c] = d[k]
				}
				return q
			}
			my0, mdz, mdx := given("y", y0), given("dy", dz), wanted("dx", len(dx))
			mdg, mdb := changed("dgamma", make([]float32, len(gamma))), changed("dbeta", make([]float32, len(gamma)))
			twin{name + " gradient", func() Op {
				return gpu.NormGrad(mdx.ptr, mdg.ptr, mdb.ptr, mx.ptr, my0.ptr, mdz.ptr, params(), n, hw, c, act)
			}, []*memory{mx, mg, mb, mm, mi, my0, mdz, mdx, mdg, mdb},
				func() [][]float32 { return [][]float32{dx, spread(dgamma), spread(dbeta)} }, 2e-4}.check(t)
		}
	}
}

func TestNormInPlaceAndRunning(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 3))
	rows, c := 37, 6
	x, scale, shift := normal(r, rows*c), normal(r, c), normal(r, c)
	want := make([]float32, len(x))
	kernel.ScaleShiftPlain(want, x, x, scale, shift, rows, c, kernel.ActReLU)
	mx, ms, mt := changed("x", x), given("scale", scale), given("shift", shift)
	twin{"scale and shift in place", func() Op { return gpu.ScaleShift(mx.ptr, mx.ptr, mx.ptr, ms.ptr, mt.ptr, rows, c, kernel.ActReLU) },
		[]*memory{mx, ms, mt}, func() [][]float32 { return [][]float32{want} }, 1e-6}.check(t)

	mean, inv, rm, rv := normal(r, c), []float32{.5, 1, 2, 3, 4, 5}, normal(r, c), []float32{1, 1, 1, 2, 2, 2}
	const eps, momentum = 1e-5, 0.1
	wm, wv, fs, ft := slices.Clone(rm), slices.Clone(rv), make([]float32, c), make([]float32, c)
	for i := range c {
		v := (1/(float64(inv[i])*float64(inv[i])) - eps) * float64(rows) / float64(rows-1)
		wm[i] += momentum * (mean[i] - rm[i])
		wv[i] += momentum * (float32(v) - rv[i])
		fs[i] = scale[i] / float32(math.Sqrt(float64(rv[i])+eps))
		ft[i] = shift[i] - rm[i]*fs[i]
	}
	mm, mi, mrm, mrv := given("mean", mean), given("invstd", inv), changed("running mean", rm), changed("running variance", rv)
	twin{"running statistics", func() Op { return gpu.NormRunning(mrm.ptr, mrv.ptr, mm.ptr, mi.ptr, rows, c, eps, momentum) },
		[]*memory{mm, mi, mrm, mrv}, func() [][]float32 { return [][]float32{wm, wv} }, 1e-6}.check(t)
	mrm, mrv = given("running mean", rm), given("running variance", rv)
	mfs, mft := wanted("scale", c), wanted("shift", c)
	twin{"fold", func() Op { return gpu.NormFold(mfs.ptr, mft.ptr, ms.ptr, mt.ptr, mrm.ptr, mrv.ptr, c, eps) },
		[]*memory{ms, mt, mrm, mrv, mfs, mft}, func() [][]float32 { return [][]float32{fs, ft} }, 1e-6}.check(t)
}

func TestElementwise(t *testing.T) {
	r := rand.New(rand.NewPCG(4, 4))
	for _, n := range []int{1, 255, 1024, 5000} {
		a, b, g := normal(r, n), normal(r, n), normal(r, n)
		v := make([]float32, n)
		for i := range v {
			v[i] = b[i] * b[i]
		}
		ma, mb, mg, my := given("a", a), given("b", b), given("g", g), wanted("y", n)
		result := func(f func(y []float32)) func() [][]float32 {
			return func() [][]float32 {
				y := make([]float32, n)
				f(y)
				return [][]float32{y}
			}
		}
		for act := kernel.ActNone; act <= kernel.ActSigmoid; act++ {
			twin{"activation", func() Op { return gpu.Activate(my.ptr, ma.ptr, n, act) }, []*memory{ma, my},
				result(func(y []float32) { kernel.ActivatePlain(y, a, act) }), activationLimit}.check(t)
			twin{"activation gradient", func() Op { return gpu.ActivateGrad(my.ptr, ma.ptr, mg.ptr, n, act) }, []*memory{ma, mg, my},
				result(func(y []float32) { kernel.ActivateGradPlain(y, a, g, act) }), activationLimit}.check(t)
		}
		twin{"linear", func() Op { return gpu.Linear(my.ptr, ma.ptr, mb.ptr, n, 2, -3) }, []*memory{ma, mb, my},
			result(func(y []float32) {
				for i := range y {
					y[i] = 2*a[i] - 3*b[i]
				}
			}), 1e-6}.check(t)
		mc := changed("a", a)
		twin{"scale in place", func() Op { return gpu.Linear(mc.ptr, mc.ptr, 0, n, 0.5, 0) }, []*memory{mc},
			result(func(y []float32) { kernel.ScalePlain(y, a, 0.5) }), 0}.check(t)
		for _, s := range []float32{0, 1, 1<<24 - 1} {
			ms := given("seed", []float32{s})
			twin{"nudge", func() Op { return gpu.Nudge(my.ptr, ma.ptr, ms.ptr, n, .5) }, []*memory{ma, ms, my}, func() [][]float32 {
				want := make([]float32, n)
				kernel.Nudge(want, ma.before, uint32(s), .5)
				return [][]float32{want}
			}, 0}.check(t)
		}
		twin{"fill", func() Op { return gpu.Fill(my.ptr, n, 7) }, []*memory{my},
			result(func(y []float32) {
				for i := range y {
					y[i] = 7
				}
			}), 0}.check(t)
		twin{"scale samples", func() Op { return gpu.ScaleSamples(my.ptr, ma.ptr, mb.ptr, n, 3) }, []*memory{ma, mb, my},
			result(func(y []float32) {
				for i := range y {
					y[i] = a[i] * b[i/3]
				}
			}), 0}.check(t)
	}
}

func TestColumns(t *testing.T) {
	r := rand.New(rand.NewPCG(6, 6))
	for _, s := range sizes {
		n, hw, c := s.n, s.h*s.w, s.c
		x, d := normal(r, n*hw*c), normal(r, n*c)
		mx, my, md, mdx := given("x", x), wanted("y", n*c), given("dy", d), wanted("dx", n*hw*c)
		twin{"means", func() Op { return gpu.ColumnMeans(my.ptr, mx.ptr, n, hw, c, true) }, []*memory{mx, my},
			func() [][]float32 {
				y := make([]float32, n*c)
				kernel.GlobalAvgPoolPlain(y, x, n, hw, c)
				return [][]float32{y}
			}, sumLimit}.check(t)
		twin{"means gradient", func() Op { return gpu.GlobalAvgPoolGrad(mdx.ptr, md.ptr, n, hw, c) }, []*memory{md, mdx},
			func() [][]float32 {
				y := make([]float32, n*hw*c)
				kernel.GlobalAvgPoolGradPlain(y, d, n, hw, c)
				return [][]float32{y}
			}, 1e-6}.check(t)
		my = wanted("db", c)
		twin{"bias gradient", func() Op { return gpu.BiasGrad(my.ptr, mx.ptr, n*hw, c) }, []*memory{mx, my},
			func() [][]float32 {
				y := make([]float32, c)
				kernel.BiasGradPlain(y, x, n*hw, c)
				return [][]float32{y}
			}, sumLimit}.check(t)
	}
}

// TestPlanes draws sizes for pools, resizes and pads and their gradients.
func TestPlanes(t *testing.T) {
	emulate(t)
	rapid.Check(t, planes)
}

// FuzzPlanes is TestPlanes, guided by coverage.
func FuzzPlanes(f *testing.F) { f.Fuzz(rapid.MakeFuzz(planes)) }

func planes(r *rapid.T) {
	draw := func(name string, lo, hi int) int { return rapid.IntRange(lo, hi).Draw(r, name) }
	n, h, w, c := draw("n", 1, 2), draw("h", 1, 9), draw("w", 1, 9), draw("c", 1, 9)
	k, stride, factor := draw("k", 1, min(h, w)), draw("stride", 1, 3), draw("factor", 1, 3)
	oh, ow := draw("oh", 1, 20), draw("ow", 1, 20)
	g := rand.New(rand.NewPCG(rapid.Uint64().Draw(r, "seed"), 1))
	ph, pw := pooled(h, k, stride), pooled(w, k, stride)
	x := coarse(g, n*h*w*c) // many equal values: the first must win
	compare := func(name string, op func(y, x Ptr) Op, x []float32, size int, plain func(y []float32), limit float64) {
		mx, my := given("x", x), wanted("y", size)
		twin{name, func() Op { return op(my.ptr, mx.ptr) }, []*memory{mx, my}, func() [][]float32 {
			y := make([]float32, size)
			plain(y)
			return [][]float32{y}
		}, limit}.check(r)
	}
	d := normal(g, n*ph*pw*c)
	idx, top := make([]int32, n*ph*pw*c), make([]float32, n*ph*pw*c)
	kernel.MaxPoolPlain(top, idx, x, n, h, w, c, k, stride)
	asFloats := make([]float32, len(idx))
	for i, v := range idx {
		asFloats[i] = math.Float32frombits(uint32(v))
	}
	mx, my, mi, md, mdx := given("x", x), wanted("y", len(top)), wanted("idx", len(top)), given("dy", d), wanted("dx", len(x))
	twin{"maxpool", func() Op { return gpu.MaxPool(my.ptr, mi.ptr, mx.ptr, n, h, w, c, k, stride) }, []*memory{mx, my, mi},
		func() [][]float32 { return [][]float32{top, asFloats} }, 0}.check(r)
	mi = given("idx", asFloats)
	twin{"maxpool gradient", func() Op { return gpu.MaxPoolGrad(mdx.ptr, md.ptr, mi.ptr, n, h, w, c, k, stride) }, []*memory{md, mi, mdx},
		func() [][]float32 {
			y := make([]float32, len(x))
			kernel.MaxPoolGradPlain(y, d, idx, n, h, w, c, k, stride)
			return [][]float32{y}
		}, 0}.check(r)
	compare("avgpool", func(y, x Ptr) Op { return gpu.AvgPool(y, x, n, h, w, c, k, stride) }, x, len(d),
		func(y []float32) { kernel.AvgPoolPlain(y, x, n, h, w, c, k, stride) }, 1e-6)
	compare("avgpool gradient", func(y, x Ptr) Op { return gpu.AvgPoolGrad(y, x, n, h, w, c, k, stride) }, d, len(x),
		func(y []float32) { kernel.AvgPoolGradPlain(y, d, n, h, w, c, k, stride) }, 1e-6)
	big := normal(g, n*h*w*c*factor*factor)
	compare("nearest", func(y, x Ptr) Op { return gpu.ResizeNearest(y, x, n, h, w, c, factor) }, x, len(big),
		func(y []float32) { kernel.ResizeNearestPlain(y, x, n, h, w, c, factor) }, 0)
	compare("nearest gradient", func(y, x Ptr) Op { return gpu.ResizeNearestGrad(y, x, n, h, w, c, factor) }, big, len(x),
		func(y []float32) { kernel.ResizeNearestGradPlain(y, big, n, h, w, c, factor) }, 0)
	d = normal(g, n*oh*ow*c)
	compare("bilinear", func(y, x Ptr) Op { return gpu.ResizeBilinear(y, x, n, h, w, c, oh, ow) }, x, len(d),
		func(y []float32) { kernel.ResizeBilinearPlain(y, x, n, h, w, c, oh, ow) }, 1e-6)
	compare("bilinear gradient", func(y, x Ptr) Op { return gpu.ResizeBilinearGrad(y, x, n, h, w, c, oh, ow) }, d, len(x),
		func(y []float32) { kernel.ResizeBilinearGradPlain(y, d, n, h, w, c, oh, ow) }, 1e-5)
}
