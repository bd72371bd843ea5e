package portrait

import "fmt"

// ageStep is how many years lie between two neighbouring ages of Variations.
const ageStep = 10

// Mix is the condition at t, 0 to 1, on the way from a to b. Gender and weights
// are mixed as the network sees them. The age runs in years: between two knots
// of AgeKnots that is the same, and further apart a mixture of the vectors would
// be of two ages at once, which the network has never seen.
func Mix(a, b Condition, t float64) Condition {
	a.scale()
	b.scale()
	m := Condition{Age: a.Age + t*(b.Age-a.Age), Gender: a.Gender + t*(b.Gender-a.Gender)}
	for i := range m.Emotions {
		m.Emotions[i] = a.Emotions[i] + t*(b.Emotions[i]-a.Emotions[i])
	}
	return m
}

// scale brings the sum of the weights to 1.
func (c *Condition) scale() {
	sum := 0.0
	for _, w := range c.Emotions {
		sum += w
	}
	if sum == 0 || sum == 1 {
		return
	}
	for i := range c.Emotions {
		c.Emotions[i] /= sum
	}
}

// Feel is the condition with another feeling in the place of the strongest one,
// of the same strength.
func (c Condition) Feel(emotion int) Condition {
	top := c.Emotion()
	c.Emotions[top], c.Emotions[emotion] = c.Emotions[emotion], c.Emotions[top]
	return c
}

// Variations gives n conditions around c, the nearest first: the six other
// feelings at c's age, then c itself ten years younger and older, these with the
// other feelings, and so on in steps of ten years as far as ages go. It errs on
// more than there are.
func Variations(c Condition, n int) ([]Condition, error) {
	if err := c.Check(); err != nil {
		return nil, err
	}
	var all []Condition
	others := func(at Condition) {
		for e := range at.Emotions {
			if v := at.Feel(e); v != at { // two of one weight would only change places
				all = append(all, v)
			}
		}
	}
	others(c)
	for years := float64(ageStep); years <= MaxAge-MinAge; years += ageStep {
		var near []Condition
		for _, age := range []float64{c.Age - years, c.Age + years} {
			if age >= MinAge && age <= MaxAge {
				at := c
				at.Age = age
				near = append(near, at)
			}
		}
		all = append(all, near...)
		for _, at := range near {
			others(at)
		}
	}
	if n < 1 || n > len(all) {
		return nil, fmt.Errorf("variations: %d asked for: around the age of %g there are 1 to %d", n, c.Age, len(all))
	}
	return all[:n], nil
}
