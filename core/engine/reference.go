package engine

import (
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"

	"github.com/atelier-engine/atelier/core/nn"
	"github.com/atelier-engine/atelier/core/picture"
	"github.com/atelier-engine/atelier/core/plan"
	"github.com/atelier-engine/atelier/core/recipe"
	"github.com/atelier-engine/atelier/core/style"
)

const (
	// featureModel is the folder of the feature network.
	featureModel = "features"
	// referencePixels is what is looked at of a reference.
	referencePixels = 1 << 20
)

// preparePrediction finds what paints in the manner of a reference.
func (e *Engine) preparePrediction(s *plan.Step, w *painting, digests map[string]string) error {
	dir, err := e.model(style.Network, "")
	if err != nil {
		return fmt.Errorf("reference: %w", err)
	}
	if w.model, err = e.version(dir); err != nil {
		return err
	}
	features, err := e.model(featureModel, "")
	if err != nil {
		return fmt.Errorf("reference: %w", err)
	}
	digests["network"] = w.model.sum
	w.features, w.used = features, usedFiles{}
	for name, path := range map[string]string{
		"predictor": filepath.Join(dir, style.PredictorFile), "features": filepath.Join(features, nn.WeightsFile),
	} {
		sum, err := e.digest(path)
		if errors.Is(err, os.ErrNotExist) {
			return Missingf("reference: %w: the style network was trained without a predictor", err)
		}
		if err != nil {
			return mark(err, ErrBroken)
		}
		digests[name], w.used[path] = sum, sum
	}
	return nil
}

// predictorOf loads what predicts styles, once for all pictures of a batch.
func (e *Engine) predictorOf(c *plan.Call, w *painting) (predictor, error) {
	e.loading.Lock()
	defer e.loading.Unlock()
	key := model{w.model.dir, c.Facts.Digests["predictor"] + c.Facts.Digests["features"]}
	if p, ok := e.predict[key]; ok {
		return p, nil
	}
	p, err := e.loaders.predictor(w.model.dir, w.features)
	if err != nil {
		return nil, mark(err, ErrBroken)
	}
	clear(e.predict)
	e.predict[key] = p
	return p, nil
}

// predicted gives the plan that paints in the manner of the reference.
func (e *Engine) predicted(ctx context.Context, c *plan.Call, report func(float64)) (style.Plan, error) {
	w := c.Facts.Own.(painting)
	p, err := e.predictorOf(c, &w)
	if err != nil {
		return style.Plan{}, err
	}
	ref, err := e.referenceOf(ctx, c, &w)
	if err != nil {
		return style.Plan{}, err
	}
	vector, err := p.Predict(ctx, ref, 1)
	if err != nil {
		return style.Plan{}, fmt.Errorf("reference: %w", err)
	}
	if steps, _ := c.Step.Whole("refine"); steps > 0 {
		photo, err := reduced(ctx, raster(c.Inputs[0]), referencePixels)
		if err != nil {
			return style.Plan{}, err
		}
		if vector, err = e.loaders.refine(ctx, w.model.dir, w.features, vector, ref, photo.Flatten(1, 1, 1), int(steps), report); err != nil {
			return style.Plan{}, err
		}
	}
	report(1)
	return style.Plan{Style: "reference", Network: filepath.Base(w.model.dir), Vector: vector}, nil
}

// referenceOf gives the painting to learn from, opaque. One that shows a single
// colour is refused.
func (e *Engine) referenceOf(ctx context.Context, c *plan.Call, w *painting) (*picture.Picture, error) {
	var r *picture.Raster
	if at, ok := w.roles[recipe.RoleReference]; ok {
		r = raster(c.Inputs[at])
	} else {
		var err error
		if r, err = picture.OpenRaster(ctx, w.reference, e.Config.pictureLimits(), rasters()); err != nil {
			return nil, mark(err, ErrBroken)
		}
		defer r.Close()
	}
	p, err := reduced(ctx, r, referencePixels)
	if err != nil {
		return nil, err
	}
	p = p.Flatten(1, 1, 1)
	return p, checkReference(p)
}

// flat is the smallest spread of the values of a painting: a step of 8 bits.
const flat = 1. / 255

func checkReference(p *picture.Picture) error {
	if min(p.W, p.H) < 16 {
		return Inputf("the reference has %dx%d pixels: a painting of at least 16x16 is needed", p.W, p.H)
	}
	for ch := range 3 {
		sum, square, n := 0.0, 0.0, float64(p.W*p.H)
		for i := ch; i < len(p.Pix); i += 3 {
			v := float64(p.Pix[i])
			sum += v
			square += v * v
		}
		if mean := sum / n; math.Sqrt(max(square/n-mean*mean, 0)) > flat {
			return nil
		}
	}
	return Inputf("the reference shows one colour only: there is no manner to learn: give a painting")
}
