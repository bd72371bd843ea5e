package distil

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/atelier-engine/atelier/core/device"
	"github.com/atelier-engine/atelier/core/nn"
	"github.com/atelier-engine/atelier/core/style"
)

// shipped are the average weights without the constants that training put around
// the network: the colours before it and the scales of its outputs.
func (s *school) shipped() device.Weights {
	w := s.colours.fold(s.average.Weights(), "conv1_1")
	for i, a := range s.teacher.axes {
		name := fmt.Sprintf("tap%d_1", i+1)
		k, b := w[name+".weight"], w[name+".bias"]
		data, bias := make([]float32, len(k.Data)), make([]float32, len(b.Data))
		for j, v := range k.Data {
			data[j] = v * a.dev[j%a.out]
		}
		for j, v := range b.Data {
			bias[j] = v*a.dev[j] + a.mean[j]
		}
		w[name+".weight"] = device.Array{Shape: k.Shape, Data: data}
		w[name+".bias"] = device.Array{Shape: b.Shape, Data: bias}
	}
	return w
}

// publish writes the model: the average weights, their linear maps fitted anew,
// with a card and reference values.
func (s *school) publish(ctx context.Context, note func(string)) error {
	w := s.shipped()
	if err := s.solve(ctx, w, s.cfg.Solve); err != nil {
		return err
	}
	card := s.card()
	if err := nn.Save(s.cfg.Model, card, w, true); err != nil {
		return err
	}
	net, err := style.OpenFeatures(s.cfg.Model) // as rounded
	if err != nil {
		return err
	}
	r, err := s.evaluate(net)
	if err != nil {
		return err
	}
	card.Figures = map[string]float64{"style_rank": round(r.Style), "content_rank": round(r.Content), "pictures": float64(r.Pictures)}
	for i, tap := range style.OwnTaps {
		card.Figures[tap+"_correlation"] = round(r.Correlation[i])
		card.Figures[tap+"_explained"] = round(r.Explained[i])
		card.Figures[tap+"_style_rank"] = round(r.StyleTap[i])
		card.Figures[tap+"_energy"] = round(s.teacher.axes[i].share)
		note(fmt.Sprintf("%s: correlation %.3f, explained %.3f, rank of style distances %.3f", tap, r.Correlation[i], r.Explained[i], r.StyleTap[i]))
	}
	note(fmt.Sprintf("rank correlation of style distances %.3f, of content distances %.3f", r.Style, r.Content))
	card.Text = describe(s.cfg, r)
	if err := nn.WriteCard(filepath.Join(s.cfg.Model, nn.CardFile), card); err != nil {
		return err
	}
	ref, err := style.FeatureReference(net)
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(s.cfg.Model, style.ReferenceFile), ref, 0o644); err != nil {
		return fmt.Errorf("distil features: reference values: %w", err)
	}
	return nil
}

func round(v float64) float64 {
	r, _ := strconv.ParseFloat(strconv.FormatFloat(v, 'f', 4, 64), 64)
	return r
}

func (s *school) card() nn.Card {
	c := s.cfg
	seconds, _ := strconv.ParseFloat(s.state.Values["seconds"], 64)
	card := nn.Card{
		Name: "features", Kind: "features", Created: time.Now().UTC().Truncate(time.Second), Licence: "Apache-2.0",
		Recipe: "atelier train features", Time: float64(int(seconds)),
		Data: []string{
			fmt.Sprintf("%d photographs and %d paintings, as listed in photos.csv and paintings.csv of the training data; none is shipped", len(s.corpus.photos), len(s.corpus.paintings)),
			"teacher, not shipped: normalised VGG-19 up to relu3_1 (pietrocarbo/deep-transfer, Apache-2.0)",
			"teacher, not shipped: VGG-19 distilled 16 times, lift of relu4_1 (Wang et al. 2020, MIT)",
		},
		Settings: map[string]float64{"steps": float64(s.state.Step), "batch": float64(c.Batch), "crop": float64(c.Size),
			"reuse": float64(c.Reuse), "learn_rate": c.LearnRate, "seed": float64(c.Seed)},
	}
	for i, tap := range style.OwnTaps {
		card.Settings["width "+tap] = float64(c.Widths[i])
	}
	return card
}

func describe(c *Config, r Fidelity) string {
	var b strings.Builder
	fmt.Fprintf(&b, `# The feature network

Eight 3x3 convolutions (%d, %d, %d, %d channels at full, half, quarter and eighth resolution) that say what a picture shows and how it is made: content and style losses, the optimisation-based method, and the predictor of styles use it. The weights are our own, learnt from scratch; a tap gives the coordinates of VGG-19's features along their principal axes, so that squared distances between features and between Gram matrices are VGG's but for a factor of the layer.

## Fidelity

Measured on %d photographs and paintings that were not trained on, %d x %d pixels each, against the teachers' whole features.

| tap | teacher | correlation of channels | variance explained | rank correlation of Gram distances |
|---|---|---|---|---|
`, c.Widths[0], c.Widths[1], c.Widths[2], c.Widths[3], r.Pictures, c.Evaluate, c.Evaluate)
	for i, s := range subjects {
		fmt.Fprintf(&b, "| %s | %s of %s | %.3f | %.3f | %.3f |\n", s.tap, s.layer, s.network, r.Correlation[i], r.Explained[i], r.StyleTap[i])
	}
	fmt.Fprintf(&b, `
Spearman's rank correlation with the teachers, over all pairs of these pictures: **%.3f** for style distances (Gram matrices of all taps), and **%.3f** for content distances (relu3_1) between each picture and five changed copies (blur, noise, contrast, shift, colours).

relu1_1 to relu3_1 follow the true VGG-19. relu4_1 follows a network that is itself a distillation of VGG-19 and knows less: take it as the coarse layer that it is.

`+"`reference.json`"+` holds values on a formula picture; a test compares them with what the code computes.
`, r.Style, r.Content)
	return b.String()
}
