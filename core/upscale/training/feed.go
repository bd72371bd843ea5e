package training

import (
	"errors"
	"math/rand/v2"

	"github.com/atelier-engine/atelier/core/kernel"
	"github.com/atelier-engine/atelier/core/picture"
	"github.com/atelier-engine/atelier/core/upscale"
)

// fill makes the inputs of a step, several samples at a time. A sample depends on
// the seed, the step and its place alone.
func (l *lesson) fill(in map[string][]float32, from *corpus, step int) error {
	s := l.cfg.Size
	errs := make([]error, len(in["small"])/(3*s*s))
	kernel.Parallel(len(errs), 1, func(_, i, _ int) {
		errs[i] = l.place(in, from, i, rand.New(rand.NewPCG(l.cfg.Seed, uint64(step)<<24|uint64(i))))
	})
	return errors.Join(errs...)
}

// place makes sample i.
func (l *lesson) place(in map[string][]float32, from *corpus, i int, r *rand.Rand) error {
	c, s := l.cfg, l.cfg.Size
	large, err := from.crop(upscale.Factor*(s+margin), r)
	if err != nil {
		return err
	}
	small, err := c.Spoil.reduce(large, r)
	if err != nil {
		return err
	}
	x, y := r.IntN(margin+1), r.IntN(margin+1)
	window(in["small"][i*3*s*s:], small, x, y, s)
	window(in["large"][i*3*s*s*upscale.Factor*upscale.Factor:], large, upscale.Factor*x, upscale.Factor*y, upscale.Factor*s)
	if by := in["shift"]; by != nil {
		by[2*i], by[2*i+1] = float32(r.IntN(c.Judge.stride())), float32(r.IntN(c.Judge.stride()))
	}
	k := c.Network.Noise
	upscale.Noise(in["noise"][i*k*s*s:][:k*s*s], r.IntN(1<<20), r.IntN(1<<20), s, s, k)
	return nil
}

// window copies the square of a side at (x,y).
func window(dst []float32, p *picture.Picture, x, y, side int) {
	for r := range side {
		copy(dst[3*r*side:][:3*side], p.Pix[3*((y+r)*p.W+x):])
	}
}
