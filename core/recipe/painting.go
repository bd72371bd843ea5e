package recipe

import (
	"fmt"
	"image/color"
	"strconv"
	"strings"

	"github.com/atelier-engine/atelier/core/plan"
)

// Painting is how a picture is painted. The zero value of a field is its
// default, but for Intensity.
type Painting struct {
	Style     string  // a name, or a mixture such as "a:0.6+b:0.4"; "" with Reference
	Intensity float64 // from 0, the picture itself, to MaxIntensity
	Stroke    float64 // from MinStroke to MaxStroke; 0 means 1
	Keep      string  // one of Keeps, or ""
	Size      string  // as ParseSize reads it, or "": as the picture
	Colour    string  // of the background, as ParseColour reads it, or ""
	Refine    uint64  // gradient steps on the style of the reference
	Options   map[string]float64

	Method string // one of Methods, or ""
	Steps  uint64 // of MethodOptimize; 0: the default
	Seed   uint64 // of MethodOptimize
	Every  string // of MethodOptimize: "N:PATTERN", intermediate pictures; no part of what is made

	// Pictures beside the one to paint, or nil.
	Map, Mask, Background, Reference *plan.Step
}

// MethodOptimize is the slow method: the pixels are optimised.
const MethodOptimize = "optimize"

// Methods are the ways to paint.
func Methods() []string { return []string{"network", MethodOptimize} }

// Keeps are the ways to keep the colours of a picture.
func Keeps() []string { return []string{"luminance", "histogram"} }

// The roles of the pictures beside the one to paint.
const (
	RoleMap        = "map"
	RoleMask       = "mask"
	RoleBackground = "background"
	RoleReference  = "reference"
)

// Style makes the step that paints a picture. Its parameter "inputs" names the
// roles of the inputs after the first, in their order.
func Style(o plan.Origin, picture *plan.Step, w Painting) *plan.Step {
	p := plan.Params{"name": w.Style, "intensity": w.Intensity}
	text := func(name, value string) {
		if value != "" {
			p[name] = value
		}
	}
	text("keep", w.Keep)
	text("size", w.Size)
	text("colour", w.Colour)
	if w.Stroke != 0 && w.Stroke != 1 {
		p["stroke"] = w.Stroke
	}
	if w.Refine > 0 {
		p["refine"] = w.Refine
	}
	if len(w.Options) > 0 {
		p["options"] = w.Options
	}
	if w.Method == MethodOptimize {
		p["method"], p["seed"] = w.Method, w.Seed
		if w.Steps > 0 {
			p["steps"] = w.Steps
		}
		text("every", w.Every)
	}
	inputs := []*plan.Step{picture}
	var roles []string
	for _, in := range []struct {
		role string
		step *plan.Step
	}{{RoleMap, w.Map}, {RoleMask, w.Mask}, {RoleBackground, w.Background}, {RoleReference, w.Reference}} {
		if in.step != nil {
			roles, inputs = append(roles, in.role), append(inputs, in.step)
		}
	}
	text("inputs", strings.Join(roles, " "))
	return plan.New(KindStyle, p, o, inputs...)
}

// Check says which parts of the painting do not go together, with each part
// called as the caller's user knows it.
func (w Painting) Check(call func(part string) string) error {
	optimize := w.Method == MethodOptimize
	for _, clash := range []struct {
		is   bool
		text string
	}{
		{w.Style == "" && w.Reference == nil, "neither {name} nor {reference} is given: name a style, or a painting to learn from"},
		{w.Style != "" && w.Reference != nil, "{name} and {reference} are both given: leave one out"},
		{w.Refine > 0 && w.Reference == nil, "{refine} needs {reference}: there is nothing to refine towards"},
		{w.Refine > 0 && optimize, "{refine} is for the network, not for the method optimize: leave one out"},
		{len(w.Options) > 0 && w.Style == "", "{options} are those of a style: give {name}"},
		{len(w.Options) > 0 && optimize, "{options} are for the steps of a style, which the method optimize does not take: leave one out"},
		{optimize && strings.ContainsAny(w.Style, "+:"), "the method optimize takes one style, not a mixture"},
		{!optimize && w.Steps > 0, "{steps} is for the method optimize: add {method}"},
		{!optimize && w.Every != "", "{every} is for the method optimize: add {method}"},
		{w.Background != nil && w.Colour != "", "{background} is given twice: leave one out"},
	} {
		if clash.is {
			return fmt.Errorf("%s", replaceParts(clash.text, call))
		}
	}
	return nil
}

// replaceParts writes the parts in braces as call names them.
func replaceParts(text string, call func(string) string) string {
	for {
		before, rest, ok := strings.Cut(text, "{")
		name, after, closed := strings.Cut(rest, "}")
		if !ok || !closed {
			return text
		}
		text = before + call(name) + after
	}
}

// ParseSize reads the size of a painting: "1024" is its longer side in pixels
// (h is 0), "640x480" width and height.
func ParseSize(text string) (w, h int, err error) {
	wrong := fmt.Errorf("is %q: it must be the longer side in pixels, such as 1024, or WIDTHxHEIGHT, such as 640x480, each from 1 to %d", text, MaxSide)
	side := func(s string) int {
		n, err := strconv.Atoi(s)
		if err != nil || n < 1 || n > MaxSide || s[0] == '+' {
			return 0
		}
		return n
	}
	first, second, both := strings.Cut(strings.ToLower(text), "x")
	if w = side(first); w == 0 {
		return 0, 0, wrong
	}
	if both {
		if h = side(second); h == 0 {
			return 0, 0, wrong
		}
	}
	return w, h, nil
}

// colours are the names that ParseColour knows.
var colours = map[string]color.NRGBA{
	"black": {0, 0, 0, 255}, "white": {255, 255, 255, 255}, "grey": {128, 128, 128, 255}, "gray": {128, 128, 128, 255},
	"red": {255, 0, 0, 255}, "green": {0, 128, 0, 255}, "blue": {0, 0, 255, 255}, "yellow": {255, 255, 0, 255},
	"orange": {255, 165, 0, 255}, "pink": {255, 192, 203, 255}, "purple": {128, 0, 128, 255}, "brown": {165, 42, 42, 255},
	"cyan": {0, 255, 255, 255}, "magenta": {255, 0, 255, 255}, "ivory": {255, 255, 240, 255}, "beige": {245, 245, 220, 255},
}

// ParseColour reads #rgb, #rrggbb or a name as sRGB; ok is false for any other
// text, which may be a path.
func ParseColour(text string) (c color.NRGBA, ok bool) {
	if c, ok = colours[strings.ToLower(text)]; ok {
		return c, true
	}
	hex, ok := strings.CutPrefix(text, "#")
	if !ok {
		return c, false
	}
	if len(hex) == 3 {
		hex = string([]byte{hex[0], hex[0], hex[1], hex[1], hex[2], hex[2]})
	}
	v, err := strconv.ParseUint(hex, 16, 32)
	if len(hex) != 6 || err != nil {
		return c, false
	}
	return color.NRGBA{uint8(v >> 16), uint8(v >> 8), uint8(v), 255}, true
}
