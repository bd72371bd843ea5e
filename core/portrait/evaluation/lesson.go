package evaluation

import (
	"context"
	"math"
	"math/rand/v2"

	"github.com/atelier-engine/atelier/core/autodiff"
	"github.com/atelier-engine/atelier/core/portrait"
	"github.com/atelier-engine/atelier/core/portrait/faces"
)

// Recipe says how the judge is trained. Judges of one recipe and the same
// photographs are the same.
type Recipe struct {
	Side      int     `json:"side"`
	Steps     int     `json:"steps"`
	Pairs     int     `json:"pairs"`      // photographs a step; each is seen twice, changed differently
	LearnRate float64 `json:"learn_rate"` // the highest
	Average   float64 `json:"average"`    // decay of the running average of the weights, which judges
	Sure      float64 `json:"sure"`       // emotion labels count from this probability on
	Identity  float64 `json:"identity"`   // weight of the loss that tells persons apart
	Seed      uint64  `json:"seed"`
}

// StandardRecipe takes a few minutes on one core.
var StandardRecipe = Recipe{Side: judgeSide, Steps: 1000, Pairs: 32, LearnRate: 2e-3, Average: 0.995, Sure: 0.8, Identity: 0.5, Seed: 11}

const (
	contrastTemperature = 0.1
	warmUp              = 100 // steps until the learning rate is highest
)

// lesson prepares what the judge learns from. A batch depends on the seed and
// the number of its step only.
type lesson struct {
	Recipe
	s     *faces.Sampler
	class [portrait.EmotionDims][]int // training faces whose emotion is sure
	share [portrait.EmotionDims]float64
}

// batch holds 2·Pairs samples; i and i+Pairs show the same photograph.
type batch struct {
	x, emotion, sure, age, gender []float32
}

func newLesson(r Recipe, set *faces.Faces) *lesson {
	l := &lesson{Recipe: r, s: faces.NewSampler(set, moved, r.Side)}
	total := 0.0
	for _, i := range l.s.Train {
		if k, p := emotionOf(set.Conds[i]); p >= r.Sure {
			l.class[k] = append(l.class[k], i)
		}
	}
	for k := range l.class {
		l.share[k] = math.Sqrt(float64(len(l.class[k])))
		total += l.share[k]
	}
	for k := range l.share {
		l.share[k] /= max(total, 1)
	}
	return l
}

// emotionOf is the most probable emotion of a label and its share.
func emotionOf(c portrait.Condition) (emotion int, share float64) {
	sum := 0.0
	for _, w := range c.Emotions {
		sum += w
	}
	emotion = c.Emotion()
	return emotion, c.Emotions[emotion] / sum
}

// draw picks a training face: half of them as they come, for age and gender, half
// by emotion, the rarer ones more often than they come.
func (l *lesson) draw(r *rand.Rand) int {
	if r.IntN(2) == 0 {
		x := r.Float64()
		for k, p := range l.share {
			if x -= p; x < 0 && len(l.class[k]) > 0 {
				return l.class[k][r.IntN(len(l.class[k]))]
			}
		}
	}
	return l.s.Train[r.IntN(len(l.s.Train))]
}

// view writes a face, moved, recoloured and sometimes softened.
func (l *lesson) view(dst, tmp []float32, i int, r *rand.Rand) {
	l.s.Face(dst, i, r)
	recolour(dst, r)
	if r.IntN(3) == 0 {
		soften(dst, l.Side, tmp)
	}
}

func (l *lesson) batch(step int) batch {
	n, size := 2*l.Pairs, l.Side*l.Side*3
	b := batch{make([]float32, n*size), make([]float32, n*portrait.EmotionDims), make([]float32, n), make([]float32, n*portrait.AgeDims), make([]float32, n)}
	r := rand.New(rand.NewPCG(l.Seed, uint64(step)))
	tmp, v := make([]float32, size), make([]float32, portrait.ConditionLen)
	for i := range l.Pairs {
		face := l.draw(r)
		cond := l.s.Faces.Conds[face]
		cond.Vector(v)
		emotion, share := emotionOf(cond)
		for _, at := range []int{i, i + l.Pairs} {
			l.view(b.x[at*size:][:size], tmp, face, r)
			if share >= l.Sure {
				b.sure[at], b.emotion[at*portrait.EmotionDims+emotion] = 1, 1
			}
			copy(b.age[at*portrait.AgeDims:][:portrait.AgeDims], v[portrait.EmotionDims+1:])
			b.gender[at] = (v[portrait.EmotionDims] + 1) / 2
		}
	}
	return b
}

// train gives the weights of a judge: the running average of those that lower
//
//	CE(emotion) + CE(age) + BCE(gender) + w·NT-Xent(identity),
//
// where emotion counts for sure labels only and the two views of a photograph
// are a pair of autodiff's Contrast.
func train(ctx context.Context, rec Recipe, set *faces.Faces, progress func(autodiff.Progress)) (*autodiff.Params, error) {
	l, g, t, n := newLesson(rec, set), judgeGraph(rec.Side), autodiff.NewTape(), 2*rec.Pairs
	p, adam := autodiff.NewParams(g, rec.Seed), &autodiff.Adam{LR: rec.LearnRate, Beta1: 0.9}
	average := p.Clone("average")
	heads, err := t.Apply(g, p, autodiff.Train, t.Input("x", n, rec.Side, rec.Side, 3))
	if err != nil {
		return nil, err
	}
	loss := t.WeightedSum([]float32{1, 1, 1, float32(rec.Identity)},
		t.SoftmaxCrossEntropy(heads[0], t.Input("emotion", n, 1, 1, portrait.EmotionDims), t.Input("sure", n, 1, 1, 1)),
		t.SoftmaxCrossEntropy(heads[1], t.Input("age", n, 1, 1, portrait.AgeDims), nil),
		t.BCEWithLogits(heads[2], t.Input("gender", n, 1, 1, 1)),
		t.Contrast(heads[3], contrastTemperature))
	if err := t.Minimise(loss, p); err != nil {
		return nil, err
	}
	next := make(chan batch, 1) // drawn while the step before is computed
	go func() { next <- l.batch(0) }()
	err = autodiff.Loop(ctx, autodiff.LoopConfig{
		Steps: rec.Steps, State: &autodiff.State{Params: []*autodiff.Params{p, average}}, Report: 10, Progress: progress,
		Step: func(_ context.Context, step int) (map[string]float64, error) {
			b := <-next
			go func() { next <- l.batch(step + 1) }()
			for name, v := range map[string][]float32{"x": b.x, "emotion": b.emotion, "sure": b.sure, "age": b.age, "gender": b.gender} {
				copy(t.Data(name), v)
			}
			if err := t.Run(); err != nil {
				return nil, err
			}
			part := float64(step) / float64(rec.Steps)
			adam.Scale = min(float64(step+1)/warmUp, (1+math.Cos(math.Pi*part))/2)
			if err := t.Update(adam); err != nil {
				return nil, err
			}
			decay := min(rec.Average, float64(1+step)/float64(10+step)) // the random start is forgotten sooner
			return map[string]float64{"judge": t.Scalar(loss)}, average.Average(p, float32(decay))
		},
	})
	return average, err
}
