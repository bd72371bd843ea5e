package engine

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/atelier-engine/atelier/core/plan"
	"github.com/atelier-engine/atelier/core/portrait"
	"github.com/atelier-engine/atelier/core/recipe"
	"github.com/atelier-engine/atelier/core/sentiment"
)

// People is what the command portrait is asked for. Zero fields are as usual.
type People struct {
	Text       *string // a sentence about the person; nil: there is none
	Wish               // wins over the sentence
	Like       string  // a seed, or a picture that was drawn here: that person
	Truncation *float64
	Size       int // side in pixels

	// At most one of these makes several portraits.
	Count      int      // people of consecutive seeds
	Variations int      // neighbouring conditions of one person
	Grid       []string // all conditions along some axes
	Morph      []string // the way to another condition or person

	Film FilmWish // of Morph
	Out  string   // a file, a folder, or a template with {name}, {seed} and {n}
}

// MaxCount is the most people that one command draws.
const MaxCount = 10_000

// gridSide is the side of a portrait on a contact sheet, in pixels.
const gridSide = 128

// cell is one of several portraits.
type cell struct {
	face    recipe.Face
	caption string
	file    string // its name without ending
}

// set is several portraits in their places on a sheet.
type set struct {
	cells         []cell
	across        int
	columns, rows []string
	note          string
}

// mode says which of its ways a wish takes.
func (w *People) mode() (string, error) {
	var modes []string
	for _, m := range []struct {
		flag string
		on   bool
	}{{"--count", w.Count != 0}, {"--variations", w.Variations != 0}, {"--grid", len(w.Grid) > 0}, {"--morph", len(w.Morph) > 0}} {
		if m.on {
			modes = append(modes, m.flag)
		}
	}
	switch {
	case len(modes) > 1:
		return "", Usagef("portrait: %s are both given: leave one out", strings.Join(modes[:2], " and "))
	case len(modes) == 1:
		return modes[0], nil
	}
	return "", nil
}

// face checks what all portraits share.
func (w *People) face(e *Engine) (recipe.Face, []string, error) {
	if w.Text == nil && w.Like == "" && w.Seed == nil && w.Age == nil && w.Gender == "" && len(w.Emotion) == 0 && w.Count == 0 && len(w.Grid) == 0 {
		return recipe.Face{}, nil, Usagef("portrait: it is not said who is to be drawn: give a sentence, or --age, --gender, --emotion or --seed")
	}
	f, err := w.Wish.face(e.Config.Seed)
	if err != nil {
		return f, nil, err
	}
	if w.Truncation != nil && !(*w.Truncation >= 0 && *w.Truncation <= 1) {
		return f, nil, Usagef("--truncation is %v: it must be from 0 (the mean face) to 1 (none)", *w.Truncation)
	}
	f.Truncation = w.Truncation
	if w.Size != 0 && (w.Size < recipe.MinFace || w.Size > recipe.MaxFace) {
		return f, nil, Usagef("--size is %d: it must be from %d to %d pixels", w.Size, recipe.MinFace, recipe.MaxFace)
	}
	f.Size = uint64(w.Size)
	if w.Text != nil {
		f.Reading = recipe.Read(plan.Origin{}, *w.Text)
	}
	if w.Like == "" {
		return f, nil, nil
	}
	if w.Seed != nil {
		return f, nil, Usagef("portrait: --like and --seed are both given: each says who is drawn: leave one out")
	}
	notes, err := e.like(w.Like, &f)
	return f, notes, err
}

// consecutive is count people, from the seed of a face on.
func consecutive(f recipe.Face, count int) (set, error) {
	if count < 1 || count > MaxCount {
		return set{}, Usagef("--count is %d: it must be from 1 to %d", count, MaxCount)
	}
	if f.Seed > MaxSeed-uint64(count-1) {
		return set{}, Usagef("--count %d from seed %d on: seeds end at %d: begin with a smaller one", count, f.Seed, uint64(MaxSeed))
	}
	s := set{across: int(math.Ceil(math.Sqrt(float64(count))))}
	for range count {
		s.cells = append(s.cells, cell{f, fmt.Sprintf("seed %d", f.Seed), fmt.Sprintf("portrait-%d", f.Seed)})
		f.Seed++
	}
	return s, nil
}

// variations is one person under neighbouring conditions.
func (j *PeopleJob) variations(ctx context.Context, f recipe.Face, count int) (set, error) {
	base, notes, err := j.e.resolve(ctx, f)
	if err != nil {
		return set{}, err
	}
	j.Notes = append(j.Notes, notes...)
	conds, err := portrait.Variations(base, count)
	if err != nil {
		return set{}, Usagef("--%w", err)
	}
	s := set{across: int(math.Ceil(math.Sqrt(float64(count))))}
	for _, c := range conds {
		var says []string
		if c.Emotions != base.Emotions {
			says = append(says, portrait.Emotions[c.Emotion()])
		}
		if c.Age != base.Age {
			says = append(says, "age "+digits(c.Age))
		}
		caption := strings.Join(says, ", ")
		file := fmt.Sprintf("%d-%s", f.Seed, strings.NewReplacer(", ", "-", " ", "").Replace(caption))
		s.cells = append(s.cells, cell{shown(f, c), caption, file})
	}
	return s, nil
}

// resolve gives the condition that a face has, reading its sentence if there is
// one, and notes of what had to change.
func (e *Engine) resolve(ctx context.Context, f recipe.Face) (portrait.Condition, []string, error) {
	var reading *sentiment.Reading
	if f.Reading != nil {
		out, err := e.Run(ctx, []*plan.Step{f.Reading}, nil, nil)
		if err != nil {
			return portrait.Condition{}, nil, err
		}
		r := out[0].(sentiment.Reading)
		reading = &r
	}
	return e.Config.Condition.condition(recipe.Portrait(plan.Origin{}, f), reading)
}

// shown is the face under a condition, whatever its sentence says.
func shown(f recipe.Face, c portrait.Condition) recipe.Face {
	f.Age, f.Gender, f.Emotion = &c.Age, &c.Gender, map[string]float64{}
	for i, name := range Emotions() {
		if w := c.Emotions[i]; w > 0 || i == int(sentiment.Neutral) { // named, neutral is not filled up
			f.Emotion[name] = w
		}
	}
	return f
}

// noteOf says under a sheet what its portraits share.
func (w *People) noteOf(f recipe.Face, s set) string {
	var parts []string
	if w.Text != nil {
		parts = append(parts, fmt.Sprintf("%q", shorten(strings.Join(strings.Fields(*w.Text), " "), 80)))
	}
	same := func(differs func(a, b recipe.Face) bool) bool {
		return !slices.ContainsFunc(s.cells, func(c cell) bool { return differs(s.cells[0].face, c.face) })
	}
	if same(func(a, b recipe.Face) bool { return a.Seed != b.Seed }) {
		parts = append(parts, fmt.Sprintf("seed %d", f.Seed))
	}
	if len(w.Emotion) > 0 {
		parts = append(parts, emotionText(f.Emotion))
	}
	if f.Age != nil {
		parts = append(parts, "age "+digits(*f.Age))
	}
	if f.Gender != nil {
		if v, err := genderValue("", digits(*f.Gender)); err == nil {
			parts = append(parts, v.caption)
		}
	}
	if f.Truncation != nil {
		parts = append(parts, "truncation "+digits(*f.Truncation))
	}
	return strings.Join(parts, ", ")
}
