package cuda

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/atelier-engine/atelier/core/kernel"
)

// complaints collects what execute reports.
type complaints []string

func (c *complaints) Helper()                        {}
func (c *complaints) Errorf(format string, a ...any) { *c = append(*c, fmt.Sprintf(format, a...)) }

// TestEmulatorFindsMistakes runs kernels with one mistake each: a test that cannot fail proves nothing.
func TestEmulatorFindsMistakes(t *testing.T) {
	e := emulate(t)
	x := normal(rand.New(rand.NewPCG(1, 1)), 64)
	for _, c := range []struct{ kernel, report string }{
		{"faulty_barrier", ""}, // the results differ, or are those of uncleared memory
		{"faulty_wait", ""},
		{"faulty_overwrite", ""},
		{"faulty_branch", "barrier"},
		{"faulty_read", "outside"},
		{"faulty_write", "outside"},
		{"faulty_before", "beside buffer"},
		{"faulty_shared", "outside"},
		{"faulty_operand", "x[0]"},
		{"faulty_vector", "not aligned"},
		{"faulty_warp", "different instructions"},
	} {
		var found complaints
		my, mx := wanted("y", 64), given("x", x)
		ok := executeOn(e, &found, c.kernel, func() Op {
			return Op{Launches: []Launch{{Kernel: c.kernel, Grid: [3]int{1, 1, 1}, Block: [3]int{64, 1, 1}, Shared: 256, Args: []Arg{arg(my.ptr), arg(mx.ptr)}}}}
		}, my, mx)
		for _, v := range my.result {
			if ok && math.IsNaN(float64(v)) {
				found.Errorf("memory that was never set")
				break
			}
		}
		if len(found) == 0 || !strings.Contains(found[0], c.report) {
			t.Errorf("%s was not found, or not for its mistake (%s): %v", c.kernel, c.report, found)
		}
	}
}

// TestPrecisions checks that products are rounded as their precision says, no more and no less. A product of two
// rounded factors is off by at most 2^(1-digits) of itself, and a sum of K of them, of random signs, by about
// √K/2 times a third of that; half and four times as much bound it here.
func TestPrecisions(t *testing.T) {
	r := rand.New(rand.NewPCG(14, 14))
	c := kernel.Conv{InC: 32, OutC: 16, KH: 3, KW: 3, Stride: 1, Pad: 1}
	n, h, w := 1, 8, 8
	x, wt := normal(r, n*h*w*c.InC), normal(r, c.WeightLen())
	want := make([]float32, n*h*w*c.OutC)
	kernel.ConvForwardPlain(c, want, x, n, h, w, wt, nil, kernel.ActNone)
	for _, p := range []struct {
		precision Precision
		digits    int // of the mantissa, the leading one included
	}{{TF32, 11}, {F16, 11}, {BF16, 8}, {F32, 20}} {
		g := Target{Major: 9, Precision: p.precision}
		mx, mw, my := given("x", x), given("w", wt), wanted("y", len(want))
		if !execute(t, p.precision.String(), func() Op {
			return g.ConvForward(c, my.ptr, mx.ptr, Weights{Raw: mw.ptr}, 0, 0, n, h, w, kernel.ActNone)
		}, mx, mw, my) {
			continue
		}
		var sq float64
		for i := range want {
			d := float64(my.result[i]) - float64(want[i])
			sq += d * d
		}
		got := math.Sqrt(sq/float64(len(want))) / math.Sqrt(float64(c.KH*c.KW*c.InC))
		expected := math.Ldexp(1, -p.digits) / math.Sqrt(3) * math.Sqrt2 * 0.72
		if got > 2*expected || p.precision != F32 && got < expected/2 {
			t.Errorf("%v: products are off by %.2g, and should be by %.2g", p.precision, got, expected)
		}
	}
}
