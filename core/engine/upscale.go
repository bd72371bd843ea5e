package engine

import (
	"context"
	"fmt"
	"time"

	"github.com/atelier-engine/atelier/core/picture"
	"github.com/atelier-engine/atelier/core/plan"
	"github.com/atelier-engine/atelier/core/recipe"
	"github.com/atelier-engine/atelier/core/upscale"
)

const (
	// enlargeTime is what two cores take for a pixel of the small picture.
	enlargeTime = 2 * time.Microsecond
	// betweenDepth is that of the raster between the passes of factor 8, in bits.
	betweenDepth = 16
	// slight is an enlargement that cubic interpolation does as well.
	slight = 1.25
)

// upscaleKind enlarges a picture with the upscaler's network.
func (e *Engine) upscaleKind() plan.Kind {
	return plan.Kind{
		Name: recipe.KindUpscale, Version: 1, Output: recipe.TypePicture,
		Takes:   []plan.Input{{Type: recipe.TypePicture}},
		Prepare: e.prepareUpscale,
		Run:     e.runUpscale,
	}
}

func (e *Engine) prepareUpscale(_ context.Context, s *plan.Step, in []plan.Facts) (plan.Facts, error) {
	factor, _ := s.Whole("factor")
	k := int64(factor)
	if err := upscale.CheckFactor(int(factor)); err != nil {
		return plan.Facts{}, mark(err, ErrUsage)
	}
	w, h := int64(in[0].W), int64(in[0].H)
	if limit := e.Config.Limits.Pixels; w > 0 && h > limit/(k*k)/w {
		return plan.Facts{}, Inputf("upscale: %dx%d pixels %d times as large: at most %d megapixels are made: use a smaller factor, or raise pixels under [limits] in %s",
			w, h, k, limit/1_000_000, ConfigFile)
	}
	m, found, err := e.upscalerModel()
	if err == nil && !found {
		_, err = e.model("", upscale.Kind) // says where it looked
	}
	if err != nil {
		return plan.Facts{}, err
	}
	digests := map[string]string{"weights": m.sum}
	if err := e.computed(digests); err != nil {
		return plan.Facts{}, err
	}
	f := plan.Facts{
		Digests: digests, W: int(k * w), H: int(k * h), Held: rasterHeld(int(k*w), int(k*h)),
		Time: time.Duration(w*h) * enlargeTime, Memory: upscale.Memory(int(w), int(h)), Own: m,
	}
	if factor == 8 {
		f.Time *= 17
		f.Memory = upscale.Memory(int(4*w), int(4*h)) + min(betweenDepth/8*4*16*w*h, rasterMemory)
	}
	return f, nil
}

func (e *Engine) runUpscale(ctx context.Context, c *plan.Call) (any, error) {
	u, err := e.upscaler(c.Facts.Own.(model))
	if err != nil {
		return nil, err
	}
	factor, _ := c.Step.Whole("factor")
	src := raster(c.Inputs[0])
	dst, result, err := enlarged(src, int(factor))
	if err != nil {
		return nil, err
	}
	if err := u.Enlarge(ctx, src, dst, int(factor), upscale.Options{Between: rasters(), Progress: c.Report}); err != nil {
		dst.Close()
		return nil, err
	}
	return result, nil
}

// enlarged makes what a raster is enlarged into, as a raster and as the result of
// a step. A small picture in memory stays one, a large one becomes a raster.
func enlarged(src *picture.Raster, factor int) (*picture.Raster, any, error) {
	w, h := src.Size()
	w, h = factor*w, factor*h
	depth := src.Depth()
	if depth > 16 {
		if w*h <= mapPixels {
			p := picture.New(w, h)
			if src.Alpha() {
				p.Alpha = make([]float32, w*h)
			}
			p.Meta = cloneMeta(src.Meta)
			return picture.RasterOf(p), p, nil
		}
		depth = 8
	}
	dst, err := picture.NewRaster(w, h, depth, src.Alpha(), rasters())
	if err != nil {
		return nil, nil, err
	}
	dst.Meta = cloneMeta(src.Meta)
	return dst, dst, nil
}

// upscalerModel finds the upscaler; found is false where none is installed.
func (e *Engine) upscalerModel() (m model, found bool, err error) {
	dir, err := e.model("", upscale.Kind)
	if err != nil {
		if ClassOf(err) == Missing {
			err = nil
		}
		return model{}, false, err
	}
	m, err = e.version(dir)
	return m, true, err
}

// upscaler gives the network of a model, loaded.
func (e *Engine) upscaler(m model) (upscaler, error) {
	return loaded(e, e.upscalers, m, func() (upscaler, error) { return e.loaders.upscaler(m.dir) })
}

// portraitUpscaler adds the upscaler of portraits, if there is one, to what
// decides their pixels.
func (e *Engine) portraitUpscaler(digests map[string]string) error {
	m, found, err := e.upscalerModel()
	if found {
		digests["upscaler"] = m.sum
	}
	return err
}

// fitPortrait brings what the portrait network drew to the size asked for:
// enlarged by the upscaler as often as that takes, then resized. digests are the
// step's: without an upscaler among them it is resized alone.
func (e *Engine) fitPortrait(ctx context.Context, p *picture.Picture, size int, digests map[string]string) (*picture.Picture, error) {
	for sum := digests["upscaler"]; sum != ""; {
		factor := 4
		switch ratio := float64(size) / float64(min(p.W, p.H)); {
		case ratio < slight:
			return p.Resize(size, size)
		case ratio <= 2:
			factor = 2
		}
		dir, err := e.model("", upscale.Kind)
		if err != nil {
			return nil, err
		}
		u, err := e.upscaler(model{dir, sum})
		if err != nil {
			return nil, err
		}
		if p, err = u.Picture(ctx, p, factor); err != nil {
			return nil, fmt.Errorf("portrait: %w", err)
		}
	}
	return p.Resize(size, size)
}

// loadUpscaler reads an upscaler from its folder.
func (c *computer) loadUpscaler(dir string) (upscaler, error) {
	d, err := c.open()
	if err != nil {
		return nil, err
	}
	return upscale.LoadOn(d, dir)
}

// UpscaleBatch checks what enlarging some pictures asks for, before any work: the
// factor, the names, the model. Pictures that cannot be read are found only when
// their turn comes.
func (e *Engine) UpscaleBatch(ctx context.Context, factor int, args []string, out string) (*Batch, error) {
	if err := upscale.CheckFactor(factor); err != nil {
		return nil, Usagef("--factor is %d: it must be 2, 4 or 8", factor)
	}
	paths, many, err := pictures(args)
	if err != nil {
		return nil, err
	}
	title := fmt.Sprintf("x%d", factor)
	if out == "" && len(args) > 1 {
		out = "enlarged-" + title + "/"
	}
	return e.batch(ctx, paths, many, args, out, title, func(photo *plan.Step, _ string) *plan.Step {
		return recipe.Upscale(plan.Origin{}, photo, uint64(factor))
	})
}

// UpscaleModel is the folder of the installed upscaler.
func (e *Engine) UpscaleModel() (string, error) { return e.model("", upscale.Kind) }
