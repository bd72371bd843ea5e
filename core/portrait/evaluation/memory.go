package evaluation

import (
	"math"
	"slices"

	"github.com/atelier-engine/atelier/core/kernel"
)

// Copying says how near pictures come to the photographs that the generator was
// trained on, by one kind of distance.
type Copying struct {
	Nearest float64 `json:"nearest"` // median distance to the nearest training photograph
	Closer  float64 `json:"closer"`  // share that is nearer to one than 99 of 100 held-out photographs are
	Copies  int     `json:"copies"`  // pictures that are copies: see copyRatio
	Lowest  float64 `json:"lowest"`  // smallest ratio of the pictures: a copy is below copyRatio
}

// Memory searches for copied photographs twice: among persons, as the judge tells
// them, and among small grey copies, where a face is found that was moved little.
type Memory struct {
	Person Copying `json:"person"`
	Pixels Copying `json:"pixels"`
}

// A picture is a copy when its nearest training photograph is much nearer than
// the next ones are: when the distance is below copyRatio times the mean distance
// of the crowd nearest ones (the rule of Carlini et al., "Extracting training data
// from diffusion models", 2023, section 4.2). An average face is near to many; a
// copied one is near to one.
const (
	copyRatio = 0.5
	crowd     = 50
)

// near is the nearest training photograph of one picture.
type near struct {
	face     int // in the gallery
	distance float64
	ratio    float64 // of distance to the mean of the crowd
}

// search finds the nearest photograph of n pictures; far is the distance of
// picture i to face j of size faces.
func search(n, size int, far func(i, j int) float64) []near {
	out := make([]near, n)
	kernel.Parallel(n, 4, func(_, lo, hi int) {
		row := make([]float64, size)
		for i := lo; i < hi; i++ {
			best := near{distance: math.Inf(1)}
			for j := range row {
				if row[j] = far(i, j); row[j] < best.distance {
					best.face, best.distance = j, row[j]
				}
			}
			slices.Sort(row)
			best.ratio = best.distance / max(mean(row[:min(crowd, size)]), 1e-12)
			out[i] = best
		}
	})
	return out
}

// persons searches by identity, straight and mirrored: generators learn from
// mirrored photographs too.
func (g *gallery) persons(seen []Sight) []near {
	return search(len(seen), len(g.identity), func(i, j int) float64 {
		return min(apart(seen[i].Identity, g.identity[j]), apart(seen[i].Mirrored, g.identity[j]))
	})
}

// pixels searches by grey copies: sqrt(2 - 2·correlation), straight and mirrored.
func (g *gallery) pixels(seen []Sight) []near {
	mirrored := make([][]float64, len(seen))
	for i := range seen {
		m := slices.Clone(seen[i].Grey)
		for row := 0; row < len(m); row += greySide {
			slices.Reverse(m[row : row+greySide])
		}
		mirrored[i] = m
	}
	return search(len(seen), len(g.grey), func(i, j int) float64 {
		a, b := 0.0, 0.0
		straight, turned := seen[i].Grey, mirrored[i]
		for k, v := range g.grey[j] {
			a += v * straight[k]
			b += v * turned[k]
		}
		return math.Sqrt(max(0, 2-2*max(a, b)))
	})
}

// copying sums up a search of pictures, beside that of held-out photographs.
func copying(made, held []near) Copying {
	limit := make([]float64, len(held))
	for i, n := range held {
		limit[i] = n.distance
	}
	border := quantile(limit, 0.01)
	c := Copying{Lowest: math.Inf(1)}
	var all []float64
	for _, n := range made {
		all = append(all, n.distance)
		if n.distance < border {
			c.Closer += 1 / float64(len(made))
		}
		if n.ratio < copyRatio {
			c.Copies++
		}
		c.Lowest = min(c.Lowest, n.ratio)
	}
	c.Nearest = quantile(all, 0.5)
	return c
}

// found is the share of changed training photographs, number own[i] of the
// gallery, that a search calls copies of themselves: what the search is worth.
func found(list []near, own []int) float64 {
	n := 0
	for i, f := range list {
		if f.face == own[i] && f.ratio < copyRatio {
			n++
		}
	}
	return float64(n) / float64(max(1, len(list)))
}

// closestPairs are the numbers of the n pictures with the smallest ratios.
func closestPairs(list []near, n int) []int {
	order := make([]int, len(list))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int {
		switch {
		case list[a].ratio < list[b].ratio:
			return -1
		case list[a].ratio > list[b].ratio:
			return 1
		}
		return 0
	})
	return order[:min(n, len(order))]
}
