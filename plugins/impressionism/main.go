// Command impressionism is the plugin for the style of the impressionists:
// light, broken colour, and brush strokes that stay visible.
package main

import (
	"context"

	"github.com/atelier-engine/atelier/core/plugin/sdk"
)

const name = "impressionism"

var info = sdk.Info{
	Name:        name,
	Version:     "1.0.0",
	Title:       "Impressionism",
	Description: "Broken colour and visible strokes, after Degas.",
	Licence:     "Apache-2.0",
	Options: []sdk.Option{
		{Name: "colour", Description: "strength of the colours, 1 as the network paints them", Min: 0, Max: 2, Default: 1},
	},
	Credits: []string{"Edgar Degas, Blue Dancers, 1897, public domain"},
}

// plan is the network's painting; a second, weaker opinion on colour is the
// person's.
func plan(_ context.Context, r sdk.Request) (sdk.Plan, error) {
	p := sdk.Plan{
		Style: name, Title: info.Title, Description: info.Description, Credits: info.Credits,
		Network: "style", VectorName: name,
	}
	if colour := r.Options["colour"]; colour != 1 {
		p.Post = []sdk.Step{{Kernel: "saturate", Params: map[string]float64{"colour": colour}}}
	}
	return p, nil
}

func main() { sdk.ServeStyle(info, sdk.PlannerFunc(plan)) }
