package training

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/atelier-engine/atelier/core/autodiff"
)

// healthy are the losses of a run that goes well, with the noise of a batch.
func healthy(r *rand.Rand) map[string]float64 {
	n := r.NormFloat64()
	return map[string]float64{"d_right": 0.8 + 0.06*n, "variety": 0.95 + 0.08*r.NormFloat64(), "nearest": 0.9 + 0.1*r.NormFloat64(),
		"g_real": 1.4 + 0.5*r.NormFloat64(), "d_real": 0.5 + 0.1*n, "g_gradient": 0.4 * math.Exp(0.3*n)}
}

// TestWatch: each way to die is told once, named, with a cause and an advice;
// again only after it has passed; a healthy run is left in peace.
func TestWatch(t *testing.T) {
	const begins, ends, again, steps = 3000, 5000, 7000, 9000
	ill := func(step int) bool { return step >= begins && step < ends || step >= again }
	for name, c := range map[string]struct {
		change func(m map[string]float64, step int)
		want   string // "" for none
		times  int
	}{
		"healthy": {func(map[string]float64, int) {}, "", 0},
		"one glitch": {func(m map[string]float64, step int) {
			m["d_right"] = map[bool]float64{true: 1, false: 0.8}[step%1000 < 100]
		}, "", 0},
		"wins": {func(m map[string]float64, step int) {
			if ill(step) {
				m["d_right"] = 0.995
			}
		}, "right about 99", 2},
		"guesses": {func(m map[string]float64, step int) {
			if ill(step) {
				m["d_right"] -= 0.3
			}
		}, "a coin about half", 2},
		"alike": {func(m map[string]float64, step int) {
			if ill(step) {
				m["variety"] = 0.27
			}
		}, "collapses onto few faces", 2},
		"twins": {func(m map[string]float64, step int) {
			if ill(step) {
				m["variety"], m["nearest"] = 0.78, 0.22
			}
		}, "again and again", 2},
		"slowly alike": {func(m map[string]float64, step int) { m["variety"] -= 0.4 * float64(step) / steps }, "differ 0.6", 1},
		"explodes": {func(m map[string]float64, step int) {
			if step >= begins {
				m["d_real"] *= math.Exp(float64(step-begins) / 150)
			}
		}, "d_real is", 1},
		"loud from the start": {func(m map[string]float64, step int) { m["g_real"] *= 40 }, "", 0},
		"silent": {func(m map[string]float64, step int) {
			if ill(step) {
				m["g_gradient"] /= 1000
			}
		}, "tells no way", 2},
		"not a number": {func(m map[string]float64, step int) {
			if step%500 == 0 {
				m["g_real"], m["variety"] = math.NaN(), math.Inf(1)
			}
		}, "", 0},
		"without variety": {func(m map[string]float64, step int) {
			delete(m, "variety")
			delete(m, "nearest")
			delete(m, "g_gradient")
		}, "", 0},
	} {
		t.Run(name, func(t *testing.T) {
			for _, recipe := range []string{"paper", "ladder"} {
				w, r := newWatch(TrainConfig{Recipe: recipe}), rand.New(rand.NewPCG(1, 2))
				var told []string
				for step := 10; step <= steps; step += 10 {
					m := healthy(r)
					c.change(m, step)
					told = append(told, w.look(autodiff.Progress{Step: step, Losses: m})...)
				}
				if len(told) != c.times {
					t.Errorf("%s: told %d times, not %d: %q", recipe, len(told), c.times, told)
				}
				for _, text := range told {
					if !strings.Contains(text, c.want) || !strings.HasPrefix(text, "step ") || strings.Count(text, ": ") < 3 {
						t.Errorf("told %q", text)
					}
				}
			}
		})
	}
}

// TestWatchAfterRollback: what a rollback undoes is forgotten.
func TestWatchAfterRollback(t *testing.T) {
	w, r := newWatch(TrainConfig{Recipe: "paper"}), rand.New(rand.NewPCG(1, 2))
	tell := func(from, to int, right float64) (told []string) {
		for step := from; step <= to; step += 10 {
			m := healthy(r)
			m["d_right"] = right
			told = append(told, w.look(autodiff.Progress{Step: step, Losses: m})...)
		}
		return told
	}
	if told := tell(10, 1500, 1); len(told) != 1 {
		t.Fatalf("told %q", told)
	}
	if told := tell(1000, 1200, 1); len(told) != 0 {
		t.Errorf("told %q soon after a rollback", told)
	}
	if told := tell(1210, 1500, 1); len(told) != 1 {
		t.Errorf("told %q after the symptom lasted again", told)
	}
}

// TestVariety: photographs against photographs are about 1, few people and
// one person less.
func TestVariety(t *testing.T) {
	const n, side = 24, 32
	size := side * side * 3
	person := func(to []float32, who uint64, grain *rand.Rand) {
		r := rand.New(rand.NewPCG(who, 1))
		for y := range side {
			for x := range side {
				for c := range 3 {
					if x%8 == 0 && y%8 == 0 {
						to[(y*side+x)*3+c] = float32(r.NormFloat64())
					} else {
						to[(y*side+x)*3+c] = to[(y/8*8*side+x/8*8)*3+c] + 0.1*float32(grain.NormFloat64())
					}
				}
			}
		}
	}
	batch := func(who func(i int) uint64, grain uint64) []float32 {
		pix, r := make([]float32, n*size), rand.New(rand.NewPCG(grain, 3))
		for i := range n {
			person(pix[i*size:][:size], who(i), r)
		}
		return pix
	}
	real := batch(func(i int) uint64 { return uint64(i) }, 1)
	for name, c := range map[string]struct {
		who                                   func(i int) uint64
		lo, hi, nearestAtLeast, nearestAtMost float64
	}{
		"all":  {func(i int) uint64 { return uint64(1000 + i) }, 0.9, 1.1, 0.9, 1.1},
		"four": {func(i int) uint64 { return uint64(i % 4) }, 0.6, 0.95, 0, 0.2},
		"one":  {func(int) uint64 { return 7 }, 0, 0.2, 0, 0.2},
	} {
		losses := map[string]float64{}
		variety(losses, batch(c.who, 2), real, n, side)
		v, near := losses["variety"], losses["nearest"]
		if v < c.lo || v > c.hi || near < c.nearestAtLeast || near > c.nearestAtMost {
			t.Errorf("%s: variety %.2f, nearest %.2f", name, v, near)
		}
	}
	losses := map[string]float64{}
	variety(losses, real, make([]float32, n*size), n, side)
	variety(losses, real[:size], real[:size], 1, side)
	if len(losses) != 0 {
		t.Errorf("against photographs that are alike: %v", losses)
	}
}

// TestReduce: block means, and what is beyond a multiple left out.
func TestReduce(t *testing.T) {
	const side = 35 // blocks of 2 pixels, 17 a side
	pix := make([]float32, side*side*3)
	for y := range side {
		for x := range side {
			pix[(y*side+x)*3+1] = float32(100*y + x)
		}
	}
	small := reduce(pix, 1, side)
	if len(small) != 17*17*3 || small[(3*17+5)*3+1] != 100*6.5+10.5 || small[(3*17+5)*3] != 0 {
		t.Errorf("%d values, block (3,5) is %v", len(small), small[(3*17+5)*3:][:3])
	}
}
