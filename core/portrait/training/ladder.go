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

// ladder is one step of adversarial training of the generator that grows, on
// two tapes.
//
// The generator's tape makes pictures from (z, condition), hides a part of what
// they look like (Blind), judges them by all critics, frozen, and lowers
//
//	mean over critics of -D(G(z,c), c) + mean over heads of Σ w·CE(head(G(z,c)), c).
//
// The critics' tape judges photographs, and the pictures that the generator just
// made, and lowers the hinge loss (Lim and Ye, 2017)
//
//	Σ over critics of max(0, 1-D(x,c)) + max(0, 1+D(G(z,c),c)) + γ/2·|∇D(x)|² + Σ over heads of w·CE(head(x), c).
type ladder struct {
	base
	critics []*critic
	seen    []*gorgonia.Node // what each critic sees of a made picture
	losses  [2]map[string]*gorgonia.Node
	logits  [2][]*gorgonia.Node // of photographs, of made pictures
}

func newLadder(c TrainConfig) (*ladder, error) {
	t := &ladder{base: newBase(c)}
	t.losses = [2]map[string]*gorgonia.Node{{}, {}}
	critics, err := newCritics(c)
	if err != nil {
		return nil, err
	}
	t.critics = critics
	for _, k := range critics {
		t.judges = append(t.judges, k.params)
	}
	var features *autodiff.Params
	if c.Features != nil {
		features = autodiff.NewParams(c.Features.Graph, 0)
		if err := features.Load(c.Features.Weights); err != nil {
			return nil, fmt.Errorf("portrait training: loss network: %w", err)
		}
	}
	if err := t.generatorTape(features); err != nil {
		return nil, err
	}
	return t, t.criticTape(features)
}

func (t *ladder) generatorTape(features *autodiff.Params) error {
	c, g := t.cfg, t.gTape
	condition := g.Input("condition", c.Batch, 1, 1, portrait.ConditionLen)
	out, err := g.Apply(t.graph, t.gen, autodiff.Train, g.Input("z", c.Batch, 1, 1, c.Shape.Latent), condition)
	if err != nil {
		return err
	}
	t.fake = out[0]
	if t.seen, err = eyes(g, t.critics, c, features, hide(g, t.fake, c.Batch)); err != nil {
		return err
	}
	targets := inputTargets(g, c.Batch)
	var losses []*gorgonia.Node
	var weights []float32
	share := 1 / float32(len(t.critics))
	heads := t.headShare()
	for i, k := range t.critics {
		logit, said, err := k.judge(g, autodiff.Frozen, t.seen[i], condition)
		if err != nil {
			return err
		}
		real := g.Linear(logit, -1, nil, 0)
		losses, weights = append(losses, g.Mean(real)), append(weights, share)
		t.losses[0]["g_"+k.name] = losses[len(losses)-1]
		if k.heads {
			ls, ws := targets.losses(g, said, c.Heads, heads)
			losses, weights = append(losses, ls...), append(weights, ws...)
			name(t.losses[0], "g", k.name, ls)
		}
	}
	return g.Minimise(g.WeightedSum(weights, losses...), t.gen)
}

func (t *ladder) criticTape(features *autodiff.Params) error {
	c, d := t.cfg, t.dTape
	side := c.Shape.Side
	condition := d.Input("condition", c.Batch, 1, 1, portrait.ConditionLen)
	seen, err := eyes(d, t.critics, c, features, hide(d, d.Input("real", c.Batch, side, side, 3), c.Batch))
	if err != nil {
		return err
	}
	targets := inputTargets(d, c.Batch)
	var losses []*gorgonia.Node
	var weights []float32
	for i, k := range t.critics {
		v, err := k.compare(d, seen[i], condition, c.Critics.Gamma > 0)
		if err != nil {
			return err
		}
		t.logits[0], t.logits[1] = append(t.logits[0], v.real), append(t.logits[1], v.made)
		losses = append(losses, d.Hinge(v.real, 1), d.Hinge(v.made, -1))
		weights = append(weights, 1, 1)
		t.losses[1]["d_"+k.name] = d.WeightedSum([]float32{1, 1}, losses[len(losses)-2:]...)
		if c.Critics.Gamma > 0 {
			p := v.penalty(d)
			t.losses[1]["r1_"+k.name] = p
			losses, weights = append(losses, p), append(weights, float32(c.Critics.Gamma/2/(nudge*nudge)))
		}
		if k.heads {
			ls, ws := targets.losses(d, v.heads, c.Heads, 1)
			losses, weights = append(losses, ls...), append(weights, ws...)
			name(t.losses[1], "d", k.name, ls)
		}
	}
	return d.Minimise(d.WeightedSum(weights, losses...), t.judges...)
}

// headShare weighs the heads of the critics, so that together they count once.
func (t *ladder) headShare() float32 {
	n := 0
	for _, k := range t.critics {
		if k.heads {
			n++
		}
	}
	return 1 / float32(max(1, n))
}

func name(losses map[string]*gorgonia.Node, prefix, critic string, heads []*gorgonia.Node) {
	for i, what := range []string{"emotion", "age", "gender"} {
		losses[prefix+"_"+critic+"_"+what] = heads[i]
	}
}

// hide adds the changes of Blind, whose amounts are the inputs shift and tone.
func hide(t *autodiff.Tape, x *gorgonia.Node, n int) *gorgonia.Node {
	return t.Tone(t.Shift(x, t.Input("shift", n, 1, 1, 2)), t.Input("tone", n, 1, 1, 3))
}

// draw fills the amounts of hide.
func (b Blind) draw(t *autodiff.Tape, side int, r *rand.Rand) {
	either := func(most float64) float32 { return float32(most * (2*r.Float64() - 1)) }
	for i, shift := 0, t.Data("shift"); i < len(shift); i++ {
		most := int(b.Shift * float64(side))
		shift[i] = float32(r.IntN(2*most+1) - most)
	}
	tone := t.Data("tone")
	for i := 0; i < len(tone); i += 3 {
		tone[i], tone[i+1], tone[i+2] = 1+either(b.Gain), either(b.Offset), 1+either(b.Saturation)
	}
}

// step trains all networks once on a batch of photographs (real, conds).
func (t *ladder) step(number int, real []float32, conds []portrait.Condition, r *rand.Rand) (map[string]float64, error) {
	g, d, side := t.gTape, t.dTape, t.cfg.Shape.Side
	for i, z := 0, g.Data("z"); i < len(z); i++ {
		z[i] = float32(r.NormFloat64())
	}
	prepare := func(tape *autodiff.Tape) {
		vec := tape.Data("condition")
		for i, c := range conds {
			c.Vector(vec[i*portrait.ConditionLen:][:portrait.ConditionLen])
		}
		setTargets(tape, conds)
		t.cfg.Blind.draw(tape, side, r)
	}
	prepare(g)
	if err := g.Run(); err != nil { // which a device may do beside what follows
		return nil, err
	}
	prepare(d)
	copy(d.Data("real"), real)
	for _, k := range t.critics {
		if t.cfg.Critics.Gamma > 0 {
			d.Data("nudge " + k.name)[0] = float32(r.IntN(1 << 24))
		}
	}
	for i, k := range t.critics {
		if err := d.Take("made "+k.name, g, t.seen[i]); err != nil {
			return nil, err
		}
	}
	if err := d.Run(); err != nil {
		return nil, err
	}
	if number >= t.cfg.Warmup {
		if err := t.moveGenerator(g, number-t.cfg.Warmup); err != nil {
			return nil, err
		}
	}
	if err := d.Update(t.adamD); err != nil {
		return nil, err
	}
	losses := map[string]float64{}
	g.Fetch(slices.Collect(maps.Values(t.losses[0]))...)
	d.Fetch(slices.Concat(slices.Collect(maps.Values(t.losses[1])), t.logits[0], t.logits[1])...)
	for i, tape := range []*autodiff.Tape{g, d} {
		for name, n := range t.losses[i] {
			losses[name] = tape.Scalar(n)
		}
	}
	for i, k := range t.critics {
		right := (share(d.Value(t.logits[0][i]), 1) + share(d.Value(t.logits[1][i]), -1)) / 2
		losses["right_"+k.name] = right
		losses["d_right"] += right / float64(len(t.critics))
	}
	return losses, nil
}
