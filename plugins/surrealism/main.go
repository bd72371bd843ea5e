// Command surrealism is the plugin for the style of the surrealists: things
// as they are in dreams.
package main

import "github.com/atelier-engine/atelier/core/plugin/sdk"

func main() {
	sdk.ServeDials(sdk.Info{
		Name:        "surrealism",
		Version:     "1.1.0",
		Title:       "Surrealism",
		Description: "A waking dream: bent shapes, smooth paint, light that spreads, after Rousseau.",
		Licence:     "Apache-2.0",
		Credits:     []string{"Henri Rousseau, The Sleeping Gypsy, 1897, public domain"},
	},
		sdk.Times("bend", "how far shapes are bent", 0, 1.4, "warp.reach"),
		sdk.Times("glow", "how much light spreads", 0, 2, "glow.light"),
		sdk.Times("dusk", "strength of the teal shadows and golden lights", 0, 2, "tone.amount"),
	)
}
