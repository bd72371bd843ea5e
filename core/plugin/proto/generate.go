// Package proto is the compiled form of plugin.proto, the protocol between
// the host and its plugins. `make generate` rebuilds it.
package proto

//go:generate sh generate.sh
