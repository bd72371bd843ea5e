package faces

import (
	"fmt"

	"github.com/atelier-engine/atelier/core/portrait"
)

// Group is how many men and women share something.
type Group struct {
	Name       string
	Men, Women int
}

// Census says who is in a data set, and so who is missing.
type Census struct {
	Ages     []Group // in bands of years
	Emotions []Group // by the strongest one
	Splits   []Group
	Aligned  int // faces with landmarks
}

// ageBands are the youngest of each band.
var ageBands = []int{portrait.MinAge, 25, 35, 45, 60, 75}

// Census counts the faces by age, emotion and split.
func (f *Faces) Census() Census {
	var c Census
	for i, from := range ageBands {
		name := fmt.Sprintf("%d and over", from)
		if i+1 < len(ageBands) {
			name = fmt.Sprintf("%d to %d", from, ageBands[i+1]-1)
		}
		c.Ages = append(c.Ages, Group{Name: name})
	}
	for _, e := range portrait.Emotions {
		c.Emotions = append(c.Emotions, Group{Name: e})
	}
	for _, s := range splitNames {
		c.Splits = append(c.Splits, Group{Name: s})
	}
	for i, cond := range f.Conds {
		band := 0
		for k, from := range ageBands {
			if cond.Age >= float64(from) {
				band = k
			}
		}
		for _, g := range []*Group{&c.Ages[band], &c.Emotions[cond.Emotion()], &c.Splits[f.Splits[i]]} {
			if cond.Gender > 0 {
				g.Men++
			} else {
				g.Women++
			}
		}
		if f.Aligned[i] {
			c.Aligned++
		}
	}
	return c
}
