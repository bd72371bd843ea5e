package engine

import (
	"context"
	"time"

	"github.com/atelier-engine/atelier/core/picture"
	"github.com/atelier-engine/atelier/core/plan"
	"github.com/atelier-engine/atelier/core/recipe"
)

// filmOf is the film with its first frames still to come.
func filmOf(s *plan.Step) picture.Film {
	f := picture.Film{Dither: picture.Dither(s.Text("dither"))}
	f.Rate, _ = s.Number("rate")
	loops, _ := s.Whole("loops")
	f.Loops = int(loops)
	f.Bounce = s.Flag("bounce")
	return f
}

// filmKinds join pictures to a film: to a new one, or to one that is begun.
func (e *Engine) filmKinds() []plan.Kind {
	prepare := func(s *plan.Step, frames []plan.Facts, before int) (plan.Facts, error) {
		first := frames[0]
		for i, f := range frames {
			if f.W != first.W || f.H != first.H {
				return plan.Facts{}, Usagef("frame %d has %dx%d pixels, the first %dx%d: all must have one size", before+i+1, f.W, f.H, first.W, first.H)
			}
		}
		if err := picture.CheckFilm(before+len(frames), first.W, first.H); err != nil {
			return plan.Facts{}, mark(err, ErrUsage)
		}
		pixels := int64(first.W) * int64(first.H) * int64(len(frames))
		return plan.Facts{
			W: first.W, H: first.H, Own: before + len(frames),
			Time: time.Duration(pixels) * pixelTime / 4, Memory: 3 * pixels, Held: 3 * pixels * int64(before+len(frames)) / int64(len(frames)),
		}, nil
	}
	add := func(f *picture.Film, frames []any) (any, error) {
		rasters := make([]*picture.Raster, len(frames))
		for i, v := range frames {
			rasters[i] = raster(v)
		}
		return f.Add(rasters...)
	}
	return []plan.Kind{{
		Name: recipe.KindFilm, Version: 1, Output: recipe.TypeFilm,
		Takes: []plan.Input{{Type: recipe.TypePicture, Many: true}},
		Prepare: func(_ context.Context, s *plan.Step, in []plan.Facts) (plan.Facts, error) {
			return prepare(s, in, 0)
		},
		Run: func(_ context.Context, c *plan.Call) (any, error) {
			f := filmOf(c.Step)
			return add(&f, c.Inputs)
		},
	}, {
		Name: recipe.KindFilmOn, Version: 1, Output: recipe.TypeFilm,
		Takes: []plan.Input{{Type: recipe.TypeFilm}, {Type: recipe.TypePicture, Many: true}},
		Prepare: func(_ context.Context, s *plan.Step, in []plan.Facts) (plan.Facts, error) {
			// The film stands in for its last frame, so that the sizes are compared.
			facts, err := prepare(s, in, in[0].Own.(int)-1)
			return facts, err
		},
		Run: func(_ context.Context, c *plan.Call) (any, error) {
			return add(c.Inputs[0].(*picture.Film), c.Inputs[1:])
		},
	}}
}

// saveFilmKind writes a film to a file or a folder, with the plan that made it.
func (e *Engine) saveFilmKind() plan.Kind {
	return plan.Kind{
		Name: recipe.KindSaveFilm, Version: 1, Output: recipe.TypeSaved, Effect: true,
		Takes: []plan.Input{{Type: recipe.TypeFilm}},
		Prepare: func(_ context.Context, s *plan.Step, in []plan.Facts) (plan.Facts, error) {
			if _, err := picture.FilmFormat(s.Text("path")); err != nil {
				return plan.Facts{}, err
			}
			pixels := int64(in[0].W) * int64(in[0].H) * int64(in[0].Own.(int))
			return plan.Facts{Time: 2 * time.Duration(pixels) * pixelTime, Memory: encodeMemory, Held: 1}, nil
		},
		Run: func(ctx context.Context, c *plan.Call) (any, error) {
			path := c.Step.Text("path")
			doc, err := c.Provenance()
			if err != nil {
				return nil, err
			}
			film := *c.Inputs[0].(*picture.Film)
			ends := []any{film.Frames[0], film.Frames[len(film.Frames)-1]}
			film.Meta = commonMeta(ends)
			film.Meta[planKey] = string(doc)
			film.Meta["Software"] = "Atelier " + Version()
			if err := makeFolder(path); err != nil {
				return nil, err
			}
			if err := picture.SaveFilm(ctx, path, &film, c.Report); err != nil {
				return nil, err
			}
			return path, nil
		},
	}
}
