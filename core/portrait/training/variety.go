package training

import "math"

// spread measures how much the pictures of a batch differ: (mean, nearest) are
// the mean distance between two of them and the mean distance from one to the
// one most like it. A distance is the root mean square of the differences of the
// pictures reduced to at most 16x16: people differ in what is seen from afar,
// grain and noise do not make another person.
//
// Both are compared with those of photographs under the same conditions. A
// generator that draws one person has a mean near 0; one that draws few, many
// times, has a fair mean and a nearest near 0 (Arora and Zhang, "Do GANs
// actually learn the distribution?", 2017, look for such duplicates).
type spread struct{ mean, nearest float64 }

// coarse is the side that pictures are reduced to.
const coarse = 16

// spreadOf measures pix (n, side, side, 3). Fewer than two pictures do not differ.
func spreadOf(pix []float32, n, side int) spread {
	if n < 2 {
		return spread{}
	}
	small := reduce(pix, n, side)
	size := len(small) / n
	nearest := make([]float64, n)
	for i := range nearest {
		nearest[i] = math.Inf(1)
	}
	var sum float64
	for i := range n {
		a := small[i*size:][:size]
		for j := range i {
			b := small[j*size:][:size]
			var sq float32
			for k, v := range a {
				sq += (v - b[k]) * (v - b[k])
			}
			d := math.Sqrt(float64(sq) / float64(size))
			sum += d
			nearest[i], nearest[j] = min(nearest[i], d), min(nearest[j], d)
		}
	}
	s := spread{mean: sum / float64(n*(n-1)/2)}
	for _, d := range nearest {
		s.nearest += d / float64(n)
	}
	return s
}

// reduce gives the means of square blocks, so that coarse of them make a side;
// what a side has beyond a multiple of them is left out.
func reduce(pix []float32, n, side int) []float32 {
	block := max(1, side/coarse)
	small := side / block
	out := make([]float32, n*small*small*3)
	by := 1 / float32(block*block)
	for i := range n {
		for y := range small * block {
			row := pix[(i*side+y)*side*3:][:small*block*3]
			to := out[(i*small+y/block)*small*3:][:small*3]
			for x := range small * block {
				for c := range 3 {
					to[x/block*3+c] += row[x*3+c] * by
				}
			}
		}
	}
	return out
}

// variety adds to losses how much made pictures differ from each other, where
// photographs do by 1. Nothing is added when the photographs are all alike.
func variety(losses map[string]float64, made, real []float32, n, side int) {
	of, by := spreadOf(made, n, side), spreadOf(real, n, side)
	if by.mean > 0 {
		losses["variety"] = of.mean / by.mean
	}
	if by.nearest > 0 {
		losses["nearest"] = of.nearest / by.nearest
	}
}
