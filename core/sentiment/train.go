package sentiment

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"path/filepath"
	"sort"
	"time"
)

// TrainConfig says from what and for how long the classifier is trained. The
// zero value of everything but Data is a working default.
type TrainConfig struct {
	Data      string  // folder with goemotions, xed, vader, afinn and empath
	Out       string  // folder for the weights and the card; "" writes nothing
	Sentences int     // sentences of our own per emotion; 0: 9000
	Epochs    int     // passes over everything; 0: 8
	Rate      float64 // learning rate of AdaGrad; 0: 0.2
	Decay     float64 // L2 decay; 0: 1e-5
	Seed      uint64
	Lists     map[string]string // labelled lists by name, measured after training, for the card
}

// TrainProgress is what Train reports after each epoch.
type TrainProgress struct {
	Epoch, Epochs int
	Loss          float64 // mean weighted cross-entropy of the epoch, nats
	Elapsed       time.Duration
}

// TrainResult is the model, and what it was trained on.
type TrainResult struct {
	Model   *Model
	Samples map[string]int // by source
	Loss    float64
	Figures map[string]float64 // what TrainConfig.Lists measured
	Elapsed time.Duration
}

var domainNames = [domains]string{"grammar", "goemotions", "xed", "lexicons"}

// domainWeight is what a sample of each source counts.
var domainWeight = [domains]float32{1, 0.2, 0.1, 0.3}

// example is a sample turned into features.
type example struct {
	features []feature
	target   [Count]float32
	weight   float32
	domain   domain
}

// Train trains the classifier: multinomial logistic regression on soft
// targets, by AdaGrad (Duchi et al., 2011), one sample at a time in an order
// drawn from the seed, with a rate that falls to a fifth. It takes about a
// quarter of a minute of one core.
func Train(ctx context.Context, cfg TrainConfig, progress func(TrainProgress)) (*TrainResult, error) {
	cfg.Sentences = orInt(cfg.Sentences, 9000)
	cfg.Epochs = orInt(cfg.Epochs, 8)
	cfg.Rate = orFloat(cfg.Rate, 0.2)
	cfg.Decay = orFloat(cfg.Decay, 1e-5)
	began := time.Now()
	rng := rand.New(rand.NewPCG(cfg.Seed, 0xa7e11e2))
	samples, err := gather(cfg, rng)
	if err != nil {
		return nil, err
	}
	m := &Model{weights: make([]float32, Count<<bits), temperature: 1, meta: map[string]string{}}
	m.vocabulary = vocabularyOf(samples)
	res := &TrainResult{Model: m, Samples: map[string]int{}}
	examples := make([]example, 0, len(samples))
	for _, s := range samples {
		toks, _ := prepare(newSource(s.text), m.vocabulary.has)
		if fs := featurize(toks, nil); len(fs) > 0 {
			examples = append(examples, example{fs, s.target, s.weight * domainWeight[s.domain], s.domain})
			res.Samples[domainNames[s.domain]]++
		}
	}
	if res.Loss, err = m.fit(ctx, examples, cfg, rng, func(p TrainProgress) {
		if p.Elapsed = time.Since(began); progress != nil {
			progress(p)
		}
	}); err != nil {
		return nil, err
	}
	if err := m.calibrate(); err != nil {
		return nil, err
	}
	res.Elapsed = time.Since(began)
	if err := res.measure(ctx, cfg.Lists); err != nil {
		return nil, err
	}
	if cfg.Out != "" {
		if err := res.save(cfg); err != nil {
			return nil, err
		}
	}
	return res, nil
}

// fit runs the epochs; it returns the loss of the last one.
func (m *Model) fit(ctx context.Context, examples []example, cfg TrainConfig, rng *rand.Rand, progress func(TrainProgress)) (loss float64, err error) {
	t := newTrainer(m, cfg)
	for e := range cfg.Epochs {
		if err := ctx.Err(); err != nil {
			return 0, err
		}
		rng.Shuffle(len(examples), func(i, j int) { examples[i], examples[j] = examples[j], examples[i] })
		loss = t.epoch(examples, cfg.Rate*(1-0.8*float64(e)/float64(cfg.Epochs)))
		if math.IsNaN(loss) {
			return 0, errors.New("sentiment: training diverged: use a smaller rate")
		}
		progress(TrainProgress{Epoch: e + 1, Epochs: cfg.Epochs, Loss: loss})
	}
	m.bias = t.bias[ours]
	return loss, nil
}

// gather collects the samples of every source.
func gather(cfg TrainConfig, rng *rand.Rand) ([]sample, error) {
	if cfg.Data == "" {
		return nil, errors.New("sentiment: training: no data folder was given")
	}
	samples, err := readForum(filepath.Join(cfg.Data, "goemotions", "train.tsv"))
	if err != nil {
		return nil, err
	}
	more, err := readFilm(filepath.Join(cfg.Data, "xed"))
	if err != nil {
		return nil, err
	}
	samples = append(samples, more...)
	if more, err = readLexica(cfg.Data); err != nil {
		return nil, err
	}
	// Maps give their words in any order; the result must not depend on it.
	sort.SliceStable(more, func(i, j int) bool { return more[i].text < more[j].text })
	samples = append(samples, more...)
	g, err := loadGrammar()
	if err != nil {
		return nil, err
	}
	for e := range Emotion(Count) {
		for range cfg.Sentences {
			text, err := g.write(rng, e)
			if err != nil {
				return nil, err
			}
			s := sample{text: text, weight: 1, domain: ours}
			s.target[e] = 1
			samples = append(samples, s)
		}
	}
	return samples, nil
}

// vocabularyOf is the set of words that occur at least twice.
func vocabularyOf(samples []sample) bloom {
	count := map[string]int{}
	for _, s := range samples {
		for _, t := range tokenize(newSource(s.text), nil) {
			if t.Kind == Word && !t.Long {
				count[t.Word]++
				if s.domain == lexicon {
					count[t.Word]++
				}
			}
		}
	}
	b := make(bloom, 1<<16)
	for w, n := range count {
		if n >= 2 {
			b.add(w)
		}
	}
	return b
}

// trainer holds the state of AdaGrad.
type trainer struct {
	m       *Model
	squares []float32 // sums of squared gradients, as weights
	bias    [domains][Count]float32
	squareB [domains][Count]float32
	decay   float32
}

func newTrainer(m *Model, cfg TrainConfig) *trainer {
	return &trainer{m: m, squares: make([]float32, len(m.weights)), decay: float32(cfg.Decay)}
}

// epoch passes over the examples once and returns the mean loss.
func (t *trainer) epoch(examples []example, rate float64) float64 {
	sum, weights := 0.0, 0.0
	w, sq, lr := t.m.weights, t.squares, float32(rate)
	for i := range examples {
		x := &examples[i]
		t.m.bias = t.bias[x.domain]
		p := softmax(t.m.logits(x.features), 1)
		var g [Count]float32
		for e := range g {
			g[e] = (float32(p[e]) - x.target[e]) * x.weight
			if x.target[e] > 0 {
				sum -= float64(x.weight*x.target[e]) * math.Log(math.Max(p[e], 1e-12))
			}
			b := &t.squareB[x.domain][e]
			*b += g[e] * g[e]
			t.bias[x.domain][e] -= 0.3 * lr * g[e] / (sqrt32(*b) + 1e-3)
		}
		weights += float64(x.weight)
		for _, f := range x.features {
			at := int(f.bucket) * Count
			for e := range Count {
				d := g[e]*f.value + t.decay*w[at+e]
				sq[at+e] += d * d
				w[at+e] -= lr * d / (sqrt32(sq[at+e]) + 0.02)
			}
		}
	}
	return sum / math.Max(weights, 1e-9)
}

func sqrt32(x float32) float32 { return float32(math.Sqrt(float64(x))) }

func orInt(v, d int) int {
	if v == 0 {
		return d
	}
	return v
}

func orFloat(v, d float64) float64 {
	if v == 0 {
		return d
	}
	return v
}
