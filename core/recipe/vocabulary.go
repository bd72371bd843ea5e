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
	KindRead     = "read"      // "text" -> reading
	KindPortrait = "portrait"  // [reading] "age" "gender" "emotion" "seed" ... -> picture: see Face
	KindImage    = "image"     // "path" -> picture
	KindStyle    = "style"     // picture [map, mask, ...] "name" "intensity" ... -> picture: see Painting
	KindUpscale  = "upscale"   // picture "factor" -> picture
	KindSave     = "save"      // picture "path" -> saved
	KindSheet    = "sheet"     // pictures "across" "columns" ... -> picture: see Sheet
	KindFilm     = "film"      // pictures "rate" ... -> film: see Film
	KindFilmOn   = "film on"   // film, pictures -> a longer film
	KindSaveFilm = "save film" // film "path" -> saved
)

// The types of the results of steps.
const (
	TypeReading = "reading"
	TypePicture = "picture"
	TypeFilm    = "film"
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
	MinFace      = 16 // pixels of a portrait's side
	MaxFace      = 8192
	MinRate      = 0.1 // frames a second
	MaxRate      = 50.0
	MaxLoops     = 65_535
	MaxFrames    = 2000
)

// Emotions are the names of the emotions, in the order used everywhere.
func Emotions() []string {
	return []string{"neutral", "happy", "sad", "angry", "fearful", "disgusted", "surprised"}
}

// Dithers are the ways to show the colours between those of a GIF.
func Dithers() []string { return []string{"ordered", "diffusion", "none"} }

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
	// Toward is the seed of a second person; the one drawn stands At of the way
	// from the first, 0, to the second, 1.
	Toward     *uint64
	At         float64
	Truncation *float64 // 0, the mean face, to 1, none
	Size       uint64   // side in pixels; 0: that of engine.toml
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
	if f.Toward != nil && *f.Toward != f.Seed && f.At > 0 {
		p["toward"], p["at"] = *f.Toward, f.At
	}
	if f.Truncation != nil && *f.Truncation != 1 {
		p["truncation"] = *f.Truncation
	}
	if f.Size != 0 {
		p["size"] = f.Size
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

// Factors are the enlargements that Upscale makes.
func Factors() []uint64 { return []uint64{2, 4, 8} }

// Upscale makes the step that enlarges a picture, by one of Factors.
func Upscale(o plan.Origin, picture *plan.Step, factor uint64) *plan.Step {
	return plan.New(KindUpscale, plan.Params{"factor": factor}, o, picture)
}

// Save makes the step that writes a picture to a file.
func Save(o plan.Origin, picture *plan.Step, path string) *plan.Step {
	return plan.New(KindSave, plan.Params{"path": path}, o, picture)
}
