package engine

import (
	"fmt"
	"math"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/atelier-engine/atelier/core/plan"
	"github.com/atelier-engine/atelier/core/recipe"
)

// Painting is how pictures are to be painted, as a person writes it. Empty
// fields mean the defaults.
type Painting struct {
	Style      string // a name, or a mixture such as "a:0.6+b:0.4"
	Reference  string // the path of a painting, instead of a style
	Intensity  string // a number from 0 to MaxIntensity, or the path of a mask
	Stroke     *float64
	Size       string // "1024" or "640x480"
	Keep       string // "luminance" or "histogram"
	Mask       string // a path
	Background string // a colour or a path
	Refine     int
	Options    []string // NAME=X or STYLE.NAME=X
	Method     string
	Steps      int
	Every      int // steps between intermediate pictures
	Seed       *uint64
}

// flags call the parts of a painting as the command line knows them.
func flags(part string) string {
	switch part {
	case "name":
		return "--style"
	case "options":
		return "--option"
	case "method":
		return "--method " + recipe.MethodOptimize
	}
	return "--" + part
}

// painted checks the wish and gives the step that paints a picture as it says.
// Errors name the fields as flags.
func (w Painting) painted(seed int64) (func(photo *plan.Step, out string) *plan.Step, error) {
	here := plan.Origin{}
	p := recipe.Painting{Style: w.Style, Intensity: 1, Keep: w.Keep, Size: w.Size, Method: w.Method, Seed: uint64(seed)}
	if err := w.numbers(&p); err != nil {
		return nil, err
	}
	for _, in := range []struct {
		path string
		to   **plan.Step
	}{{w.Mask, &p.Mask}, {w.Reference, &p.Reference}} {
		if in.path != "" {
			*in.to = recipe.Image(here, in.path)
		}
	}
	if _, ok := recipe.ParseColour(w.Background); ok {
		p.Colour = w.Background
	} else if w.Background != "" {
		if _, err := os.Stat(w.Background); err != nil && !strings.ContainsAny(w.Background, "./\\") {
			return nil, Usagef("--background is %q: it must be a colour, such as #ffcc00 or white, or a picture", w.Background)
		}
		p.Background = recipe.Image(here, w.Background)
	}
	if w.Keep != "" && !slices.Contains(recipe.Keeps(), w.Keep) {
		return nil, Usagef("--keep-colors is %q%s", w.Keep, Hint(w.Keep, recipe.Keeps()))
	}
	if w.Method != "" && !slices.Contains(recipe.Methods(), w.Method) {
		return nil, Usagef("--method is %q%s", w.Method, Hint(w.Method, recipe.Methods()))
	}
	if w.Size != "" {
		if _, _, err := recipe.ParseSize(w.Size); err != nil {
			return nil, Usagef("--size %w", err)
		}
	}
	if w.Every > 0 {
		p.Every = "yes"
	}
	if err := p.Check(flags); err != nil {
		return nil, Usagef("stylize: %w", err)
	}
	return func(photo *plan.Step, out string) *plan.Step {
		if w.Every > 0 {
			p.Every = fmt.Sprintf("%d:%s", w.Every, out)
		}
		return recipe.Style(here, photo, p)
	}, nil
}

// numbers reads the numbers of the wish into p.
func (w Painting) numbers(p *recipe.Painting) error {
	if w.Intensity != "" {
		v, err := strconv.ParseFloat(w.Intensity, 64)
		_, absent := os.Stat(w.Intensity)
		switch {
		case err == nil && !(v >= 0 && v <= MaxIntensity):
			return Usagef("--intensity is %v: it must be from 0 to %g", v, MaxIntensity)
		case err == nil:
			p.Intensity = v
		case absent != nil && !strings.ContainsAny(w.Intensity, "./\\"):
			return Usagef("--intensity is %q: it must be a number from 0 to %g, or the file of a mask", w.Intensity, MaxIntensity)
		default:
			p.Map = recipe.Image(plan.Origin{}, w.Intensity)
		}
	}
	if w.Stroke != nil {
		if !(*w.Stroke >= MinStroke && *w.Stroke <= MaxStroke) {
			return Usagef("--stroke is %v: it must be from %g to %g", *w.Stroke, MinStroke, MaxStroke)
		}
		p.Stroke = *w.Stroke
	}
	for _, n := range []struct {
		flag string
		v    int
		most int
		to   *uint64
	}{{"refine", w.Refine, MaxRefine, &p.Refine}, {"steps", w.Steps, MaxSteps, &p.Steps}, {"every", w.Every, MaxSteps, nil}} {
		if n.v < 0 || n.v > n.most {
			return Usagef("--%s is %d: it must be from 1 to %d", n.flag, n.v, n.most)
		}
		if n.to != nil {
			*n.to = uint64(n.v)
		}
	}
	if err := CheckSeed(w.Seed); err != nil {
		return err
	}
	if w.Seed != nil {
		if p.Method != recipe.MethodOptimize {
			return Usagef("stylize: --seed is for --method %s: the network needs none: leave it out", recipe.MethodOptimize)
		}
		p.Seed = *w.Seed
	}
	for _, item := range w.Options {
		name, text, ok := strings.Cut(item, "=")
		v, err := strconv.ParseFloat(text, 64)
		if !ok || name == "" || err != nil || math.IsNaN(v) || math.IsInf(v, 0) {
			return Usagef("--option %s: it must be NAME=NUMBER, such as dots=0.5: see atelier style show NAME", item)
		}
		if _, twice := p.Options[name]; twice {
			return Usagef("--option %s is given twice", name)
		}
		if p.Options == nil {
			p.Options = map[string]float64{}
		}
		p.Options[name] = v
	}
	return nil
}
