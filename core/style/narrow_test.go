package style

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/atelier-engine/atelier/core/device"
)

// cramped is a processor with memory for inputs of so many pixels only.
type cramped struct {
	device.Device
	pixels int
	runs   int
}

type crampedProgram struct {
	device.Program
	on *cramped
}

func (c *cramped) Compile(g *device.Graph, w device.Weights) (device.Program, error) {
	p, err := c.Device.Compile(g, w)
	return crampedProgram{p, c}, err
}

func (p crampedProgram) Run(out, in []device.Tensor) error {
	p.on.runs++
	if in[0].H*in[0].W > p.on.pixels {
		return fmt.Errorf("run network: %w", device.ErrMemory)
	}
	return p.Program.Run(out, in)
}

// A device with little memory paints in smaller tiles, and goes on with them.
func TestPaintOnCrampedDevice(t *testing.T) {
	w, vector := tinyWeights(t)
	plan := Plan{Style: "random", Network: Network, Vector: vector, Base: 64}
	photo := view(700, 640)
	paint := func(d device.Device) *Stylizer {
		s, err := NewOn(d, w)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	want, err := paint(device.NewCPU()).Paint(context.Background(), photo, plan, Options{Intensity: 1})
	if err != nil {
		t.Fatal(err)
	}
	tight := &cramped{Device: device.NewCPU(), pixels: 300 * 300}
	s := paint(tight)
	got, err := s.Paint(context.Background(), photo, plan, Options{Intensity: 1})
	if err != nil {
		t.Fatal(err)
	}
	if d := worst(got, want); d > tileTolerance {
		t.Errorf("smaller tiles change the painting by %g", d)
	}
	if s.window != tileWindow/4 {
		t.Errorf("windows of %d pixels, want %d", s.window, tileWindow/4)
	}
	before := tight.runs
	if _, err := s.Paint(context.Background(), photo, plan, Options{Intensity: 1}); err != nil || tight.runs-before < 9 {
		t.Errorf("the second picture: %d runs, %v", tight.runs-before, err)
	}
	tight.pixels = 50 * 50
	if _, err := s.Paint(context.Background(), photo, plan, Options{Intensity: 1}); !errors.Is(err, device.ErrMemory) {
		t.Errorf("got error %v", err)
	}
}
