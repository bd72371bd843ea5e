package evaluation

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"

	"gonum.org/v1/gonum/stat"

	"github.com/atelier-engine/atelier/core/autodiff"
	"github.com/atelier-engine/atelier/core/device"
	"github.com/atelier-engine/atelier/core/nn"
	"github.com/atelier-engine/atelier/core/portrait"
	"github.com/atelier-engine/atelier/core/portrait/faces"
)

// judge is a classifier of emotion, age and gender that is trained on the
// labels of photographs, apart from any generator, so that it can say whether a
// portrait shows what was asked for. How far to trust it is told by what it
// says of photographs that it has not seen.
type judge struct {
	net  *nn.Network
	side int
}

// Agreement says how often the judge finds what a condition asks for.
type Agreement struct {
	Happy   float64 // of those asked to be happy, the share judged happy
	Neutral float64 // of those asked to be neutral, the share judged neutral
	Gender  float64 // share of the right gender
	Age     float64 // correlation of the age judged with the age asked for
}

const (
	judgeSteps = 800
	judgeBatch = 64
)

// trainJudge trains a small network of the discriminator's shape. It is the
// same for the same faces.
func trainJudge(ctx context.Context, s *faces.Sampler, steps int) (*judge, error) {
	shape := portrait.Shape{Side: s.Side}
	for side := s.Side; side > 4; side /= 2 {
		shape.Discriminator = append(shape.Discriminator, min(16<<len(shape.Discriminator), 64))
	}
	g := portrait.DiscriminatorGraph(shape)
	p, adam, t := autodiff.NewParams(g, 11), &autodiff.Adam{LR: 1e-3, Beta1: 0.9}, autodiff.NewTape()
	heads, err := t.Apply(g, p, autodiff.Train, t.Input("x", judgeBatch, s.Side, s.Side, 3))
	if err != nil {
		return nil, err
	}
	loss := t.WeightedSum([]float32{1, 1, 1},
		t.SoftmaxCrossEntropy(heads[1], t.Input("emotion", judgeBatch, 1, 1, portrait.EmotionDims), nil),
		t.SoftmaxCrossEntropy(heads[2], t.Input("age", judgeBatch, 1, 1, portrait.AgeDims), nil),
		t.BCEWithLogits(heads[3], t.Input("gender", judgeBatch, 1, 1, 1)))
	if err := t.Minimise(loss, p); err != nil {
		return nil, err
	}
	r := rand.New(rand.NewPCG(17, 17))
	size := s.Side * s.Side * 3
	v := make([]float32, portrait.ConditionLen)
	for step := range steps {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		adam.Scale = 1 - float64(step)/float64(steps)
		for i := range judgeBatch {
			k := s.Draw(r)
			s.Face(t.Data("x")[i*size:][:size], k, r)
			s.Faces.Conds[k].Vector(v)
			copy(t.Data("emotion")[i*portrait.EmotionDims:], v[:portrait.EmotionDims])
			t.Data("gender")[i] = (v[portrait.EmotionDims] + 1) / 2
			copy(t.Data("age")[i*portrait.AgeDims:], v[portrait.EmotionDims+1:])
		}
		if err := t.Run(); err != nil {
			return nil, err
		}
		if err := t.Update(adam); err != nil {
			return nil, err
		}
	}
	net, err := nn.New(g, p.Weights(), device.NewCPU())
	return &judge{net: net, side: s.Side}, err
}

// verdict is what the judge sees in one picture.
type verdict struct {
	emotion int
	gender  float64 // above 0: a man
	age     float64 // years
}

// look judges a picture (side x side x 3 in [-1,1]).
func (j *judge) look(x []float32) (verdict, error) {
	out, err := j.net.Run(device.Tensor{Data: x, N: 1, H: j.side, W: j.side, C: 3})
	if err != nil {
		return verdict{}, fmt.Errorf("judge portraits: %w", err)
	}
	v := verdict{gender: float64(out[3].Data[0])}
	for i, logit := range out[1].Data[:portrait.EmotionDims] {
		if logit > out[1].Data[v.emotion] {
			v.emotion = i
		}
	}
	top, sum := out[2].Data[0], 0.0
	for _, logit := range out[2].Data[:portrait.AgeDims] {
		top = max(top, logit)
	}
	for i, logit := range out[2].Data[:portrait.AgeDims] {
		w := math.Exp(float64(logit - top))
		v.age += w * portrait.AgeKnots[i]
		sum += w
	}
	v.age /= sum
	return v, nil
}

// agree compares verdicts with the conditions asked for.
func agree(verdicts []verdict, conds []portrait.Condition) Agreement {
	var a Agreement
	var asked, found [2]float64
	ages := [2][]float64{}
	for i, v := range verdicts {
		if e := conds[i].Emotion(); e < 2 { // neutral or happy
			asked[e]++
			if v.emotion == e {
				found[e]++
			}
		}
		if v.gender > 0 == (conds[i].Gender > 0) {
			a.Gender += 1 / float64(len(verdicts))
		}
		ages[0], ages[1] = append(ages[0], v.age), append(ages[1], conds[i].Age)
	}
	a.Neutral, a.Happy = found[0]/max(1, asked[0]), found[1]/max(1, asked[1])
	if c := stat.Correlation(ages[0], ages[1], nil); !math.IsNaN(c) {
		a.Age = c
	}
	return a
}
