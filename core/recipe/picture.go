package recipe

import (
	"slices"

	lua "github.com/yuin/gopher-lua"

	"github.com/atelier-engine/atelier/core/plan"
)

// A picture in a recipe is a *plan.Step in userdata whose metatable has the
// methods of pictures; a film is one with the methods of films.

const (
	pictureMeta = "atelier.picture"
	filmMeta    = "atelier.film"
)

func (j *job) installPicture() {
	j.installType(pictureMeta, TypePicture, "style and upscale give a new one", map[string]lua.LGFunction{apiStyle.Name: j.style, apiUpscale.Name: j.upscale, apiSave.Name: j.save})
	j.installType(filmMeta, TypeFilm, "make another one", map[string]lua.LGFunction{apiSaveFilm.Name: j.saveFilm})
}

// installType makes the metatable of a type that cannot be changed.
func (j *job) installType(metatable, name, instead string, methods map[string]lua.LGFunction) {
	l := j.l
	table := l.NewTable()
	names := make([]string, 0, len(methods))
	for method, f := range methods {
		table.RawSetString(method, l.NewFunction(f))
		names = append(names, method)
	}
	meta := l.NewTypeMetatable(metatable)
	meta.RawSetString("__metatable", lua.LString(name))
	meta.RawSetString("__index", l.NewFunction(func(l *lua.LState) int {
		method := lua.LVAsString(l.Get(2))
		if v := table.RawGetString(method); v != lua.LNil {
			l.Push(v)
			return 1
		}
		j.fail("a %s has no method %s%s", name, quote(method), plan.Hint(method, names))
		return 0
	}))
	meta.RawSetString("__newindex", l.NewFunction(func(*lua.LState) int {
		j.fail("a %s cannot be changed: %s", name, instead)
		return 0
	}))
	meta.RawSetString("__tostring", l.NewFunction(func(l *lua.LState) int {
		l.Push(lua.LString(name))
		return 1
	}))
}

func (j *job) pushPicture(s *plan.Step) int { return j.push(s, pictureMeta) }

// push gives a step to the recipe as a value of the type of a metatable.
func (j *job) push(s *plan.Step, metatable string) int {
	u := j.l.NewUserData()
	u.Value = s
	u.Metatable = j.l.GetTypeMetatable(metatable)
	j.l.Push(u)
	return 1
}

// self is the picture that a method was called on.
func (j *job) self(f Function) *plan.Step {
	if u, ok := j.l.Get(1).(*lua.LUserData); ok {
		if s, ok := u.Value.(*plan.Step); ok && !isFilm(s) {
			return s
		}
	}
	j.fail("%s: it is called on %s: write picture:%s(...), with a colon", f.title(), article(j.l.Get(1)), f.Name)
	return nil
}

func (j *job) image(*lua.LState) int {
	g := j.check(apiImage, 1)
	return j.pushPicture(Image(j.origin(), g["path"].(string)))
}

func (j *job) upscale(*lua.LState) int {
	pic := j.self(apiUpscale)
	g := j.check(apiUpscale, 2)
	factor, ok := g["factor"].(uint64)
	if !ok {
		factor = 4
	}
	if !slices.Contains(Factors(), factor) {
		j.fail("%s: argument %q is %d: it must be 2, 4 or 8", apiUpscale.title(), "factor", factor)
	}
	return j.pushPicture(Upscale(j.origin(), pic, factor))
}

func (j *job) save(l *lua.LState) int {
	pic := j.self(apiSave)
	g := j.check(apiSave, 2)
	j.keep(Save(j.origin(), pic, g["path"].(string)))
	l.Push(l.Get(1))
	return 1
}

// keep adds a step that saves.
func (j *job) keep(s *plan.Step) {
	if len(j.saves) >= maxSaves {
		j.fail("save: more than %d pictures: split the recipe", maxSaves)
	}
	j.saves = append(j.saves, s)
}

// maxSaves bounds the pictures of one recipe.
const maxSaves = 10_000

func (j *job) portrait(*lua.LState) int {
	g := j.check(apiPortrait, 1)
	o := j.origin()
	face := Face{Seed: j.options.Seed}
	if seed, ok := g["seed"].(uint64); ok {
		face.Seed = seed
	}
	r, read := g["reading"].(*reading)
	if text, ok := g["text"].(string); ok {
		if read {
			j.fail("portrait: text and reading are both given: leave one out")
		}
		face.Reading = Read(o, text)
	}
	if read {
		face.Reading = r.step
		face.Age, face.Gender, face.Emotion = j.changes(r)
	}
	if v, ok := g["age"].(float64); ok {
		face.Age = &v
	}
	if v, ok := g["gender"].(float64); ok {
		face.Gender = &v
	}
	if v, ok := g["emotion"].(map[string]float64); ok {
		face.Emotion = v
	}
	if v, ok := g["truncation"].(float64); ok {
		face.Truncation = &v
	}
	face.Size, _ = g["size"].(uint64)
	toward, ok := g["toward"].(uint64)
	if face.At, _ = g["at"].(float64); face.At > 0 && !ok {
		j.fail("portrait: at is given without toward: name the seed of the second person, or leave it out")
	}
	if ok {
		face.Toward = &toward
	}
	return j.pushPicture(Portrait(o, face))
}
