package faces

import (
	_ "embed"
	"errors"
	"fmt"
	"math"
	"os"
	"strings"

	"github.com/BurntSushi/toml"

	"github.com/atelier-engine/atelier/core/plan"
	"github.com/atelier-engine/atelier/core/portrait"
)

// DefaultMapping is the text of the mapping that is used without another.
//
//go:embed mapping.toml
var DefaultMapping string

// Mapping says how the labels of a data set become conditions. DefaultMapping
// explains its keys.
type Mapping struct {
	Attributes struct {
		Drop    []string `toml:"drop"`
		Age     []rule   `toml:"age"`
		Gender  []rule   `toml:"gender"`
		Emotion []rule   `toml:"emotion"`
	} `toml:"attributes"`
	Emotions map[string]weights `toml:"emotions"`
	FFHQ     struct {
		Side float64 `toml:"side"`
	} `toml:"ffhq"`
	Unlabelled struct {
		Emotions weights `toml:"emotions"`
	} `toml:"unlabelled"`
	text string // what it was read from, for the source of a pack
}

// rule gives a value to faces with and without some attributes. Each kind of
// rule uses some of the values.
type rule struct {
	When    []string `toml:"when"`
	Unless  []string `toml:"unless"`
	Years   *float64 `toml:"years"`
	Spread  *float64 `toml:"spread"`
	Value   *float64 `toml:"value"`
	Weights weights  `toml:"weights"`
}

// weights are emotion weights by name.
type weights map[string]float64

// vector puts weights that were checked in their order.
func (w weights) vector() (v [portrait.EmotionDims]float64) {
	for i, name := range portrait.Emotions {
		v[i] = w[name]
	}
	return v
}

// LoadMapping reads a mapping from a file; an empty path means DefaultMapping.
// Unknown keys, emotions and values out of range are errors; unknown attributes
// are found when the data set is read.
func LoadMapping(path string) (*Mapping, error) {
	if path == "" {
		return ParseMapping(DefaultMapping)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read mapping: %w: name a TOML file; atelier data mapping prints one to begin with", err)
	}
	m, err := ParseMapping(string(text))
	if err != nil {
		return nil, fmt.Errorf("read mapping: %s: %w", path, err)
	}
	return m, nil
}

// ParseMapping reads the text of a mapping. A section that it leaves out is
// that of DefaultMapping.
func ParseMapping(text string) (*Mapping, error) {
	m, meta, err := decodeMapping(text)
	if err != nil {
		return nil, err
	}
	d, _, err := decodeMapping(DefaultMapping)
	if err != nil {
		return nil, err
	}
	absent := func(key ...string) bool { return !meta.IsDefined(key...) }
	if absent("attributes", "drop") {
		m.Attributes.Drop = d.Attributes.Drop
	}
	if absent("attributes", "age") {
		m.Attributes.Age = d.Attributes.Age
	}
	if absent("attributes", "gender") {
		m.Attributes.Gender = d.Attributes.Gender
	}
	if absent("attributes", "emotion") {
		m.Attributes.Emotion = d.Attributes.Emotion
	}
	if absent("emotions") {
		m.Emotions = d.Emotions
	}
	if absent("ffhq", "side") {
		m.FFHQ = d.FFHQ
	}
	if absent("unlabelled", "emotions") {
		m.Unlabelled = d.Unlabelled
	}
	return m, m.check()
}

func decodeMapping(text string) (*Mapping, toml.MetaData, error) {
	m := &Mapping{text: text}
	meta, err := toml.Decode(text, m)
	var parse toml.ParseError
	switch {
	case errors.As(err, &parse):
		return nil, meta, fmt.Errorf("line %d: %s: mend the file", parse.Position.Line, oneLine(parse.Message))
	case err != nil:
		return nil, meta, fmt.Errorf("%s: mend the file", oneLine(strings.TrimPrefix(err.Error(), "toml: ")))
	}
	if keys := meta.Undecoded(); len(keys) > 0 {
		key := keys[0]
		return nil, meta, fmt.Errorf("unknown key %q%s", oneLine(key.String()), plan.Hint(key[len(key)-1], mappingKeys(key)))
	}
	return m, meta, nil
}

// mappingKeys are the names that may stand where key does.
func mappingKeys(key toml.Key) []string {
	switch {
	case len(key) == 1:
		return []string{"attributes", "emotions", "ffhq", "unlabelled"}
	case len(key) == 3 && key[0] == "attributes":
		return []string{"when", "unless", "years", "spread", "value", "weights"}
	case key[0] == "attributes":
		return []string{"drop", "age", "gender", "emotion"}
	case key[0] == "ffhq":
		return []string{"side"}
	}
	return []string{"emotions"}
}

// check reports the first value that cannot be.
func (m *Mapping) check() error {
	for _, k := range []struct {
		name  string
		rules []rule
		check func(rule) error
	}{
		{"age", m.Attributes.Age, rule.checkAge},
		{"gender", m.Attributes.Gender, rule.checkGender},
		{"emotion", m.Attributes.Emotion, rule.checkEmotion},
	} {
		for i, r := range k.rules {
			if err := k.check(r); err != nil {
				return fmt.Errorf("[[attributes.%s]], number %d: %w", k.name, i+1, err)
			}
			if last := i == len(k.rules)-1; last != (len(r.When)+len(r.Unless) == 0) {
				return fmt.Errorf("[[attributes.%s]], number %d: only the last rule, and that one always, has neither when nor unless: move or add it", k.name, i+1)
			}
		}
		if len(k.rules) == 0 {
			return fmt.Errorf("[[attributes.%s]]: there is no rule: give at least one", k.name)
		}
	}
	for word, w := range m.Emotions {
		if err := w.check(); err != nil {
			return fmt.Errorf("[emotions] %s: %w", oneLine(word), err)
		}
	}
	if !(m.FFHQ.Side >= 0 && m.FFHQ.Side <= 1e5) {
		return fmt.Errorf("[ffhq] side is %g: give pixels, or 0", m.FFHQ.Side)
	}
	if err := m.Unlabelled.Emotions.check(); err != nil {
		return fmt.Errorf("[unlabelled] emotions: %w", err)
	}
	return nil
}

func (r rule) checkAge() error {
	if r.Value != nil || r.Weights != nil {
		return errors.New("an age has years and spread only: remove the rest")
	}
	if r.Years == nil || !(*r.Years >= portrait.MinAge && *r.Years <= portrait.MaxAge) {
		return fmt.Errorf("years is missing or out of range: give %d to %d", portrait.MinAge, portrait.MaxAge)
	}
	if r.Spread != nil && !(*r.Spread >= 0 && *r.Spread <= 30) {
		return fmt.Errorf("spread is %g: give 0 to 30 years", *r.Spread)
	}
	return nil
}

func (r rule) checkGender() error {
	if r.Years != nil || r.Spread != nil || r.Weights != nil {
		return errors.New("a gender has a value only: remove the rest")
	}
	if r.Value == nil || !(math.Abs(*r.Value) <= 1) {
		return errors.New("value is missing or out of range: give -1 (woman) to 1 (man)")
	}
	return nil
}

func (r rule) checkEmotion() error {
	if r.Years != nil || r.Spread != nil || r.Value != nil {
		return errors.New("an emotion has weights only: remove the rest")
	}
	return r.Weights.check()
}

func (w weights) check() error {
	sum := 0.0
	for name, v := range w {
		known := false
		for _, e := range portrait.Emotions {
			known = known || e == name
		}
		if !known {
			return fmt.Errorf("unknown emotion %q%s", oneLine(name), plan.Hint(name, portrait.Emotions[:]))
		}
		if !(v >= 0 && v <= 1e6) {
			return fmt.Errorf("the weight of %s is %g: give 0 or more", name, v)
		}
		sum += v
	}
	if sum == 0 {
		return fmt.Errorf("all weights are zero: give at least one of %s", strings.Join(portrait.Emotions[:], ", "))
	}
	return nil
}
