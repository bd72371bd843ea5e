package optimise

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"runtime/debug"
	"time"

	"github.com/atelier-engine/atelier/core/picture"
	"github.com/atelier-engine/atelier/core/style"
)

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
		t.scene = nil // the memory of one level is given back before the next one takes more
		s, err := prepare(f, small, painting, o.Weights)
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

// prepare measures the photograph and the reference and makes the scene of a level.
// What it no longer needs is given back at once: it is as much as a scene.
func prepare(f *style.FeatureNet, photo, ref *picture.Picture, w Weights) (*scene, error) {
	debug.FreeOSMemory()
	a, b, err := measureBoth(f, photo, ref)
	if err != nil {
		return nil, err
	}
	debug.FreeOSMemory()
	return newScene(f, a, b, photo.W, photo.H, w)
}

func measureBoth(f *style.FeatureNet, photo, ref *picture.Picture) (a, b measures, err error) {
	run, err := f.Runner()
	if err != nil {
		return a, b, err
	}
	if b, err = measure(run, f.Taps, ref); err != nil {
		return a, b, err
	}
	b.taps = nil
	a, err = measure(run, f.Taps, photo)
	return a, b, err
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
	debug.FreeOSMemory() // what was needed to begin: from here on nothing is taken
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
