package distil

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"path/filepath"
	"strconv"
	"time"

	"gorgonia.org/gorgonia"

	"github.com/atelier-engine/atelier/core/autodiff"
	"github.com/atelier-engine/atelier/core/device"
	"github.com/atelier-engine/atelier/core/kernel"
)

// Seeds of the streams of pictures that a training draws from.
const (
	seedBatches = 1 << 32
	seedAxes    = 2 << 32
)

// school is a training with all that it needs.
type school struct {
	cfg     *Config
	corpus  *corpus
	teacher *teacher
	colours preparation

	net, average *autodiff.Params
	graph        *device.Graph
	tape         *autodiff.Tape
	errors       []*gorgonia.Node // a subject, relative to its variance
	adam         *autodiff.Adam
	state        *autodiff.State
	store        *autodiff.Store
	began        time.Time
	before       float64

	round   int // number of the round whose batches are in memory; -1: none
	batches []lesson
}

// lesson is a batch with what should be seen in it.
type lesson struct {
	pictures []float32
	targets  []device.Tensor
}

// Train learns the feature network of cfg and writes it to cfg.Model. Checkpoints
// and a log of the errors go to cfg.Run, from where a second call goes on bit for
// bit; a cancelled one leaves a checkpoint. progress and note may be nil.
func Train(ctx context.Context, cfg Config, progress func(autodiff.Progress), note func(string)) error {
	if note == nil {
		note = func(string) {}
	}
	s, err := newSchool(ctx, &cfg, note)
	if err != nil {
		return err
	}
	err = autodiff.Loop(ctx, autodiff.LoopConfig{
		Steps: cfg.Steps, State: s.state, Step: s.step, Store: s.store, SaveEvery: cfg.Checkpoint,
		Report: 20, Progress: progress, Log: filepath.Join(cfg.Run, "losses.tsv"), Warn: note,
	})
	if err != nil {
		return fmt.Errorf("distil features: %w", err)
	}
	return s.publish(ctx, note)
}

// Export writes the network of the newest checkpoint in cfg.Run to cfg.Model.
func Export(ctx context.Context, cfg Config, note func(string)) error {
	if note == nil {
		note = func(string) {}
	}
	s, err := newSchool(ctx, &cfg, note)
	if err != nil {
		return err
	}
	if s.state.Step == 0 {
		return fmt.Errorf("distil features: %s holds no checkpoint: train first", cfg.Run)
	}
	return s.publish(ctx, note)
}

func newSchool(ctx context.Context, cfg *Config, note func(string)) (*school, error) {
	if err := cfg.Check(); err != nil {
		return nil, err
	}
	if cfg.Run == "" || cfg.Model == "" || cfg.Data == "" {
		return nil, errors.New("distil features: a folder is not named: give those of the data, the run and the model")
	}
	c, err := loadCorpus(ctx, cfg.Data, note)
	if err != nil {
		return nil, err
	}
	note(fmt.Sprintf("%d photographs and %d paintings, %d more kept for the evaluation", len(c.photos), len(c.paintings), len(c.heldPhotos)+len(c.heldPaintings)))
	sample := make([]float32, cfg.Axes*cfg.Size*cfg.Size*3)
	c.batch(sample, cfg.Axes, cfg.Size, cfg.Seed^seedAxes, 0)
	t, err := openTeacher(filepath.Join(cfg.Data, "lossnet"), cfg.Widths, sample, cfg.Axes, cfg.Size)
	if err != nil {
		return nil, err
	}
	for i, a := range t.axes {
		note(fmt.Sprintf("%s: %d of %d axes keep %.2f%% of the energy, variance %.3f", subjects[i].tap, a.out, a.in, 100*a.share, a.spread))
	}
	colours, err := prepare(sample)
	if err != nil {
		return nil, err
	}
	s := &school{cfg: cfg, corpus: c, teacher: t, colours: colours, round: -1}
	if err := s.build(); err != nil {
		return nil, fmt.Errorf("distil features: %w", err)
	}
	s.state = &autodiff.State{Params: []*autodiff.Params{s.net, s.average}, Adams: map[string]*autodiff.Adam{"features": s.adam}, Values: map[string]string{}}
	s.store = &autodiff.Store{Dir: filepath.Join(cfg.Run, "checkpoints")}
	path, skipped, err := s.store.Restore(s.state)
	for _, line := range skipped {
		note(line)
	}
	if err != nil {
		return nil, err
	}
	if path != "" {
		note(fmt.Sprintf("going on from step %d of %s", s.state.Step, path))
	}
	s.began = time.Now()
	s.before, _ = strconv.ParseFloat(s.state.Values["seconds"], 64)
	return s, nil
}

// build makes the network and the tape.
func (s *school) build() (err error) {
	cfg := s.cfg
	if s.graph, err = cfg.Widths.Graph(); err != nil {
		return err
	}
	s.net = autodiff.NewParams(s.graph, cfg.Seed)
	for i := range subjects { // begin with the mean of each target
		w := s.net.Get(fmt.Sprintf("tap%d_1.weight", i+1))
		kernel.Scale(w, w, .1)
	}
	s.net.Touch()
	s.average = s.net.Clone("average")
	s.adam = &autodiff.Adam{Beta1: .9, Beta2: .99, LR: cfg.LearnRate, Clip: 20}
	t := autodiff.NewTape()
	s.tape = t
	g, w := s.colours.graph()
	constant := autodiff.NewParams(g, 0)
	if err := constant.Load(w); err != nil {
		return err
	}
	in, err := t.Apply(g, constant, autodiff.Frozen, t.Input("pictures", cfg.Batch, cfg.Size, cfg.Size, 3))
	if err != nil {
		return err
	}
	out, err := t.Apply(s.graph, s.net, autodiff.Train, in[0])
	if err != nil {
		return err
	}
	var weights []float32
	for i, a := range s.teacher.axes {
		small := cfg.Size >> i
		// What the network itself learns has mean 0 and variance 1: see shipped.
		seen := t.Affine(out[i], a.dev, a.mean)
		s.errors = append(s.errors, t.MSE(seen, t.Input(subjects[i].tap, cfg.Batch, small, small, a.out)))
		weights = append(weights, float32(cfg.Weights[i]/a.spread))
	}
	return t.Minimise(t.WeightedSum(weights, s.errors...), s.net)
}

// enter makes the batches of a round, unless they are there.
func (s *school) enter(round int) error {
	if s.round == round {
		return nil
	}
	cfg := s.cfg
	s.round = -1
	for len(s.batches) < cfg.Round {
		s.batches = append(s.batches, lesson{pictures: make([]float32, cfg.Batch*cfg.Size*cfg.Size*3)})
	}
	for i := range s.batches {
		b := &s.batches[i]
		s.corpus.batch(b.pictures, cfg.Batch, cfg.Size, cfg.Seed^seedBatches, uint64(round*cfg.Round+i))
		var err error
		if b.targets, err = s.teacher.targets(b.pictures, cfg.Batch, cfg.Size); err != nil {
			return err
		}
	}
	s.round = round
	return nil
}

// step is one step of the training.
func (s *school) step(_ context.Context, k int) (map[string]float64, error) {
	cfg := s.cfg
	of := cfg.Round * cfg.Reuse
	if err := s.enter(k / of); err != nil {
		return nil, err
	}
	pass := k / cfg.Round
	order := rand.New(rand.NewPCG(cfg.Seed, uint64(pass))).Perm(cfg.Round)
	b := &s.batches[order[k%cfg.Round]]
	if err := s.tape.Set("pictures", b.pictures); err != nil {
		return nil, err
	}
	for i, t := range b.targets {
		if err := s.tape.Set(subjects[i].tap, t.Data); err != nil {
			return nil, err
		}
	}
	if err := s.tape.Run(); err != nil {
		return nil, err
	}
	fall := .5 * (1 + math.Cos(math.Pi*float64(k)/float64(cfg.Steps)))
	s.adam.LR = (cfg.LearnFloor + (cfg.LearnRate-cfg.LearnFloor)*fall) * min(1, float64(k+1)/50)
	if err := s.tape.Update(s.adam); err != nil {
		return nil, err
	}
	decay := min(cfg.Average, float64(k+1)/float64(k+10))
	if err := s.average.Average(s.net, float32(decay)); err != nil {
		return nil, err
	}
	s.state.Values["seconds"] = fmt.Sprint(s.before + time.Since(s.began).Seconds())
	losses := map[string]float64{}
	for i, e := range s.errors {
		losses[subjects[i].tap] = s.tape.Scalar(e) / s.teacher.axes[i].spread
	}
	return losses, nil
}
