package style

import (
	"context"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/atelier-engine/atelier/core/autodiff"
	"github.com/atelier-engine/atelier/core/device"
	"github.com/atelier-engine/atelier/core/picture"
)

// tinyPredictor is a small random predictor and its feature network.
func tinyPredictor(t *testing.T) (device.Weights, *FeatureNet) {
	t.Helper()
	fg, err := OwnFeatures{2, 3, 4, 5}.Graph()
	if err != nil {
		t.Fatal(err)
	}
	f := &FeatureNet{Graph: fg, Weights: autodiff.NewParams(fg, 4).Weights(), Taps: OwnTaps}
	const in = 2 * (2 + 3 + 4 + 5)
	g, err := PredictorGraph(in, 6, 9)
	if err != nil {
		t.Fatal(err)
	}
	w := autodiff.NewParams(g, 5).Weights()
	one := make([]float32, in)
	for i := range one {
		one[i] = 1
	}
	w[PredictorMean] = device.Array{Shape: []int{in}, Data: make([]float32, in)}
	w[PredictorScale] = device.Array{Shape: []int{in}, Data: one}
	return w, f
}

func TestPredictor(t *testing.T) {
	w, f := tinyPredictor(t)
	p, err := NewPredictor(w, f)
	if err != nil {
		t.Fatal(err)
	}
	ctx := context.Background()
	white := picture.Filled(300, 200, 1, 1, 1)
	seen := map[string][]float32{}
	for name, ref := range map[string]*picture.Picture{"scene": scene(90, 70), "noise": noisy(70, 90, 1), "flat white": white,
		"one pixel": picture.Filled(1, 1, .2, .3, .4), "a line": scene(300, 2)} {
		v, err := p.Predict(ctx, ref, .25)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		again, err := p.Predict(ctx, ref, .25)
		if err != nil || !cmp.Equal(v, again) || len(v) != 9 {
			t.Errorf("%s: %d numbers, %v, the same again: %v", name, len(v), err, cmp.Equal(v, again))
		}
		seen[name] = v
	}
	if cmp.Equal(seen["scene"], seen["noise"]) {
		t.Error("two references give one style")
	}
	for _, scale := range []float64{0, .2, 5, -1} {
		if _, err := p.Predict(ctx, white, scale); err == nil || !strings.Contains(err.Error(), "scale") {
			t.Errorf("scale %g gives %v", scale, err)
		}
	}
	delete(w, PredictorMean)
	if _, err := NewPredictor(w, f); err == nil {
		t.Error("a predictor without means was taken")
	}
}

func TestStatistics(t *testing.T) {
	x := device.Tensor{Data: make([]float32, 2*3*2), N: 1, H: 2, W: 3, C: 2}
	r := rand.New(rand.NewPCG(1, 1))
	for i := range x.Data {
		x.Data[i] = 5
		if i%2 == 1 {
			x.Data[i] = float32(r.IntN(2)*2 - 1)
		}
	}
	s := Statistics([]device.Tensor{x})
	if len(s) != 4 || s[0] != 5 || s[2] != 0 || s[1]*s[1]+s[3]*s[3] < .999 || s[1]*s[1]+s[3]*s[3] > 1.001 {
		t.Errorf("statistics are %v", s)
	}
	y := make([]float32, 2)
	Normalise(y, []float32{3, -100}, []float32{1, 0}, []float32{.5, 1})
	if y[0] != 1 || y[1] != -4 {
		t.Errorf("normalised to %v", y)
	}
}
