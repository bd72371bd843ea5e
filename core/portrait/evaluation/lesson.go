package evaluation

import (
	"context"
	"math"
	"math/rand/v2"
	"time"

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
	Made      float64 `json:"made"`       // share of made expressions, see faces.Express
	Least     float64 `json:"least"`      // strength of a made expression, at least
	Identity  float64 `json:"identity"`   // weight of the loss that tells persons apart
	Seed      uint64  `json:"seed"`
}

// StandardRecipe takes a few minutes on one core.
var StandardRecipe = Recipe{Side: judgeSide, Steps: 1200, Pairs: 32, LearnRate: 2e-3, Average: 0.995, Sure: 0.8, Made: 0.7, Least: 0.6, Identity: 0.5, Seed: 11}

const (
	contrastTemperature = 0.1
	warmUp              = 100 // steps until the learning rate is highest
	saveEvery           = 100 // steps between checkpoints
)

// lesson prepares what the judge learns from. A batch depends on the seed and
// the number of its step only.
type lesson struct {
	Recipe
	s    *faces.Sampler // balanced, with made expressions
	tmp  []float32
	cond []float32
}

// batch holds 2·Pairs samples; i and i+Pairs show the same photograph.
type batch struct {
	x, emotion, sure, age, gender []float32
}

func newLesson(r Recipe, set *faces.Faces) *lesson {
	s := faces.NewExpressive(set, moved, faces.Express{Share: r.Made, Least: r.Least, Sure: r.Sure}, r.Side)
	return &lesson{r, s, make([]float32, r.Side*r.Side*3), make([]float32, portrait.ConditionLen)}
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

// pair draws two pictures of one person: the photograph as it is, half of the time
// one as they come, for age and gender; and the same photograph, or, of the other
// half, with the expression that the balanced sampler gives it. So what is the
// same in a pair is the person, not the face that is made.
func (l *lesson) pair(r *rand.Rand) [2]faces.Pick {
	if r.IntN(2) == 0 {
		p := faces.Pick{Face: l.s.Train[r.IntN(len(l.s.Train))]}
		return [2]faces.Pick{p, p}
	}
	p := l.s.Pick(r)
	return [2]faces.Pick{{Face: p.Face}, p}
}

// view writes a face, moved, recoloured and sometimes softened.
func (l *lesson) view(dst []float32, p faces.Pick, r *rand.Rand) {
	l.s.Show(dst, p, r)
	recolour(dst, r)
	if r.IntN(3) == 0 {
		soften(dst, l.Side, l.tmp)
	}
}

func (l *lesson) batch(step int) batch {
	n, size := 2*l.Pairs, l.Side*l.Side*3
	b := batch{make([]float32, n*size), make([]float32, n*portrait.EmotionDims), make([]float32, n), make([]float32, n*portrait.AgeDims), make([]float32, n)}
	r := rand.New(rand.NewPCG(l.Seed, uint64(step)))
	for i := range l.Pairs {
		for k, pick := range l.pair(r) {
			at := i + k*l.Pairs
			l.view(b.x[at*size:][:size], pick, r)
			cond := l.s.Condition(pick)
			cond.Vector(l.cond)
			if _, share := emotionOf(cond); pick.Strength > 0 || share >= l.Sure {
				b.sure[at] = 1
				copy(b.emotion[at*portrait.EmotionDims:][:portrait.EmotionDims], l.cond)
			}
			copy(b.age[at*portrait.AgeDims:][:portrait.AgeDims], l.cond[portrait.EmotionDims+1:])
			b.gender[at] = (l.cond[portrait.EmotionDims] + 1) / 2
		}
	}
	return b
}

// train gives the weights of a judge: the running average of those that lower
//
//	CE(emotion) + CE(age) + BCE(gender) + w·NT-Xent(identity),
//
// where emotion counts for sure labels only and the two views of a photograph
// are a pair of autodiff's Contrast. A training that was stopped goes on from
// its checkpoints in store.
func train(ctx context.Context, rec Recipe, set *faces.Faces, store *autodiff.Store, progress func(done, total int, left time.Duration)) (*autodiff.Params, error) {
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
	state := &autodiff.State{Params: []*autodiff.Params{p, average}, Adams: map[string]*autodiff.Adam{"adam": adam}}
	if _, _, err := store.Restore(state); err != nil {
		return nil, err
	}
	next := make(chan batch, 1) // drawn while the step before is computed
	draw := func(step int) { next <- l.batch(step) }
	go draw(state.Step)
	err = autodiff.Loop(ctx, autodiff.LoopConfig{
		Steps: rec.Steps, State: state, Store: store, SaveEvery: saveEvery, Report: 10, Rollbacks: -1,
		Progress: func(p autodiff.Progress) {
			if progress != nil {
				progress(p.Step, p.Steps, p.Left)
			}
		},
		Step: func(_ context.Context, step int) (map[string]float64, error) {
			b := <-next
			go draw(step + 1)
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
