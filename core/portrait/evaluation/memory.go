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

// search finds the nearest of the columns of to (d,size), unit vectors, for each
// row of the two forms of a picture, straight and mirrored (n,d): generators learn
// from mirrored photographs too. far turns the larger of the two products into a
// distance and falls where products grow.
func search(straight, mirrored, to []float32, n, size, d int, far func(product float64) float64) []near {
	const rows = 64
	out := make([]near, n)
	a, b := make([]float32, rows*size), make([]float32, rows*size)
	for lo := 0; lo < n; lo += rows {
		k := min(rows, n-lo)
		kernel.MatMul(a[:k*size], straight[lo*d:(lo+k)*d], to, k, d, size)
		kernel.MatMul(b[:k*size], mirrored[lo*d:(lo+k)*d], to, k, d, size)
		kernel.Parallel(k, 4, func(_, from, end int) {
			for i := from; i < end; i++ {
				best, most := largest(a[i*size:][:size], b[i*size:][:size])
				all := 0.0
				for _, p := range most {
					all += far(p) / float64(len(most))
				}
				out[lo+i] = near{face: best, distance: far(most[0]), ratio: far(most[0]) / max(all, 1e-12)}
			}
		})
	}
	return out
}

// largest gives the place of the largest max(a[i], b[i]), and the crowd largest,
// falling.
func largest(a, b []float32) (best int, most []float64) {
	most = make([]float64, 0, crowd+1)
	for i, v := range a {
		p := float64(max(v, b[i]))
		if len(most) == crowd && p <= most[crowd-1] {
			continue
		}
		at, _ := slices.BinarySearchFunc(most, p, func(have, p float64) int {
			if have >= p {
				return -1
			}
			return 1
		})
		if at == 0 {
			best = i
		}
		most = slices.Insert(most, at, p)
		most = most[:min(crowd, len(most))]
	}
	return best, most
}

// persons searches by identity: 1 minus the cosine, as apart.
func (g *gallery) persons(seen []Sight) []near {
	var straight, mirrored []float32
	for i := range seen {
		straight, mirrored = append(straight, seen[i].Identity...), append(mirrored, seen[i].Mirrored...)
	}
	return search(straight, mirrored, g.identity, len(seen), g.size, identityLen, func(p float64) float64 { return max(0, 1-p) })
}

// pixels searches by grey copies: sqrt(2 - 2·correlation), which is the length of
// their difference.
func (g *gallery) pixels(seen []Sight) []near {
	var straight, mirrored []float32
	for i := range seen {
		m := slices.Clone(seen[i].Grey)
		for row := 0; row < len(m); row += greySide {
			slices.Reverse(m[row : row+greySide])
		}
		straight, mirrored = append(straight, seen[i].Grey...), append(mirrored, m...)
	}
	return search(straight, mirrored, g.grey, len(seen), g.size, greySide*greySide, func(p float64) float64 { return math.Sqrt(max(0, 2-2*p)) })
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

// closestPairs are the numbers of the pictures with the smallest ratios, n at
// most, one of each seed.
func closestPairs(list []near, people []asked, n int) []int {
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
	var out []int
	shown := map[uint64]bool{}
	for _, i := range order {
		if len(out) < n && !shown[people[i].seed] {
			shown[people[i].seed] = true
			out = append(out, i)
		}
	}
	return out
}
