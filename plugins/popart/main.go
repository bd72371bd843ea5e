// Command popart is the plugin for the style of printed pop art: the network
// paints, and then a press prints it, which no network gets crisp.
package main

import "github.com/atelier-engine/atelier/core/plugin/sdk"

func main() {
	sdk.ServeDials(sdk.Info{
		Name:        "popart",
		Version:     "1.1.0",
		Title:       "Pop art",
		Description: "Flat inks, Ben-Day dots and bold outlines, as on a cheap four-colour press.",
		Licence:     "Apache-2.0",
		Credits:     []string{"Atelier, comic pages drawn by the program itself, Apache-2.0"},
	},
		sdk.Times("inks", "strength of the flat inks", 0, 1.4, "inks.amount"),
		sdk.Times("dots", "strength of the dots", 0, 2, "dots.amount"),
		sdk.Times("pitch", "distance of the dots", 0.4, 4, "dots.pitch"),
		sdk.Times("outline", "strength of the outlines", 0, 1.1, "outline.amount"),
	)
}
