package recipe

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/atelier-engine/atelier/core/plan"
)

// painted gives the parameters of the style step that the first save writes.
func paintedBy(t *testing.T, source string) (*plan.Step, map[string]any) {
	t.Helper()
	r, err := Run(t.Context(), "r.lua", []byte(source), Options{Seed: 3})
	if err != nil {
		t.Fatal(err)
	}
	s := r.Saves[0].Inputs()[0]
	all := map[string]any{}
	for _, name := range []string{"name", "keep", "size", "colour", "method", "inputs"} {
		if v := s.Text(name); v != "" {
			all[name] = v
		}
	}
	for _, name := range []string{"intensity", "stroke"} {
		if v, ok := s.Number(name); ok {
			all[name] = v
		}
	}
	for _, name := range []string{"refine", "steps", "seed"} {
		if v, ok := s.Whole(name); ok {
			all[name] = v
		}
	}
	if v, ok := s.Weights("options"); ok {
		all["options"] = v
	}
	return s, all
}

func TestStyleTakesATable(t *testing.T) {
	for source, want := range map[string]map[string]any{
		`{ name = "a" }`: {"name": "a", "intensity": 1.0},
		`{ name = "a:2+b:1", intensity = 0.5, stroke = 2, keep = "histogram", options = { ["a.dots"] = 0.5 } }`: {
			"name": "a:2+b:1", "intensity": 0.5, "stroke": 2.0, "keep": "histogram", "options": map[string]float64{"a.dots": 0.5}},
		`{ name = "a", stroke = 1 }`:                                            {"name": "a", "intensity": 1.0},
		`{ name = "a", size = 1024 }`:                                           {"name": "a", "intensity": 1.0, "size": "1024"},
		`{ name = "a", size = "640x480" }`:                                      {"name": "a", "intensity": 1.0, "size": "640x480"},
		`{ name = "a", background = "#fff" }`:                                   {"name": "a", "intensity": 1.0, "colour": "#fff"},
		`{ name = "a", background = "b.png", mask = "m.png", map = p }`:         {"name": "a", "intensity": 1.0, "inputs": "map mask background"},
		`{ reference = "r.jpg", refine = 50 }`:                                  {"intensity": 1.0, "inputs": "reference", "refine": uint64(50)},
		`{ reference = p, method = "optimize", steps = 9 }`:                     {"intensity": 1.0, "inputs": "reference", "method": "optimize", "steps": uint64(9), "seed": uint64(3)},
		`{ reference = p, method = "optimize", seed = 8, stroke = 0.5 }`:        {"intensity": 1.0, "inputs": "reference", "method": "optimize", "seed": uint64(8), "stroke": 0.5},
		`{ name = "a", method = "network", mask = portrait{ emotion = "sad"} }`: {"name": "a", "intensity": 1.0, "inputs": "mask"},
	} {
		s, got := paintedBy(t, `local p = image("p.jpg") p:style`+source+`:save("x.png")`)
		if _, ok := want["name"]; !ok {
			delete(got, "name")
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: %s", source, diff)
		}
		if in := s.Inputs()[0]; in.Kind() != KindImage {
			t.Errorf("%s: the first input is a %s", source, in.Kind())
		}
	}
}

func TestStyleErrors(t *testing.T) {
	for source, want := range map[string]string{
		`{}`:                                      "neither name nor reference is given: name a style, or a painting to learn from",
		`{ name = "a", reference = "b" }`:         "name and reference are both given: leave one out",
		`{ name = "a", strok = 2 }`:               `unknown argument "strok": did you mean "stroke"?`,
		`{ name = "a", stroke = 5 }`:              `argument "stroke" is 5: it must be a number from 0.5 to 4`,
		`{ name = "a", intensity = 0/0 }`:         `argument "intensity" is NaN: it must be a number from 0 to 1.5`,
		`{ name = "a", keep = "luma" }`:           `argument "keep" is "luma": there is histogram, luminance`,
		`{ name = "a", size = 0 }`:                `argument "size" is "0": it must be the longer side in pixels, such as 1024, or WIDTHxHEIGHT, such as 640x480, each from 1 to 65535`,
		`{ name = "a", size = 10.5 }`:             `argument "size" is 10.5: it must be a whole number from 1 to 65535 pixels, or a string such as "640x480"`,
		`{ name = "a", size = "10 x 10" }`:        `argument "size" is "10 x 10": it must be the longer side in pixels, such as 1024, or WIDTHxHEIGHT, such as 640x480, each from 1 to 65535`,
		`{ name = "a", mask = 3 }`:                `argument "mask" is a number: it must be a picture or a path`,
		`{ name = "a", mask = "" }`:               `argument "mask" is empty: it must be a picture or a path`,
		`{ name = "a", options = { dots = "x" }}`: `argument "options" gives "dots" the value "x": it must be a table of names and numbers`,
		`{ name = "a", options = 3 }`:             `argument "options" is a number: it must be a table of names and numbers`,
		`{ name = "a", refine = 3 }`:              "refine needs reference: there is nothing to refine towards",
		`{ name = "a", steps = 3 }`:               "steps is for the method optimize: add method",
		`{ name = "a+b", method = "optimize" }`:   "the method optimize takes one style, not a mixture",
	} {
		_, _, err := run(`image("p.jpg"):style`+source, Options{})
		prefix := "r.lua:1: picture:style: "
		if err != nil && len(err.Error()) > 14 && err.Error()[:15] == "r.lua:1: style:" {
			prefix = "r.lua:1: style: " // of tables
		}
		if err == nil || err.Error() != prefix+want {
			t.Errorf("%s\n got  %v\n want %s", source, err, prefix+want)
		}
	}
}

func TestColoursAndSizes(t *testing.T) {
	for text, want := range map[string]bool{"#fff": true, "#FFCC00": true, "white": true, "White": true, "#ffff": false, "#ggg": false, "": false, "#": false, "a.png": false} {
		if _, ok := ParseColour(text); ok != want {
			t.Errorf("%q: %v", text, ok)
		}
	}
	for text, want := range map[string][2]int{"12": {12, 0}, "3x4": {3, 4}, "3X4": {3, 4}, "65535": {65535, 0}} {
		if w, h, err := ParseSize(text); err != nil || w != want[0] || h != want[1] {
			t.Errorf("%q: %d %d %v", text, w, h, err)
		}
	}
	for _, text := range []string{"", "x", "x4", "4x", "-3", "+3", "3x+4", "65536", "1e3", "3x4x5", " 3"} {
		if _, _, err := ParseSize(text); err == nil {
			t.Errorf("%q is taken", text)
		}
	}
}
