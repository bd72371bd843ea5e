package engine

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/atelier-engine/atelier/core/picture"
	"github.com/atelier-engine/atelier/core/plan"
	"github.com/atelier-engine/atelier/core/recipe"
)

// PeopleJob is a checked wish, ready to be drawn.
type PeopleJob struct {
	Paths   []string // of the files, or of the folder of a film's frames
	Skipped int      // of them that are there already, drawn in the same way
	Notes   []string // what a person should know before

	e     *Engine
	steps []*plan.Step // that save what is not there
}

// People checks what is asked for, before anything is drawn. A sentence is read
// where variations or a morph need what it says.
func (e *Engine) People(ctx context.Context, w People) (*PeopleJob, error) {
	mode, err := w.mode()
	if err != nil {
		return nil, err
	}
	if w.Film.set() && mode != "--morph" {
		return nil, Usagef("portrait: --frames, --seconds, --loops, --bounce and --dither are for --morph: leave them out")
	}
	f, notes, err := w.face(e)
	if err != nil {
		return nil, err
	}
	job := &PeopleJob{e: e, Notes: notes}
	switch mode {
	case "":
		err = job.single(&w, f)
	case "--morph":
		err = job.film(ctx, &w, f)
	default:
		err = job.several(ctx, &w, f, mode)
	}
	if err != nil {
		return nil, err
	}
	_, err = e.registry.Plan(ctx, job.steps...)
	return job, err
}

func (j *PeopleJob) single(w *People, f recipe.Face) error {
	out := w.Out
	if out == "" {
		out = "portrait.png"
	}
	if err := CheckOut(out); err != nil {
		return err
	}
	j.save(recipe.Portrait(plan.Origin{}, f), out)
	return nil
}

func (j *PeopleJob) film(ctx context.Context, w *People, f recipe.Face) error {
	out := w.Out
	if out == "" {
		out = "morph.png"
	}
	if _, err := picture.FilmFormat(out); err != nil {
		return err
	}
	film, err := j.morph(ctx, w, f)
	if err != nil {
		return err
	}
	j.steps, j.Paths = append(j.steps, recipe.SaveFilm(plan.Origin{}, film, out)), append(j.Paths, out)
	return nil
}

// several draws a set: on a contact sheet if the output is a picture, else into
// a file each.
func (j *PeopleJob) several(ctx context.Context, w *People, f recipe.Face, mode string) error {
	out := w.Out
	if out == "" {
		out = map[string]string{"--count": "portraits/", "--variations": "variations/", "--grid": "grid.png"}[mode]
	}
	sheet := !folder(out) && !strings.Contains(out, "{") && filepath.Ext(out) != ""
	if sheet {
		if err := CheckOut(out); err != nil {
			return err
		}
		if f.Size == 0 {
			f.Size = gridSide
		}
	}
	var s set
	var err error
	switch mode {
	case "--count":
		s, err = consecutive(f, w.Count)
	case "--variations":
		s, err = j.variations(ctx, f, w.Variations)
	default:
		s, err = grid(w, f)
	}
	if err != nil {
		return err
	}
	if !sheet {
		return j.files(ctx, s, out)
	}
	if len(s.cells) > recipe.MaxCells {
		return Usagef("%s: %d portraits on a sheet: at most %d are laid out: ask for fewer, or name a folder", mode, len(s.cells), recipe.MaxCells)
	}
	c := recipe.Sheet{Across: s.across, Columns: s.columns, Rows: s.rows, Note: w.noteOf(f, s)}
	for _, cell := range s.cells {
		c.Pictures = append(c.Pictures, recipe.Portrait(plan.Origin{}, cell.face))
		if s.columns == nil {
			c.Names = append(c.Names, cell.caption)
		}
	}
	j.save(recipe.Contact(plan.Origin{}, c), out)
	return nil
}

// files draws each portrait of a set into a file of its own, but for those that
// are there.
func (j *PeopleJob) files(ctx context.Context, s set, out string) error {
	if !strings.Contains(out, "{") {
		out = filepath.Join(escape(out), "{name}.png")
	}
	made := map[string]bool{}
	for i, c := range s.cells {
		path, err := fill(out, map[string]string{
			"name": c.file, "seed": fmt.Sprint(c.face.Seed), "n": fmt.Sprintf("%0*d", len(fmt.Sprint(len(s.cells))), i+1), "{": "{",
		})
		if err != nil {
			return err
		}
		if made[path] {
			return Usagef("--out: two portraits would become %s: use {name} or {n} in the template", path)
		}
		if err := CheckOut(path); err != nil {
			return err
		}
		made[path] = true
		j.save(recipe.Portrait(plan.Origin{}, c.face), path)
	}
	p, err := j.e.registry.Plan(ctx, j.steps...)
	if err != nil {
		return err
	}
	var left []*plan.Step
	for i, root := range p.Roots {
		was, found := madeBy(j.Paths[i])
		switch {
		case found && was == "":
			return mark(errors.New(j.Paths[i]+" is there already and is no picture of ours: move it away or choose another folder"), errOutput)
		case found && was == p.Nodes[p.Nodes[root].Inputs[0]].Hash.String():
			j.Skipped++
		default:
			left = append(left, j.steps[i])
		}
	}
	j.steps = left
	return nil
}

func (j *PeopleJob) save(s *plan.Step, path string) {
	j.steps, j.Paths = append(j.steps, recipe.Save(plan.Origin{}, s, path)), append(j.Paths, path)
}

// Left is how many files are to be written.
func (j *PeopleJob) Left() int { return len(j.steps) }

// Run draws what is not there. After an error what is done stays: the same wish
// goes on from there.
func (j *PeopleJob) Run(ctx context.Context, progress Progress) error {
	if len(j.steps) == 0 {
		return ctx.Err()
	}
	p, err := j.e.registry.Plan(ctx, j.steps...)
	if err != nil {
		return err
	}
	_, err = j.e.execute(ctx, p, nil, progress, true)
	return err
}
