package style

import (
	"math"

	"github.com/atelier-engine/atelier/core/kernel"
)

// taps is a filter along one axis: output i is Σ weight[i·n+k]·input[at[i·n+k]].
type taps struct {
	n      int // taps of each output
	at     []int32
	weight []float32
}

func (t *taps) reset(n int) { t.n, t.at, t.weight = n, t.at[:0], t.weight[:0] }

func (t *taps) add(at int, weight float64) {
	t.at, t.weight = append(t.at, int32(at)), append(t.weight, float32(weight))
}

// outputs is how many values the filter gives.
func (t *taps) outputs() int { return len(t.at) / t.n }

// enlarge makes the filter that interpolates samples [lo,hi) of an axis of m
// samples from samples [from,to) of the same axis with n, by Catmull-Rom (Keys
// 1981, a=-1/2) with the ends mirrored. What lies outside [from,to) is taken for
// the nearest that does not.
func (t *taps) enlarge(n, m, lo, hi, from, to int) {
	t.between(n, m, lo, hi, from, to, 2, catmullRom)
}

// smooth is enlarge with a normal kernel of the given deviation, in samples of
// the axis of n, that reaches 4 of them.
func (t *taps) smooth(n, m, lo, hi, from, to int, sigma float64) {
	t.between(n, m, lo, hi, from, to, 4, func(x float64) float64 { return math.Exp(-x * x / (2 * sigma * sigma)) })
}

// between makes a filter of 2·reach taps around each output's place.
func (t *taps) between(n, m, lo, hi, from, to, reach int, kernel func(x float64) float64) {
	t.reset(2 * reach)
	for i := lo; i < hi; i++ {
		c := (float64(i)+.5)*float64(n)/float64(m) - .5
		first := int(math.Floor(c)) - reach + 1
		sum := 0.0
		for j := first; j < first+t.n; j++ {
			sum += kernel(c - float64(j))
		}
		for j := first; j < first+t.n; j++ {
			at := j
			if at < 0 {
				at = -1 - at
			}
			if at >= n {
				at = 2*n - 1 - at
			}
			t.add(min(max(at, from), to-1)-from, kernel(c-float64(j))/sum)
		}
	}
}

func catmullRom(x float64) float64 {
	switch x = math.Abs(x); {
	case x < 1:
		return (1.5*x-2.5)*x*x + 1
	case x < 2:
		return ((-.5*x+2.5)*x-4)*x + 2
	}
	return 0
}

// reduce makes the filter that averages an axis of m samples, of which [from,to)
// are there, to samples [lo,hi) of n: each is the mean of what it covers,
// fractions included. All that is covered must be there.
func (t *taps) reduce(m, n, lo, hi, from, to int) {
	scale := float64(m) / float64(n)
	t.reset(int(math.Ceil(scale)) + 1)
	for i := lo; i < hi; i++ {
		a, b := float64(i)*scale, float64(i+1)*scale
		j := int(math.Floor(a + 1e-9))
		for k := range t.n {
			w := max(0, min(b, float64(j+k+1))-max(a, float64(j+k)))
			t.add(min(max(j+k, from), to-1)-from, w/scale)
		}
	}
}

// covered are the samples of an axis of n that lie wholly in [from,to) of the
// same axis with m.
func covered(n, m, from, to int) (lo, hi int) {
	return (from*n + m - 1) / m, to * n / m
}

// filter computes a window (h,w,3) of another resolution, h and w being the
// outputs of the filters down and across, from src, whose rows have sw pixels.
// With add it is added to dst. Rows are done in parallel; the result is free of
// their number. rows is scratch, kept by the caller.
func filter(dst, src []float32, sw int, across, down *taps, add bool, rows *[]filterRow) {
	h, w := down.outputs(), across.outputs()
	for len(*rows) < kernel.Workers() {
		*rows = append(*rows, filterRow{})
	}
	kernel.Parallel(h, 8, func(worker, lo, hi int) {
		r := &(*rows)[worker]
		r.mid = sized(r.mid, 3*sw*(hi-lo)+1) // one number more than there is, see MixPixels
		for y := lo; y < hi; y++ {
			r.at, r.weight = r.at[:0], r.weight[:0]
			for k := y * down.n; k < (y+1)*down.n; k++ {
				if wt := down.weight[k]; wt != 0 {
					r.at, r.weight = append(r.at, 3*sw*int(down.at[k])), append(r.weight, wt)
				}
			}
			kernel.MixRows(r.mid[3*sw*(y-lo):][:3*sw], src, r.at, r.weight)
		}
		kernel.MixPixels(dst[3*w*lo:3*w*hi], r.mid, hi-lo, across.at, across.weight, across.n, add)
	})
}

// filterRow is what one worker of filter needs: rows filtered down, and
// where the rows that one of them is made of begin.
type filterRow struct {
	mid    []float32
	at     []int
	weight []float32
}
