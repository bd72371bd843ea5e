package cuda

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/atelier-engine/atelier/core/kernel"
)

// coarse returns values that every precision holds exactly, multiples of 1/8 up to 1. Products of two are
// multiples of 1/64 and sums of thousands are exact in float32: whatever the precision and the order of
// additions, a right kernel gives the bits of its plain twin, and one wrong lane or index shows.
func coarse(r *rand.Rand, n int) []float32 {
	x := make([]float32, n)
	for i := range x {
		x[i] = float32(r.IntN(17)-8) / 8
	}
	return x
}

func normal(r *rand.Rand, n int) []float32 {
	x := make([]float32, n)
	for i := range x {
		x[i] = float32(r.NormFloat64())
	}
	return x
}

// same compares a result with its plain twin: |got - want| <= limit·(1 + |want|).
func same(t rapid.TB, what string, got, want []float32, limit float64) {
	t.Helper()
	bad, first := 0, -1
	for i := range want {
		d := math.Abs(float64(got[i]) - float64(want[i]))
		if !(d <= limit*(1+math.Abs(float64(want[i])))) {
			if bad++; first < 0 {
				first = i
			}
		}
	}
	if bad > 0 {
		t.Errorf("%s: %d of %d values are wrong, the first [%d] = %v, not %v", what, bad, len(want), first, got[first], want[first])
	}
}

// targets are the GPUs and precisions that the tests make launches for. On many multiprocessors small pictures get
// small tiles, on one the largest.
var targets = []Target{
	{Major: 8, Minor: 0, Precision: TF32, Shared: 163 << 10},
	{Major: 8, Minor: 6, Precision: TF32, SMs: 1},
	{Major: 9, Minor: 0, Precision: F16, SMs: 1, Shared: 227 << 10},
	{Major: 9, Minor: 0, Precision: F16, SMs: 132, Shared: 227 << 10},
	{Major: 9, Minor: 0, Precision: BF16, SMs: 1},
	{Major: 9, Minor: 0, Precision: BF16, SMs: 132},
	{Major: 7, Minor: 0, Precision: TF32, SMs: 80},
}

func (t Target) String() string {
	return fmt.Sprintf("%v on %d.%d with %d processors", t.Precision, t.Major, t.Minor, t.sms())
}

// activationLimit covers tanh and exp of the C library against Go's, and one rounding.
const activationLimit = 1e-6

// checkConv compares a convolution and its gradients with their plain twins. shift moves operands by so many
// values from their alignment.
func checkConv(t rapid.TB, g Target, c kernel.Conv, n, h, w int, act kernel.Act, residual bool, shift int, seed uint64) {
	t.Helper()
	oh, ow := c.OutSize(h, w)
	if c.Check() != nil || oh < 1 || ow < 1 {
		return
	}
	r := rand.New(rand.NewPCG(seed, 1))
	x, wt, dy := coarse(r, n*h*w*c.InC+shift), coarse(r, c.WeightLen()+shift), coarse(r, n*oh*ow*c.OutC+shift)
	bias, res := coarse(r, c.OutC), coarse(r, n*oh*ow*c.OutC)
	name := fmt.Sprintf("%v: %+v of %dx%dx%d", g, c, n, h, w)

	want := make([]float32, len(res))
	kernel.ConvForwardPlain(c, want, x[shift:], n, h, w, wt[shift:], bias, act)
	mx, mw, mb, my, mr := given("x", x), given("w", wt), given("bias", bias), wanted("y", len(res)), given("residual", res)
	packed := wanted("packed", g.PackedBytes(c)/4)
	ok := execute(t, name+" forward", func() Op {
		var o Op
		weights := Weights{Raw: mw.ptr.Add(shift)}
		if seed%2 == 0 && g.PackedBytes(c) > 0 {
			o = g.PackWeights(c, packed.ptr, weights.Raw)
			weights = Weights{Packed: packed.ptr}
		}
		p := Ptr(0)
		if residual {
			p = mr.ptr
		}
		o.then(g.ConvForward(c, my.ptr, mx.ptr.Add(shift), weights, mb.ptr, p, n, h, w, act))
		return o
	}, mx, mw, mb, my, mr, packed)
	if ok {
		if residual {
			kernel.AddPlain(want, want, res)
		}
		limit := 0.0
		if act == kernel.ActTanh || act == kernel.ActSigmoid {
			limit = activationLimit
		}
		same(t, name+" forward", my.result, want, limit)
	}

	if g.pairs() && (g.SMs != 1 || g.Precision == BF16) {
		return // gradients are those of TF32; one of these targets is enough to see that
	}
	want = make([]float32, len(x)-shift)
	kernel.ConvGradDataPlain(c, want, dy[shift:], n, h, w, wt[shift:])
	md, mdx := given("dy", dy), wanted("dx", len(want))
	if execute(t, name+" data gradient", func() Op {
		return g.ConvGradData(c, mdx.ptr, md.ptr.Add(shift), Weights{Raw: mw.ptr.Add(shift)}, n, h, w)
	}, md, mw, mdx) {
		same(t, name+" data gradient", mdx.result, want, 0)
	}

	want = make([]float32, len(wt)-shift)
	kernel.ConvGradWeightsPlain(c, want, x[shift:], dy[shift:], n, h, w)
	mdw := wanted("dw", len(want))
	if execute(t, name+" weight gradient", func() Op {
		return g.ConvGradWeights(c, mdw.ptr, mx.ptr.Add(shift), md.ptr.Add(shift), n, h, w)
	}, mx, md, mdw) {
		same(t, name+" weight gradient", mdw.result, want, 0)
	}
}

func TestConvMatchesPlain(t *testing.T) {
	same3 := func(in, out int) kernel.Conv {
		return kernel.Conv{InC: in, OutC: out, KH: 3, KW: 3, Stride: 1, Pad: 1}
	}
	with := func(c kernel.Conv, f func(*kernel.Conv)) kernel.Conv { f(&c); return c }
	cases := []struct {
		c       kernel.Conv
		n, h, w int
		act     kernel.Act
	}{
		{same3(3, 5), 2, 5, 7, kernel.ActNone},
		{same3(16, 32), 1, 9, 6, kernel.ActReLU},
		{same3(20, 70), 1, 7, 5, kernel.ActLeakyReLU},
		{same3(40, 40), 2, 6, 6, kernel.ActTanh},
		{same3(132, 132), 1, 4, 4, kernel.ActNone},
		{same3(96, 96), 2, 9, 8, kernel.ActReLU},
		{same3(128, 112), 2, 9, 8, kernel.ActNone},
		{with(same3(48, 64), func(c *kernel.Conv) { c.PadMode = kernel.PadReflect }), 1, 6, 5, kernel.ActNone},
		{with(same3(64, 32), func(c *kernel.Conv) { c.Up = 2 }), 1, 4, 3, kernel.ActNone},
		{kernel.Conv{InC: 32, OutC: 96, KH: 4, KW: 4, Stride: 2, Pad: 1}, 1, 8, 6, kernel.ActNone},
		{kernel.Conv{InC: 96, OutC: 32, KH: 4, KW: 4, Stride: 2, Pad: 1, Transposed: true}, 2, 3, 4, kernel.ActReLU},
		{kernel.Conv{InC: 2048, OutC: 7, KH: 1, KW: 1, Stride: 1}, 3, 1, 1, kernel.ActNone},
		{with(same3(8, 12), func(c *kernel.Conv) { c.PadMode = kernel.PadReflect }), 2, 6, 5, kernel.ActNone},
		{with(same3(8, 12), func(c *kernel.Conv) { c.Stride = 2 }), 2, 7, 8, kernel.ActNone},
		{with(same3(8, 12), func(c *kernel.Conv) { c.Up = 2 }), 2, 4, 5, kernel.ActNone},
		{with(same3(5, 3), func(c *kernel.Conv) { c.Up = 2; c.PadMode = kernel.PadReflect }), 2, 3, 4, kernel.ActSigmoid},
		{kernel.Conv{InC: 4, OutC: 8, KH: 5, KW: 5, Stride: 1, Pad: 2, Up: 2, PadMode: kernel.PadReflect}, 1, 4, 3, kernel.ActNone},
		{kernel.Conv{InC: 3, OutC: 16, KH: 9, KW: 9, Stride: 1, Pad: 4, PadMode: kernel.PadReflect}, 1, 10, 11, kernel.ActNone},
		{kernel.Conv{InC: 16, OutC: 3, KH: 9, KW: 9, Stride: 1, Pad: 4, PadMode: kernel.PadReflect}, 1, 9, 5, kernel.ActSigmoid},
		{kernel.Conv{InC: 12, OutC: 20, KH: 4, KW: 4, Stride: 2, Pad: 1}, 2, 8, 6, kernel.ActLeakyReLU},
		{kernel.Conv{InC: 12, OutC: 20, KH: 4, KW: 4, Stride: 2, Pad: 1, Transposed: true}, 2, 3, 4, kernel.ActReLU},
		{kernel.Conv{InC: 6, OutC: 7, KH: 3, KW: 2, Stride: 3, Pad: 0, Transposed: true}, 1, 3, 2, kernel.ActNone},
		{kernel.Conv{InC: 40, OutC: 36, KH: 1, KW: 1, Stride: 1}, 3, 1, 1, kernel.ActNone},
		{kernel.Conv{InC: 900, OutC: 9, KH: 1, KW: 1, Stride: 1}, 2, 1, 1, kernel.ActReLU},
	}
	for i, c := range cases {
		for j, g := range targets {
			checkConv(t, g, c.c, c.n, c.h, c.w, c.act, i%3 == 0, 0, uint64(i+j))
		}
	}
	for k := range Kernels {
		if (strings.HasPrefix(k, "conv_") || strings.HasPrefix(k, "weights_")) && !launched[k] {
			t.Errorf("no case reaches %s", k)
		}
	}
}

// TestConvShapes draws geometries: odd sizes, single pixels, channels that fill no tile or more than one,
// operands that are not aligned.
func TestConvShapes(t *testing.T) {
	emulate(t)
	rapid.Check(t, convShapes)
}

func convShapes(r *rapid.T) {
	draw := func(name string, lo, hi int) int { return rapid.IntRange(lo, hi).Draw(r, name) }
	c := kernel.Conv{InC: draw("in", 1, 40), OutC: draw("out", 1, 40), KH: draw("kh", 1, 5), KW: draw("kw", 1, 5),
		Stride: draw("stride", 1, 3), Pad: draw("pad", 0, 3)}
	switch draw("kind", 0, 6) {
	case 1:
		c.PadMode = kernel.PadReflect
	case 2:
		c.Up = 2
	case 3:
		c.Up, c.PadMode = 2, kernel.PadReflect
	case 4:
		c.Transposed = true
	case 5:
		c.InC, c.OutC = draw("wide in", 60, 140), draw("wide out", 60, 140)
	case 6:
		c.InC, c.OutC, c.Transposed = 16*draw("tiles of channels", 1, 8), draw("wide out", 1, 140), draw("transposed", 0, 1) > 0
	}
	n, h, w := draw("n", 1, 2), draw("h", 1, 8), draw("w", 1, 8)
	checkConv(r, targets[draw("target", 0, len(targets)-1)], c, n, h, w, kernel.Act(draw("act", 0, 4)), draw("residual", 0, 1) > 0,
		draw("shift", 0, 2), rapid.Uint64().Draw(r, "seed"))
}

// FuzzConv is TestConvShapes, guided by coverage.
func FuzzConv(f *testing.F) { f.Fuzz(rapid.MakeFuzz(convShapes)) }
