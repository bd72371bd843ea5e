package training

import (
	"fmt"
	"math"
	"math/rand/v2"
	"path/filepath"
	"strings"

	"gorgonia.org/gorgonia"

	"github.com/atelier-engine/atelier/core/autodiff"
	"github.com/atelier-engine/atelier/core/device"
	"github.com/atelier-engine/atelier/core/nn"
	"github.com/atelier-engine/atelier/core/portrait"
)

// game is a generator and its opponents, trained a step at a time.
type game interface {
	step(number int, real []float32, conds []portrait.Condition, r *rand.Rand) (map[string]float64, error)
	common() *base
}

// newGame makes the networks of a recipe, started from the model in c.From if
// there is one.
func newGame(c TrainConfig, note func(string, ...any)) (game, error) {
	var t game
	var err error
	if c.Recipe == Paper {
		t, err = newGAN(c)
	} else {
		t, err = newLadder(c)
	}
	if err != nil || c.From == "" {
		return t, err
	}
	return t, t.common().adopt(c.From, note)
}

// base is what all recipes train.
type base struct {
	cfg          TrainConfig
	graph        *device.Graph    // of the generator
	gen, average *autodiff.Params // average is what is shown and shipped
	judges       []*autodiff.Params
	adamG, adamD *autodiff.Adam
	gTape, dTape *autodiff.Tape
	fake         *gorgonia.Node // what the generator made last, on gTape
}

func newBase(c TrainConfig) base {
	g := portrait.GeneratorGraph(c.Shape)
	b := base{cfg: c, graph: g, gen: autodiff.NewParams(g, c.Seed), gTape: autodiff.NewTape(), dTape: autodiff.NewTape()}
	b.average = b.gen.Clone("average")
	b.adamG = &autodiff.Adam{LR: c.LearnRate, Beta1: c.Beta1, Beta2: c.Beta2}
	rate := c.Critics.Rate
	if rate == 0 {
		rate = c.LearnRate
	}
	b.adamD = &autodiff.Adam{LR: rate, Beta1: c.Beta1, Beta2: c.Beta2}
	return b
}

func (b *base) common() *base { return b }

// work is the number of floating-point operations of a step.
func (b *base) work() float64 { return b.gTape.Work() + b.dTape.Work() }

// CriticsFile holds the discriminators of a model, so that its training can go
// on elsewhere.
const CriticsFile = "critics.safetensors"

// adopt starts from another model: its generator, and its discriminators where
// the folder has them. What the new networks have beyond it stays as drawn.
func (b *base) adopt(dir string, note func(string, ...any)) error {
	m, err := nn.Open(dir)
	if err != nil {
		return fmt.Errorf("portrait training: start from %s: %w", dir, err)
	}
	n := b.gen.Adopt(m.Weights)
	if 10*n < b.gen.Len() { // a few biases fit anything
		return fmt.Errorf("portrait training: start from %s: its generator has nothing in common with this one: give a model of the same trunk", dir)
	}
	if err := b.average.Load(b.gen.Weights()); err != nil {
		return err
	}
	note("the generator starts with %d numbers of %s", n, dir)
	w, _, err := nn.ReadSafetensors(filepath.Join(dir, CriticsFile))
	if err != nil {
		note("the discriminators start anew: %v", err)
		return nil
	}
	n = 0
	for _, p := range b.judges {
		own := device.Weights{}
		for name, a := range w {
			if rest, ok := strings.CutPrefix(name, p.Name+"/"); ok {
				own[rest] = a
			}
		}
		n += p.Adopt(own)
	}
	note("the discriminators start with %d numbers of %s", n, dir)
	return nil
}

// critics collects the weights of the discriminators under their names.
func (b *base) critics() device.Weights {
	all := device.Weights{}
	for _, p := range b.judges {
		for name, a := range p.Weights() {
			all[p.Name+"/"+name] = a
		}
	}
	return all
}

// moveGenerator updates the generator and its running average. The first steps
// are forgotten sooner, or the random start would show for long.
func (b *base) moveGenerator(g *autodiff.Tape, number int) error {
	if err := g.Update(b.adamG); err != nil {
		return err
	}
	return b.average.Average(b.gen, float32(min(b.cfg.Average, float64(1+number)/float64(10+number))))
}

// targets are what the heads should say, inputs of a tape.
type targets struct{ emotion, age, gender *gorgonia.Node }

func inputTargets(t *autodiff.Tape, n int) targets {
	return targets{t.Input("emotion", n, 1, 1, portrait.EmotionDims), t.Input("age", n, 1, 1, portrait.AgeDims), t.Input("gender", n, 1, 1, 1)}
}

// losses are the cross-entropies of three heads and their weights times by.
func (w targets) losses(t *autodiff.Tape, heads []*gorgonia.Node, h Heads, by float32) ([]*gorgonia.Node, []float32) {
	return []*gorgonia.Node{t.SoftmaxCrossEntropy(heads[0], w.emotion, nil), t.SoftmaxCrossEntropy(heads[1], w.age, nil), t.BCEWithLogits(heads[2], w.gender)},
		[]float32{by * float32(h.Emotion), by * float32(h.Age), by * float32(h.Gender)}
}

func setTargets(t *autodiff.Tape, conds []portrait.Condition) {
	var v [portrait.ConditionLen]float32
	for i, c := range conds {
		c.Vector(v[:])
		copy(t.Data("emotion")[i*portrait.EmotionDims:], v[:portrait.EmotionDims])
		t.Data("gender")[i] = (v[portrait.EmotionDims] + 1) / 2
		copy(t.Data("age")[i*portrait.AgeDims:], v[portrait.EmotionDims+1:])
	}
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
