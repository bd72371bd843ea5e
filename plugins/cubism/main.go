// Command cubism is the plugin for the style of the cubists: the picture broken
// into planes.
package main

import "github.com/atelier-engine/atelier/core/plugin/sdk"

func main() {
	sdk.ServeDials(sdk.Info{
		Name:        "cubism",
		Version:     "1.1.0",
		Title:       "Cubism",
		Description: "Angular planes, each lit and seen from its own side, after Picabia.",
		Licence:     "Apache-2.0",
		Credits:     []string{"Francis Picabia, Udnie, 1913, public domain"},
	},
		sdk.Times("planes", "size of the planes", 0.3, 2.5, "facets.size"),
		sdk.Times("shift", "how far each plane is seen from elsewhere", 0, 1.8, "facets.shift"),
		sdk.Times("shade", "strength of the light on the planes", 0, 2, "facets.shade"),
		sdk.Times("contour", "strength of the lines between planes", 0, 2, "facets.line"),
	)
}
