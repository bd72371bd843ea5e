package evaluation

import (
	"math"
	"slices"

	"github.com/atelier-engine/atelier/core/kernel"
)

// distances gives row i of the matrix |a_i - b_j|, for each i in turn. f must not
// keep the row; it is called from several goroutines at once.
func distances(a, b [][]float64, f func(i int, row []float64)) {
	kernel.Parallel(len(a), 8, func(_, lo, hi int) {
		row := make([]float64, len(b))
		for i := lo; i < hi; i++ {
			for j, v := range b {
				row[j] = distance(a[i], v)
			}
			f(i, row)
		}
	})
}

func distance(a, b []float64) float64 {
	sum := 0.0
	for k, x := range a {
		sum += (x - b[k]) * (x - b[k])
	}
	return math.Sqrt(sum)
}

// reach is, for each row of v, the distance to its k-th nearest other row.
func reach(v [][]float64, k int) []float64 {
	out := make([]float64, len(v))
	distances(v, v, func(i int, row []float64) {
		row[i] = math.Inf(1)
		slices.Sort(row)
		out[i] = row[min(k, len(row)-1)-1]
	})
	return out
}

// neighbours is the number k of density and coverage.
const neighbours = 5

// densityCoverage are the measures of Naeem et al., "Reliable fidelity and
// diversity metrics for generative models" (2020). Around each real picture lies a
// ball that reaches to its k-th nearest real neighbour.
//
//	density  = 1/(k·M) Σ_j #{i: made_j in ball_i}  how much portraits lie where photographs do; about 1 for photographs
//	coverage = 1/N #{i: some made_j in ball_i}     the part of the photographs that some portrait is like
func densityCoverage(made, real [][]float64, k int) (density, coverage float64) {
	balls := reach(real, k)
	in := make([]int, len(made))
	covered := make([]bool, len(real))
	distances(real, made, func(i int, row []float64) {
		for _, d := range row {
			covered[i] = covered[i] || d <= balls[i]
		}
	})
	distances(made, real, func(j int, row []float64) {
		for i, d := range row {
			if d <= balls[i] {
				in[j]++
			}
		}
	})
	total := 0
	for _, n := range in {
		total += n
	}
	n := 0
	for _, c := range covered {
		if c {
			n++
		}
	}
	return float64(total) / float64(k*len(made)), float64(n) / float64(len(real))
}

// scale is a change of each feature to mean 0 and deviation 1.
type scale struct{ mean, by []float64 }

// scaleOf measures the rows of v.
func scaleOf(v [][]float64) scale {
	s := scale{make([]float64, len(v[0])), make([]float64, len(v[0]))}
	n := float64(len(v))
	for _, row := range v {
		for k, x := range row {
			s.mean[k] += x / n
		}
	}
	for _, row := range v {
		for k, x := range row {
			s.by[k] += (x - s.mean[k]) * (x - s.mean[k]) / n
		}
	}
	for k, x := range s.by {
		if s.by[k] = 0; x > 1e-12 { // a feature that never changes tells nothing
			s.by[k] = 1 / math.Sqrt(x)
		}
	}
	return s
}

// apply changes rows in place.
func (s scale) apply(v [][]float64) [][]float64 {
	for _, row := range v {
		for k := range row {
			row[k] = (row[k] - s.mean[k]) * s.by[k]
		}
	}
	return v
}
