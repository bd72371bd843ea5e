package recipe

import (
	"math/rand/v2"
	"strings"

	lua "github.com/yuin/gopher-lua"
)

// limits of the Lua machine itself
const (
	callDepth     = 200
	registerStart = 4 << 10
	registerMost  = 64 << 10
	registerStep  = 4 << 10
)

func init() {
	// An assignment such as t[60000000] = 1 makes gopher-lua fill the gap below
	// at once: a gigabyte in one instruction. Keys beyond 4 Mi (64 MiB) go into
	// its hash part instead, which has no gaps.
	lua.MaxArrayIndex = 4 << 20
}

// newState makes a Lua state with the allowed parts of the standard library.
// It is an allow list: what a later version of gopher-lua adds stays outside.
func (j *job) newState() {
	l := lua.NewState(lua.Options{
		CallStackSize: callDepth, MinimizeStackMemory: true,
		RegistrySize: registerStart, RegistryMaxSize: registerMost, RegistryGrowStep: registerStep,
		SkipOpenLibs: true,
	})
	j.l = l
	for name, open := range map[string]lua.LGFunction{
		lua.BaseLibName: lua.OpenBase, lua.TabLibName: lua.OpenTable,
		lua.StringLibName: lua.OpenString, lua.MathLibName: lua.OpenMath,
	} {
		l.Push(l.NewFunction(open))
		l.Push(lua.LString(name))
		l.Call(1, 0)
	}
	globals := l.Get(lua.GlobalsIndex).(*lua.LTable)
	keep(globals, append([]string{"_G", "_VERSION", "table", "string", "math"}, baseNames...))
	keep(globals.RawGetString("table").(*lua.LTable), tableNames)
	keep(globals.RawGetString("string").(*lua.LTable), append([]string{"__index"}, stringNames...))
	keep(globals.RawGetString("math").(*lua.LTable), mathNames)

	set := func(table *lua.LTable, functions map[string]lua.LGFunction) {
		for name, f := range functions {
			table.RawSetString(name, l.NewFunction(f))
		}
	}
	set(globals, map[string]lua.LGFunction{"print": j.print, "tostring": j.tostring, concatName: j.concat})
	set(globals.RawGetString("table").(*lua.LTable), map[string]lua.LGFunction{"concat": j.tableConcat})
	set(globals.RawGetString("string").(*lua.LTable), map[string]lua.LGFunction{
		"find": j.stringFind, "match": j.stringMatch, "gmatch": j.stringGmatch, "gsub": j.stringGsub,
		"rep": j.stringRep, "format": j.stringFormat,
	})
	random := rand.NewPCG(j.options.Seed, randomStream)
	set(globals.RawGetString("math").(*lua.LTable), map[string]lua.LGFunction{
		"random": j.random(random), "randomseed": func(l *lua.LState) int {
			random.Seed(uint64(whole(l.CheckNumber(1))), randomStream)
			return 0
		},
	})
	l.SetContext(j.budget)
}

// keep removes all but the named entries.
func keep(t *lua.LTable, names []string) {
	allowed := map[string]bool{}
	for _, n := range names {
		allowed[n] = true
	}
	var gone []lua.LValue
	t.ForEach(func(k, _ lua.LValue) {
		if k.Type() != lua.LTString || !allowed[lua.LVAsString(k)] {
			gone = append(gone, k)
		}
	})
	for _, k := range gone {
		t.RawSet(k, lua.LNil)
	}
}

// randomStream keeps the random numbers of recipes apart from other uses of
// the same seed.
const randomStream = 0x6174656c696572

// random is math.random: in [0,1), or whole numbers from 1 or from m to n.
func (j *job) random(source *rand.PCG) lua.LGFunction {
	r := rand.New(source)
	return func(l *lua.LState) int {
		low, high := int64(1), int64(0)
		switch l.GetTop() {
		case 0:
			l.Push(lua.LNumber(r.Float64()))
			return 1
		case 1:
			high = whole(l.CheckNumber(1))
		default:
			low, high = whole(l.CheckNumber(1)), whole(l.CheckNumber(2))
		}
		if high < low || uint64(high)-uint64(low) >= 1<<53 {
			j.fail("random: no whole numbers from %d to %d to choose from", low, high)
		}
		l.Push(lua.LNumber(low + r.Int64N(high-low+1)))
		return 1
	}
}

// print writes its arguments to the job's log.
func (j *job) print(l *lua.LState) int {
	parts := make([]string, l.GetTop())
	size := 0
	for i := range parts {
		parts[i] = j.text(l.Get(i + 1))
		size += len(parts[i])
		j.room(size)
	}
	j.pay(size)
	if j.printed += size + 1; j.printed > maxString {
		j.fail("print: more than %d KiB in one recipe", maxString>>10)
	}
	if j.options.Print != nil {
		j.options.Print(strings.Join(parts, "\t"))
	}
	return 0
}

func (j *job) tostring(l *lua.LState) int {
	l.Push(lua.LString(j.text(l.CheckAny(1))))
	return 1
}

// text is tostring without the addresses of tables and functions, which would
// make a recipe behave differently from run to run.
func (j *job) text(v lua.LValue) string {
	if meta := j.l.GetMetaField(v, "__tostring"); meta != lua.LNil {
		return j.l.ToStringMeta(v).String()
	}
	if v.Type() == lua.LTTable || v.Type() == lua.LTFunction || v.Type() == lua.LTUserData {
		return v.Type().String()
	}
	return v.String()
}
