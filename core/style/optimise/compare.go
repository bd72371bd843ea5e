package optimise

import (
	"context"
	"fmt"

	"github.com/atelier-engine/atelier/core/picture"
	"github.com/atelier-engine/atelier/core/style"
)

// Compare returns the losses of paintings of a photograph in the manner of a
// reference, all at the size of the photograph with a shorter side of side pixels:
// what Paint makes smaller. The photograph itself has content 0 and style 1.
func Compare(f *style.FeatureNet, photo, ref *picture.Picture, side int, paintings ...*picture.Picture) ([]Losses, error) {
	fail := func(err error) ([]Losses, error) { return nil, fmt.Errorf("compare paintings: %w", err) }
	for _, p := range append([]*picture.Picture{photo, ref}, paintings...) {
		if err := checkPicture(p); err != nil {
			return fail(err)
		}
	}
	run, err := f.Runner()
	if err != nil {
		return fail(err)
	}
	base, err := scaled(photo.Flatten(1, 1, 1), side, 1)
	if err != nil {
		return fail(err)
	}
	painting, err := scaled(ref.Flatten(1, 1, 1), side, 1)
	if err != nil {
		return fail(err)
	}
	shown, err := measure(run, f.Taps, base)
	if err != nil {
		return fail(err)
	}
	target, err := measure(run, f.Taps, painting)
	if err != nil {
		return fail(err)
	}
	var all []Losses
	for _, p := range paintings {
		small, err := p.Flatten(1, 1, 1).Resize(base.W, base.H)
		if err != nil {
			return fail(err)
		}
		seen, err := measure(run, f.Taps, small.Clamp())
		if err != nil {
			return fail(err)
		}
		var l Losses
		for i, tap := range f.Taps {
			a := shown.taps[i]
			if share := contentShare[tap]; share > 0 {
				l.Content += float64(share) * squares(seen.taps[i].Data, a.Data) / float64(len(a.Data)) / max(variance(a.Data, a.C), leastVariance)
			}
			l.Style += float64(styleShare[tap]) * newManner(a.C, target.moments[i], shown.moments[i]).loss(seen.moments[i])
		}
		all = append(all, l)
	}
	return all, nil
}

// Optimised paints a pair by optimisation with the default weights at a shorter
// side of side pixels and returns the painting with its losses by Compare: the
// measure for painting in one pass.
func Optimised(ctx context.Context, f *style.FeatureNet, photo, ref *picture.Picture, side int, o Options) (*picture.Picture, Losses, error) {
	o.Size = side
	base, err := scaled(photo.Flatten(1, 1, 1), side, 1)
	if err != nil {
		return nil, Losses{}, fmt.Errorf("optimise: %w", err)
	}
	painted, _, err := Paint(ctx, f, base, ref, o)
	if err != nil {
		return nil, Losses{}, err
	}
	l, err := Compare(f, base, ref, side, painted)
	if err != nil {
		return nil, Losses{}, err
	}
	return painted, l[0], nil
}

func squares(a, b []float32) (sum float64) {
	for i, v := range a {
		d := float64(v) - float64(b[i])
		sum += d * d
	}
	return sum
}
