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
		{Name: "inks", Description: "strength of the flat inks, 1 as the style has it", Min: 0, Max: 1.4, Default: 1},
		{Name: "dots", Description: "strength of the dots, 1 as the style has it", Min: 0, Max: 1.2, Default: 1},
		{Name: "pitch", Description: "distance of the dots, 1 as the style has it", Min: 0.4, Max: 4, Default: 1},
		{Name: "outline", Description: "strength of the outlines, 1 as the style has it", Min: 0, Max: 1.1, Default: 1},
	},
	Credits: []string{"Atelier, comic pages drawn by the program itself, Apache-2.0"},
}

// plan is the style's data: the network paints, and then a press prints it,
// which is what the network alone does not get crisp. The options say how
// much of each.
func plan(_ context.Context, r sdk.Request) (sdk.Plan, error) {
	p, err := sdk.StyleData(name)
	for _, o := range []struct{ option, kernel, param string }{
		{"inks", "inks", "amount"}, {"dots", "dots", "amount"}, {"pitch", "dots", "pitch"}, {"outline", "outline", "amount"},
	} {
		p.Post = sdk.Scale(p.Post, o.kernel, o.param, r.Options[o.option])
	}
	return p, err
}

func main() { sdk.ServeStyle(info, sdk.PlannerFunc(plan)) }
