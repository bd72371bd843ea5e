// Command illustration is the plugin for the style of digital illustrations: flat
// colour and drawn lines.
package main

import "github.com/atelier-engine/atelier/core/plugin/sdk"

func main() {
	sdk.ServeDials(sdk.Info{
		Name:        "illustration",
		Version:     "1.1.0",
		Title:       "Digital illustration",
		Description: "Clean areas of clear colour and an even drawn line.",
		Licence:     "Apache-2.0",
		Credits:     []string{"Louis Durrant, Safe Landing, CC BY-SA 4.0"},
	},
		sdk.Times("colour", "strength of the colours", 0, 2, "saturate.colour"),
		sdk.Value("tones", "how many colours there are", 3, 16, 14, "palette.colours"),
		sdk.Times("line", "strength of the lines", 0, 1.2, "outline.amount"),
		sdk.Times("pen", "width of the lines", 0.4, 4, "outline.width"),
	)
}
