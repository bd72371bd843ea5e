package evaluation

import (
	"math"

	"gonum.org/v1/gonum/stat"

	"github.com/atelier-engine/atelier/core/portrait"
)

// Confusion counts what was asked (rows) and seen (columns), in the order of
// portrait.Emotions.
type Confusion [emotions][emotions]int

// Recall is the share of emotion k that was seen as such; -1 where none was asked.
func (c *Confusion) Recall(k int) float64 {
	n := 0
	for _, v := range c[k] {
		n += v
	}
	if n == 0 {
		return -1
	}
	return float64(c[k][k]) / float64(n)
}

// Balanced is the mean of Recall over the emotions that were asked for.
func (c *Confusion) Balanced() float64 {
	sum, n := 0.0, 0
	for k := range c {
		if r := c.Recall(k); r >= 0 {
			sum, n = sum+r, n+1
		}
	}
	return sum / float64(max(1, n))
}

// Asked is how often emotion k was asked for.
func (c *Confusion) Asked(k int) int {
	n := 0
	for _, v := range c[k] {
		n += v
	}
	return n
}

// Group is a figure for one age band and gender.
type Group struct {
	Name     string  `json:"name"`
	Pictures int     `json:"pictures"`
	Emotion  float64 `json:"emotion"`  // mean over the emotions asked for, as Balanced
	Gender   float64 `json:"gender"`   // share of the right gender
	AgeBias  float64 `json:"age_bias"` // mean of seen minus asked, years
}

// Agreement says how far the judge sees what was asked, or what a label says.
type Agreement struct {
	Emotions Confusion `json:"confusion"`
	Emotion  float64   `json:"emotion"`   // Emotions.Balanced
	Gender   float64   `json:"gender"`    // share of the right gender
	Age      float64   `json:"age"`       // correlation of the age seen with the age asked
	AgeError float64   `json:"age_error"` // mean |seen - asked|, years
	Groups   []Group   `json:"groups"`    // age bands by gender: women, then men
}

// agree compares what was seen with what was asked. An emotion counts only
// where sure says so; nil means everywhere.
func agree(list []asked, seen []Sight, sure func(i int) bool) Agreement {
	var a Agreement
	var wanted, found []float64
	var byGroup [2 * len(bands)]struct {
		c           Confusion
		n           int
		gender, age float64
	}
	for i, q := range list {
		v := seen[i]
		man := 0
		if q.cond.Gender > 0 {
			man = 1
		}
		g := &byGroup[2*bandOf(q.cond.Age)+man]
		g.n++
		g.age += v.Age - q.cond.Age
		if sure == nil || sure(i) {
			a.Emotions[q.emotion][v.Emotion]++
			g.c[q.emotion][v.Emotion]++
		}
		if v.Gender > 0 == (man == 1) {
			a.Gender += 1 / float64(len(list))
			g.gender++
		}
		a.AgeError += math.Abs(v.Age-q.cond.Age) / float64(len(list))
		wanted, found = append(wanted, q.cond.Age), append(found, v.Age)
	}
	a.Emotion = a.Emotions.Balanced()
	if c := stat.Correlation(wanted, found, nil); !math.IsNaN(c) {
		a.Age = c
	}
	for i, g := range byGroup {
		n := float64(max(1, g.n))
		a.Groups = append(a.Groups, Group{[]string{"women ", "men "}[i%2] + bands[i/2].Name, g.n, g.c.Balanced(), g.gender / n, g.age / n})
	}
	return a
}

// sure tells which labels of photographs name one emotion with probability p.
func sureLabels(list []asked, p float64) func(i int) bool {
	return func(i int) bool {
		_, share := emotionOf(list[i].cond)
		return share >= p
	}
}

// emotionName is for messages and tables.
func emotionName(k int) string { return portrait.Emotions[k] }
