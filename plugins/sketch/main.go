// Command sketch is the plugin for drawings in pencil on paper.
package main

import "github.com/atelier-engine/atelier/core/plugin/sdk"

func main() {
	sdk.ServeDials(sdk.Info{
		Name:        "sketch",
		Version:     "1.1.0",
		Title:       "Pencil sketch",
		Description: "Graphite on toned paper: lines along the contours and hatching for the shadows.",
		Licence:     "Apache-2.0",
		Credits:     []string{"Atelier, sheets of shaded bodies drawn by the program itself, Apache-2.0"},
	},
		sdk.Value("colour", "from graphite, 0, to coloured pencils, 1", 0, 1, 0, "hatch.colour"),
		sdk.Times("dark", "how dark shadows become", 0, 2, "hatch.dark"),
		sdk.Times("line", "strength of the contours", 0, 1.25, "hatch.line"),
		sdk.Times("pencil", "width and distance of the strokes", 0.5, 4, "hatch.width", "hatch.pitch"),
		sdk.Times("grain", "roughness of the paper", 0, 2, "hatch.grain"),
	)
}
