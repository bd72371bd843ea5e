package training

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/atelier-engine/atelier/core/autodiff"
	"github.com/atelier-engine/atelier/core/autodiff/curve"
	"github.com/atelier-engine/atelier/core/picture"
)

// Progress is what a training reports: steps, mean losses, time left.
type Progress = autodiff.Progress

// apprentice is a training with all that a checkpoint holds.
type apprentice struct {
	*lesson
	avgNet, avgTable, avgPredictor *autodiff.Params

	adam    *autodiff.Adam
	state   *autodiff.State
	store   *autodiff.Store
	sources sources
	note    func(string)
	began   time.Time
	before  float64 // seconds of training before this call
}

// store is the folder of the run's checkpoints.
func (c *TrainConfig) store() *autodiff.Store {
	return &autodiff.Store{Dir: filepath.Join(c.Run, "checkpoints")}
}

func newApprentice(ctx context.Context, cfg *TrainConfig, store *autodiff.Store, note func(string)) (*apprentice, error) {
	from, err := readSources(cfg)
	if err != nil {
		return nil, err
	}
	l, err := newLesson(ctx, cfg, note)
	if err != nil {
		return nil, err
	}
	a := &apprentice{lesson: l, store: store, sources: from, note: note,
		avgNet: l.net.Clone("average net"), avgTable: l.table.Clone("average styles"), avgPredictor: l.predictor.Clone("average predictor"),
		adam: &autodiff.Adam{Beta1: .9, LR: cfg.LearnRate, Clip: 200}}
	a.state = &autodiff.State{
		Params: []*autodiff.Params{l.net, l.table, l.predictor, a.avgNet, a.avgTable, a.avgPredictor},
		Adams:  map[string]*autodiff.Adam{"style": a.adam},
		Values: map[string]string{},
	}
	path, skipped, err := store.Restore(a.state)
	for _, s := range skipped {
		note(s)
	}
	if err != nil {
		return nil, err
	}
	if path != "" {
		note(fmt.Sprintf("going on from step %d of %s", a.state.Step, path))
	}
	a.began, a.before = time.Now(), a.seconds()
	return a, nil
}

// Train learns the network and the styles of cfg and writes them to cfg.Model
// and cfg.Styles. Checkpoints, a log of the losses and sample sheets go to
// cfg.Run, from where a second call goes on; a cancelled one leaves a
// checkpoint. Where another training is at work in cfg.Run, it errs with
// autodiff.ErrBusy at once. Progress and note may be nil.
func Train(ctx context.Context, cfg TrainConfig, progress func(Progress), note func(string)) error {
	if note == nil {
		note = func(string) {}
	}
	cfg.fill()
	if err := cfg.Check(); err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Join(cfg.Run, "samples"), 0o755); err != nil {
		return fmt.Errorf("style training: %w: choose a folder that can be written", err)
	}
	store := cfg.store()
	unlock, err := store.Lock() // before pictures are read for long
	if err != nil {
		return fmt.Errorf("style training: %w", err)
	}
	defer unlock()
	a, err := newApprentice(ctx, &cfg, store, note)
	if err != nil {
		return err
	}
	defer a.feed.Stop()
	err = autodiff.Loop(ctx, autodiff.LoopConfig{
		Steps: cfg.Steps, State: a.state, Step: a.step, Store: store, SaveEvery: cfg.Checkpoint,
		Report: 20, Progress: progress, Log: filepath.Join(cfg.Run, "losses.tsv"), Warn: note,
	})
	if err != nil {
		return fmt.Errorf("style training: %w", err)
	}
	return a.publish(ctx)
}

// Export writes the network and the styles of the newest checkpoint in cfg.Run
// to cfg.Model and cfg.Styles.
func Export(ctx context.Context, cfg TrainConfig, note func(string)) error {
	if note == nil {
		note = func(string) {}
	}
	cfg.fill()
	if err := cfg.Check(); err != nil {
		return err
	}
	a, err := newApprentice(ctx, &cfg, cfg.store(), note)
	if err != nil {
		return err
	}
	if a.state.Step == 0 {
		return fmt.Errorf("style training: %s holds no checkpoint: train first", cfg.Run)
	}
	return a.publish(ctx)
}

// seconds is how long the training took so far, as its checkpoints know.
func (a *apprentice) seconds() float64 {
	v, _ := strconv.ParseFloat(a.state.Values["seconds"], 64)
	return v
}

// step is one step of the training: a tape's run, an update, the averages.
func (a *apprentice) step(ctx context.Context, k int) (map[string]float64, error) {
	cfg := a.cfg
	if err := a.feed.Next(k); err != nil {
		return nil, err
	}
	if err := a.tape.Run(); err != nil {
		return nil, err
	}
	a.adam.LR = learnRate(cfg, k)
	if err := a.tape.Update(a.adam); err != nil {
		return nil, err
	}
	// The average remembers a growing part of the past, so that it is useful early.
	decay := float32(min(cfg.Average, float64(k+1)/float64(k+10)))
	for _, p := range [][2]*autodiff.Params{{a.avgNet, a.net}, {a.avgTable, a.table}, {a.avgPredictor, a.predictor}} {
		if err := p[0].Average(p[1], decay); err != nil {
			return nil, err
		}
	}
	a.state.Values["seconds"] = fmt.Sprint(a.before + time.Since(a.began).Seconds())
	if (k+1)%cfg.Sample == 0 || k+1 == cfg.Steps { // a sheet that fails must not cost the step
		if err := a.sample(context.WithoutCancel(ctx), k+1); err != nil {
			a.note(fmt.Sprintf("no sample sheet of step %d: %v", k+1, err))
		}
	}
	return a.losses(), nil
}

// losses are the parts of the loss; the identity only where there was one.
func (a *apprentice) losses() map[string]float64 {
	a.tape.Fetch(a.content, a.style, a.weave, a.id)
	m := map[string]float64{"content": a.tape.Scalar(a.content), "style": a.tape.Scalar(a.style), "weave": a.tape.Scalar(a.weave), "gradient": a.adam.Norm()}
	if id := a.tape.Scalar(a.id); id > 0 {
		m["identity"] = id
	}
	return m
}

// learnRate rises shortly, stays, and falls from cfg.LearnRate to cfg.LearnFloor
// along half a cosine in the last steps: so a longer run begins like a shorter one.
func learnRate(cfg *TrainConfig, k int) float64 {
	const warm = 50
	from := float64(cfg.Steps) * (1 - cfg.Fall)
	part := min(max((float64(k)-from)/max(float64(cfg.Steps)-from, 1), 0), 1)
	fall := .5 * (1 + math.Cos(math.Pi*part))
	return (cfg.LearnFloor + (cfg.LearnRate-cfg.LearnFloor)*fall) * min(1, float64(k+1)/warm)
}

func (a *apprentice) sample(ctx context.Context, step int) error {
	if _, err := curve.Save(filepath.Join(a.cfg.Run, "losses.tsv"), filepath.Join(a.cfg.Run, "losses.png")); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	p, err := a.sampleSheet(ctx)
	if err != nil {
		return err
	}
	return picture.Save(filepath.Join(a.cfg.Run, "samples", fmt.Sprintf("step-%06d.png", step)), p)
}
