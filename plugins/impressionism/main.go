// Command impressionism is the plugin for the style of the impressionists:
// light, broken colour, and touches that stay visible.
package main

import "github.com/atelier-engine/atelier/core/plugin/sdk"

func main() {
	sdk.ServeDials(sdk.Info{
		Name:        "impressionism",
		Version:     "1.1.0",
		Title:       "Impressionism",
		Description: "Short broken touches of pure colour and soft contours, after Monet.",
		Licence:     "Apache-2.0",
		Credits:     []string{"Claude Monet, Haystack at Giverny, 1886, public domain"},
	},
		sdk.Times("colour", "strength of the colours", 0, 2, "saturate.colour"),
		sdk.Times("touch", "size of the touches", 0.4, 4, "dabs.size"),
		sdk.Times("paint", "how thick the paint lies", 0, 4, "dabs.relief"),
		sdk.Times("canvas", "how much the canvas shows", 0, 4, "canvas.depth"),
	)
}
