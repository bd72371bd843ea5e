package sentiment

import (
	"context"
	"encoding/json"
	"errors"
	"math"
	"math/rand/v2"
	"path/filepath"
	"sort"
	"strconv"
	"time"
)

// TrainConfig says from what and for how long the classifier is trained. The
// zero value of everything but Data is a working default.
type TrainConfig struct {
	Data      string  // folder with goemotions, xed, vader, afinn, empath and emobank
	Out       string  // folder for the weights and the card; "" writes nothing
	Sentences int     // sentences of our own per emotion; 0: 9000
	Epochs    int     // passes over everything; 0: 8
	Rate      float64 // learning rate of AdaGrad; 0: 0.2
	Decay     float64 // L2 decay; 0: 1e-5
	Seed      uint64
	Only      Task              // train this head alone and keep the other as it is in Out; "": both
	Lists     map[string]string // labelled lists by name, measured after training, for the card
}

// TrainProgress is what Train reports after each epoch, and after each fit of
// the Ekman head, which counts as one.
type TrainProgress struct {
	Task          Task // the head that is being trained
	Epoch, Epochs int
	Loss          float64 // mean weighted cross-entropy of the epoch for faces, nats
	Elapsed       time.Duration
}

// TrainResult is the model, and what it was trained on.
type TrainResult struct {
	Model   *Model
	Samples map[string]int // by source
	Loss    float64
	CrossF1 [Count]float64     // of the Ekman head, by cross-validation on the training split
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

// Train trains the two heads, writes them and the card to cfg.Out and measures
// them. The head for faces takes about a quarter of a minute of one core, the
// one for the Ekman classes, whose solver is in solve.go, about a minute.
func Train(ctx context.Context, cfg TrainConfig, progress func(TrainProgress)) (*TrainResult, error) {
	cfg.Sentences = orInt(cfg.Sentences, 9000)
	cfg.Epochs = orInt(cfg.Epochs, 8)
	cfg.Rate = orFloat(cfg.Rate, 0.2)
	cfg.Decay = orFloat(cfg.Decay, 1e-5)
	if cfg.Data == "" {
		return nil, errors.New("sentiment: training: no data folder was given")
	}
	began := time.Now()
	tell := func(p TrainProgress) {
		if p.Elapsed = time.Since(began); progress != nil {
			progress(p)
		}
	}
	res := &TrainResult{Model: &Model{temperature: 1, meta: map[string]string{}}, Samples: map[string]int{}}
	if cfg.Only != "" {
		var err error
		if res.Model, err = LoadModel(cfg.Out); err != nil {
			return nil, err
		}
		json.Unmarshal([]byte(res.Model.meta[metaSamples]), &res.Samples)
		json.Unmarshal([]byte(res.Model.meta[metaCross]), &res.CrossF1)
		res.Loss, _ = strconv.ParseFloat(res.Model.meta[metaLoss], 64)
	}
	ek := ekmanDefault
	ek.seed = cfg.Seed
	if cfg.Only != TaskEkman {
		if err := res.trainFaces(ctx, cfg, func(p TrainProgress) {
			if p.Task = TaskFace; cfg.Only == "" {
				p.Epochs += ek.fits()
			}
			tell(p)
		}); err != nil {
			return nil, err
		}
	}
	if cfg.Only != TaskFace {
		var err error
		res.Model.ekman, res.CrossF1, err = trainEkman(ctx, cfg.Data, ek, func(done, of int) {
			p := TrainProgress{Task: TaskEkman, Epoch: done, Epochs: of, Loss: res.Loss}
			if cfg.Only == "" {
				p.Epoch, p.Epochs = done+cfg.Epochs, of+cfg.Epochs
			}
			tell(p)
		})
		if err != nil {
			return nil, err
		}
	}
	res.Elapsed = time.Since(began)
	if err := res.measure(ctx, cfg); err != nil {
		return nil, err
	}
	if cfg.Out != "" {
		if err := res.save(cfg); err != nil {
			return nil, err
		}
	}
	return res, nil
}

// trainFaces trains the head for faces: multinomial logistic regression on soft
// targets, by AdaGrad (Duchi et al., 2011), one sample at a time in an order
// drawn from the seed, with a rate that falls to a fifth.
func (r *TrainResult) trainFaces(ctx context.Context, cfg TrainConfig, progress func(TrainProgress)) error {
	rng := rand.New(rand.NewPCG(cfg.Seed, 0xa7e11e2))
	samples, err := gather(cfg, rng)
	if err != nil {
		return err
	}
	m := r.Model
	m.weights, m.bias, m.temperature = make([]float32, Count<<bits), [Count]float32{}, 1
	m.vocabulary = vocabularyOf(samples)
	clear(r.Samples)
	examples := make([]example, 0, len(samples))
	for _, s := range samples {
		toks, _ := prepare(newSource(s.text), m.vocabulary.has)
		if fs := featurize(toks, nil); len(fs) > 0 {
			examples = append(examples, example{fs, s.target, s.weight * domainWeight[s.domain], s.domain})
			r.Samples[domainNames[s.domain]]++
		}
	}
	if r.Loss, err = m.fit(ctx, examples, cfg, rng, progress); err != nil {
		return err
	}
	return m.calibrate()
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
