package sdk

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestDialsTurnBothListsWithinTheirRange(t *testing.T) {
	p := Plan{Pre: []Step{{Kernel: "hatch"}}, Post: []Step{{Kernel: "dots", Params: map[string]float64{"pitch": .05}}, {Kernel: "hatch", Params: map[string]float64{"width": .004}}}}
	dials := []Dial{
		Times("pencil", "width", 0, 9, "hatch.width", "hatch.pitch"),
		Value("colour", "colour", 0, 1, 0, "hatch.colour"),
		Times("dots", "distance", 0, 9, "dots.pitch", "dots.nothing"),
	}
	got := turn(p, dials, map[string]float64{"pencil": 2, "colour": .5, "dots": 9})
	want := Plan{
		Pre: []Step{{Kernel: "hatch", Params: map[string]float64{"width": .0036, "pitch": .009, "colour": .5}}},
		Post: []Step{{Kernel: "dots", Params: map[string]float64{"pitch": .1}},
			{Kernel: "hatch", Params: map[string]float64{"width": .008, "pitch": .009, "colour": .5}}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if p.Pre[0].Params != nil || p.Post[0].Params["pitch"] != .05 {
		t.Error("the plan given was changed")
	}
	if d := dials[0].Option; d.Default != 1 || d.Description != "width, 1 as the style has it" {
		t.Errorf("option %+v", d)
	}
}
