package engine

import (
	"context"
	"fmt"
	"image/color"
	"math"

	"github.com/atelier-engine/atelier/core/picture"
	"github.com/atelier-engine/atelier/core/plan"
	"github.com/atelier-engine/atelier/core/recipe"
	"github.com/atelier-engine/atelier/core/style"
)

// style.Options gathers what a style step says of its painting, with the
// pictures beside the one to paint.
func (e *Engine) choices(ctx context.Context, c *plan.Call, w *painting) (style.Options, error) {
	o := style.Options{Keep: style.Keep(c.Step.Text("keep"))}
	o.Intensity, _ = c.Step.Number("intensity")
	o.Stroke, _ = c.Step.Number("stroke")
	var err error
	if o.IntensityMap, err = e.mapOf(ctx, c, w, recipe.RoleMap, "the map of the intensity"); err != nil {
		return o, err
	}
	if o.Mask, err = e.mapOf(ctx, c, w, recipe.RoleMask, "the mask"); err != nil {
		return o, err
	}
	o.Background, err = e.backgroundOf(ctx, c, w)
	return o, err
}

// mapOf gives the mask or map in a role, nil if there is none, cut as the
// picture is cut. One of another size than the picture is told of.
func (e *Engine) mapOf(ctx context.Context, c *plan.Call, w *painting, role, name string) (*picture.Picture, error) {
	at, ok := w.roles[role]
	if !ok {
		return nil, nil
	}
	m, src := raster(c.Inputs[at]), raster(c.Inputs[0])
	mw, mh := m.Size()
	pw, ph := src.Size()
	if mw != pw || mh != ph {
		c.Note(fmt.Sprintf("%s has %dx%d pixels, the picture %dx%d: it is resized", name, mw, mh, pw, ph))
	}
	p, err := reduced(ctx, m, mapPixels)
	if err != nil {
		return nil, err
	}
	for i, v := range p.Pix {
		if f := float64(v); math.IsNaN(f) || math.IsInf(f, 0) {
			return nil, Inputf("%s: value %d is %g: only finite numbers can be used", name, i, v)
		}
	}
	// What is transparent is black.
	if p, err = w.size.follow(p.Flatten(0, 0, 0), pw, ph); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return p.Grey(), nil
}

// backgroundOf gives the background of a style step, nil if there is none.
func (e *Engine) backgroundOf(ctx context.Context, c *plan.Call, w *painting) (*style.Background, error) {
	if text := c.Step.Text("colour"); text != "" {
		v, ok := recipe.ParseColour(text)
		if !ok {
			return nil, Usagef("background %q is no colour: write #rrggbb or a name such as white", text)
		}
		return &style.Background{Colour: floats(v)}, nil
	}
	at, ok := w.roles[recipe.RoleBackground]
	if !ok {
		return nil, nil
	}
	b := raster(c.Inputs[at])
	bw, bh := b.Size()
	// The largest part in the middle that has the painting's shape.
	x, err := extentOf(fmt.Sprintf("%dx%d", w.size.w, w.size.h), bw, bh)
	if err != nil {
		return nil, err
	}
	x.w, x.h = within(w.size.w, w.size.h, mapPixels)
	if x.w != w.size.w {
		c.Note(fmt.Sprintf("the background is reduced to %dx%d pixels and enlarged again", x.w, x.h))
	}
	r, fresh, err := x.apply(ctx, b)
	if err != nil {
		return nil, err
	}
	if fresh {
		defer r.Close()
	}
	p, err := r.Picture()
	if err != nil {
		return nil, err
	}
	return &style.Background{Picture: p.Flatten(1, 1, 1)}, nil
}

func floats(c color.NRGBA) [3]float32 {
	return [3]float32{float32(c.R) / 255, float32(c.G) / 255, float32(c.B) / 255}
}
