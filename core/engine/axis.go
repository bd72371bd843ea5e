package engine

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/atelier-engine/atelier/core/recipe"
)

// The syntax of --grid and --morph:
//
//	AXIS=VALUE,VALUE... AXIS=VALUE...
//
//	age         years
//	gender      woman, man, or a number from -1 to 1
//	emotion     a name, NAME=WEIGHT, a mixture NAME=WEIGHT+NAME=WEIGHT, or all
//	seed        a whole number
//	truncation  0 to 1

// axis is one thing that changes over a grid.
type axis struct {
	name   string
	values []axisValue
}

// axisValue is one value of an axis.
type axisValue struct {
	caption string // as a person reads it: "woman", "40", "seed 7"
	file    string // as a part of a file's name
	set     func(*recipe.Face)
}

// axisValues reads the values of each axis by its name.
var axisValues = map[string]func(flag, text string) ([]axisValue, error){
	"age":        one(ageValue),
	"gender":     one(genderValue),
	"emotion":    emotionValues,
	"seed":       one(seedValue),
	"truncation": one(truncationValue),
}

func axisNames() []string { return slices.Sorted(maps.Keys(axisValues)) }

// parseAxes reads the arguments of a flag, each one axis or several with spaces
// between them.
func parseAxes(flag string, args []string) ([]axis, error) {
	var all []axis
	for _, field := range strings.Fields(strings.Join(args, " ")) {
		name, list, ok := strings.Cut(field, "=")
		read, known := axisValues[name]
		switch {
		case !known:
			return nil, Usagef("%s %s: unknown axis %q%s", flag, field, name, Hint(name, axisNames()))
		case !ok || list == "":
			return nil, Usagef("%s %s: it has no values: write such as %s=%s", flag, field, name, axisExamples[name])
		case slices.ContainsFunc(all, func(a axis) bool { return a.name == name }):
			return nil, Usagef("%s: the axis %s is given twice: put all its values behind one", flag, name)
		}
		a := axis{name: name}
		for _, text := range strings.Split(list, ",") {
			values, err := read(flag+" "+name, text)
			if err != nil {
				return nil, err
			}
			for _, v := range values {
				if slices.ContainsFunc(a.values, func(o axisValue) bool { return o.file == v.file }) {
					return nil, Usagef("%s %s: the value %s is given twice: leave one out", flag, name, v.caption)
				}
				a.values = append(a.values, v)
			}
		}
		all = append(all, a)
	}
	if len(all) == 0 {
		return nil, Usagef("%s is empty: write such as age=%s emotion=%s", flag, axisExamples["age"], axisExamples["emotion"])
	}
	return all, nil
}

var axisExamples = map[string]string{
	"age": "20,40,60,80", "gender": "woman,man", "emotion": "happy,sad,angry", "seed": "1,2,3", "truncation": "0.5,1",
}

func one(read func(flag, text string) (axisValue, error)) func(flag, text string) ([]axisValue, error) {
	return func(flag, text string) ([]axisValue, error) {
		v, err := read(flag, text)
		return []axisValue{v}, err
	}
}

func ageValue(flag, text string) (axisValue, error) {
	v, err := numberIn(flag, text, MinAge, MaxAge, "years")
	return axisValue{digits(v), digits(v), func(f *recipe.Face) { f.Age = &v }}, err
}

func truncationValue(flag, text string) (axisValue, error) {
	v, err := numberIn(flag, text, 0, 1, "")
	return axisValue{"truncation " + digits(v), "t" + digits(v), func(f *recipe.Face) { f.Truncation = &v }}, err
}

func genderValue(flag, text string) (axisValue, error) {
	v, err := parseGender(flag, text)
	if err != nil {
		return axisValue{}, err
	}
	if v == nil {
		return axisValue{}, Usagef("%s: a value is empty: it must be woman, man, or a number from -1 to 1", flag)
	}
	name := fmt.Sprintf("gender %+g", *v)
	for known, g := range recipe.Genders() {
		if g == *v {
			name = known
		}
	}
	return axisValue{name, strings.ReplaceAll(name, " ", ""), func(f *recipe.Face) { f.Gender = v }}, nil
}

func seedValue(flag, text string) (axisValue, error) {
	v, err := strconv.ParseUint(text, 10, 64)
	if err != nil || v > MaxSeed {
		return axisValue{}, Usagef("%s is %q: it must be a whole number from 0 to %d", flag, text, uint64(MaxSeed))
	}
	return axisValue{fmt.Sprintf("seed %d", v), fmt.Sprintf("seed%d", v), func(f *recipe.Face) { f.Seed = v }}, nil
}

// emotionValues reads a mixture, or "all" for each emotion by itself.
func emotionValues(flag, text string) ([]axisValue, error) {
	list := []string{text}
	if text == "all" {
		list = Emotions()
	}
	var values []axisValue
	for _, item := range list {
		weights, err := parseEmotions(flag, []string{item})
		if err != nil {
			return nil, err
		}
		caption := emotionText(weights)
		file := strings.NewReplacer(" ", "", "+", "-").Replace(caption)
		values = append(values, axisValue{caption, file, func(f *recipe.Face) { f.Emotion = weights }})
	}
	return values, nil
}

// emotionText names weights: "happy", "happy 0.5", "happy 0.7 + sad 0.3".
func emotionText(weights map[string]float64) string {
	var parts []string
	for _, name := range Emotions() {
		w, ok := weights[name]
		switch {
		case !ok:
		case w == 1 && len(weights) == 1:
			parts = append(parts, name)
		default:
			parts = append(parts, name+" "+digits(w))
		}
	}
	return strings.Join(parts, " + ")
}

// numberIn reads a number within a range.
func numberIn(flag, text string, lo, hi float64, unit string) (float64, error) {
	v, err := strconv.ParseFloat(text, 64)
	if err != nil || !(v >= lo && v <= hi) {
		return 0, Usagef("%s is %q: it must be a number from %s to %s", flag, text, digits(lo), strings.TrimSpace(digits(hi)+" "+unit))
	}
	return v + 0, nil // -0 is 0
}
