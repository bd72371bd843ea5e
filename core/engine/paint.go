package engine

import (
	"context"
	"errors"
	"maps"
	"time"

	"github.com/atelier-engine/atelier/core/picture"
	"github.com/atelier-engine/atelier/core/plan"
	"github.com/atelier-engine/atelier/core/plugin"
	"github.com/atelier-engine/atelier/core/recipe"
	"github.com/atelier-engine/atelier/core/style"
)

// errOutput is wrapped by errors about a place that cannot be written.
var errOutput = errors.New("output")

const (
	// flopPixel is the work of the style network on one pixel, flopRate what
	// two cores do of it in a second.
	flopPixel = 12e9 / (256 * 256)
	flopRate  = 250e9
)

// styleKind paints a picture. The style's plugin is asked while the plan is
// checked, so that an unknown or broken style is known before any work, and
// what it answered is part of the step's hash.
func (e *Engine) styleKind() plan.Kind {
	return plan.Kind{
		Name: recipe.KindStyle, Version: 1, Output: recipe.TypePicture,
		Takes: []plan.Input{{Type: recipe.TypePicture}},
		Prepare: func(ctx context.Context, s *plan.Step, in []plan.Facts) (plan.Facts, error) {
			intensity, _ := s.Number("intensity")
			w, err := e.stylePlan(ctx, s.Text("name"), plugin.Request{Width: in[0].W, Height: in[0].H, Intensity: intensity})
			if err != nil {
				return plan.Facts{}, err
			}
			if in[0].W > 0 && in[0].H > style.MaxPixels/in[0].W {
				return plan.Facts{}, Inputf("a picture of %dx%d pixels: at most %d megapixels are painted: reduce it first", in[0].W, in[0].H, style.MaxPixels/1_000_000)
			}
			f := plan.Facts{Digests: w.digests, W: in[0].W, H: in[0].H, Own: w}
			if w.plan.Network != "" {
				seconds := flopPixel * float64(f.W) * float64(f.H) / flopRate
				f.Time = time.Duration(seconds * float64(time.Second))
			}
			f.Memory = style.Memory(f.W, f.H)
			return f, nil
		},
		Run: func(ctx context.Context, c *plan.Call) (any, error) {
			w := c.Facts.Own.(work)
			painter, err := e.painter(w.network)
			if err != nil {
				return nil, err
			}
			intensity, _ := c.Step.Number("intensity")
			p, err := painter.Paint(ctx, c.Inputs[0].(*picture.Picture), w.plan, intensity, c.Report)
			if err == nil && w.vector != "" { // the painter read it just now
				err = e.unchanged(w.vector, w.digests["vector"])
			}
			if err != nil {
				return nil, err
			}
			return p, nil
		},
	}
}

func cloneMeta(m map[string]string) map[string]string {
	if m == nil {
		return map[string]string{}
	}
	return maps.Clone(m)
}
