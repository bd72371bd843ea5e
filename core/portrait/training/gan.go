package training

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"

	"gorgonia.org/gorgonia"

	"github.com/atelier-engine/atelier/core/autodiff"
	"github.com/atelier-engine/atelier/core/portrait"
)

// gan is one step of adversarial training on two tapes.
//
// The generator's tape makes pictures from (z, condition), judges them with
// the discriminator, frozen, and lowers
//
//	BCE(D(G(z,c)), 1) + Σ_head w·CE(head(G(z,c)), c) + λ·perceptual.
//
// The discriminator's tape judges photographs and the pictures that the
// generator just made, and lowers
//
//	BCE(D(x), 0.9) + BCE(D(G(z,c)), 0) + Σ_head w·CE(head(x), label).
//
// The perceptual term is the distance, layer by layer, between the means over
// the batch of the loss network's features of made and of real pictures with
// the same conditions (feature matching, Salimans et al., 2016): it holds
// colours and textures in place without tying a face to one photograph.
type gan struct {
	base
	gLosses map[string]*gorgonia.Node
	dLosses map[string]*gorgonia.Node
	logits  [2]*gorgonia.Node // of photographs, of made pictures
}

func newGAN(c TrainConfig) (*gan, error) {
	t := &gan{base: newBase(c), gLosses: map[string]*gorgonia.Node{}, dLosses: map[string]*gorgonia.Node{}}
	dg := portrait.DiscriminatorGraph(c.Shape)
	dis := autodiff.NewParams(dg, c.Seed+1)
	t.judges = []*autodiff.Params{dis}

	n, side := c.Batch, c.Shape.Side
	g := t.gTape
	out, err := g.Apply(t.graph, t.gen, autodiff.Train, g.Input("z", n, 1, 1, c.Shape.Latent), g.Input("condition", n, 1, 1, portrait.ConditionLen))
	if err != nil {
		return nil, err
	}
	t.fake = out[0]
	heads, err := g.Apply(dg, dis, autodiff.Frozen, t.fake)
	if err != nil {
		return nil, err
	}
	t.gLosses["g_real"] = g.BCEConst(heads[0], 1)
	weights := []float32{1}
	losses := []*gorgonia.Node{t.gLosses["g_real"]}
	judge := func(tape *autodiff.Tape, heads []*gorgonia.Node, prefix string, named map[string]*gorgonia.Node) {
		ls, ws := inputTargets(tape, n).losses(tape, heads[1:], c.Heads, 1)
		losses, weights = append(losses, ls...), append(weights, ws...)
		named[prefix+"_emotion"], named[prefix+"_age"], named[prefix+"_gender"] = ls[0], ls[1], ls[2]
	}
	judge(g, heads, "g", t.gLosses)
	if c.Perceptual > 0 && c.Features != nil {
		p, err := t.perceptual(g, n, side)
		if err != nil {
			return nil, err
		}
		t.gLosses["g_perceptual"] = p
		losses, weights = append(losses, p), append(weights, float32(c.Perceptual))
	}
	if err := g.Minimise(g.WeightedSum(weights, losses...), t.gen); err != nil {
		return nil, err
	}

	d := t.dTape
	real, err := d.Apply(dg, dis, autodiff.Train, d.Input("real", n, side, side, 3))
	if err != nil {
		return nil, err
	}
	made, err := d.Apply(dg, dis, autodiff.Train, d.Input("made", n, side, side, 3))
	if err != nil {
		return nil, err
	}
	t.logits = [2]*gorgonia.Node{real[0], made[0]}
	t.dLosses["d_real"], t.dLosses["d_made"] = d.BCEConst(real[0], float32(c.RealTarget)), d.BCEConst(made[0], 0)
	weights = []float32{1, 1}
	losses = []*gorgonia.Node{t.dLosses["d_real"], t.dLosses["d_made"]}
	judge(d, real, "d", t.dLosses)
	return t, d.Minimise(d.WeightedSum(weights, losses...), dis)
}

// perceptual compares batch means of features of made and real pictures.
func (t *gan) perceptual(g *autodiff.Tape, n, side int) (*gorgonia.Node, error) {
	f := autodiff.NewParams(t.cfg.Features.Graph, 0)
	if err := f.Load(t.cfg.Features.Weights); err != nil {
		return nil, fmt.Errorf("portrait training: loss network: %w", err)
	}
	half := []float32{0.5, 0.5, 0.5} // [-1,1] to [0,1]
	features := func(x *gorgonia.Node) ([]*gorgonia.Node, error) {
		// Half the side is enough for means, and a quarter of the work.
		return g.Apply(t.cfg.Features.Graph, f, autodiff.Frozen, g.Affine(g.Pool(x, 2, 2), half, half))
	}
	made, err := features(t.fake)
	if err != nil {
		return nil, err
	}
	real, err := features(g.Input("real", n, side, side, 3))
	if err != nil {
		return nil, err
	}
	var parts []*gorgonia.Node
	var weights []float32
	for i := range made {
		parts = append(parts, g.MSE(batchMean(g, made[i], n), batchMean(g, real[i], n)))
		weights = append(weights, 1/float32(len(made)))
	}
	return g.WeightedSum(weights, parts...), nil
}

// batchMean halves the batch by adding its halves until one sample is left;
// an odd last sample is left out.
func batchMean(g *autodiff.Tape, x *gorgonia.Node, n int) *gorgonia.Node {
	for ; n > 1; n /= 2 {
		x = g.Linear(g.Samples(x, 0, n/2), 0.5, g.Samples(x, n/2, n/2*2), 0.5)
	}
	return x
}

// step trains both networks once on a batch of photographs (real, conds).
func (t *gan) step(number int, real []float32, conds []portrait.Condition, r *rand.Rand) (map[string]float64, error) {
	g, d := t.gTape, t.dTape
	for i, z := 0, g.Data("z"); i < len(z); i++ {
		z[i] = float32(r.NormFloat64())
	}
	vec := g.Data("condition")
	for i, c := range conds {
		c.Vector(vec[i*portrait.ConditionLen:][:portrait.ConditionLen])
	}
	setTargets(g, conds)
	if x := g.Data("real"); x != nil {
		copy(x, real)
	}
	if err := g.Run(); err != nil { // which a device may do beside what follows
		return nil, err
	}
	setTargets(d, conds)
	copy(d.Data("real"), real)
	if err := d.Take("made", g, t.fake); err != nil {
		return nil, err
	}
	if err := d.Run(); err != nil {
		return nil, err
	}
	if err := t.moveGenerator(g, number); err != nil {
		return nil, err
	}
	if err := d.Update(t.adamD); err != nil {
		return nil, err
	}
	losses := map[string]float64{}
	g.Fetch(slices.Collect(maps.Values(t.gLosses))...)
	d.Fetch(append(slices.Collect(maps.Values(t.dLosses)), t.logits[:]...)...)
	for name, n := range t.gLosses {
		losses[name] = g.Scalar(n)
	}
	for name, n := range t.dLosses {
		losses[name] = d.Scalar(n)
	}
	losses["d_right"] = (share(d.Value(t.logits[0]), 1) + share(d.Value(t.logits[1]), -1)) / 2
	return losses, nil
}
