package training

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/atelier-engine/atelier/core/autodiff"
	"github.com/atelier-engine/atelier/core/nn"
	"github.com/atelier-engine/atelier/core/picture"
	"github.com/atelier-engine/atelier/core/portrait"
	"github.com/atelier-engine/atelier/core/portrait/faces"
)

// Report is told what a training does. All functions may be nil.
type Report struct {
	Prepare  func(done, total int)
	Progress func(autodiff.Progress)
	Note     func(string)
}

func (r Report) note(format string, a ...any) {
	if r.Note != nil {
		r.Note(fmt.Sprintf(format, a...))
	}
}

// Train trains the portrait networks, or goes on where the checkpoints in
// c.Run end. When ctx ends, the run saves itself and returns the context's
// error. Sample sheets, the losses and the packed faces are kept in c.Run. The
// trained model is written to c.Model unless that is empty. Where another training
// is at work in c.Run, it errs with autodiff.ErrBusy and changes nothing.
func Train(ctx context.Context, c TrainConfig, report Report) error {
	if err := c.Check(); err != nil {
		return err
	}
	if err := os.MkdirAll(c.Run, 0o755); err != nil {
		return fmt.Errorf("portrait training: %w: name a folder that can be written with run", err)
	}
	store := c.store()
	unlock, err := store.Lock() // before anything of another run is changed
	if err != nil {
		return err
	}
	defer unlock()
	if err := c.settle(report); err != nil {
		return err
	}
	set, refused, err := faces.Prepare(ctx, faces.Options{
		Dir: c.Data, Cache: filepath.Join(c.Run, "faces.pack"), Note: func(text string) { report.note("%s", text) },
	}, report.Prepare)
	if err != nil {
		return err
	}
	for _, line := range faces.Summary(refused) {
		report.note("%s", line)
	}
	if side := c.Shape.Side; set.Side < side {
		report.note("the packed faces have %d pixels and are enlarged to %d: atelier data prepare --side %d makes sharper ones of large photographs", set.Side, side, side+side/2)
	}
	return climb(ctx, c, store, set, report)
}

// train trains networks of one size, with checkpoints in store. spent is the time
// in seconds that smaller ones have taken before.
func train(ctx context.Context, c TrainConfig, store *autodiff.Store, set *faces.Faces, spent float64, report Report) error {
	t, err := newGame(c, report.note)
	if err != nil {
		return err
	}
	state, desk := t.common().state(), newDesk(c, store, t.common(), report)
	if err := desk.restore(state); err != nil {
		return err
	}
	began, seconds := time.Now(), spent
	if before := state.Values["seconds"]; before != "" {
		seconds = number(before)
	}
	var sheets aside
	notice := func(err error) {
		if err != nil {
			report.note("%v", err)
		}
	}
	batches := newFeeder(faces.NewExpressive(set, c.Augment, c.Express, c.Shape.Side), c, state.Step)
	defer batches.stop()
	err = autodiff.Loop(ctx, autodiff.LoopConfig{
		Steps: c.Steps, State: state, Store: desk.store, SaveEvery: c.Checkpoint, Report: reportEvery,
		Progress: report.Progress, Log: desk.log(), Warn: report.Note, Watch: desk.watch.look,
		Batch: c.Batch, Work: t.common().work(),
		Step: func(ctx context.Context, step int) (map[string]float64, error) {
			b, err := batches.next(step)
			if err != nil {
				return nil, err
			}
			losses, err := t.step(step, b.real, b.conds, rand.New(rand.NewPCG(c.Seed, uint64(step)<<1|1)))
			if err != nil {
				return nil, err
			}
			desk.measure(step, losses, b.real)
			batches.reuse(b)
			state.Values["faces"] = fmt.Sprint(len(set.Conds))
			state.Values["seconds"] = fmt.Sprint(seconds + time.Since(began).Seconds())
			if (step+1)%c.Sample == 0 { // a sheet that fails must not cost the step
				draw, err := t.common().sampler()
				if err == nil {
					path := filepath.Join(c.Run, fmt.Sprintf("sample-%06d.png", step+1))
					err = sheets.do(func() error {
						return errors.Join(draw(context.WithoutCancel(ctx), path, step+1), desk.plot())
					})
				}
				notice(err)
			}
			return losses, nil
		},
	})
	notice(sheets.wait())
	notice(desk.plot())
	if err != nil || c.Model == "" {
		return err
	}
	return t.common().export(c.Model, state)
}

// Export writes the model of the newest checkpoint in c.Run to c.Model.
func Export(c TrainConfig, report Report) error {
	from := c.From
	c.From = "" // what it started from is in the checkpoint
	t, err := newGame(c, report.note)
	if err != nil {
		return err
	}
	state := t.common().state()
	path, _, err := c.store().Restore(state)
	if err != nil {
		return err
	}
	if path == "" {
		return errors.New("export portrait model: " + c.Run + " holds no checkpoint: train first")
	}
	report.note("exporting step %d", state.Step)
	t.common().cfg.From = from
	return t.common().export(c.Model, state)
}

func (t *base) state() *autodiff.State {
	return &autodiff.State{
		Params: append([]*autodiff.Params{t.gen, t.average}, t.judges...),
		Adams:  map[string]*autodiff.Adam{"generator": t.adamG, "discriminator": t.adamD},
		Values: map[string]string{},
	}
}

// number reads a value of the state; 0 if there is none.
func number(s string) float64 {
	v, _ := strconv.ParseFloat(s, 64)
	return v
}

// sampler draws a sheet with the generator as it is now, while it is trained on.
func (t *base) sampler() (func(ctx context.Context, path string, step int) error, error) {
	g, err := portrait.New(t.cfg.Shape, t.average.Weights())
	if err != nil {
		return nil, err
	}
	return func(ctx context.Context, path string, step int) error {
		p, err := g.Sheet(ctx, fmt.Sprintf("step %d", step), 30, 1, 10)
		if err != nil {
			return err
		}
		return picture.Save(path, p)
	}, nil
}

// export writes the averaged generator and what is known of its making.
func (t *base) export(dir string, s *autodiff.State) error {
	c := t.cfg
	card := nn.Card{
		Name: filepath.Base(filepath.Clean(dir)), Kind: portrait.Kind, Created: time.Now().UTC().Truncate(time.Second),
		Data:     []string{fmt.Sprintf("%.0f faces: %s", number(s.Values["faces"]), c.Source)},
		Licence:  c.Licence,
		Recipe:   c.describe(s.Step),
		Time:     number(s.Values["seconds"]),
		Settings: c.Shape.Settings(),
		Text:     cardText,
	}
	if old, err := nn.ReadCard(filepath.Join(dir, nn.CardFile)); err == nil {
		card.Text = old.Text // prose written by hand stays; figures belong to the old weights
	}
	if err := nn.Save(dir, card, t.average.Weights(), true); err != nil || !c.KeepCritics {
		return err
	}
	return nn.WriteSafetensors(filepath.Join(dir, CriticsFile), t.critics(), nil, true)
}

// describe is the recipe in a line, for the card.
func (c TrainConfig) describe(step int) string {
	s := fmt.Sprintf("%s: step %d of %d, batch %d, Adam %g (betas %g, %g), seed %d", c.Recipe, step, c.Steps, c.Batch, c.LearnRate, c.Beta1, c.Beta2, c.Seed)
	if c.Recipe == Paper {
		s += fmt.Sprintf(", perceptual %g", c.Perceptual)
	}
	if c.From != "" {
		s += ", started from " + filepath.Base(c.From)
	}
	return s
}

const cardText = `# Portrait generator

A conditional GAN: a random vector and a condition (age, gender, seven emotion weights) become a face.
The people in the pictures do not exist.

The photographs are of people labelled 16 and over; where the expression labels were made by a machine, only
those that are plentiful are learnt well. Do not use the pictures to identify, judge or imitate anyone.
`
