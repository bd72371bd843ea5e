// Package portrait makes faces: a conditional generator turns a random vector
// and a Condition (age, gender, seven emotion weights) into a picture. The
// room also holds the data sets, the training and the evaluation of that
// generator.
package portrait

import (
	"fmt"
	"math"
	"strings"
)

// Emotions are the names of the seven emotion weights, in the order that every
// room uses.
var Emotions = [7]string{"neutral", "happy", "sad", "angry", "fearful", "disgusted", "surprised"}

// The ages that the data holds, in years. The model makes no children.
const (
	MinAge = 16
	MaxAge = 90
)

// Condition says who is to be seen.
type Condition struct {
	Age      float64    `json:"age"`      // years, MinAge to MaxAge
	Gender   float64    `json:"gender"`   // -1 woman to 1 man
	Emotions [7]float64 `json:"emotions"` // weights, at least 0; they are scaled to sum to 1
}

// Check reports the first value out of range.
func (c Condition) Check() error {
	if !(c.Age >= MinAge && c.Age <= MaxAge) {
		return fmt.Errorf("condition: age %g: give %d to %d years", c.Age, MinAge, MaxAge)
	}
	if !(c.Gender >= -1 && c.Gender <= 1) {
		return fmt.Errorf("condition: gender %g: give -1 (woman) to 1 (man)", c.Gender)
	}
	sum := 0.0
	for i, w := range c.Emotions {
		if !(w >= 0) || math.IsInf(w, 0) {
			return fmt.Errorf("condition: weight %g of %s: give 0 or more", w, Emotions[i])
		}
		sum += w
	}
	if sum == 0 {
		return fmt.Errorf("condition: all emotion weights are zero: give at least one of %s", strings.Join(Emotions[:], ", "))
	}
	return nil
}

// AgeKnots are the ages at which one of the age inputs is 1 and all others 0;
// between two knots both are on in part. So the generator sees an age as a
// place on a scale, and the discriminator answers with a distribution over it.
var AgeKnots = [...]float64{16, 24, 32, 40, 50, 60, 70, 85}

const (
	AgeDims      = len(AgeKnots)
	EmotionDims  = 7
	ConditionLen = EmotionDims + 1 + AgeDims // emotions, gender, age
)

// AgeWeights spreads an age over its two knots.
func AgeWeights(age float64, w []float32) {
	clear(w)
	for i := 1; i < AgeDims; i++ {
		if lo, hi := AgeKnots[i-1], AgeKnots[i]; age <= hi || i == AgeDims-1 {
			t := max(0, min(1, (age-lo)/(hi-lo)))
			w[i-1], w[i] = float32(1-t), float32(t)
			return
		}
	}
}

// Vector writes the condition as the network's input: ConditionLen numbers.
func (c Condition) Vector(v []float32) {
	sum := 0.0
	for _, w := range c.Emotions {
		sum += w
	}
	for i, w := range c.Emotions {
		v[i] = float32(w / sum)
	}
	v[EmotionDims] = float32(c.Gender)
	AgeWeights(c.Age, v[EmotionDims+1:ConditionLen])
}

// Emotion is the index of the strongest of the seven.
func (c Condition) Emotion() int {
	best := 0
	for i, w := range c.Emotions {
		if w > c.Emotions[best] {
			best = i
		}
	}
	return best
}
