package training

import (
	"fmt"
	"math"
	"math/rand/v2"

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
	cfg      TrainConfig
	gTape    *autodiff.Tape
	dTape    *autodiff.Tape
	gen, dis *autodiff.Params
	average  *autodiff.Params // of the generator: what is shown and shipped
	adamG    *autodiff.Adam
	adamD    *autodiff.Adam
	fake     *gorgonia.Node
	gLosses  map[string]*gorgonia.Node
	dLosses  map[string]*gorgonia.Node
	logits   [2]*gorgonia.Node // of photographs, of made pictures
}

func newGAN(c TrainConfig) (*gan, error) {
	t := &gan{cfg: c, gTape: autodiff.NewTape(), dTape: autodiff.NewTape(), gLosses: map[string]*gorgonia.Node{}, dLosses: map[string]*gorgonia.Node{}}
	gg, dg := portrait.GeneratorGraph(c.Shape), portrait.DiscriminatorGraph(c.Shape)
	t.gen, t.dis = autodiff.NewParams(gg, c.Seed), autodiff.NewParams(dg, c.Seed+1)
	t.average = t.gen.Clone("average")
	t.adamG = &autodiff.Adam{LR: c.LearnRate, Beta1: c.Beta1}
	t.adamD = &autodiff.Adam{LR: c.LearnRate, Beta1: c.Beta1}

	n, side := c.Batch, c.Shape.Side
	g := t.gTape
	out, err := g.Apply(gg, t.gen, autodiff.Train, g.Input("z", n, 1, 1, c.Shape.Latent), g.Input("condition", n, 1, 1, portrait.ConditionLen))
	if err != nil {
		return nil, err
	}
	t.fake = out[0]
	heads, err := g.Apply(dg, t.dis, autodiff.Frozen, t.fake)
	if err != nil {
		return nil, err
	}
	t.gLosses["g_real"] = g.BCEConst(heads[0], 1)
	weights := []float32{1}
	losses := append([]*gorgonia.Node{t.gLosses["g_real"]}, t.judge(g, heads, "g", &weights, t.gLosses)...)
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
	real, err := d.Apply(dg, t.dis, autodiff.Train, d.Input("real", n, side, side, 3))
	if err != nil {
		return nil, err
	}
	made, err := d.Apply(dg, t.dis, autodiff.Train, d.Input("made", n, side, side, 3))
	if err != nil {
		return nil, err
	}
	t.logits = [2]*gorgonia.Node{real[0], made[0]}
	t.dLosses["d_real"], t.dLosses["d_made"] = d.BCEConst(real[0], float32(c.RealTarget)), d.BCEConst(made[0], 0)
	weights = []float32{1, 1}
	losses = append([]*gorgonia.Node{t.dLosses["d_real"], t.dLosses["d_made"]}, t.judge(d, real, "d", &weights, t.dLosses)...)
	return t, d.Minimise(d.WeightedSum(weights, losses...), t.dis)
}

// judge adds the losses of the three condition heads against the inputs
// emotion, age and gender of a tape.
func (t *gan) judge(tape *autodiff.Tape, heads []*gorgonia.Node, prefix string, weights *[]float32, named map[string]*gorgonia.Node) []*gorgonia.Node {
	n, h := t.cfg.Batch, t.cfg.Heads
	emotion := tape.SoftmaxCrossEntropy(heads[1], tape.Input("emotion", n, 1, 1, portrait.EmotionDims), nil)
	age := tape.SoftmaxCrossEntropy(heads[2], tape.Input("age", n, 1, 1, portrait.AgeDims), nil)
	gender := tape.BCEWithLogits(heads[3], tape.Input("gender", n, 1, 1, 1))
	named[prefix+"_emotion"], named[prefix+"_age"], named[prefix+"_gender"] = emotion, age, gender
	*weights = append(*weights, float32(h.Emotion), float32(h.Age), float32(h.Gender))
	return []*gorgonia.Node{emotion, age, gender}
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
		v := vec[i*portrait.ConditionLen:][:portrait.ConditionLen]
		c.Vector(v)
		for _, tape := range []*autodiff.Tape{g, d} {
			copy(tape.Data("emotion")[i*portrait.EmotionDims:], v[:portrait.EmotionDims])
			tape.Data("gender")[i] = (v[portrait.EmotionDims] + 1) / 2
			copy(tape.Data("age")[i*portrait.AgeDims:], v[portrait.EmotionDims+1:])
		}
	}
	if x := g.Data("real"); x != nil {
		copy(x, real)
	}
	if err := g.Run(); err != nil {
		return nil, err
	}
	copy(d.Data("real"), real)
	copy(d.Data("made"), g.Value(t.fake))
	if err := d.Run(); err != nil {
		return nil, err
	}
	if err := g.Update(t.adamG); err != nil {
		return nil, err
	}
	if err := d.Update(t.adamD); err != nil {
		return nil, err
	}
	// The first steps are forgotten sooner, or the random start would show for long.
	decay := min(t.cfg.Average, float64(1+number)/float64(10+number))
	if err := t.average.Average(t.gen, float32(decay)); err != nil {
		return nil, err
	}
	losses := map[string]float64{}
	for name, n := range t.gLosses {
		losses[name] = g.Scalar(n)
	}
	for name, n := range t.dLosses {
		losses[name] = d.Scalar(n)
	}
	losses["d_right"] = (share(d.Value(t.logits[0]), 1) + share(d.Value(t.logits[1]), -1)) / 2
	return losses, nil
}

// share is the part of the logits that have the sign.
func share(logits []float32, sign float64) float64 {
	n := 0.0
	for _, v := range logits {
		if math.Signbit(float64(v)) == (sign < 0) {
			n++
		}
	}
	return n / float64(max(1, len(logits)))
}
