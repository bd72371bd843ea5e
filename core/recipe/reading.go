package recipe

import (
	"maps"

	lua "github.com/yuin/gopher-lua"

	"github.com/atelier-engine/atelier/core/plan"
)

// Reading is what was read of a sentence, as recipes see it.
type Reading struct {
	Text, Analyzer, Language    string
	Emotions                    map[string]float64 // by name, sum 1
	Age, AgeMin, AgeMax         float64            // years
	Gender                      float64            // -1 woman to 1 man
	Valence, Arousal, Certainty float64
	Reasons                     []Reason
	Shown                       string // the reading as lines of text, for print
}

// Reason is a word that decided.
type Reason struct {
	Word, For string
	Weight    float64
}

// reading is a Reading inside a recipe: a step, and once a field was looked
// at, the values in Lua.
type reading struct {
	step   *plan.Step
	known  *Reading
	fields *lua.LTable
}

// readingFields are the fields in the order of the reference.
var readingFields = []struct {
	name   string
	change bool
	doc    string
	get    func(l *lua.LState, r *Reading) lua.LValue
}{
	{"emotion", true, "a table of the seven emotions and their weights, sum 1; its entries can be changed one by one", func(l *lua.LState, r *Reading) lua.LValue {
		t := l.NewTable()
		for _, name := range Emotions() {
			t.RawSetString(name, lua.LNumber(r.Emotions[name]))
		}
		return t
	}},
	{"age", true, "years", func(_ *lua.LState, r *Reading) lua.LValue { return lua.LNumber(r.Age) }},
	{"gender", true, "from -1 (woman) to 1 (man)", func(_ *lua.LState, r *Reading) lua.LValue { return lua.LNumber(r.Gender) }},
	{"age_min", false, "the youngest that fits", func(_ *lua.LState, r *Reading) lua.LValue { return lua.LNumber(r.AgeMin) }},
	{"age_max", false, "the oldest that fits", func(_ *lua.LState, r *Reading) lua.LValue { return lua.LNumber(r.AgeMax) }},
	{"valence", false, "from -1 (unpleasant) to 1 (pleasant)", func(_ *lua.LState, r *Reading) lua.LValue { return lua.LNumber(r.Valence) }},
	{"arousal", false, "from 0 (calm) to 1 (excited)", func(_ *lua.LState, r *Reading) lua.LValue { return lua.LNumber(r.Arousal) }},
	{"confidence", false, "from 0 to 1", func(_ *lua.LState, r *Reading) lua.LValue { return lua.LNumber(r.Certainty) }},
	{"text", false, "the sentence", func(_ *lua.LState, r *Reading) lua.LValue { return lua.LString(r.Text) }},
	{"language", false, "its language", func(_ *lua.LState, r *Reading) lua.LValue { return lua.LString(r.Language) }},
	{"analyzer", false, "the plugin that read it", func(_ *lua.LState, r *Reading) lua.LValue { return lua.LString(r.Analyzer) }},
	{"reasons", false, "a list of { word=, for_=, weight= }: the words that decided, and for what", func(l *lua.LState, r *Reading) lua.LValue {
		list := l.NewTable()
		for _, reason := range r.Reasons {
			t := l.NewTable()
			t.RawSetString("word", lua.LString(reason.Word))
			t.RawSetString("for_", lua.LString(reason.For))
			t.RawSetString("weight", lua.LNumber(reason.Weight))
			list.Append(t)
		}
		return list
	}},
}

const readingMeta = "atelier.reading"

func (j *job) read(*lua.LState) int {
	g := j.check(apiRead, 1)
	u := j.l.NewUserData()
	u.Value = &reading{step: Read(j.origin(), g["text"].(string))}
	u.Metatable = j.l.GetTypeMetatable(readingMeta)
	j.l.Push(u)
	return 1
}

func (j *job) installReading() {
	meta := j.l.NewTypeMetatable(readingMeta)
	meta.RawSetString("__metatable", lua.LString("reading"))
	of := func(l *lua.LState) *reading {
		u, ok := l.Get(1).(*lua.LUserData)
		if !ok {
			j.fail("a reading is needed, not %s", article(l.Get(1)))
		}
		return u.Value.(*reading)
	}
	meta.RawSetString("__index", j.l.NewFunction(func(l *lua.LState) int {
		name := j.field(lua.LVAsString(l.Get(2)), false)
		r := of(l)
		j.know(r)
		l.Push(r.fields.RawGetString(name))
		return 1
	}))
	meta.RawSetString("__newindex", j.l.NewFunction(func(l *lua.LState) int {
		name := j.field(lua.LVAsString(l.Get(2)), true)
		r := of(l)
		j.know(r)
		v := l.Get(3)
		checked := j.assigned(name, v)
		switch value := checked.(type) { // a name becomes its numbers
		case float64:
			v = lua.LNumber(value)
		case map[string]float64:
			v = readingFields[0].get(l, &Reading{Emotions: value})
		}
		r.fields.RawSetString(name, v)
		return 0
	}))
	meta.RawSetString("__tostring", j.l.NewFunction(func(l *lua.LState) int {
		r := of(l)
		j.know(r)
		l.Push(lua.LString(r.known.Shown))
		return 1
	}))
}

// field checks the name of a field.
func (j *job) field(name string, change bool) string {
	names := make([]string, len(readingFields))
	for i, f := range readingFields {
		names[i] = f.name
		if f.name == name {
			if change && !f.change {
				j.fail("a reading's %s cannot be changed: emotion, age and gender can", name)
			}
			return name
		}
	}
	j.fail("a reading has no field %s%s", quote(name), plan.Hint(name, names))
	return ""
}

// assigned checks a new value with the table of portrait's arguments.
func (j *job) assigned(name string, v lua.LValue) any {
	for _, a := range apiPortrait.Args {
		if a.Name == name {
			value, problem := j.value(a, v)
			if problem != "" {
				j.fail("reading: field %q %s", name, problem)
			}
			return value
		}
	}
	return nil
}

// know has the sentence read by the host, once.
func (j *job) know(r *reading) {
	if r.known != nil {
		return
	}
	if j.options.Reader == nil {
		j.fail("read: the fields of a reading cannot be looked at here")
	}
	err := j.budget.inHost(func() error {
		known, err := j.options.Reader.Read(j.ctx, r.step)
		r.known = &known
		return err
	})
	if err != nil {
		r.known = nil
		j.failed = err
		j.l.Error(lua.LString(err.Error()), 0)
	}
	r.fields = j.l.NewTable()
	for _, f := range readingFields {
		r.fields.RawSetString(f.name, f.get(j.l, r.known))
	}
}

// changes gives what a recipe changed of a reading; nil for what it left.
func (j *job) changes(r *reading) (age, gender *float64, emotion map[string]float64) {
	if r.known == nil {
		return nil, nil, nil
	}
	age = j.changed("age", r.fields, r.known.Age)
	gender = j.changed("gender", r.fields, r.known.Gender)
	now := j.assigned("emotion", r.fields.RawGetString("emotion")).(map[string]float64)
	before := map[string]float64{}
	for _, name := range Emotions() {
		before[name] = r.known.Emotions[name]
	}
	if !maps.Equal(now, before) {
		emotion = now
	}
	return age, gender, emotion
}

// changed gives the number in a field, or nil when it is still what was read:
// only what the recipe itself wrote must be in the range of a portrait.
func (j *job) changed(name string, fields *lua.LTable, before float64) *float64 {
	v := fields.RawGetString(name)
	if v == lua.LNumber(before) {
		return nil
	}
	now := j.assigned(name, v).(float64)
	return &now
}
