package evaluation

import (
	"math"
)

// Variety says how different the pictures of one condition are.
type Variety struct {
	Within  float64 `json:"within"`  // mean feature distance of two pictures of one condition, in parts of that of photographs with that label
	Closest float64 `json:"closest"` // smallest feature distance of two persons, in parts of the mean distance of two photographs
}

// within is the mean, over the cells of a grid, of the mean distance between
// two portraits of the cell.
func within(v [][]float64, seeds int) []float64 {
	var cells []float64
	for lo := 0; lo+seeds <= len(v); lo += seeds {
		sum, n := 0.0, 0
		for a := lo; a < lo+seeds; a++ {
			for b := a + 1; b < lo+seeds; b++ {
				sum, n = sum+distance(v[a], v[b]), n+1
			}
		}
		cells = append(cells, sum/float64(max(1, n)))
	}
	return cells
}

// ageSpan is how far, in years, ages of photographs with the label of a cell may
// lie from its own: portraits of a cell are of one age, and photographs of just
// that age are few.
const ageSpan = 5

// alike is the mean distance of two photographs with the label of each cell of a
// grid: its gender, its age, its emotion. Where fewer than minAlike photographs
// show the emotion for sure, those of any emotion count.
func alike(cells []asked, labels []asked, v [][]float64, sure func(i int) bool) []float64 {
	const minAlike = 4
	out := make([]float64, len(cells))
	for k, cell := range cells {
		var exact, rough []int
		for i, l := range labels {
			if l.cond.Gender > 0 == (cell.cond.Gender > 0) && math.Abs(l.cond.Age-cell.cond.Age) <= ageSpan {
				rough = append(rough, i)
				if l.emotion == cell.emotion && sure(i) {
					exact = append(exact, i)
				}
			}
		}
		if len(exact) < minAlike {
			exact = rough
		}
		sum, n := 0.0, 0
		for a := range exact {
			for b := a + 1; b < len(exact); b++ {
				sum, n = sum+distance(v[exact[a]], v[exact[b]]), n+1
			}
		}
		if n > 0 {
			out[k] = sum / float64(n)
		}
	}
	return out
}

// ratio is the mean of a/b over the cells for which b is known.
func ratio(a, b []float64) float64 {
	sum, n := 0.0, 0
	for i := range a {
		if b[i] > 0 {
			sum, n = sum+a[i]/b[i], n+1
		}
	}
	return sum / float64(max(1, n))
}

// closest is the smallest distance of two pictures of different persons.
func closest(list []asked, v [][]float64) float64 {
	nearest := make([]float64, len(v))
	distances(v, v, func(i int, row []float64) {
		nearest[i] = math.Inf(1)
		for j, d := range row {
			if list[i].seed != list[j].seed {
				nearest[i] = min(nearest[i], d)
			}
		}
	})
	best := math.Inf(1)
	for _, d := range nearest {
		best = min(best, d)
	}
	return best
}

// meanDistance is the mean distance of neighbours in a list whose order is
// arbitrary.
func meanDistance(v [][]float64) float64 {
	sum := 0.0
	for i := 1; i < len(v); i++ {
		sum += distance(v[i], v[i-1])
	}
	return sum / float64(max(1, len(v)-1))
}
