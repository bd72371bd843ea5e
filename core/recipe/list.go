package recipe

import (
	"fmt"
	"math"
	"strings"

	lua "github.com/yuin/gopher-lua"

	"github.com/atelier-engine/atelier/core/plan"
)

// list reads a list of pictures or of texts, or says what is wrong with it.
func (j *job) list(a Arg, v lua.LValue) (any, string) {
	items, problem := j.items(a, v)
	if problem != "" {
		return nil, problem
	}
	if a.Type == Texts {
		var texts []string
		for i, item := range items {
			switch item.(type) {
			case lua.LString, lua.LNumber:
				texts = append(texts, lua.LVAsString(item))
			default:
				return nil, fmt.Sprintf("has %s in place %d: it must be %s", article(item), i+1, a.allowed())
			}
		}
		return texts, ""
	}
	if len(items) == 0 {
		return nil, "is empty: it must be " + a.allowed()
	}
	var steps []*plan.Step
	for i, item := range items {
		step, problem := j.value(Arg{Type: Source}, item)
		if problem != "" {
			return nil, fmt.Sprintf("place %d %s", i+1, problem)
		}
		steps = append(steps, step.(*plan.Step))
	}
	return steps, ""
}

// lists reads a list of lists of pictures or of texts.
func (j *job) lists(a Arg, v lua.LValue) (any, string) {
	rows, problem := j.items(a, v)
	if problem != "" {
		return nil, problem
	}
	one := Arg{Type: Pictures, Max: a.Max}
	if a.Type == TextRows {
		one.Type = Texts
	}
	var steps [][]*plan.Step
	var texts [][]string
	for i, row := range rows {
		if _, ok := row.(*lua.LTable); !ok {
			return nil, fmt.Sprintf("has %s in place %d: it must be %s", article(row), i+1, a.allowed())
		}
		value, problem := j.list(one, row)
		if problem != "" {
			return nil, fmt.Sprintf("row %d %s", i+1, problem)
		}
		if one.Type == Texts {
			texts = append(texts, value.([]string))
		} else {
			steps = append(steps, value.([]*plan.Step))
		}
	}
	if a.Type == TextRows {
		return texts, ""
	}
	if len(steps) == 0 {
		return nil, "is empty: it must be " + a.allowed()
	}
	return steps, ""
}

// items gives the entries of a table that is a list, without gaps and names.
func (j *job) items(a Arg, v lua.LValue) ([]lua.LValue, string) {
	t, ok := v.(*lua.LTable)
	if !ok {
		return nil, "is " + article(v) + ": it must be " + a.allowed()
	}
	n, count, problem := t.Len(), 0, ""
	t.ForEach(func(k, _ lua.LValue) {
		if i, ok := k.(lua.LNumber); ok && float64(i) == math.Trunc(float64(i)) && i >= 1 && int(i) <= n {
			count++
		} else if problem == "" {
			problem = fmt.Sprintf("has the entry %s: it must be %s", quote(lua.LVAsString(k)), a.allowed())
		}
	})
	switch {
	case problem != "":
		return nil, problem
	case count < n:
		return nil, "has a gap: it must be " + a.allowed()
	case a.Max > 0 && n > int(a.Max):
		return nil, fmt.Sprintf("has %d entries: at most %.0f are taken", n, a.Max)
	}
	items := make([]lua.LValue, n)
	for i := range items {
		items[i] = t.RawGetInt(i + 1)
	}
	return items, ""
}

func (j *job) sheet(*lua.LState) int {
	g := j.check(apiSheet, 1)
	rows := g["pictures"].([][]*plan.Step)
	s := Sheet{Across: len(rows[0])}
	s.Columns, _ = g["columns"].([]string)
	s.Rows, _ = g["rows"].([]string)
	s.Title, _ = g["title"].(string)
	s.Note, _ = g["note"].(string)
	s.Size, _ = g["size"].(uint64)
	for i, row := range rows {
		if len(row) > s.Across || len(row) < s.Across && i < len(rows)-1 {
			j.fail("sheet: row %d has %d pictures, the first %d: only the last one may be shorter", i+1, len(row), s.Across)
		}
		s.Pictures = append(s.Pictures, row...)
	}
	if len(s.Pictures) > MaxCells {
		j.fail("sheet: %d pictures: at most %d are laid out", len(s.Pictures), MaxCells)
	}
	names, _ := g["names"].([][]string)
	if len(names) > len(rows) {
		j.fail("sheet: names of %d rows for %d rows of pictures", len(names), len(rows))
	}
	for i, row := range names {
		if len(row) > len(rows[i]) {
			j.fail("sheet: %d names for the %d pictures of row %d", len(row), len(rows[i]), i+1)
		}
		s.Names = append(s.Names, append(row, make([]string, s.Across-len(row))...)...)
	}
	return j.pushPicture(Contact(j.origin(), s))
}

func (j *job) film(*lua.LState) int {
	g := j.check(apiFilm, 1)
	f := Film{Frames: g["frames"].([]*plan.Step), Rate: 12}
	if v, ok := g["rate"].(float64); ok {
		f.Rate = v
	}
	f.Loops, _ = g["loops"].(uint64)
	f.Bounce, _ = g["bounce"].(bool)
	f.Dither, _ = g["dither"].(string)
	return j.push(Shoot(j.origin(), f), filmMeta)
}

// isFilm tells the steps whose result is a film.
func isFilm(s *plan.Step) bool { return strings.HasPrefix(s.Kind(), KindFilm) }

func (j *job) saveFilm(l *lua.LState) int {
	u, ok := l.Get(1).(*lua.LUserData)
	step, isStep := any(nil), false
	if ok {
		step, isStep = u.Value.(*plan.Step)
	}
	if !isStep || !isFilm(step.(*plan.Step)) {
		j.fail("%s: it is called on %s: write film:%s(...), with a colon", apiSaveFilm.title(), article(l.Get(1)), apiSaveFilm.Name)
	}
	g := j.check(apiSaveFilm, 2)
	j.keep(SaveFilm(j.origin(), step.(*plan.Step), g["path"].(string)))
	l.Push(l.Get(1))
	return 1
}
