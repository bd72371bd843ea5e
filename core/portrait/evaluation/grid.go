package evaluation

import (
	"github.com/atelier-engine/atelier/core/portrait"
)

// The conditions that every model is asked for: each emotion at each age, as a
// woman and as a man, all with the same seeds.
var gridAges = [...]float64{20, 30, 40, 50, 65, 80}

// gridCells is the number of conditions of the grid.
const gridCells = portrait.EmotionDims * len(gridAges) * 2

// asked is one portrait to be made.
type asked struct {
	cond    portrait.Condition
	emotion int
	seed    uint64
	cell    int // the condition; -1: that of a photograph
}

// grid asks for all conditions with seeds first to first+seeds-1: portrait
// cell·seeds + k shows the person of seed first+k.
func grid(first uint64, seeds int) []asked {
	var all []asked
	for emotion := range portrait.EmotionDims {
		for _, age := range gridAges {
			for _, gender := range []float64{-1, 1} {
				cond := portrait.Condition{Age: age, Gender: gender}
				cond.Emotions[emotion] = 1
				for k := range seeds {
					all = append(all, asked{cond, emotion, first + uint64(k), len(all) / seeds})
				}
			}
		}
	}
	return all
}

// likeThese asks for the conditions of photographs, each with a seed of its own.
func likeThese(conds []portrait.Condition, first uint64) []asked {
	all := make([]asked, len(conds))
	for i, c := range conds {
		all[i] = asked{c, c.Emotion(), first + uint64(i), -1}
	}
	return all
}

// band is the age band that figures are told for.
type band struct {
	Name     string
	From, To float64 // years, To excluded
}

var bands = [...]band{{"16 to 29", 0, 30}, {"30 to 44", 30, 45}, {"45 to 59", 45, 60}, {"60 and over", 60, 1000}}

// bandOf is the index of an age in bands.
func bandOf(age float64) int {
	for i, b := range bands {
		if age < b.To {
			return i
		}
	}
	return len(bands) - 1
}
