package training

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/atelier-engine/atelier/core/nn"
	"github.com/atelier-engine/atelier/core/portrait"
	"github.com/atelier-engine/atelier/core/portrait/faces"
	"github.com/atelier-engine/atelier/core/portrait/faces/facestest"
)

// tiny is a training that takes a moment.
func tiny(t *testing.T, data string) TrainConfig {
	t.Helper()
	c, err := ShippedConfig()
	if err != nil {
		t.Fatal(err)
	}
	c.Data, c.Run, c.Batch, c.Steps, c.Checkpoint, c.Sample = data, t.TempDir(), 4, 4, 2, 3
	c.Shape = portrait.Shape{Side: 16, Latent: 5, Generator: []int{8, 8}, Discriminator: []int{8, 8}}
	c.Perceptual = 0
	return c
}

// TestTrainResumes: two steps, a stop, and two more give the bits of four.
func TestTrainResumes(t *testing.T) {
	data := facestest.Write(t, 24)
	whole := tiny(t, data)
	whole.Model = filepath.Join(t.TempDir(), "whole")
	if err := Train(context.Background(), whole, Report{}); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(whole.Run, "sample-000003.png")); err != nil {
		t.Error(err)
	}
	parts := tiny(t, data)
	ctx, cancel := context.WithCancel(context.Background())
	parts.Steps = 2
	if err := Train(ctx, parts, Report{}); err != nil {
		t.Fatal(err)
	}
	cancel()
	parts.Steps = 4
	parts.Model = filepath.Join(t.TempDir(), "parts")
	if err := Train(ctx, parts, Report{}); !errors.Is(err, context.Canceled) {
		t.Fatalf("cancelled: %v", err)
	}
	if err := Train(context.Background(), parts, Report{}); err != nil {
		t.Fatal(err)
	}
	a, b := read(t, whole.Model), read(t, parts.Model)
	if d := cmp.Diff(a, b); d != "" {
		t.Error("the resumed training gives other weights")
	}
	exported := parts
	exported.Model = filepath.Join(t.TempDir(), "exported")
	if err := Export(exported, Report{}); err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(a, read(t, exported.Model)); d != "" {
		t.Error("the export gives other weights")
	}

	g, err := portrait.Load(whole.Model)
	if err != nil {
		t.Fatal(err)
	}
	set, _, err := faces.Prepare(context.Background(), data, filepath.Join(whole.Run, "faces.pack"), nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := set.DataSheet(3, 16); err != nil {
		t.Error(err)
	}
	if _, err := g.Sheet(context.Background(), "sheet", 40, 1, 2); err != nil {
		t.Error(err)
	}
}

func read(t *testing.T, dir string) map[string][]float32 {
	t.Helper()
	m, err := nn.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	all := map[string][]float32{}
	for k, v := range m.Weights {
		all[k] = v.Data
	}
	return all
}

func TestTrainConfig(t *testing.T) {
	for text, want := range map[string]string{
		"steps = 5":                         "",
		"stepz = 5":                         "stepz",
		"recipe = \"other\"":                "recipe",
		"sample_every = 0":                  "sample_every 0",
		"licence = \"\"":                    "licence is empty",
		"batch = 1":                         "batch 1",
		"learn_rate = 0.0":                  "learning rate",
		"real_target = 0.2":                 "real_target",
		"perceptual = -1.0":                 "negative",
		"[shape]\nside = 48":                "48 pixels",
		"[shape]\ngenerator = [0, 1, 1, 1]": "0 channels",
		"this is no TOML":                   "mend the file",
	} {
		_, err := parseConfig(text, "x.toml")
		if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%q: error %v, want %q", text, err, want)
		}
	}
}
