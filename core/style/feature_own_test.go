package style

import (
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"testing"
)

// The feature network that ships computes what it computed when it was trained,
// whatever the processor.
func TestOwnFeatures(t *testing.T) {
	dir := filepath.Join("..", "..", "models", "features")
	f, err := OpenFeatures(dir)
	if err != nil {
		t.Fatal(err)
	}
	type values struct {
		Shape      [3]int
		Mean       float64
		MeanSquare float64 `json:"mean_square"`
		At         [5]int
		Values     [5]float64
	}
	var want, got struct{ Taps map[string]values }
	text, err := os.ReadFile(filepath.Join(dir, ReferenceFile))
	if err != nil {
		t.Fatal(err)
	}
	now, err := FeatureReference(f)
	if err != nil {
		t.Fatal(err)
	}
	for b, into := range map[*[]byte]any{&text: &want, &now: &got} {
		if err := json.Unmarshal(*b, into); err != nil {
			t.Fatal(err)
		}
	}
	if len(want.Taps) != len(OwnTaps) {
		t.Fatalf("%d taps in %s", len(want.Taps), ReferenceFile)
	}
	near := func(a, b, scale float64) bool { return math.Abs(a-b) <= 2e-3*scale }
	for _, tap := range OwnTaps {
		w, g := want.Taps[tap], got.Taps[tap]
		scale := math.Sqrt(w.MeanSquare)
		if w.Shape != g.Shape || w.At != g.At || !near(w.Mean, g.Mean, scale) || !near(w.MeanSquare, g.MeanSquare, w.MeanSquare) {
			t.Errorf("%s: %+v, want %+v", tap, g, w)
		}
		for i, v := range w.Values {
			if !near(v, g.Values[i], scale) {
				t.Errorf("%s: value %d is %g, want %g", tap, i, g.Values[i], v)
			}
		}
	}
	one, err := OpenFeatures(dir, "relu3_1")
	if err != nil || len(one.Graph.Outs) != 1 || len(one.Weights) >= len(f.Weights) {
		t.Errorf("one tap alone: %v", err)
	}
	if _, err := OpenFeatures(dir, "relu9_9"); err == nil {
		t.Error("a tap that is not there is found")
	}
}
