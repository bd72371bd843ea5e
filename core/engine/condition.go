package engine

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/BurntSushi/toml"

	"github.com/atelier-engine/atelier/core/plan"
	"github.com/atelier-engine/atelier/core/portrait"
	"github.com/atelier-engine/atelier/core/sentiment"
)

// Condition is the table [condition] of engine.toml: how a reading becomes the
// face that is drawn. With e the emotions of the reading, summing to 1:
//
//	w    = gain · e^sharpness, scaled to sum 1
//	s    = strength · (1 - confidence·(1 - c)) · (1 + arousal·(2a - 1))
//	face = min(1, s·f) of the feelings, the rest neutral
//
// c is the reading's confidence, a its arousal, f the sum of all w but neutral's.
// The defaults leave the emotions as they were read. What was asked for
// (--emotion, --age, --gender, the arguments of a recipe's portrait) is taken as
// it is, without this table.
type Condition struct {
	Gains      Gains      `toml:"gains"`
	Sharpness  float64    `toml:"sharpness"`  // above 1 the strongest feeling wins, below 1 they mix
	Strength   float64    `toml:"strength"`   // of all feelings against the neutral face
	Confidence float64    `toml:"confidence"` // 0: doubt changes nothing; 1: what is not sure is not shown
	Arousal    float64    `toml:"arousal"`    // 0: no effect; 1: an excited reading is drawn up to twice as strong, a calm one not at all
	Age        AgeRule    `toml:"age"`
	Gender     GenderRule `toml:"gender"`
}

// Gains weigh the emotions against each other.
type Gains struct {
	Neutral   float64 `toml:"neutral"`
	Happy     float64 `toml:"happy"`
	Sad       float64 `toml:"sad"`
	Angry     float64 `toml:"angry"`
	Fearful   float64 `toml:"fearful"`
	Disgusted float64 `toml:"disgusted"`
	Surprised float64 `toml:"surprised"`
}

func (g Gains) list() [sentiment.Count]float64 {
	return [...]float64{g.Neutral, g.Happy, g.Sad, g.Angry, g.Fearful, g.Disgusted, g.Surprised}
}

// AgeRule picks an age of a reading's range: "best", "youngest", "oldest", or
// "seed" for one in the range that the seed draws. For an age that is not said,
// "default" takes Default.
type AgeRule struct {
	Said    string  `toml:"said"`
	Unsaid  string  `toml:"unsaid"`
	Default float64 `toml:"default"` // years
}

// GenderRule says who is drawn where the sentence does not: "seed" for a woman or
// a man by the seed, "woman", "man" or "between". Said multiplies a gender that
// was read.
type GenderRule struct {
	Said   float64 `toml:"said"`
	Unsaid string  `toml:"unsaid"`
}

// defaultCondition leaves readings as they are.
func defaultCondition() Condition {
	return Condition{
		Gains:     Gains{1, 1, 1, 1, 1, 1, 1},
		Sharpness: 1, Strength: 1,
		Age:    AgeRule{Said: "best", Unsaid: "default", Default: sentiment.DefaultAge.Best},
		Gender: GenderRule{Said: 1, Unsaid: "seed"},
	}
}

// check gives the first key whose value is out of range.
func (m *Condition) check() (toml.Key, error) {
	key := func(parts ...string) toml.Key { return append(toml.Key{"condition"}, parts...) }
	type number struct {
		key       toml.Key
		v, lo, hi float64
	}
	numbers := []number{
		{key("sharpness"), m.Sharpness, 0.1, 10}, {key("strength"), m.Strength, 0, 10},
		{key("confidence"), m.Confidence, 0, 1}, {key("arousal"), m.Arousal, 0, 1},
		{key("age", "default"), m.Age.Default, portrait.MinAge, portrait.MaxAge}, {key("gender", "said"), m.Gender.Said, 0, 1},
	}
	sum := 0.0
	for i, g := range m.Gains.list() {
		numbers = append(numbers, number{key("gains", portrait.Emotions[i]), g, 0, 100})
		sum += g
	}
	for _, n := range numbers {
		if !(n.v >= n.lo && n.v <= n.hi) {
			return n.key, fmt.Errorf("is %s: it must be from %s to %s", digits(n.v), digits(n.lo), digits(n.hi))
		}
	}
	if sum == 0 {
		return key("gains"), fmt.Errorf("are all 0: leave at least one above 0")
	}
	said := []string{"best", "youngest", "oldest", "seed"}
	for _, r := range []struct {
		key   toml.Key
		v     string
		known []string
	}{
		{key("age", "said"), m.Age.Said, said}, {key("age", "unsaid"), m.Age.Unsaid, append(said[:4:4], "default")},
		{key("gender", "unsaid"), m.Gender.Unsaid, []string{"seed", "woman", "man", "between"}},
	} {
		if !slices.Contains(r.known, r.v) {
			return r.key, fmt.Errorf("is %q: use one of %s", r.v, strings.Join(r.known, ", "))
		}
	}
	return nil, nil
}

// digest tells the tables apart in a plan's hashes; "" is the default one.
func (m *Condition) digest() string {
	if *m == defaultCondition() {
		return ""
	}
	return fmt.Sprint(*m)
}

// face gives the condition of a reading, nil where there is none, and notes of
// what had to change.
func (m *Condition) face(r *sentiment.Reading, seed uint64) (c portrait.Condition, notes []string) {
	c.Emotions[sentiment.Neutral] = 1
	age, said := sentiment.DefaultAge, false
	if r != nil {
		c.Emotions = m.emotions(r)
		age, said = r.Age, r.Age.Said
	}
	rule := m.Age.Unsaid
	if said {
		rule = m.Age.Said
	}
	switch rule {
	case "youngest":
		c.Age = age.Min
	case "oldest":
		c.Age = age.Max
	case "seed":
		c.Age = age.Min + (age.Max-age.Min)*float64(rand.NewPCG(seed, 2).Uint64()>>11)/(1<<53)
	case "default":
		c.Age = m.Age.Default
	default:
		c.Age = age.Best
	}
	if inside := min(max(c.Age, portrait.MinAge), portrait.MaxAge); inside != c.Age {
		if said {
			notes = append(notes, fmt.Sprintf("the sentence asks for %.0f years: portraits are of people from %d to %d: %.0f is used", c.Age, portrait.MinAge, portrait.MaxAge, inside))
		}
		c.Age = inside
	}
	switch {
	case r != nil && r.GenderSaid:
		c.Gender = m.Gender.Said * r.Gender
	case m.Gender.Unsaid == "woman":
		c.Gender = -1
	case m.Gender.Unsaid == "man":
		c.Gender = 1
	case m.Gender.Unsaid == "seed":
		c.Gender = float64(1 - 2*int(rand.NewPCG(seed, 1).Uint64()&1))
	}
	return c, notes
}

// emotions are the weights of the face.
func (m *Condition) emotions(r *sentiment.Reading) [sentiment.Count]float64 {
	w, sum := m.Gains.list(), 0.0
	for i, e := range r.Emotions {
		if m.Sharpness != 1 {
			e = math.Pow(e, m.Sharpness)
		}
		w[i] *= e
		sum += w[i]
	}
	if sum == 0 { // the gains leave nothing of what was read
		return [sentiment.Count]float64{sentiment.Neutral: 1}
	}
	s := m.Strength * (1 - m.Confidence*(1-r.Confidence)) * (1 + m.Arousal*(2*r.Arousal-1))
	if *m == defaultCondition() {
		return r.Emotions
	}
	feelings := 1 - w[sentiment.Neutral]/sum
	share := min(1, s*feelings)
	for i := range w {
		switch {
		case i == int(sentiment.Neutral):
			w[i] = 1 - share
		case feelings > 0:
			w[i] *= share / (feelings * sum)
		}
	}
	return w
}

// condition joins what was read, through the table, with what was asked for,
// which wins.
func (m *Condition) condition(s *plan.Step, r *sentiment.Reading) (portrait.Condition, []string, error) {
	seed, _ := s.Whole("seed")
	c, notes := m.face(r, seed)
	if v, ok := s.Number("age"); ok {
		c.Age, notes = v, nil
	}
	if v, ok := s.Number("gender"); ok {
		c.Gender = v
	}
	if weights, ok := s.Weights("emotion"); ok {
		c.Emotions = asked(weights)
	}
	return c, notes, mark(c.Check(), ErrUsage)
}

// request is what a portrait step asks of the network, with the condition of
// what was read and what was asked for.
func (m *Condition) request(s *plan.Step, r *sentiment.Reading) (portrait.Request, []string, error) {
	c, notes, err := m.condition(s, r)
	if err != nil {
		return portrait.Request{}, notes, err
	}
	seed, _ := s.Whole("seed")
	q := portrait.NewRequest(c, seed)
	q.Toward, _ = s.Whole("toward")
	q.At, _ = s.Number("at")
	if v, ok := s.Number("truncation"); ok {
		q.Truncation = v
	}
	return q, notes, mark(q.Check(), ErrUsage)
}

// asked gives the weights of emotions by name. A sum below 1 is filled up with
// neutral, unless that has a weight itself; all are scaled to the sum 1.
func asked(weights map[string]float64) (out [sentiment.Count]float64) {
	sum := 0.0
	for i, name := range sentiment.Names() {
		out[i] = weights[name]
		sum += out[i]
	}
	if _, named := weights[sentiment.Neutral.String()]; sum < 1 && !named {
		out[sentiment.Neutral], sum = 1-sum, 1
	}
	for i := range out {
		out[i] /= sum
	}
	return out
}
