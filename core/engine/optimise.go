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
	"github.com/atelier-engine/atelier/core/style"
	"github.com/atelier-engine/atelier/core/style/optimise"
)

const (
	// optimisePixels is the largest picture that the optimisation is given, which
	// itself enlarges what is beyond its finest level; the rest is enlarged here.
	optimisePixels = 4 << 20
	optimiseSide   = 512                    // the shorter side of the finest level, where no size is asked for
	optimiseSteps  = 120                    // where none are asked for
	optimiseStep   = 2500 * time.Nanosecond // a step takes, a pixel of the finest level
)

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
	if err := e.computed(f.Digests); err != nil {
		return f, err
	}
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
		steps = optimiseSteps
	}
	k := min(1, float64(w.finest(s))/float64(max(1, min(f.W, f.H))))
	fw, fh := int(float64(f.W)*k), int(float64(f.H)*k)
	f.Time = time.Duration(fw*fh) * time.Duration(steps) * optimiseStep
	f.Memory = optimise.Memory(fw, fh) + 2*rasterHeld(f.W, f.H)
	f.Own = w
	return f, nil
}

// finest is the shorter side of what is optimised.
func (w *painting) finest(s *plan.Step) int {
	if s.Text("size") == "" {
		return optimiseSide
	}
	return max(optimiseSide/16, min(w.size.w, w.size.h))
}

// referenceFile is the painting in the folder of a style.
const referenceFile = "reference.jpg"

// exemplar finds the painting that a style's folder holds; styles that were learnt
// with atelier style train have one.
func (e *Engine) exemplar(name string) (string, error) {
	names, dirs := subfolders(e.Places.Styles, styleFile)
	dir, ok := dirs[name]
	for _, file := range []string{referenceFile, "reference.png"} {
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
	beside, err := e.choices(ctx, c, &w) // before the long work
	if err != nil {
		return nil, err
	}
	every, path, err := parseEvery(c.Step.Text("every"))
	if err != nil {
		return nil, err
	}
	o := optimise.Options{Size: w.finest(c.Step), Every: every, Progress: func(p optimise.Progress) { c.Report(p.Share) }}
	o.Stroke, _ = c.Step.Number("stroke")
	o.Seed, _ = c.Step.Whole("seed")
	if steps, ok := c.Step.Whole("steps"); ok {
		o.Steps = int(steps)
	}
	if every > 0 {
		o.Show = func(step int, p *picture.Picture) error {
			ext := filepath.Ext(path)
			return picture.SaveContext(ctx, fmt.Sprintf("%s-%05d%s", strings.TrimSuffix(path, ext), step, ext), p, picture.SaveOptions{})
		}
	}
	made, report, err := e.loaders.optimise(ctx, w.model.dir, photo.Flatten(1, 1, 1), ref, o)
	if err != nil {
		return nil, err
	}
	for _, note := range report.Notes {
		c.Note(note)
	}
	for path, sum := range w.used {
		if err := e.unchanged(path, sum); err != nil {
			return nil, err
		}
	}
	return e.lay(ctx, src, made, beside)
}

// lay puts an optimised picture over the source.
func (e *Engine) lay(ctx context.Context, src *picture.Raster, made *picture.Picture, o style.Options) (any, error) {
	sw, sh := src.Size()
	over := picture.RasterOf(made)
	var err error
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

func optimisePicture(ctx context.Context, features string, photo, ref *picture.Picture, o optimise.Options) (*picture.Picture, optimise.Report, error) {
	f, err := style.OpenFeatures(features)
	if err != nil {
		return nil, optimise.Report{}, mark(err, ErrBroken)
	}
	return optimise.Paint(ctx, f, photo, ref, o)
}

func refineVector(ctx context.Context, network, features string, vector []float32, ref, photo *picture.Picture, steps int, progress func(float64)) ([]float32, error) {
	f, err := style.OpenFeatures(features)
	if err != nil {
		return nil, mark(err, ErrBroken)
	}
	n, err := optimise.OpenNetwork(network)
	if err != nil {
		return nil, mark(err, ErrBroken)
	}
	return optimise.Refine(ctx, n, f, vector, ref, []*picture.Picture{photo}, optimise.RefineOptions{
		Steps: steps, Progress: func(step, steps int, _ optimise.Losses) { progress(float64(step) / float64(steps)) },
	})
}
