// Package recipe runs the Lua recipes that describe pictures. A recipe
// computes nothing: each of its calls makes an immutable step of a plan, and
// the plan is executed after the recipe has ended. Recipes run in a sandbox:
// no files, no clock, no loading of code, a budget of instructions, time and
// memory, and random numbers that come from the seed of the job.
package recipe

import "github.com/atelier-engine/atelier/core/plan"

// The kinds of step that recipes and commands ask for. The engine registers
// what does them.
const (
	KindRead     = "read"     // "text" -> reading
	KindPortrait = "portrait" // [reading] "age" "gender" "emotion" "seed" -> picture
	KindImage    = "image"    // "path" -> picture
	KindStyle    = "style"    // picture [map, mask, ...] "name" "intensity" ... -> picture: see Painting
	KindSave     = "save"     // picture "path" -> saved
)

// The types of the results of steps.
const (
	TypeReading = "reading"
	TypePicture = "picture"
	TypeSaved   = "saved"
)

// The ranges of arguments, the same for recipes and for flags.
const (
	MinAge       = 16.0 // years: the youngest face that the generator makes
	MaxAge       = 90.0 // years: the oldest
	MaxIntensity = 1.5  // from 0, the untouched picture
	MinStroke    = 0.5  // in parts of the strokes as trained
	MaxStroke    = 4.0
	MaxRefine    = 1000   // gradient steps on a predicted style
	MaxSteps     = 10_000 // of the optimisation
	MaxSide      = 65_535 // pixels of one side of a painting
	MaxSeed      = 1 << 53
)

// Emotions are the names of the emotions, in the order used everywhere.
func Emotions() []string {
	return []string{"neutral", "happy", "sad", "angry", "fearful", "disgusted", "surprised"}
}

// Genders are the names that stand for numbers from -1 to 1.
func Genders() map[string]float64 {
	return map[string]float64{"woman": -1, "man": 1}
}

// Face is what a portrait is asked to show. Nil fields are read from the text
// or left to the engine.
type Face struct {
	Reading *plan.Step         // a step of KindRead, or nil
	Emotion map[string]float64 // weights from 0 to 1 by name
	Age     *float64           // years
	Gender  *float64           // -1 woman to 1 man
	Seed    uint64
}

// Read makes the step that reads a sentence.
func Read(o plan.Origin, text string) *plan.Step {
	return plan.New(KindRead, plan.Params{"text": text}, o)
}

// Portrait makes the step that draws a face.
func Portrait(o plan.Origin, f Face) *plan.Step {
	p := plan.Params{"seed": f.Seed}
	if f.Age != nil {
		p["age"] = *f.Age
	}
	if f.Gender != nil {
		p["gender"] = *f.Gender
	}
	if f.Emotion != nil {
		p["emotion"] = f.Emotion
	}
	if f.Reading == nil {
		return plan.New(KindPortrait, p, o)
	}
	return plan.New(KindPortrait, p, o, f.Reading)
}

// Image makes the step that opens a picture file.
func Image(o plan.Origin, path string) *plan.Step {
	return plan.New(KindImage, plan.Params{"path": path}, o)
}

// Save makes the step that writes a picture to a file.
func Save(o plan.Origin, picture *plan.Step, path string) *plan.Step {
	return plan.New(KindSave, plan.Params{"path": path}, o, picture)
}
