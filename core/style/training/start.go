package training

import (
	"errors"
	"fmt"
	"io/fs"

	"github.com/atelier-engine/atelier/core/nn"
	"github.com/atelier-engine/atelier/core/style"
)

// begin takes the weights of a network that was trained before, and returns its
// identity style, from which all styles then begin.
func (l *lesson) begin(dir string) ([]float32, error) {
	m, err := nn.Open(dir)
	if err != nil {
		return nil, fmt.Errorf("begin: %w", err)
	}
	if err := l.net.Load(m.Weights); err != nil {
		return nil, fmt.Errorf("begin: %s: %w", dir, err)
	}
	id := m.Weights[style.Identity]
	if len(id.Data) != l.cfg.Network.VectorLen() {
		return nil, fmt.Errorf("begin: %s: its identity style has %d numbers, not %d: begin with a network of this shape", dir, len(id.Data), l.cfg.Network.VectorLen())
	}
	return id.Data, nil
}

// beginStyle takes the vector of a style that was learnt with that network, if
// there is one.
func (l *lesson) beginStyle(dir string, row []float32) error {
	v, _, err := style.ReadVector(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("begin: %w", err)
	}
	if len(v) != len(row) {
		return fmt.Errorf("begin: %s: its vector has %d numbers, not %d: begin with styles of this network", dir, len(v), len(row))
	}
	for i := range row {
		row[i] = v[i] / vectorRate
	}
	return nil
}
