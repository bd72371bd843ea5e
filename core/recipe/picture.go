package recipe

import (
	lua "github.com/yuin/gopher-lua"

	"github.com/atelier-engine/atelier/core/plan"
)

// A picture in a recipe is a *plan.Step in userdata whose metatable has the
// methods of pictures.

const pictureMeta = "atelier.picture"

func (j *job) installPicture() {
	l := j.l
	methods := map[string]lua.LGFunction{apiStyle.Name: j.style, apiSave.Name: j.save}
	table := l.NewTable()
	names := make([]string, 0, len(methods))
	for name, f := range methods {
		table.RawSetString(name, l.NewFunction(f))
		names = append(names, name)
	}
	meta := l.NewTypeMetatable(pictureMeta)
	meta.RawSetString("__metatable", lua.LString("picture"))
	meta.RawSetString("__index", l.NewFunction(func(l *lua.LState) int {
		name := lua.LVAsString(l.Get(2))
		if v := table.RawGetString(name); v != lua.LNil {
			l.Push(v)
			return 1
		}
		j.fail("a picture has no method %s%s", quote(name), plan.Hint(name, names))
		return 0
	}))
	meta.RawSetString("__newindex", l.NewFunction(func(*lua.LState) int {
		j.fail("a picture cannot be changed: style gives a new one")
		return 0
	}))
	meta.RawSetString("__tostring", l.NewFunction(func(l *lua.LState) int {
		l.Push(lua.LString("picture"))
		return 1
	}))
}

func (j *job) pushPicture(s *plan.Step) int {
	u := j.l.NewUserData()
	u.Value = s
	u.Metatable = j.l.GetTypeMetatable(pictureMeta)
	j.l.Push(u)
	return 1
}

// self is the picture that a method was called on.
func (j *job) self(f Function) *plan.Step {
	if u, ok := j.l.Get(1).(*lua.LUserData); ok {
		if s, ok := u.Value.(*plan.Step); ok {
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

func (j *job) save(l *lua.LState) int {
	pic := j.self(apiSave)
	g := j.check(apiSave, 2)
	if len(j.saves) >= maxSaves {
		j.fail("save: more than %d pictures: split the recipe", maxSaves)
	}
	j.saves = append(j.saves, Save(j.origin(), pic, g["path"].(string)))
	l.Push(l.Get(1))
	return 1
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
	return j.pushPicture(Portrait(o, face))
}
