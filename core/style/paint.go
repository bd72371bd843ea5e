package style

import (
	"context"
	"errors"
	"fmt"
	"maps"

	"github.com/atelier-engine/atelier/core/device"
	"github.com/atelier-engine/atelier/core/picture"
)

// levelMemory is how much of each picture between two passes is kept in memory,
// bytes; larger ones lie in temporary files.
const levelMemory = 48 << 20

// Paint carries out a plan on a picture and returns a new one of the same size
// with its metadata. Pictures up to a few megapixels are meant: larger ones go
// through PaintRaster, which does the same in bounded memory.
func (s *Stylizer) Paint(ctx context.Context, pic *picture.Picture, plan Plan, o Options) (*picture.Picture, error) {
	if err := pic.Check(); err != nil {
		return nil, fmt.Errorf("paint: %w", err)
	}
	out := &picture.Picture{W: pic.W, H: pic.H, Pix: make([]float32, len(pic.Pix))}
	if pic.Alpha != nil && o.Background == nil {
		out.Alpha = make([]float32, len(pic.Alpha))
	}
	if o.Intensity == 0 && o.Background == nil { // values beyond [0,1] too
		if err := s.check(&plan, &o); err != nil {
			return nil, fmt.Errorf("paint: %w", err)
		}
		out = pic.Clone()
		newMeter(o.Progress, 1).finish()
		return out, nil
	}
	if err := s.PaintRaster(ctx, picture.RasterOf(pic), picture.RasterOf(out), plan, o); err != nil {
		return nil, err
	}
	out.Meta = maps.Clone(pic.Meta)
	return out, nil
}

// PaintRaster carries out a plan on src and writes the painting to dst, which has
// its size. Alpha is kept if dst has any and there is no background; metadata are
// the caller's. Everything is checked before work begins; after an error dst
// holds no picture.
//
// With the intensity t up to 1, three things grow together so that the painting
// moves away from the picture monotonically: the vector from the identity style to
// the style, v(t) = id + t·(style - id); the share of every step; and the share of
// the painting over the picture, 1 - (1-t)². Beyond 1 the difference between the
// two is extrapolated.
//
// The memory is bounded whatever the size, see Memory; the context is looked at
// between tiles.
func (s *Stylizer) PaintRaster(ctx context.Context, src, dst *picture.Raster, plan Plan, o Options) error {
	p, err := s.prepare(src, dst, plan, o)
	for err == nil {
		err = p.paint(ctx)
		p.free()
		if !errors.Is(err, device.ErrMemory) || !s.narrow() {
			break
		}
		p, err = s.prepare(src, dst, plan, o) // anew, in smaller tiles
	}
	if err != nil {
		return fmt.Errorf("paint: %w", err)
	}
	return nil
}

// painting is one plan being carried out on one picture.
type painting struct {
	s         *Stylizer
	src, dst  *picture.Raster
	full      extent
	grounds   extent
	levels    []extent
	plan      Plan
	o         Options
	vector    []float32 // at the intensity that is asked for; nil: no network
	pre, post []Step
	meter     *meter
	open      []*picture.Raster // to be closed
}

// prepare checks everything and finds the vector.
func (s *Stylizer) prepare(src, dst *picture.Raster, plan Plan, o Options) (*painting, error) {
	if err := checkPair(src, dst); err != nil {
		return nil, err
	}
	if err := s.check(&plan, &o); err != nil {
		return nil, err
	}
	if o.Stroke == 0 {
		o.Stroke = 1
	}
	w, h := src.Size()
	if src.Depth() == 32 { // others cannot hold what is not a number
		pic, err := src.Picture()
		if err == nil {
			err = finite(pic)
		}
		if err != nil {
			return nil, fmt.Errorf("picture: %w", err)
		}
	}
	p := &painting{s: s, src: src, dst: dst, full: extent{w, h}, plan: plan, o: o}
	steps := func(list []Step) []Step { return weaken(scaleLengths(list, o.Stroke), o.Intensity) }
	p.pre, p.post = steps(plan.Pre), steps(plan.Post)
	work := 2 * p.full.pixels()
	if plan.Network != "" && o.Intensity > 0 {
		target, base, err := s.vector(&plan)
		if err != nil {
			return nil, err
		}
		p.vector = make([]float32, len(target))
		for i := range p.vector {
			p.vector[i] = s.identity[i] + float32(min(o.Intensity, 1))*(target[i]-s.identity[i])
		}
		p.grounds = groundOf(p.full, base, o.Stroke)
		p.levels = ladder(p.grounds, p.full)
		work += networkWork * p.grounds.pixels()
		for _, l := range p.levels {
			work += networkWork * l.pixels()
		}
	}
	p.meter = newMeter(o.Progress, work)
	return p, nil
}

// networkWork is the work of the network on a pixel, the unit being that of the
// rest.
const networkWork = 6

// paint runs the passes: the ground, the levels, and the assembly.
func (p *painting) paint(ctx context.Context) error {
	if p.o.Intensity == 0 {
		if err := p.assemble(ctx, p.src, nil, nil); err != nil {
			return err
		}
		p.meter.finish()
		return nil
	}
	var over *picture.Picture
	var err error
	if surveyed(p.pre) || p.o.Keep == KeepHistogram {
		if over, err = p.reduced(ctx, p.src, surveyOf(p.full)); err != nil {
			return err
		}
	}
	pre, err := prepareSteps(ctx, p.pre, over)
	if err != nil {
		return err
	}
	var painted *picture.Raster
	if p.vector == nil {
		painted, err = p.content(ctx, p.full, pre)
	} else {
		painted, err = p.network(ctx, pre)
	}
	if err != nil {
		return err
	}
	var seen *picture.Picture
	if surveyed(p.post) || p.o.Keep == KeepHistogram {
		if seen, err = p.reduced(ctx, painted, surveyOf(p.full)); err != nil {
			return err
		}
	}
	post, err := prepareSteps(ctx, p.post, seen)
	if err != nil {
		return err
	}
	if err := p.assemble(ctx, painted, post, over); err != nil {
		return err
	}
	p.meter.finish()
	return nil
}

// network paints the ground and the levels above it, and returns the painting at
// full size.
func (p *painting) network(ctx context.Context, pre *steps) (*picture.Raster, error) {
	ground, err := p.reduced(ctx, p.src, p.grounds)
	if err != nil {
		return nil, err
	}
	if err := pre.Apply(ctx, whole(ground)); err != nil {
		return nil, err
	}
	told := func(pixels int) { p.meter.add(networkWork * pixels) }
	p.s.mu.Lock()
	defer p.s.mu.Unlock()
	defer p.s.prog.Freeze(nil)
	t := p.s.tiler(p.vector)
	t.photo = photoShare(p.o.Stroke)
	if err := p.s.ground(ctx, t, ground, told); err != nil {
		return nil, err
	}
	if len(p.levels) == 0 {
		if p.grounds != p.full {
			if ground, err = ground.Resize(p.full.w, p.full.h); err != nil {
				return nil, err
			}
		}
		return picture.RasterOf(ground), nil
	}
	below := picture.RasterOf(ground)
	for _, size := range p.levels {
		var photo *picture.Raster
		if t.photo > 0 {
			if photo, err = p.content(ctx, size, pre); err != nil {
				return nil, err
			}
		}
		level, err := p.raster(size, 16)
		if err != nil {
			return nil, err
		}
		if err := p.s.paintLevel(ctx, t, level, photo, below, told); err != nil {
			return nil, err
		}
		p.close(photo)
		p.close(below)
		below = level
	}
	return below, nil
}

// check refuses a plan or options that cannot be carried out.
func (s *Stylizer) check(plan *Plan, o *Options) error {
	if err := plan.Validate(); err != nil {
		return err
	}
	if err := plan.CheckSteps(); err != nil {
		return err
	}
	if err := o.Check(); err != nil {
		return err
	}
	if plan.Network != "" && s.prog == nil {
		return fmt.Errorf("style %q wants the network %q, but none is loaded: install that model", plan.Style, plan.Network)
	}
	if plan.Network != "" && s.name != "" && plan.Network != s.name {
		return fmt.Errorf("style %q wants the network %q, but %q is loaded: install that model", plan.Style, plan.Network, s.name)
	}
	return nil
}

// weaken lowers the amount of each step for intensities below 1.
func weaken(steps []Step, intensity float64) []Step {
	if intensity >= 1 {
		return steps
	}
	out := make([]Step, len(steps))
	for i, st := range steps {
		params := map[string]float64{"amount": 1}
		for k, v := range st.Params {
			params[k] = v
		}
		params["amount"] *= intensity
		out[i] = Step{Kernel: st.Kernel, Params: params}
	}
	return out
}
