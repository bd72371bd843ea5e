package recipe

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	lua "github.com/yuin/gopher-lua"

	"github.com/atelier-engine/atelier/core/plan"
)

// style is picture:style(name, intensity) or picture:style{...}.
func (j *job) style(*lua.LState) int {
	pic := j.self(apiStyle)
	g := j.check(apiStyle, 2)
	w := Painting{Intensity: 1, Seed: j.options.Seed}
	text := func(name string, to *string) { *to, _ = g[name].(string) }
	text("name", &w.Style)
	text("keep", &w.Keep)
	text("size", &w.Size)
	text("method", &w.Method)
	if v, ok := g["intensity"].(float64); ok {
		w.Intensity = v
	}
	w.Stroke, _ = g["stroke"].(float64)
	w.Refine, _ = g["refine"].(uint64)
	w.Steps, _ = g["steps"].(uint64)
	w.Options, _ = g["options"].(map[string]float64)
	if v, ok := g["seed"].(uint64); ok {
		w.Seed = v
	}
	w.Map, _ = g["map"].(*plan.Step)
	w.Mask, _ = g["mask"].(*plan.Step)
	w.Reference, _ = g["reference"].(*plan.Step)
	text("background", &w.Colour)
	w.Background, _ = g["background"].(*plan.Step)
	if err := w.Check(func(part string) string { return part }); err != nil {
		j.fail("%s: %v", apiStyle.title(), err)
	}
	return j.pushPicture(Style(j.origin(), pic, w))
}

// paintingValue converts one argument of style, or says what is wrong with it.
func (j *job) paintingValue(a Arg, v lua.LValue, wrong string) (any, string) {
	text, isText := v.(lua.LString)
	if isText {
		if _, problem := j.value(Arg{Type: Text}, v); problem != "" {
			return nil, strings.Replace(problem, "a string", a.allowed(), 1)
		}
	}
	switch a.Type {
	case Source, Ground:
		if isText {
			if _, ok := ParseColour(string(text)); ok && a.Type == Ground {
				return string(text), ""
			}
			return Image(j.origin(), string(text)), ""
		}
		if u, ok := v.(*lua.LUserData); ok {
			if s, ok := u.Value.(*plan.Step); ok && !isFilm(s) {
				return s, ""
			}
		}
	case Size:
		if n, ok := v.(lua.LNumber); ok {
			if f := float64(n); f != math.Trunc(f) || math.IsInf(f, 0) {
				return nil, fmt.Sprintf("is %v: it must be %s", f, a.allowed())
			}
			text, isText = lua.LString(strconv.FormatFloat(float64(n), 'f', -1, 64)), true
		}
		if isText {
			if _, _, err := ParseSize(string(text)); err != nil {
				return nil, err.Error()
			}
			return string(text), ""
		}
	case Choice:
		if isText {
			if !slices.Contains(a.Names, string(text)) {
				return nil, "is " + quote(string(text)) + plan.Hint(string(text), a.Names)
			}
			return string(text), ""
		}
	case Numbers:
		t, ok := v.(*lua.LTable)
		if !ok {
			return nil, wrong
		}
		out, problem := map[string]float64{}, ""
		t.ForEach(func(k, w lua.LValue) {
			n, ok := w.(lua.LNumber)
			if f := float64(n); k.Type() != lua.LTString || !ok || math.IsNaN(f) || math.IsInf(f, 0) {
				problem = fmt.Sprintf("gives %s the value %s: it must be %s", quote(lua.LVAsString(k)), quote(lua.LVAsString(w)), a.allowed())
			}
			out[lua.LVAsString(k)] = float64(n)
		})
		return out, problem
	}
	return nil, wrong
}
