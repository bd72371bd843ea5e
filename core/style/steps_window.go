package style

import (
	"context"
	"fmt"
	"maps"
	"math"
	"slices"
	"sync"

	"github.com/atelier-engine/atelier/core/picture"
)

// A Window is a part of a larger picture, for a step to change.
type Window struct {
	Pic  *picture.Picture // the pixels, changed in place
	X, Y int              // its upper left corner in the whole
	W, H int              // size of the whole
}

// Side is the shorter side of the whole in pixels, the unit of lengths.
func (w *Window) Side() float64 { return float64(min(w.W, w.H)) }

// whole is the window that shows all of p.
func whole(p *picture.Picture) *Window { return &Window{Pic: p, W: p.W, H: p.H} }

// surveyPixels is the most that steps survey: about a megapixel.
const surveyPixels = 1 << 20

// steps are ready to be applied to windows of one picture.
type steps struct {
	list    []preparedStep
	reduced func() *picture.Picture
}

type preparedStep struct {
	kernel StepKernel
	values values
	found  any
}

// prepareSteps surveys a picture for the steps, each after those before it have
// been applied to a copy of at most a megapixel. The picture may be a reduced one
// of the same proportions: of at least 512 pixels a side for lines and hatching to
// be fine. It is not changed, and must not be as long as the steps are in use. nil
// will do where no step looks at it, see surveyed. Steps whose amount is 0 are left
// out.
func prepareSteps(ctx context.Context, list []Step, pic *picture.Picture) (*steps, error) {
	var small *picture.Picture
	if pic != nil {
		var err error
		if small, err = reduceForSurvey(pic); err != nil {
			return nil, fmt.Errorf("survey: %w", err)
		}
	}
	s := &steps{}
	ran := 0 // steps of the list that small has behind it
	catchUp := func() {
		for ; ran < len(s.list); ran++ {
			if ran == 0 {
				small = small.Clone()
			}
			p := &s.list[ran]
			p.kernel.run(whole(small), p.values, p.found)
		}
	}
	for _, st := range list {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		k, v, err := st.resolve()
		if err != nil {
			return nil, err
		}
		if v["amount"] == 0 {
			continue
		}
		p := preparedStep{kernel: k, values: v}
		if k.survey != nil {
			catchUp()
			p.found = k.survey(small, v)
		}
		s.list = append(s.list, p)
	}
	s.reduced = sync.OnceValue(func() *picture.Picture { catchUp(); return small })
	return s, nil
}

// surveyed tells whether a step of a list looks at the whole picture.
func surveyed(list []Step) bool {
	return slices.ContainsFunc(list, func(s Step) bool { return stepKernels[s.Kernel].survey != nil })
}

func reduceForSurvey(p *picture.Picture) (*picture.Picture, error) {
	if p.W*p.H <= surveyPixels {
		return p, nil
	}
	scale := math.Sqrt(surveyPixels / float64(p.W) / float64(p.H))
	return p.Resize(max(1, int(float64(p.W)*scale)), max(1, int(float64(p.H)*scale)))
}

// Margin is how far, in pixels, a window must reach beyond what is kept of it,
// where it does not end at the border of the picture whose shorter side is given.
func (s *steps) Margin(side float64) int {
	var sum float64
	for _, p := range s.list {
		if p.kernel.margin != nil {
			sum += math.Ceil(p.kernel.margin(p.values, side))
		}
	}
	return int(sum)
}

// Apply changes the pixels of a window. Several windows may be done at a time.
func (s *steps) Apply(ctx context.Context, w *Window) error {
	for _, p := range s.list {
		if err := ctx.Err(); err != nil {
			return err
		}
		p.kernel.run(w, p.values, p.found)
	}
	return nil
}

// Reduced is the surveyed copy after all steps. It must not be changed.
func (s *steps) Reduced() *picture.Picture { return s.reduced() }

// applySteps changes all of p by the steps in their order.
func applySteps(ctx context.Context, p *picture.Picture, list []Step) error {
	s, err := prepareSteps(ctx, list, p.Clone())
	if err != nil {
		return err
	}
	return s.Apply(ctx, whole(p))
}

// scaleLengths returns the steps with all their lengths multiplied by factor, as
// far as their ranges go: larger strokes.
func scaleLengths(list []Step, factor float64) []Step {
	out := make([]Step, len(list))
	for i, s := range list {
		out[i] = Step{Kernel: s.Kernel, Params: maps.Clone(s.Params)}
		if out[i].Params == nil {
			out[i].Params = map[string]float64{}
		}
		for _, p := range stepKernels[s.Kernel].Params {
			if !p.Length {
				continue
			}
			v, ok := s.Params[p.Name]
			if !ok {
				v = p.Default
			}
			out[i].Params[p.Name] = min(max(v*factor, p.Min), p.Max)
		}
	}
	return out
}
