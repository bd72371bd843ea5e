package engine

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"strings"
	"time"

	"github.com/atelier-engine/atelier/core/device"
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
	// groundPixels is about what the network paints before it comes to details.
	groundPixels = 512 * 680
	// mapPixels bounds masks, maps of intensity and backgrounds: they are soft,
	// and are held as floats.
	mapPixels = 4 << 20
)

// painting is what a style step needs to know of itself.
type painting struct {
	size  extent
	roles map[string]int // inputs by role
	parts []part         // of the mixture; one for a single style, none for a reference
	model model          // of the network; zero if there is none
	used  usedFiles      // what the painter will read: must be as it was hashed

	features  string // the folder of the feature network of a prediction
	reference string // the file to optimise towards, where no input is
}

// part is one style of a mixture.
type part struct {
	plan   style.Plan
	weight float64
}

// usedFiles are checksums of files by their paths.
type usedFiles map[string]string

// styleKind paints a picture. The style's plugin is asked while the plan is
// checked, so that an unknown or broken style is known before any work, and
// what it answered is part of the step's hash.
func (e *Engine) styleKind() plan.Kind {
	picture := plan.Input{Type: recipe.TypePicture}
	beside := plan.Input{Type: recipe.TypePicture, Optional: true}
	return plan.Kind{
		Name: recipe.KindStyle, Version: 2, Output: recipe.TypePicture,
		Takes: []plan.Input{picture, beside, beside, beside, beside}, Where: []string{"every"},
		Prepare: e.preparePainting,
		Run: func(ctx context.Context, c *plan.Call) (any, error) {
			if c.Step.Text("method") == recipe.MethodOptimize {
				return e.optimise(ctx, c)
			}
			return e.paint(ctx, c)
		},
	}
}

func (e *Engine) preparePainting(ctx context.Context, s *plan.Step, in []plan.Facts) (plan.Facts, error) {
	w := painting{roles: map[string]int{}}
	for i, role := range strings.Fields(s.Text("inputs")) {
		w.roles[role] = i + 1
	}
	var err error
	if w.size, err = extentOf(s.Text("size"), in[0].W, in[0].H); err != nil {
		return plan.Facts{}, err
	}
	if err := e.checkPixels(w.size.w, w.size.h); err != nil {
		return plan.Facts{}, err
	}
	f := plan.Facts{W: w.size.w, H: w.size.h, Digests: map[string]string{}, Held: rasterHeld(w.size.w, w.size.h)}
	if s.Text("method") == recipe.MethodOptimize {
		return e.prepareOptimise(s, w, f)
	}
	if _, ok := w.roles[recipe.RoleReference]; ok {
		err = e.preparePrediction(s, &w, f.Digests)
	} else {
		intensity, _ := s.Number("intensity")
		err = e.prepareStyles(ctx, s, plugin.Request{Width: f.W, Height: f.H, Intensity: intensity}, &w, f.Digests)
	}
	if err != nil {
		return plan.Facts{}, err
	}
	var on device.Device // nil where no network paints
	if w.model.dir != "" {
		if err := e.computed(f.Digests); err != nil {
			return plan.Facts{}, err
		}
		if on, err = e.computer.open(); err != nil {
			return plan.Facts{}, err
		}
		pixels := float64(f.W) * float64(f.H)
		f.Time = time.Duration(flopPixel * (pixels + min(pixels, groundPixels)) / flopRate * float64(time.Second))
	}
	f.Memory, f.Own = style.Memory(on, f.W, f.H), w
	return f, nil
}

// paint paints with the network, or with the steps of a style alone.
func (e *Engine) paint(ctx context.Context, c *plan.Call) (any, error) {
	w := c.Facts.Own.(painting)
	p, err := e.painter(w.model)
	if err != nil {
		return nil, err
	}
	share := 1.0 // of the progress that is the painting's own
	var todo style.Plan
	if _, ok := w.roles[recipe.RoleReference]; ok {
		share = .3
		todo, err = e.predicted(ctx, c, func(part float64) { c.Report(part * (1 - share)) })
	} else {
		todo, err = w.mixed(p)
	}
	if err != nil {
		return nil, err
	}
	if n := len(todo.Vector); n > 0 && n != p.VectorLen() {
		return nil, mark(fmt.Errorf("style vector of %q has %d numbers, not %d: it belongs to another network", todo.Style, n, p.VectorLen()), ErrBroken)
	}
	o, err := e.choices(ctx, c, &w)
	if err != nil {
		return nil, err
	}
	o.Progress = func(part float64) { c.Report(1 - share + share*part) }
	src, fresh, err := w.size.apply(ctx, raster(c.Inputs[0]))
	if err != nil {
		return nil, err
	}
	if fresh {
		defer src.Close()
	}
	dst, result, err := canvas(src, o.Background != nil)
	if err != nil {
		return nil, err
	}
	err = p.PaintRaster(ctx, src, dst, todo, o)
	if ClassOf(err) == Internal { // all that was asked for is checked: what is left is about the style's parts
		err = mark(err, ErrBroken)
	}
	for path, sum := range w.used { // the painter read them just now
		if err == nil {
			err = e.unchanged(path, sum)
		}
	}
	if err != nil {
		dst.Close()
		return nil, err
	}
	return result, nil
}

// warm begins to load the networks that paint in a plan, so that they are there when
// its pictures are decoded. An error, or a panic, comes again when they are wanted.
func (e *Engine) warm(p *plan.Plan) {
	for _, n := range p.Nodes {
		if w, ok := n.Facts.Own.(painting); ok && n.Step.Text("method") != recipe.MethodOptimize {
			go func() {
				defer func() { _ = recover() }()
				_, _ = e.painter(w.model)
			}()
		}
	}
}

// canvas makes what a raster is painted into, of its size and depth, as a raster
// and as the result of a step. A background leaves nothing transparent.
func canvas(src *picture.Raster, opaque bool) (*picture.Raster, any, error) {
	w, h := src.Size()
	alpha := src.Alpha() && !opaque
	if src.Depth() > 16 { // a picture in memory stays one
		p := picture.New(w, h)
		if alpha {
			p.Alpha = make([]float32, w*h)
		}
		p.Meta = cloneMeta(src.Meta)
		return picture.RasterOf(p), p, nil
	}
	dst, err := picture.NewRaster(w, h, src.Depth(), alpha, rasters())
	if err != nil {
		return nil, nil, err
	}
	dst.Meta = cloneMeta(src.Meta)
	return dst, dst, nil
}

// mixed gives the plan of the mixture.
func (w *painting) mixed(p painter) (style.Plan, error) {
	if len(w.parts) == 1 {
		return w.parts[0].plan, nil
	}
	plans, weights := make([]style.Plan, len(w.parts)), make([]float64, len(w.parts))
	for i, part := range w.parts {
		plans[i], weights[i] = part.plan, part.weight
	}
	return p.Blend(plans, weights)
}

func cloneMeta(m map[string]string) map[string]string {
	if m == nil {
		return map[string]string{}
	}
	return maps.Clone(m)
}
