package training

import (
	"fmt"

	"gorgonia.org/gorgonia"

	"github.com/atelier-engine/atelier/core/autodiff"
	"github.com/atelier-engine/atelier/core/device"
	"github.com/atelier-engine/atelier/core/kernel"
	"github.com/atelier-engine/atelier/core/nn"
	"github.com/atelier-engine/atelier/core/portrait"
)

// critic is one discriminator of the ladder. It sees the picture at one size, or
// a layer of the loss network's features of it (Sauer et al., "Projected GANs",
// 2021), and answers how real that is: a logit of its own plus the dot product
// of its match with the condition (Miyato and Koyama, 2018). Some say what
// condition they see as well.
type critic struct {
	name   string
	side   int  // of the picture it sees, or of the features
	layer  int  // of the features; -1: the picture
	heads  bool // it says what condition it sees
	graph  *device.Graph
	params *autodiff.Params
}

// widest bounds the channels of a critic of features.
const widest = 192

// newCritics makes one critic of pixels for each rung of the ladder and one for
// each layer of the features, which are those of the picture at the first rung.
func newCritics(c TrainConfig) ([]*critic, error) {
	var all []*critic
	first := min(portrait.FirstRung, c.Shape.Side)
	for side := first; side <= c.Shape.Side; side *= 2 {
		channels := c.Shape.Discriminator
		for len(channels) > 0 && 4<<len(channels) > side {
			channels = channels[1:]
		}
		all = append(all, newCritic(fmt.Sprintf("pixels%d", side), device.Shape{H: side, W: side, C: 3}, channels, -1, side == first))
	}
	if c.Features != nil {
		shapes, err := c.Features.Graph.Shapes([]device.Shape{{H: first, W: first, C: 3}})
		if err != nil {
			return nil, fmt.Errorf("portrait training: loss network: %w", err)
		}
		for i, r := range c.Features.Graph.Outs {
			s := shapes[r]
			var channels []int
			for side, wide := s.H, 2*s.C; side > 4; side, wide = side/2, 2*wide {
				channels = append(channels, min(wide, widest))
			}
			all = append(all, newCritic(fmt.Sprintf("features%d", i+1), s, channels, i, i > 0))
		}
	}
	for i, k := range all {
		if err := k.graph.Err(); err != nil {
			return nil, err
		}
		k.params = autodiff.NewParams(k.graph, c.Seed+1+uint64(i))
	}
	return all, nil
}

func newCritic(name string, in device.Shape, channels []int, layer int, heads bool) *critic {
	g := device.NewGraph(name)
	x := g.Input("x", in)
	// No norms: those of a batch would hide what sets a batch of made pictures
	// apart from one of photographs, which is what there is to see.
	x = portrait.Descend(g, x, channels, nn.NoNorm(g))
	g.Output(g.Dense("reality", x, 1, kernel.ActNone), g.Dense("match", x, portrait.ConditionLen, kernel.ActNone))
	if heads {
		g.Output(portrait.ConditionHeads(g, x)...)
	}
	return &critic{name: name, side: in.H, layer: layer, heads: heads, graph: g}
}

// judge applies a critic to what it sees: the logits (N,1,1,1), and the heads.
func (k *critic) judge(t *autodiff.Tape, mode autodiff.Mode, x, condition *gorgonia.Node) (logit *gorgonia.Node, heads []*gorgonia.Node, err error) {
	out, err := t.Apply(k.graph, k.params, mode, x)
	if err != nil {
		return nil, nil, err
	}
	logit = t.Add(t.Dot(out[1], condition), out[0])
	t.Keep(logit)
	return logit, out[2:], nil
}

// eyes turn a picture (N,side,side,3) in [-1,1] into what each critic sees.
func eyes(t *autodiff.Tape, critics []*critic, c TrainConfig, features *autodiff.Params, x *gorgonia.Node) ([]*gorgonia.Node, error) {
	bySide := map[int]*gorgonia.Node{c.Shape.Side: x}
	for side := c.Shape.Side; side > portrait.FirstRung; side /= 2 {
		bySide[side/2] = t.Pool(bySide[side], 2, 2)
	}
	var layers []*gorgonia.Node
	if c.Features != nil {
		half := []float32{0.5, 0.5, 0.5} // [-1,1] to [0,1]
		var err error
		if layers, err = t.Apply(c.Features.Graph, features, autodiff.FrozenInference, t.Affine(bySide[min(portrait.FirstRung, c.Shape.Side)], half, half)); err != nil {
			return nil, err
		}
	}
	seen := make([]*gorgonia.Node, len(critics))
	for i, k := range critics {
		if k.layer >= 0 {
			seen[i] = t.Linear(layers[k.layer], float32(c.Critics.Scale[k.layer]), nil, 0)
		} else {
			seen[i] = bySide[k.side]
		}
		t.Keep(seen[i])
	}
	return seen, t.Err()
}

// nudge is the size of the random step of the gradient penalty.
const nudge = 0.03

// verdict is what a critic says of a batch of photographs and one of made pictures.
type verdict struct {
	real, made, there *gorgonia.Node   // logits (N,1,1,1); there: of photographs a nudge away, for the penalty
	heads             []*gorgonia.Node // of photographs
}

// compare judges what the critic sees of photographs x, and its input "made
// <name>", in one batch: its layers know no other samples, and few large
// products are faster than many small ones. With nudged it judges x again a
// random step away, which its input "nudge <name>" chooses.
func (k *critic) compare(t *autodiff.Tape, x, condition *gorgonia.Node, nudged bool) (v verdict, err error) {
	s := x.Shape()
	n := s[0]
	all := t.Stack(x, t.Input("made "+k.name, s[0], s[1], s[2], s[3]))
	conditions := t.Stack(condition, condition)
	if nudged {
		all = t.Stack(all, t.Nudge(x, t.Input("nudge "+k.name, 1, 1, 1, 1), nudge))
		conditions = t.Stack(conditions, condition)
	}
	logits, said, err := k.judge(t, autodiff.Train, all, conditions)
	if err != nil {
		return v, err
	}
	v.real, v.made = t.Samples(logits, 0, n), t.Samples(logits, n, 2*n)
	t.Keep(v.real, v.made)
	if nudged {
		v.there = t.Samples(logits, 2*n, 3*n)
	}
	for _, h := range said {
		v.heads = append(v.heads, t.Samples(h, 0, n))
	}
	return v, t.Err()
}

// penalty is |∇D|² at the photographs (Mescheder et al., 2018), times nudge², from
// one finite difference along a random direction u of independent signs, whose
// mean is the same: E[(∇D·u)²] = |∇D|² (Hutchinson, 1990).
func (v verdict) penalty(t *autodiff.Tape) *gorgonia.Node { return t.MSE(v.there, v.real) }
