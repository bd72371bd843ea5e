package nn

import (
	"fmt"

	"github.com/atelier-engine/atelier/core/device"
)

// Network is a description with its weights, compiled for a device. Its methods may be called from any
// goroutine; runs queue.
type Network struct {
	Graph   *device.Graph
	Weights device.Weights
	Program device.Program
}

// New compiles a network for a device, the processor if d is nil. The weights must be exactly those that the
// graph needs: the error names what is missing, surplus or of another shape.
func New(g *device.Graph, w device.Weights, d device.Device) (*Network, error) {
	if d == nil {
		d = device.NewCPU()
	}
	p, err := d.Compile(g, w)
	if err != nil {
		return nil, fmt.Errorf("load network: %w", err)
	}
	return &Network{Graph: g, Weights: w, Program: p}, nil
}

// Load reads a weights file and compiles the network for the processor.
func Load(g *device.Graph, path string) (*Network, error) {
	w, _, err := ReadSafetensors(path)
	if err != nil {
		return nil, err
	}
	return New(g, w, nil)
}

// Network compiles a network with all weights of the model, as New does.
func (m *Model) Network(g *device.Graph, d device.Device) (*Network, error) {
	n, err := New(g, m.Weights, d)
	if err != nil {
		return nil, fmt.Errorf("model %s: %w", m.Dir, err)
	}
	return n, nil
}

// Run computes the outputs for the inputs, in new memory. Inputs have the same number of samples; sizes left
// open in the graph may differ from run to run.
func (n *Network) Run(in ...device.Tensor) ([]device.Tensor, error) {
	out := make([]device.Tensor, len(n.Graph.Outs))
	if err := n.Program.Run(out, in); err != nil {
		return nil, err
	}
	return out, nil
}

// RunInto is Run into memory of the caller, which is enlarged where it is too short. With the same sizes as
// before it allocates nothing. Outputs must not overlap inputs.
func (n *Network) RunInto(out, in []device.Tensor) error { return n.Program.Run(out, in) }
