package optimise

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"

	"github.com/atelier-engine/atelier/core/picture"
	"github.com/atelier-engine/atelier/core/style"
)

// RefineOptions say how to refine a style. The zero value is a good start.
type RefineOptions struct {
	Steps int // 0: 50
	Size  int // side of the crops that are painted, in pixels, a multiple of 8; 0: 256
	Weights
	Seed     uint64
	Progress func(step, steps int, l Losses) // after each step; nil: none
}

const (
	refineSteps = 50
	refineSize  = 256
	refineBacks = 3 // times that it may go back when the loss is not finite
)

// Refine brings a style vector, the identity if it is nil, nearer to a reference
// by steps on random parts of the contents. Only the vector changes; it is
// returned in new memory. Equal arguments give equal vectors.
func Refine(ctx context.Context, n *Network, f *style.FeatureNet, vector []float32, ref *picture.Picture, contents []*picture.Picture, o RefineOptions) ([]float32, error) {
	if o.Steps == 0 {
		o.Steps = refineSteps
	}
	if o.Size == 0 {
		o.Size = refineSize
	}
	if o.Steps < 1 || o.Steps > maxSteps || o.Size < minSide || o.Size%8 != 0 {
		return nil, fmt.Errorf("refine style: %d steps on %d pixels: use 1 to %d, and a multiple of 8 from %d", o.Steps, o.Size, maxSteps, minSide)
	}
	if vector == nil {
		vector = n.Identity
	}
	p, err := newPupil(n, f, vector, ref, contents, o.Size, 1, o.Weights, o.Seed)
	if err != nil {
		return nil, fmt.Errorf("refine style: %w", err)
	}
	good := slices.Clone(vector)
	now := p.vector.Get(vectorName)
	rng, rate, backs := rand.New(rand.NewPCG(o.Seed, 8)), 1., 0
	for k := range o.Steps {
		if ctx.Err() != nil {
			return nil, fmt.Errorf("refine style: %w", context.Cause(ctx))
		}
		l, err := p.step(rng, rate*cosine(k, o.Steps))
		if err != nil {
			return nil, fmt.Errorf("refine style: %w", err)
		}
		if !finite(l.total(p.weights)) || !p.vector.Finite() {
			if backs++; backs > refineBacks {
				return nil, fmt.Errorf("refine style: the loss is not finite even with small steps: use smaller weights")
			}
			copy(now, good)
			p.vector.Touch()
			p.adam, rate = newAdam(), rate/2
			continue
		}
		copy(good, now)
		if o.Progress != nil {
			o.Progress(k+1, o.Steps, l)
		}
	}
	return good, nil
}
