package optimise

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"time"

	"github.com/atelier-engine/atelier/core/picture"
	"github.com/atelier-engine/atelier/core/style"
)

// Method is how the loss is made smaller.
type Method string

// The methods. L-BFGS needs fewer steps; Adam needs less memory.
const (
	LBFGS Method = "lbfgs"
	Adam  Method = "adam"
)

// Options say how to paint by optimisation. The zero value is a good start.
type Options struct {
	Steps  int     // at the finest level; coarser ones take half as many again; 0: 120
	Size   int     // shorter side of the finest level in pixels; 0: 512; at most that of the picture
	Levels int     // coarse to fine, each twice as large as the one before; 0: as many as begin near 128 pixels
	Stroke float64 // size of the strokes relative to the reference's own, 0.25 to 4; 0: 1
	Method Method  // empty: LBFGS
	Weights
	Seed   uint64           // of the noise
	Noise  float64          // share of noise in the first picture, 0 to 1
	Start  *picture.Picture // what to start from instead of the photograph: a painting of it
	Memory int64            // bytes that the optimisation may take; 0: 900 MiB

	// Every so many steps, in all, Show gets the picture as it is then, at the size
	// of its level. An error ends the painting.
	Every    int
	Show     func(step int, p *picture.Picture) error
	Progress func(Progress) // after each step; nil: none
}

// Progress is what Paint reports.
type Progress struct {
	Step, Steps   int // in all
	Level, Levels int // counted from 1
	W, H          int // of the level
	Losses        Losses
	Elapsed, Left time.Duration
	Share         float64 // of the work, from 0 to 1
}

// Level is what Report says of a level: its size, how many steps it took, and the
// losses before and after.
type Level struct {
	W, H          int
	Steps         int
	Before, After Losses
}

// Report says what Paint did.
type Report struct {
	Levels  []Level
	Losses  Losses // of the finest level, with its values held to [0,1]
	Notes   []string
	Memory  int64 // bytes of the finest level
	Elapsed time.Duration
}

const (
	defaultSteps  = 120
	defaultSize   = 512
	coarsest      = 128
	minSide       = 32 // three poolings of 2 leave 4
	maxSteps      = 10000
	maxLevels     = 6
	coarseSteps   = 1.5
	defaultMemory = 900 << 20
	minStroke     = .25
	maxStroke     = 4
	adamRate      = .03
	firstStep     = .05 // of L-BFGS, of the range of colours
	pairsHeld     = 8
)

func (o Options) fill() Options {
	if o.Steps == 0 {
		o.Steps = defaultSteps
	}
	if o.Size == 0 {
		o.Size = defaultSize
	}
	if o.Stroke == 0 {
		o.Stroke = 1
	}
	if o.Method == "" {
		o.Method = LBFGS
	}
	if o.Memory == 0 {
		o.Memory = defaultMemory
	}
	o.Weights = o.Weights.fill()
	return o
}

// Check reports the first option that cannot be used.
func (o Options) Check() error {
	bad := func(format string, a ...any) error { return fmt.Errorf("optimise: "+format, a...) }
	switch {
	case o.Steps < 0 || o.Steps > maxSteps:
		return bad("%d steps: use 1 to %d", o.Steps, maxSteps)
	case o.Size != 0 && o.Size < minSide:
		return bad("size %d: use at least %d pixels", o.Size, minSide)
	case o.Levels < 0 || o.Levels > maxLevels:
		return bad("%d levels: use 1 to %d", o.Levels, maxLevels)
	case o.Stroke != 0 && !(o.Stroke >= minStroke && o.Stroke <= maxStroke):
		return bad("stroke %g: use %g to %d", o.Stroke, minStroke, maxStroke)
	case o.Method != "" && o.Method != LBFGS && o.Method != Adam:
		return bad("method %q: use %s or %s", o.Method, LBFGS, Adam)
	case !(o.Noise >= 0 && o.Noise <= 1):
		return bad("noise %g: use 0 to 1", o.Noise)
	case o.Memory < 0 || o.Every < 0:
		return bad("memory or every is negative: leave it out")
	}
	for name, w := range map[string]float64{"content": o.Content, "style": o.Style, "smooth": o.Smooth} {
		if math.IsNaN(w) || math.IsInf(w, 0) || w > 1e6 {
			return bad("weight %g of %s: use 0 to 1000000", w, name)
		}
	}
	return nil
}

// Paint returns pic in the manner of ref, as large as pic, with its alpha and
// metadata. The optimisation goes from coarse to fine; what lies beyond the finest
// level (see Options.Size and Options.Memory) is enlarged with the photograph's
// own detail, as the report then says. A cancelled ctx ends it between two steps.
// Equal arguments give equal pictures.
func Paint(ctx context.Context, f *style.FeatureNet, pic, ref *picture.Picture, o Options) (*picture.Picture, Report, error) {
	start := time.Now()
	if err := o.Check(); err != nil {
		return nil, Report{}, err
	}
	o = o.fill()
	out, report, err := paint(ctx, f, pic, ref, o, start)
	report.Elapsed = time.Since(start)
	if err != nil {
		return nil, report, fmt.Errorf("optimise: %w", err)
	}
	return out, report, nil
}

func paint(ctx context.Context, f *style.FeatureNet, pic, ref *picture.Picture, o Options, start time.Time) (*picture.Picture, Report, error) {
	var report Report
	given := []*picture.Picture{pic, ref}
	if o.Start != nil {
		given = append(given, o.Start)
	}
	for _, p := range given {
		if err := checkPicture(p); err != nil {
			return nil, report, err
		}
	}
	photo, manner := pic.Flatten(1, 1, 1), ref.Flatten(1, 1, 1)
	if note := flatNote(manner); note != "" {
		report.Notes = append(report.Notes, note)
	}
	sizes, notes, err := plan(photo.W, photo.H, o)
	if err != nil {
		return nil, report, err
	}
	report.Notes = append(report.Notes, notes...)
	run, err := f.Runner()
	if err != nil {
		return nil, report, err
	}
	t := &ticker{o: &o, start: start, sizes: sizes}
	now := photo
	if o.Start != nil {
		now = o.Start.Flatten(1, 1, 1)
	}
	for i, size := range sizes {
		if ctx.Err() != nil {
			return nil, report, context.Cause(ctx)
		}
		small, err := photo.Resize(size.w, size.h)
		if err != nil {
			return nil, report, err
		}
		if now, err = now.Resize(size.w, size.h); err != nil {
			return nil, report, err
		}
		if i == 0 && o.Noise > 0 {
			now = noisy(now, o.Noise, o.Seed)
		}
		painting, err := scaled(manner, min(size.w, size.h), o.Stroke)
		if err != nil {
			return nil, report, err
		}
		a, err := measure(run, small)
		if err != nil {
			return nil, report, err
		}
		b, err := measure(run, painting)
		if err != nil {
			return nil, report, err
		}
		s, err := newScene(f, a, b, size.w, size.h, o.Weights)
		if err != nil {
			return nil, report, err
		}
		t.level, t.scene = i, s
		level := Level{W: size.w, H: size.h}
		done, err := t.descend(ctx, now.Pix, &level)
		if err != nil {
			return nil, report, err
		}
		now = done.Clamp()
		if level.After, err = s.judge(now.Pix); err != nil {
			return nil, report, err
		}
		report.Levels, report.Losses, report.Memory = append(report.Levels, level), level.After, int64(s.tape.Memory())+perRun*int64(len(now.Pix))
	}
	out, err := enlarge(now, photo)
	if err != nil {
		return nil, report, err
	}
	out.Meta, out.Alpha = pic.Clone().Meta, pic.Clone().Alpha
	return out, report, nil
}

// perRun are the bytes beside the tape for each number of the picture: the
// vectors of L-BFGS, the picture itself and its copies.
const perRun = 4 * (2*pairsHeld + 6)

// judge returns the losses of a picture.
func (s *scene) judge(x []float32) (Losses, error) {
	_, err := s.value(make([]float32, len(x)), x)
	return s.losses, err
}

// checkPicture refuses what cannot be painted.
func checkPicture(p *picture.Picture) error {
	if p == nil {
		return errors.New("a picture is missing: give the photograph and the reference")
	}
	if err := p.Check(); err != nil {
		return err
	}
	for i, v := range p.Pix {
		if !finite(float64(v)) {
			return fmt.Errorf("value %d of a picture is %g: only finite numbers can be painted", i, v)
		}
	}
	return nil
}

// flatNote says that a reference shows a single colour.
func flatNote(p *picture.Picture) string {
	if variance(p.Pix, 3) < 1e-6 {
		return "the reference shows a single colour: all it can teach is to be even"
	}
	return ""
}

// noisy mixes a picture with noise of its own brightness.
func noisy(p *picture.Picture, share float64, seed uint64) *picture.Picture {
	rng := rand.New(rand.NewPCG(seed, 1))
	out := p.Clone()
	for i, v := range out.Pix {
		out.Pix[i] = v + float32(share)*(float32(.5+.25*rng.NormFloat64())-v)
	}
	return out.Clamp()
}

// descend makes the loss smaller by the steps of a level and returns the picture.
func (t *ticker) descend(ctx context.Context, from []float32, level *Level) (*picture.Picture, error) {
	s := t.scene
	x := append([]float32(nil), from...)
	p := &picture.Picture{W: s.w, H: s.h, Pix: x}
	steps := t.sizes[t.level].steps
	next, err := t.mover(x, steps)
	if err != nil {
		return nil, err
	}
	level.Before = s.losses
	for k := range steps {
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		moved, err := next()
		if err != nil {
			return nil, err
		}
		level.Steps = k + 1
		if err := t.tell(p, !moved || k+1 == steps, steps-k-1); err != nil {
			return nil, err
		}
		if !moved {
			break
		}
	}
	return p, nil
}

// mover returns what does one step on x by the method asked for.
func (t *ticker) mover(x []float32, steps int) (func() (bool, error), error) {
	if t.o.Method == LBFGS {
		o, err := newLBFGS(x, pairsHeld, firstStep, t.scene.value)
		if err == nil && !finite(o.value) {
			err = fmt.Errorf("the loss of the first picture is %g: use smaller weights", o.value)
		}
		if err != nil {
			return nil, err
		}
		return o.step, nil
	}
	a := &adam{scene: t.scene, x: x, best: append([]float32(nil), x...), grad: make([]float32, len(x)), rate: adamRate, steps: steps}
	var err error
	if a.value, err = a.scene.value(a.grad, x); err == nil && !finite(a.value) {
		err = fmt.Errorf("the loss of the first picture is %g: use smaller weights", a.value)
	}
	a.lowest = a.value
	return a.step, err
}
