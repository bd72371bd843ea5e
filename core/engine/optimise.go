package engine

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/atelier-engine/atelier/core/nn"
	"github.com/atelier-engine/atelier/core/picture"
	"github.com/atelier-engine/atelier/core/plan"
	"github.com/atelier-engine/atelier/core/recipe"
)

const (
	defaultSteps = 300 // of the optimisation
	// optimisePixels is the largest picture that is optimised; what is asked for
	// beyond it is enlarged.
	optimisePixels = 1 << 20
	// optimiseBytes is about what the optimisation holds, a pixel: the features
	// of the picture and their gradients.
	optimiseBytes = 1600
	optimiseStep  = 2500 * time.Nanosecond // a step takes, a pixel
)

// optimisation is what the slow method is asked for.
type optimisation struct {
	steps    int
	seed     uint64
	every    int                               // 0: no intermediate pictures
	show     func(int, *picture.Picture) error // takes them
	progress func(float64)
}

// prepareOptimise checks a step that paints by optimisation.
func (e *Engine) prepareOptimise(s *plan.Step, w painting, f plan.Facts) (plan.Facts, error) {
	dir, err := e.model(featureModel, "")
	if err != nil {
		return f, fmt.Errorf("method %s: %w", recipe.MethodOptimize, err)
	}
	if w.model, err = e.version(dir); err != nil {
		return f, err
	}
	f.Digests["features"] = w.model.sum
	w.used = usedFiles{filepath.Join(dir, nn.WeightsFile): w.model.sum}
	if _, ok := w.roles[recipe.RoleReference]; !ok {
		if w.reference, err = e.exemplar(s.Text("name")); err != nil {
			return f, err
		}
		if f.Digests["reference"], err = e.digest(w.reference); err != nil {
			return f, mark(err, ErrBroken)
		}
		w.used[w.reference] = f.Digests["reference"]
	}
	if _, _, err := parseEvery(s.Text("every")); err != nil {
		return f, err
	}
	steps, ok := s.Whole("steps")
	if !ok {
		steps = defaultSteps
	}
	pixels := int64(min(f.W*f.H, optimisePixels))
	f.Time = time.Duration(pixels) * time.Duration(steps) * optimiseStep
	f.Memory = optimiseBytes*pixels + 2*rasterHeld(f.W, f.H)
	f.Own = w
	return f, nil
}

// exemplar finds the painting that a style's folder holds; styles that were learnt
// with atelier style train have one.
func (e *Engine) exemplar(name string) (string, error) {
	names, dirs := subfolders(e.Places.Styles, styleFile)
	dir, ok := dirs[name]
	for _, file := range []string{"reference.jpg", "reference.png"} {
		path := filepath.Join(dir, file)
		if _, err := os.Stat(path); ok && err == nil {
			return path, nil
		}
	}
	for _, f := range e.plugins.List() {
		ok = ok || f.Name == name
	}
	if !ok {
		return "", unknownStyle(name, names)
	}
	return "", Usagef("style %q holds no painting to optimise towards: name one with --reference", name)
}

// parseEvery reads "N:FILE": an intermediate picture after each N steps, in files
// beside FILE that carry the number of the step.
func parseEvery(text string) (n int, path string, err error) {
	if text == "" {
		return 0, "", nil
	}
	number, path, ok := strings.Cut(text, ":")
	n, err = strconv.Atoi(number)
	if !ok || err != nil || n < 1 || path == "" {
		return 0, "", Usagef("every is %q: it must be a number of steps, a colon and a file name", text)
	}
	if _, err := picture.FormatOf(path); err != nil {
		return 0, "", err
	}
	return n, path, nil
}

// optimise paints by optimisation, and lays the result over the picture as the
// step says: by its intensity, its mask and its background.
func (e *Engine) optimise(ctx context.Context, c *plan.Call) (any, error) {
	w := c.Facts.Own.(painting)
	ref, err := e.referenceOf(ctx, c, &w)
	if err != nil {
		return nil, err
	}
	src, fresh, err := w.size.apply(ctx, raster(c.Inputs[0]))
	if err != nil {
		return nil, err
	}
	if fresh {
		defer src.Close()
	}
	photo, err := reduced(ctx, src, optimisePixels)
	if err != nil {
		return nil, err
	}
	sw, sh := src.Size()
	if photo.W != sw {
		c.Note(fmt.Sprintf("%dx%d pixels are optimised and enlarged to %dx%d: a smaller --size is as fine and takes no longer", photo.W, photo.H, sw, sh))
	}
	every, path, err := parseEvery(c.Step.Text("every"))
	if err != nil {
		return nil, err
	}
	o := optimisation{steps: defaultSteps, every: every, progress: c.Report}
	if steps, ok := c.Step.Whole("steps"); ok {
		o.steps = int(steps)
	}
	o.seed, _ = c.Step.Whole("seed")
	o.show = func(step int, p *picture.Picture) error {
		ext := filepath.Ext(path)
		return picture.SaveContext(ctx, fmt.Sprintf("%s-%05d%s", strings.TrimSuffix(path, ext), step, ext), p, picture.SaveOptions{})
	}
	made, err := e.loaders.optimise(ctx, w.model.dir, photo.Flatten(1, 1, 1), ref, o)
	if err != nil {
		return nil, err
	}
	for path, sum := range w.used {
		if err := e.unchanged(path, sum); err != nil {
			return nil, err
		}
	}
	return e.lay(ctx, c, &w, src, made)
}

// lay puts an optimised picture over the source.
func (e *Engine) lay(ctx context.Context, c *plan.Call, w *painting, src *picture.Raster, made *picture.Picture) (any, error) {
	o, err := e.paintOptions(ctx, c, w)
	if err != nil {
		return nil, err
	}
	sw, sh := src.Size()
	over := picture.RasterOf(made)
	if made.W != sw || made.H != sh {
		if over, err = over.Resize(ctx, sw, sh, rasters()); err != nil {
			return nil, err
		}
		defer over.Close()
	}
	dst, result, err := canvas(src, o.Background != nil)
	if err != nil {
		return nil, err
	}
	if err := overlay(ctx, src, over, dst, o); err != nil {
		dst.Close()
		return nil, err
	}
	return result, nil
}

// refine brings a predicted style nearer to its reference.
func (e *Engine) refine(ctx context.Context, network string, vector []float32, ref, photo *picture.Picture, steps int, progress func(float64)) ([]float32, error) {
	features, err := e.model(featureModel, "")
	if err != nil {
		return nil, fmt.Errorf("refine: %w", err)
	}
	return e.loaders.refine(ctx, network, features, vector, ref, photo.Flatten(1, 1, 1), steps, progress)
}

func optimisePicture(context.Context, string, *picture.Picture, *picture.Picture, optimisation) (*picture.Picture, error) {
	return nil, Missingf("method optimize: this build has no optimisation")
}

func refineVector(context.Context, string, string, []float32, *picture.Picture, *picture.Picture, int, func(float64)) ([]float32, error) {
	return nil, Missingf("refine: this build has no optimisation")
}
