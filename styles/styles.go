// Package styles holds the shipped styles, one folder each, and what they are
// trained from.
package styles

import _ "embed"

// Training is the configuration that made the shipped styles, train.toml, for
// `atelier train style`.
//
//go:embed train.toml
var Training []byte
