package gpu

import (
	"context"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/atelier-engine/atelier/core/autodiff"
	"github.com/atelier-engine/atelier/core/device"
	"github.com/atelier-engine/atelier/core/portrait"
	"github.com/atelier-engine/atelier/core/portrait/faces/facestest"
	"github.com/atelier-engine/atelier/core/portrait/training"
)

// TestPortraitTraining makes the first steps of both recipes, with all that lies around them, on the processor and on
// the device: the losses agree, which are those of every network.
func TestPortraitTraining(t *testing.T) {
	data := facestest.Write(t, 24)
	for _, recipe := range []string{training.Ladder, training.Paper} {
		losses := func(a device.Accelerator) map[string]float64 {
			autodiff.Accelerate(a)
			defer autodiff.Accelerate(nil)
			c, err := training.ShippedConfig(recipe)
			if err != nil {
				t.Fatal(err)
			}
			c.Data, c.Run, c.Batch, c.Steps, c.Checkpoint, c.Sample = data, t.TempDir(), 4, 3, 2, 10
			c.Shape = portrait.Shape{Side: 16, Latent: 5, Generator: []int{8, 8}, Discriminator: []int{8, 8}}
			c.Perceptual, c.Grow, c.Warmup = 0, nil, 1
			if recipe == training.Ladder {
				c.Shape.Style, c.Shape.Generator = 6, []int{8, 8, 8}
			}
			if err := training.Train(context.Background(), c, training.Report{}); err != nil {
				t.Fatal(err)
			}
			return lastLosses(t, filepath.Join(c.Run, "losses.tsv"))
		}
		want, got := losses(nil), losses(open(t, newFake(), false))
		if len(want) < 8 || len(got) != len(want) {
			t.Fatalf("%s: %d losses, want %d", recipe, len(got), len(want))
		}
		for name, w := range want {
			if d := math.Abs(got[name] - w); !(d <= 2e-2*max(math.Abs(w), .1)) {
				t.Errorf("%s: %s is %g, want %g", recipe, name, got[name], w)
			}
		}
	}
}

// lastLosses reads the last line of a log of losses, but for the time.
func lastLosses(t *testing.T, path string) map[string]float64 {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(string(text)), "\n")
	names, values := strings.Split(lines[0], "\t"), strings.Split(lines[len(lines)-1], "\t")
	all := map[string]float64{}
	for i, name := range names {
		v, err := strconv.ParseFloat(values[i], 64)
		if err != nil {
			t.Fatalf("%s: %v", lines[len(lines)-1], err)
		}
		if name != "seconds" {
			all[name] = v
		}
	}
	return all
}
