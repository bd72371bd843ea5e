package engine

import (
	"context"
	"slices"

	"github.com/atelier-engine/atelier/core/picture"
	"github.com/atelier-engine/atelier/core/plan"
	"github.com/atelier-engine/atelier/core/portrait"
	"github.com/atelier-engine/atelier/core/recipe"
)

// FilmWish is how a morph is to be shown. Zero fields are as usual.
type FilmWish struct {
	Frames  int     // from one end to the other, both included (24)
	Seconds float64 // from one end to the other (a twelfth for each frame)
	Loops   int     // how often; 0: for ever
	Bounce  bool    // and back again
	Dither  string  // of a GIF
}

const (
	filmFrames = 24
	filmRate   = 12 // frames a second
)

// set reports whether anything was asked for.
func (w FilmWish) set() bool { return w != FilmWish{} }

// film checks the wish.
func (w FilmWish) film() (recipe.Film, int, error) {
	f := recipe.Film{Rate: filmRate, Loops: uint64(max(w.Loops, 0)), Bounce: w.Bounce, Dither: w.Dither}
	frames := w.Frames
	if frames == 0 {
		frames = filmFrames
	}
	if frames < 2 || frames > recipe.MaxFrames {
		return f, 0, Usagef("--frames is %d: it must be from 2 to %d", frames, recipe.MaxFrames)
	}
	if w.Seconds != 0 {
		f.Rate = float64(frames) / w.Seconds
		if !(f.Rate >= recipe.MinRate && f.Rate <= recipe.MaxRate) {
			return f, 0, Usagef("--seconds is %v: %d frames must take from %.3g to %.3g seconds", w.Seconds, frames, float64(frames)/recipe.MaxRate, float64(frames)/recipe.MinRate)
		}
	}
	if w.Loops < 0 || w.Loops > recipe.MaxLoops {
		return f, 0, Usagef("--loops is %d: it must be from 1 to %d, or 0 for ever", w.Loops, recipe.MaxLoops)
	}
	if w.Dither != "" && !slices.Contains(recipe.Dithers(), w.Dither) {
		return f, 0, Usagef("--dither is %q%s", w.Dither, Hint(w.Dither, recipe.Dithers()))
	}
	return f, frames, nil
}

// morph gives the step that makes the film from a face to what --morph names:
// the condition in a straight line, the person along the great arc between the
// vectors of the two seeds.
func (j *PeopleJob) morph(ctx context.Context, w *People, f recipe.Face) (*plan.Step, error) {
	film, frames, err := w.Film.film()
	if err != nil {
		return nil, err
	}
	axes, err := parseAxes("--morph", w.Morph)
	if err != nil {
		return nil, err
	}
	side := j.e.Config.Portrait.Size
	if f.Size > 0 {
		side = int(f.Size)
	}
	if err := picture.CheckFilm(frames, side, side); err != nil {
		return nil, Usagef("--morph: %w, with --frames or --size", err)
	}
	to := f
	for _, a := range axes {
		if len(a.values) > 1 {
			return nil, Usagef("--morph %s: it leads to one value, %d are given: leave one", a.name, len(a.values))
		}
		a.values[0].set(&to)
	}
	begin, notes, err := j.e.resolve(ctx, f)
	if err != nil {
		return nil, err
	}
	j.Notes = append(j.Notes, notes...)
	// What is not named stays as it is, the gender that the seed drew too.
	target := shown(f, begin)
	for _, a := range axes {
		a.values[0].set(&target)
	}
	end, _, err := j.e.resolve(ctx, target)
	if err != nil {
		return nil, err
	}
	if f.Toward != nil && to.Seed != f.Seed {
		return nil, Usagef("--morph seed: the portrait to begin with stands between two people already: begin with one of a single seed")
	}
	from, until := truncationOf(f), truncationOf(to)
	if begin == end && to.Seed == f.Seed && from == until {
		return nil, Usagef("--morph: nothing changes: name what is different at its end, such as emotion=happy or seed=9")
	}
	for i := range frames {
		t := float64(i) / float64(frames-1)
		face := shown(f, portrait.Mix(begin, end, t))
		if to.Seed != f.Seed {
			face.Toward, face.At = &to.Seed, t
		}
		truncation := from + t*(until-from)
		face.Truncation = &truncation
		film.Frames = append(film.Frames, recipe.Portrait(plan.Origin{}, face))
	}
	return recipe.Shoot(plan.Origin{}, film), nil
}

func truncationOf(f recipe.Face) float64 {
	if f.Truncation == nil {
		return 1
	}
	return *f.Truncation
}
