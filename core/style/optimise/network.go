package optimise

import (
	"fmt"
	"maps"

	"github.com/atelier-engine/atelier/core/device"
	"github.com/atelier-engine/atelier/core/nn"
	"github.com/atelier-engine/atelier/core/style"
)

// Network is the painting network, for learning styles with it: only their
// vectors change.
type Network struct {
	Graph    *device.Graph
	Weights  device.Weights
	Identity []float32 // the style that leaves a picture as it is
	Print    string    // fingerprint of the weights, which styles remember
	full     device.Weights
}

// OpenNetwork reads the painting network of a model folder (models/style).
func OpenNetwork(dir string) (*Network, error) {
	m, err := nn.Open(dir)
	if err != nil {
		return nil, fmt.Errorf("style network: %w", err)
	}
	n, err := NewNetwork(m.Weights, style.Fingerprint(m.Hash))
	if err != nil {
		return nil, fmt.Errorf("style network: %s: %w", dir, err)
	}
	return n, nil
}

// NewNetwork takes the weights of a painting network with its identity style.
func NewNetwork(w device.Weights, print string) (*Network, error) {
	g, err := style.Graph(&nn.Model{Weights: w})
	if err != nil {
		return nil, err
	}
	n := &Network{Graph: g, Weights: maps.Clone(w), Identity: w[style.Identity].Data, Print: print, full: w}
	delete(n.Weights, style.Identity)
	if len(n.Identity) == 0 {
		return nil, fmt.Errorf("it has no identity style: use weights that atelier train style wrote")
	}
	return n, nil
}

// check refuses a vector of another length, or one with values that are not finite.
func (n *Network) check(vector []float32) error {
	if len(vector) != len(n.Identity) {
		return fmt.Errorf("the style vector has %d numbers, not %d: it belongs to another network", len(vector), len(n.Identity))
	}
	for i, v := range vector {
		if !finite(float64(v)) {
			return fmt.Errorf("number %d of the style vector is %g: use a vector with finite numbers", i, v)
		}
	}
	return nil
}
