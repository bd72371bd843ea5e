package training

import (
	"math/rand/v2"
	"testing"

	"github.com/atelier-engine/atelier/core/autodiff"
	"github.com/atelier-engine/atelier/core/portrait"
	"github.com/atelier-engine/atelier/core/style"
)

// BenchmarkLadder is one training step of the shipped configuration, with a
// loss network of random weights.
func BenchmarkLadder(b *testing.B) {
	c, err := ShippedConfig(Ladder)
	if err != nil {
		b.Fatal(err)
	}
	g, err := style.FeatureGraph(style.Distilled, []string{"relu2_2", "relu3_4", "relu4_4"})
	if err != nil {
		b.Fatal(err)
	}
	c.Features = &portrait.Features{Graph: g, Weights: autodiff.NewParams(g, 1).Weights()}
	t, err := newLadder(c)
	if err != nil {
		b.Fatal(err)
	}
	real := make([]float32, c.Batch*c.Shape.Side*c.Shape.Side*3)
	conds := make([]portrait.Condition, c.Batch)
	for i := range conds {
		conds[i] = portrait.Condition{Age: 30, Emotions: [7]float64{1}}
	}
	for i := range b.N + 1 {
		if i == 1 { // the first step plans and packs
			b.ResetTimer()
		}
		if _, err := t.step(i+c.Warmup, real, conds, rand.New(rand.NewPCG(1, uint64(i)))); err != nil {
			b.Fatal(err)
		}
	}
}
