package optimise

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"

	"github.com/atelier-engine/atelier/core/autodiff"
	"github.com/atelier-engine/atelier/core/picture"
	"github.com/atelier-engine/atelier/core/style"
)

// LearnConfig says which style to learn. Network, Features, Reference, Name and
// Out are needed.
type LearnConfig struct {
	Network   *Network
	Features  *style.FeatureNet
	Reference *picture.Picture
	Vector    []float32 // what to start from, such as a predicted one; nil: the identity

	Name   string // of the style, see style.CheckName
	Title  string // for people; empty: made from the name
	Credit style.Credit
	Out    string // folder that the style package goes to

	Contents []*picture.Picture // what is painted while learning; Drawn makes some
	Run      string             // folder of checkpoints, samples and the log; empty: Out with .run behind it
	Steps    int                // 0: 400
	Size     int                // side of the crops in pixels, a multiple of 8; 0: 192
	Batch    int                // 0: 2
	Weights
	Seed   uint64
	Sample int // steps between sample pictures; 0: 100

	Progress func(autodiff.Progress) // nil: none
	Note     func(string)            // nil: none
}

const (
	learnSteps  = 400
	learnSize   = 192
	learnBatch  = 2
	learnSample = 100
	learnSave   = 50
	maxBatch    = 64
)

// fill sets the defaults and reports the first setting that cannot be used.
func (c *LearnConfig) fill() error {
	or := func(v *int, def int) {
		if *v == 0 {
			*v = def
		}
	}
	or(&c.Steps, learnSteps)
	or(&c.Size, learnSize)
	or(&c.Batch, learnBatch)
	or(&c.Sample, learnSample)
	if c.Note == nil {
		c.Note = func(string) {}
	}
	if c.Title == "" && c.Name != "" {
		c.Title = strings.ToUpper(c.Name[:1]) + strings.NewReplacer("-", " ", "_", " ").Replace(c.Name[1:])
	}
	if c.Run == "" {
		c.Run = filepath.Clean(c.Out) + ".run"
	}
	if c.Network != nil && c.Vector == nil {
		c.Vector = c.Network.Identity
	}
	switch {
	case c.Network == nil || c.Features == nil:
		return fmt.Errorf("a network is missing: give the painting and the feature network")
	case c.Out == "":
		return fmt.Errorf("the folder of the style is not named: say where it goes")
	case c.Steps < 1 || c.Steps > 1000000 || c.Sample < 1:
		return fmt.Errorf("%d steps, a sample every %d: use at least 1 of both", c.Steps, c.Sample)
	case c.Size < minSide || c.Size%8 != 0 || c.Size > 1024:
		return fmt.Errorf("crops of %d pixels: use a multiple of 8 from %d to 1024", c.Size, minSide)
	case c.Batch < 1 || c.Batch > maxBatch:
		return fmt.Errorf("%d crops a step: use 1 to %d", c.Batch, maxBatch)
	}
	return style.CheckName(c.Name)
}

// apprentice is a style that is being learnt, with all that a checkpoint holds.
type apprentice struct {
	*LearnConfig
	pupil   *pupil
	average *autodiff.Params
	rng     *rand.PCG
	state   *autodiff.State
	store   *autodiff.Store
	painter *style.Stylizer
}

// Learn learns the style of a reference and writes a style package: style.toml,
// the vector, a preview. Checkpoints, a log of the losses and sample pictures go
// to Run, from where a second call goes on bit for bit; a cancelled one leaves a
// checkpoint. A reference of a single colour is learnt too, with a note.
func Learn(ctx context.Context, c LearnConfig) error {
	if err := c.fill(); err != nil {
		return fmt.Errorf("learn style: %w", err)
	}
	if err := os.MkdirAll(filepath.Join(c.Run, "samples"), 0o755); err != nil {
		return fmt.Errorf("learn style: %w: choose a folder that can be written", err)
	}
	a, err := newApprentice(&c)
	if err != nil {
		return fmt.Errorf("learn style: %w", err)
	}
	err = autodiff.Loop(ctx, autodiff.LoopConfig{
		Steps: c.Steps, State: a.state, Step: a.step, Store: a.store, SaveEvery: learnSave,
		Report: min(10, 1+c.Steps/40), Progress: c.Progress, Log: filepath.Join(c.Run, "losses.tsv"), Warn: c.Note,
	})
	if err != nil {
		return fmt.Errorf("learn style: %w", err)
	}
	if err := a.publish(ctx); err != nil {
		return fmt.Errorf("learn style: %w", err)
	}
	return nil
}

// belongs is what a checkpoint remembers of the learning it is of.
const belongs = "style"

func newApprentice(c *LearnConfig) (*apprentice, error) {
	a := &apprentice{LearnConfig: c, rng: rand.NewPCG(c.Seed, 9)}
	var err error
	if a.pupil, err = newPupil(c.Network, c.Features, c.Vector, c.Reference, c.Contents, c.Size, c.Batch, c.Weights, c.Seed); err != nil {
		return nil, err
	}
	if note := flatNote(c.Reference); note != "" {
		c.Note(note)
	}
	if a.painter, err = style.New(c.Network.full); err != nil {
		return nil, err
	}
	a.average = a.pupil.vector.Clone("average")
	mark := c.mark()
	a.state = &autodiff.State{
		Params: []*autodiff.Params{a.pupil.vector, a.average},
		Adams:  map[string]*autodiff.Adam{"vector": a.pupil.adam},
		Random: map[string]autodiff.Random{"crops": a.rng},
		Values: map[string]string{belongs: mark},
	}
	a.store = &autodiff.Store{Dir: filepath.Join(c.Run, "checkpoints")}
	path, skipped, err := a.store.Restore(a.state)
	for _, s := range skipped {
		c.Note(s)
	}
	if err != nil {
		return nil, err
	}
	if path != "" {
		if was := a.state.Values[belongs]; was != mark {
			return nil, fmt.Errorf("%s holds the checkpoints of another learning (%s, not %s): name another folder or delete it", c.Run, was, mark)
		}
		c.Note(fmt.Sprintf("going on from step %d of %s", a.state.Step, path))
	}
	return a, nil
}

// mark tells learnings apart whose checkpoints must not be mixed.
func (c *LearnConfig) mark() string {
	return fmt.Sprintf("%s of %s with network %s, %d x %d pixels, seed %d", c.Name, digest(c.Reference.Pix), c.Network.Print, c.Batch, c.Size, c.Seed)
}

// step is one step of the learning: crops, an update, the average, a sample.
func (a *apprentice) step(ctx context.Context, k int) (map[string]float64, error) {
	l, err := a.pupil.step(rand.New(a.rng), cosine(k, a.Steps))
	if err != nil {
		return nil, err
	}
	if err := a.average.Average(a.pupil.vector, float32(min(.98, float64(k+1)/float64(k+10)))); err != nil {
		return nil, err
	}
	if (k+1)%a.Sample == 0 { // a sample that fails must not cost the step
		p, err := a.sample(context.WithoutCancel(ctx))
		if err == nil {
			err = picture.Save(filepath.Join(a.Run, "samples", fmt.Sprintf("step-%06d.png", k+1)), p)
		}
		if err != nil {
			a.Note(fmt.Sprintf("no sample of step %d: %v", k+1, err))
		}
	}
	return map[string]float64{"content": l.Content, "style": l.Style, "smooth": l.Smooth}, nil
}

// vector is the average vector.
func (a *apprentice) vector() []float32 { return a.average.Get(vectorName) }
