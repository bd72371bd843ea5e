// Command popart is the plugin for the style of printed pop art: flat inks,
// Ben-Day dots, bold outlines.
package main

import (
	"context"

	"github.com/atelier-engine/atelier/core/plugin/sdk"
)

const name = "popart"

var info = sdk.Info{
	Name:        name,
	Version:     "1.0.0",
	Title:       "Pop art",
	Description: "Flat inks, Ben-Day dots and bold outlines, as on a cheap four-colour press.",
	Licence:     "Apache-2.0",
	Options: []sdk.Option{
		{Name: "inks", Description: "steps of brightness that are printed", Min: 2, Max: 8, Default: 4},
		{Name: "pitch", Description: "distance of the dots, in parts of the shorter side", Min: 0.006, Max: 0.05, Default: 0.014},
		{Name: "dots", Description: "strength of the dots", Min: 0, Max: 1, Default: 0.8},
		{Name: "outline", Description: "strength of the outlines", Min: 0, Max: 1, Default: 0.9},
	},
	Credits: []string{"exemplars drawn by Atelier itself"},
}

// minPitch is the least distance of dots, in pixels, at which they are dots.
const minPitch = 4

// plan flattens the picture for the network, then prints what it painted:
// the press is what the network alone does not get crisp.
func plan(_ context.Context, r sdk.Request) (sdk.Plan, error) {
	o := r.Options
	p := sdk.Plan{
		Style: name, Title: info.Title, Description: info.Description, Credits: info.Credits,
		Network: "style", VectorName: name,
		Pre: []sdk.Step{{Kernel: "flatten", Params: map[string]float64{"radius": 0.01}}},
		Post: []sdk.Step{
			{Kernel: "saturate", Params: map[string]float64{"colour": 1.3, "contrast": 1.1}},
			{Kernel: "posterise", Params: map[string]float64{"levels": o["inks"], "soft": 0.12}},
		},
	}
	if o["dots"] > 0 {
		pitch := o["pitch"]
		if short := min(r.Width, r.Height); short > 0 {
			pitch = min(max(pitch, minPitch/float64(short)), 0.1)
		}
		p.Post = append(p.Post, sdk.Step{Kernel: "dots", Params: map[string]float64{"pitch": pitch, "amount": o["dots"]}})
	}
	if o["outline"] > 0 {
		p.Post = append(p.Post, sdk.Step{Kernel: "outline", Params: map[string]float64{"width": 0.005, "amount": o["outline"]}})
	}
	return p, nil
}

func main() { sdk.ServeStyle(info, sdk.PlannerFunc(plan)) }
