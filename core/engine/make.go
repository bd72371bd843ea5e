package engine

import (
	"context"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/atelier-engine/atelier/core/picture"
	"github.com/atelier-engine/atelier/core/plan"
	"github.com/atelier-engine/atelier/core/recipe"
)

// What commands need of the rooms below, so that they know the engine only.
type (
	// Event tells how the execution of a plan goes on.
	Event = plan.Event
	// Step is one thing that a plan does.
	Step = plan.Step
	// Crash is a panic inside a step.
	Crash = plan.Crash
)

// The states of an Event.
const (
	Started = plan.Started
	Working = plan.Working
	Done    = plan.Done
	Cached  = plan.Cached
	Noted   = plan.Noted
)

// KindSave is the kind of the steps that write a picture.
const KindSave = recipe.KindSave

// The ranges of what can be asked for.
const (
	MinAge       = recipe.MinAge
	MaxAge       = recipe.MaxAge
	MaxIntensity = recipe.MaxIntensity
	MinStroke    = recipe.MinStroke
	MaxStroke    = recipe.MaxStroke
	MaxRefine    = recipe.MaxRefine
	MaxSteps     = recipe.MaxSteps
	MaxSeed      = recipe.MaxSeed
)

// Emotions are the names of the emotions in their order.
func Emotions() []string { return recipe.Emotions() }

// Hint ends an error about an unknown name with the nearest known ones.
func Hint(name string, names []string) string { return plan.Hint(name, names) }

// Wish is what a portrait is asked to show beside its sentence. Nil and empty
// fields are as read.
type Wish struct {
	Seed    *uint64
	Age     *float64 // years
	Gender  string   // woman, man, or a number from -1 to 1
	Emotion []string // NAME=WEIGHT, or NAME
}

// face checks a wish. Errors name the field as a flag.
func (w Wish) face(seed int64) (recipe.Face, error) {
	f := recipe.Face{Seed: uint64(seed), Age: w.Age}
	if w.Age != nil && !(*w.Age >= MinAge && *w.Age <= MaxAge) {
		return f, Usagef("--age is %v: it must be from %g to %g years", *w.Age, MinAge, MaxAge)
	}
	if err := CheckSeed(w.Seed); err != nil {
		return f, err
	}
	if w.Seed != nil {
		f.Seed = *w.Seed
	}
	var err error
	if f.Gender, err = parseGender("--gender", w.Gender); err != nil {
		return f, err
	}
	f.Emotion, err = parseEmotions("--emotion", w.Emotion)
	return f, err
}

// CheckSeed reports a seed out of range; nil is none.
func CheckSeed(seed *uint64) error {
	if seed != nil && *seed > MaxSeed {
		return Usagef("--seed is %d: it must be from 0 to %d", *seed, uint64(MaxSeed))
	}
	return nil
}

// parseGender reads a name or a number.
func parseGender(flag, text string) (*float64, error) {
	if text == "" {
		return nil, nil
	}
	known := recipe.Genders()
	if v, ok := known[text]; ok {
		return &v, nil
	}
	v, err := strconv.ParseFloat(text, 64)
	if err != nil {
		return nil, Usagef("%s is %q%s", flag, text, Hint(text, slices.Collect(maps.Keys(known))))
	}
	if !(v >= -1 && v <= 1) {
		return nil, Usagef("%s is %v: it must be from -1 (woman) to 1 (man)", flag, v)
	}
	return &v, nil
}

// parseEmotions reads NAME=WEIGHT, several with + between them; a name alone has
// the weight 1.
func parseEmotions(flag string, list []string) (map[string]float64, error) {
	if len(list) == 0 {
		return nil, nil
	}
	out, sum := map[string]float64{}, 0.0
	for _, item := range strings.Split(strings.Join(list, "+"), "+") {
		name, text, given := strings.Cut(item, "=")
		weight := 1.0
		if given {
			v, err := strconv.ParseFloat(text, 64)
			if err != nil || !(v >= 0 && v <= 1) {
				return nil, Usagef("%s %s: the weight is %q: it must be a number from 0 to 1", flag, item, text)
			}
			weight = v
		}
		if !slices.Contains(Emotions(), name) {
			return nil, Usagef("%s %s: unknown emotion %q%s", flag, item, name, Hint(name, Emotions()))
		}
		if _, twice := out[name]; twice {
			return nil, Usagef("%s %s: %s is given twice: leave one out", flag, item, name)
		}
		out[name] = weight
		sum += weight
	}
	if sum <= 0 {
		return nil, Usagef("%s: no weight is above 0: give at least one, such as happy=0.8", flag)
	}
	return out, nil
}

func (e *Engine) save(ctx context.Context, made *plan.Step, out string, progress Progress) error {
	_, err := e.Run(ctx, []*plan.Step{recipe.Save(plan.Origin{}, made, out)}, nil, progress)
	return err
}

// CheckOut refuses a file name that no picture can be written to.
func CheckOut(path string) error {
	if _, err := picture.FormatOf(path); err != nil {
		return err
	}
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		return Usagef("%s is a folder: name a file in it", path)
	}
	return nil
}

// SavePicture writes a picture that is not the result of a plan.
func SavePicture(path string, p *picture.Picture) error { return picture.Save(path, p) }
