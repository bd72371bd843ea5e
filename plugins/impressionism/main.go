// Command impressionism is the plugin for the style of the impressionists:
// light, broken colour, and strokes that stay visible.
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
	Description: "Broken touches of colour and soft contours, after Degas.",
	Licence:     "Apache-2.0",
	Options: []sdk.Option{
		{Name: "colour", Description: "strength of the colours, 1 as the network paints them", Min: 0, Max: 2, Default: 1},
	},
	Credits: []string{"Edgar Degas, Blue Dancers, 1897, public domain"},
}

// plan is the style's data, and a change of its colours if it is asked for.
func plan(_ context.Context, r sdk.Request) (sdk.Plan, error) {
	p, err := sdk.StyleData(name)
	if colour := r.Options["colour"]; err == nil && colour != 1 {
		p.Post = append(p.Post, sdk.Step{Kernel: "saturate", Params: map[string]float64{"colour": colour}})
	}
	return p, err
}

func main() { sdk.ServeStyle(info, sdk.PlannerFunc(plan)) }
