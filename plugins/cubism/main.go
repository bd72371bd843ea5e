// Command cubism is the plugin for the style of the cubists: bodies taken
// apart into cones and planes, hard contours, few colours.
package main

import (
	"context"

	"github.com/atelier-engine/atelier/core/plugin/sdk"
)

const name = "cubism"

var info = sdk.Info{
	Name:        name,
	Version:     "1.0.0",
	Title:       "Cubism",
	Description: "Facets and heavy contours, after Léger.",
	Licence:     "Apache-2.0",
	Options: []sdk.Option{
		{Name: "planes", Description: "how far areas are smoothed into planes before painting", Min: 0, Max: 1, Default: 0},
		{Name: "contour", Description: "strength of contours drawn on top", Min: 0, Max: 1, Default: 0},
	},
	Credits: []string{"Fernand Léger, Contrast of Forms, 1913, public domain"},
}

// plan is the style's data. If it is asked for, areas become planes, so that
// the network paints each of them as one, and contours are drawn on top.
func plan(_ context.Context, r sdk.Request) (sdk.Plan, error) {
	p, err := sdk.StyleData(name)
	if err != nil {
		return p, err
	}
	if planes := r.Options["planes"]; planes > 0 {
		p.Pre = append(p.Pre, sdk.Step{Kernel: "flatten", Params: map[string]float64{"radius": 0.012, "edge": 0.1, "amount": planes}})
	}
	if contour := r.Options["contour"]; contour > 0 {
		p.Post = append(p.Post, sdk.Step{Kernel: "outline", Params: map[string]float64{"width": 0.005, "amount": contour}})
	}
	return p, nil
}

func main() { sdk.ServeStyle(info, sdk.PlannerFunc(plan)) }
