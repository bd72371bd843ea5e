package evaluation

import (
	"math"
	"slices"
)

// apart is the distance of two persons: 1 minus the cosine of their identities,
// 0 for the same to 2.
func apart(a, b []float32) float64 {
	sum := 0.0
	for k, x := range a {
		sum += float64(x) * float64(b[k])
	}
	return 1 - sum
}

// Identity says how well persons can be told apart, or stay themselves.
type Identity struct {
	Same  float64 `json:"same"`  // mean distance of two pictures of one person
	Other float64 `json:"other"` // mean distance of two persons of the same age and gender
	AUC   float64 `json:"auc"`   // how often one of Same is below one of Other, ties by half
}

func identityOf(same, other []float64) Identity {
	return Identity{mean(same), mean(other), auc(same, other)}
}

// keptPerson compares portraits of a grid (see grid): those of one seed, age and
// gender under two emotions, with those of two seeds under one condition.
func keptPerson(list []asked, seen []Sight, seeds int) Identity {
	var same, other []float64
	cells := len(list) / seeds
	perEmotion := cells / emotions
	for cell := range cells {
		for k := range seeds {
			a := cell*seeds + k
			for next := cell + perEmotion; next < cells; next += perEmotion {
				same = append(same, apart(seen[a].Identity, seen[next*seeds+k].Identity))
			}
			for b := a + 1; b < (cell+1)*seeds; b++ {
				other = append(other, apart(seen[a].Identity, seen[b].Identity))
			}
		}
	}
	return identityOf(same, other)
}

// knownPerson compares photographs, each seen twice, with the photographs of
// other people of the same gender whose age differs by at most years.
func knownPerson(list []asked, once, again []Sight, years float64) Identity {
	var same, other []float64
	for i := range list {
		same = append(same, apart(once[i].Identity, again[i].Identity))
		for j := range list {
			if a, b := list[i].cond, list[j].cond; i != j && a.Gender == b.Gender && math.Abs(a.Age-b.Age) <= years {
				other = append(other, apart(once[i].Identity, again[j].Identity))
			}
		}
	}
	return identityOf(same, other)
}

// auc is the probability that one of low is below one of high, ties counted by
// half: the Mann-Whitney statistic over the number of pairs, which is the area
// under the ROC curve of telling them apart by a threshold.
func auc(low, high []float64) float64 {
	if len(low) == 0 || len(high) == 0 {
		return 0
	}
	l, h := slices.Sorted(slices.Values(low)), slices.Sorted(slices.Values(high))
	total, below, upTo := 0.0, 0, 0
	for _, v := range h {
		for below < len(l) && l[below] < v {
			below++
		}
		upTo = max(upTo, below)
		for upTo < len(l) && l[upTo] == v {
			upTo++
		}
		total += float64(below) + float64(upTo-below)/2
	}
	return total / float64(len(l)) / float64(len(h))
}

func mean(v []float64) float64 {
	sum := 0.0
	for _, x := range v {
		sum += x
	}
	return sum / float64(max(1, len(v)))
}

// quantile is the value that part q of v lie below; v need not be sorted.
func quantile(v []float64, q float64) float64 {
	if len(v) == 0 {
		return 0
	}
	s := slices.Sorted(slices.Values(v))
	return s[min(len(s)-1, int(q*float64(len(s))))]
}
