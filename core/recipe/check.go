package recipe

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	lua "github.com/yuin/gopher-lua"

	"github.com/atelier-engine/atelier/core/plan"
)

// given are the checked arguments of a call by name: string, float64, uint64,
// bool, *reading, map[string]float64, *plan.Step, or lists.
type given map[string]any

// check reads the arguments of a call of f from position first of the stack
// and raises an error that names the function, the argument and what it may be.
func (j *job) check(f Function, first int) given {
	g := given{}
	t, named := j.l.Get(first).(*lua.LTable)
	if f.Table && (named || f.Short == 0) {
		if !named {
			j.fail("%s: a table of arguments is needed, not %s: write %s { %s = ... }", f.Name, article(j.l.Get(first)), f.Name, f.Args[0].Name)
		}
		names := make([]string, len(f.Args))
		for i, a := range f.Args {
			names[i] = a.Name
		}
		t.ForEach(func(k, _ lua.LValue) {
			if name := lua.LVAsString(k); k.Type() != lua.LTString || !slices.Contains(names, name) {
				j.fail("%s: unknown argument %s%s", f.Name, quote(name), plan.Hint(name, names))
			}
		})
		for _, a := range f.Args {
			j.one(f, a, t.RawGetString(a.Name), g)
		}
		return g
	}
	args := f.Args
	if f.Short > 0 {
		args = args[:f.Short]
	}
	if top := j.l.GetTop(); top-first+1 > len(args) {
		j.fail("%s: %d arguments given: it takes at most %d", f.title(), top-first+1, len(args))
	}
	for i, a := range args {
		j.one(f, a, j.l.Get(first+i), g)
	}
	return g
}

// one checks the value of one argument.
func (j *job) one(f Function, a Arg, v lua.LValue, g given) {
	if v == lua.LNil {
		if a.Required {
			j.fail("%s: argument %q is missing: it must be %s", f.title(), a.Name, a.allowed())
		}
		return
	}
	value, problem := j.value(a, v)
	if problem != "" {
		j.fail("%s: argument %q %s", f.title(), a.Name, problem)
	}
	g[a.Name] = value
}

// value converts one argument, or says what is wrong with it.
func (j *job) value(a Arg, v lua.LValue) (any, string) {
	wrong := "is " + article(v) + ": it must be " + a.allowed()
	switch a.Type {
	case Text:
		if s, ok := v.(lua.LString); ok {
			if strings.TrimSpace(string(s)) == "" {
				return nil, "is empty: it must be " + a.allowed()
			}
			if strings.ContainsRune(string(s), 0) {
				return nil, "holds a zero byte: it must be plain text"
			}
			return string(s), ""
		}
	case Number, Whole:
		n, ok := v.(lua.LNumber)
		if !ok {
			return nil, wrong
		}
		f := float64(n)
		if !(f >= a.Min && f <= a.Max) || a.Type == Whole && f != math.Trunc(f) {
			return nil, fmt.Sprintf("is %v: it must be %s", f, a.allowed())
		}
		if a.Type == Whole {
			return uint64(f), ""
		}
		return f, ""
	case OneReading:
		if u, ok := v.(*lua.LUserData); ok {
			if r, ok := u.Value.(*reading); ok {
				return r, ""
			}
		}
	case Gender:
		if s, ok := v.(lua.LString); ok {
			known := Genders()
			if g, ok := known[string(s)]; ok {
				return g, ""
			}
			return nil, fmt.Sprintf("is %q%s", string(s), plan.Hint(string(s), slices.Collect(maps.Keys(known))))
		}
		return j.value(Arg{Type: Number, Min: a.Min, Max: a.Max}, v)
	case Feelings:
		return feelings(v, wrong)
	case Source, Ground, Size, Choice, Numbers:
		return j.paintingValue(a, v, wrong)
	case Flag:
		if b, ok := v.(lua.LBool); ok {
			return bool(b), ""
		}
	case Pictures, Texts:
		return j.list(a, v)
	case Rows, TextRows:
		return j.lists(a, v)
	}
	return nil, wrong
}

// feelings reads an emotion's name, or a table of names and weights.
func feelings(v lua.LValue, wrong string) (any, string) {
	known := Emotions()
	unknown := func(name string) string {
		return fmt.Sprintf("names the unknown emotion %s%s", quote(name), plan.Hint(name, known))
	}
	switch v := v.(type) {
	case lua.LString:
		if !slices.Contains(known, string(v)) {
			return nil, unknown(string(v))
		}
		return map[string]float64{string(v): 1}, ""
	case *lua.LTable:
		out, problem, sum := map[string]float64{}, "", 0.0
		v.ForEach(func(k, w lua.LValue) {
			name := lua.LVAsString(k)
			n, ok := w.(lua.LNumber)
			switch {
			case problem != "":
			case k.Type() != lua.LTString || !slices.Contains(known, name):
				problem = unknown(name)
			case !ok || !(n >= 0 && n <= 1):
				problem = fmt.Sprintf("gives %s the weight %s: it must be a number from 0 to 1", name, quote(lua.LVAsString(w)))
			default:
				out[name] = float64(n)
				sum += float64(n)
			}
		})
		if problem == "" && sum <= 0 {
			problem = "has no weight above 0: name at least one emotion, such as { happy = 1 }"
		}
		return out, problem
	}
	return nil, wrong
}

// article names the type of a value for an error.
func article(v lua.LValue) string {
	switch v.Type() {
	case lua.LTNil:
		return "nothing"
	case lua.LTUserData:
		if u, ok := v.(*lua.LUserData); ok {
			if s, ok := u.Value.(*plan.Step); ok {
				if isFilm(s) {
					return "a film"
				}
				return "a picture"
			}
			return "a reading"
		}
	case lua.LTString:
		return "the string " + quote(lua.LVAsString(v))
	}
	return "a " + v.Type().String()
}

// quote shortens and quotes what a recipe gave, for an error of one line.
func quote(s string) string {
	if len(s) > 60 {
		s = s[:57] + "..."
	}
	return fmt.Sprintf("%q", s)
}
