package training

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/atelier-engine/atelier/core/autodiff"
	"github.com/atelier-engine/atelier/core/device"
	"github.com/atelier-engine/atelier/core/nn"
	"github.com/atelier-engine/atelier/core/picture"
	"github.com/atelier-engine/atelier/core/upscale"
)

// Report is told what a training does. Both functions may be nil.
type Report struct {
	Progress func(autodiff.Progress)
	Note     func(string)
}

func (r Report) note(text string) {
	if r.Note != nil {
		r.Note(text)
	}
}

// apprentice is a training with all that a checkpoint holds.
type apprentice struct {
	*lesson
	corpus *corpus
	state  *autodiff.State
	store  *autodiff.Store
	report Report
	began  time.Time
	before float64 // seconds of training before this call
}

// begin checks what costs nothing, makes the folders of the run and locks it.
func begin(c *TrainConfig) (store *autodiff.Store, unlock func(), err error) {
	if err := c.Check(); err != nil {
		return nil, nil, err
	}
	if n := len(c.Loss.Features); c.Features != nil && n != len(c.Features.Graph.Outs) {
		return nil, nil, fmt.Errorf("upscale training: %d feature weights for %d outputs: give one for each", n, len(c.Features.Graph.Outs))
	}
	if err := os.MkdirAll(filepath.Join(c.Run, "samples"), 0o755); err != nil {
		return nil, nil, fmt.Errorf("upscale training: %w: name a folder that can be written with run", err)
	}
	store = c.store()
	unlock, err = store.Lock()
	return store, unlock, err
}

// store is the folder of the run's checkpoints.
func (c *TrainConfig) store() *autodiff.Store {
	return &autodiff.Store{Dir: filepath.Join(c.Run, "checkpoints")}
}

func newApprentice(ctx context.Context, c *TrainConfig, store *autodiff.Store, report Report) (*apprentice, error) {
	from, err := load(ctx, c, report.note)
	if err != nil {
		return nil, err
	}
	scales, err := featureScales(c, from)
	if err != nil {
		return nil, err
	}
	l, err := newLesson(c, scales)
	if err != nil {
		return nil, err
	}
	a := &apprentice{lesson: l, corpus: from, store: store, report: report, began: time.Now()}
	if err := a.restore(); err != nil {
		return nil, err
	}
	var credits []string
	for _, f := range from.folders {
		credits = append(credits, f.credits...)
	}
	a.state.Values["data"] = strings.Join(credits, "\n")
	a.before, _ = strconv.ParseFloat(a.state.Values["seconds"], 64)
	return a, nil
}

// restore makes the state of the run and loads its newest checkpoint, if any.
func (a *apprentice) restore() error {
	a.state = &autodiff.State{
		Params: []*autodiff.Params{a.net, a.dis, a.average},
		Adams:  map[string]*autodiff.Adam{"network": a.adam, "judge": a.adamD},
		Values: map[string]string{},
	}
	path, skipped, err := a.store.Restore(a.state)
	for _, s := range skipped {
		a.report.note(s)
	}
	if err == nil && path != "" {
		a.report.note(fmt.Sprintf("going on from step %d of %s", a.state.Step, path))
	}
	return err
}

// Train trains the upscaler, or goes on where the checkpoints in c.Run end. When
// ctx ends, the run saves itself and returns the context's error. Sample sheets
// and the losses are kept in c.Run; the model is written to c.Model unless that
// is empty. Where another training is at work in c.Run, it errs with
// autodiff.ErrBusy at once.
func Train(ctx context.Context, c TrainConfig, report Report) error {
	store, unlock, err := begin(&c)
	if err != nil {
		return err
	}
	defer unlock()
	a, err := newApprentice(ctx, &c, store, report)
	if err != nil {
		return err
	}
	defer a.stop()
	err = autodiff.Loop(ctx, autodiff.LoopConfig{
		Steps: c.Steps, State: a.state, Store: store, SaveEvery: c.Checkpoint, Report: 50,
		Progress: report.Progress, Log: filepath.Join(c.Run, "losses.tsv"), Warn: report.note,
		Step: func(ctx context.Context, k int) (map[string]float64, error) {
			losses, err := a.step(a.corpus, k)
			if err != nil {
				return nil, err
			}
			a.state.Values["seconds"] = fmt.Sprint(a.before + time.Since(a.began).Seconds())
			if (k+1)%c.Sample == 0 || k+1 == c.Steps { // a sheet that fails must not cost the step
				if err := a.sample(context.WithoutCancel(ctx), k+1); err != nil {
					report.note(fmt.Sprintf("no sample sheet of step %d: %v", k+1, err))
				}
			}
			return losses, nil
		},
	})
	if err != nil || c.Model == "" {
		return err
	}
	return a.export()
}

// Export writes the model of the newest checkpoint in c.Run to c.Model.
func Export(c TrainConfig, report Report) error {
	if err := c.Check(); err != nil {
		return err
	}
	c.Features = nil // exporting judges nothing
	l, err := newLesson(&c, nil)
	if err != nil {
		return err
	}
	a := &apprentice{lesson: l, store: c.store(), report: report}
	if err := a.restore(); err != nil {
		return err
	}
	if a.state.Step == 0 {
		return errors.New("export upscaler: " + c.Run + " holds no checkpoint: train first")
	}
	return a.export()
}

// featureScales measures the mean size of each feature on a few crops, by which
// the losses are divided: all layers count alike before their weights.
func featureScales(c *TrainConfig, from *corpus) ([]float64, error) {
	if c.Features == nil || c.Steps <= c.PixelSteps {
		return nil, nil
	}
	net, err := nn.New(c.Features.Graph, c.Features.Weights, nil)
	if err != nil {
		return nil, fmt.Errorf("upscale training: feature network: %w", err)
	}
	scales, r := make([]float64, len(c.Features.Graph.Outs)), rand.New(rand.NewPCG(c.Seed, math.MaxUint64))
	const crops = 16
	for range crops {
		p, err := from.crop(upscale.Factor*(c.Size+margin), r)
		if err != nil {
			return nil, err
		}
		out, err := net.Run(device.Tensor{Data: p.Pix, N: 1, H: p.H, W: p.W, C: 3})
		if err != nil {
			return nil, err
		}
		for i, o := range out {
			for _, v := range o.Data {
				scales[i] += math.Abs(float64(v)) / float64(crops*len(o.Data))
			}
		}
	}
	return scales, nil
}

// sample enlarges held pictures, spoilt as in training: a row each of what was
// given, an enlargement by cubic interpolation, the network's, and the photograph.
func (a *apprentice) sample(ctx context.Context, step int) error {
	u, err := upscale.New(a.cfg.Network, a.average.Weights())
	if err != nil {
		return err
	}
	s := picture.Sheet{Title: fmt.Sprintf("step %d", step), Columns: []string{"cubic", "network", "photograph", "cubic, soft", "network, soft"}}
	for _, p := range a.corpus.shown(6) {
		cell := []*picture.Picture{nil, nil, p, nil, nil}
		for i := range 2 {
			small, err := p.Resize(p.W/upscale.Factor, p.H/upscale.Factor)
			if err != nil {
				return err
			}
			if i == 1 {
				small = blurred(small, .7)
			}
			if cell[3*i], err = small.Resize(p.W, p.H); err != nil {
				return err
			}
			if cell[3*i+1], err = u.Picture(ctx, small, upscale.Factor); err != nil {
				return err
			}
		}
		s.Cells = append(s.Cells, cell)
	}
	if len(s.Cells) == 0 {
		return nil
	}
	sheet, err := s.Draw()
	if err != nil {
		return err
	}
	return picture.Save(filepath.Join(a.cfg.Run, "samples", fmt.Sprintf("step-%06d.png", step)), sheet)
}
