package recipe

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	lua "github.com/yuin/gopher-lua"
	"github.com/yuin/gopher-lua/parse"

	"github.com/atelier-engine/atelier/core/plan"
)

// maxSource is the longest recipe, in bytes.
const maxSource = 64 << 10

// Reader reads sentences for recipes that look at the fields of a reading.
type Reader interface {
	// Read executes a step of KindRead.
	Read(ctx context.Context, step *plan.Step) (Reading, error)
}

// Options of a run. The zero value is a recipe without arguments that cannot
// look at readings.
type Options struct {
	Reader Reader
	Args   map[string]string // the table args
	Seed   uint64            // of math.random, and of portraits that name none
	Print  func(line string) // the job's log; nil: print is silent
	Limits Limits
}

// Result is what a recipe asked for.
type Result struct {
	Saves []*plan.Step // steps of KindSave in the order of the recipe
}

// Error is what is wrong with a recipe, with its file and line in the text.
type Error struct {
	text  string
	cause error
}

func (e *Error) Error() string { return e.text }

// Unwrap gives the failure of the host behind the error: of a reading, or the
// end of the budget or of the context. It is nil for a mistake in the recipe.
func (e *Error) Unwrap() error { return e.cause }

// job is one run of a recipe.
type job struct {
	options Options
	ctx     context.Context
	budget  *budget
	l       *lua.LState
	name    string
	saves   []*plan.Step
	printed int
	failed  error // the last failure of the host
}

// Run executes the source of a recipe and gives the steps it asked for. name
// is the file in errors and origins. The error is an *Error.
func Run(ctx context.Context, name string, source []byte, o Options) (result *Result, err error) {
	j := &job{options: o, ctx: ctx, name: name}
	proto, err := j.compile(source)
	if err != nil {
		return nil, &Error{text: err.Error()}
	}
	j.budget = newBudget(ctx, o.Limits.withDefaults())
	defer j.budget.close()
	j.newState()
	defer j.l.Close()
	j.install()
	defer func() { // gopher-lua catches its own panics in PCall: what is left is a defect
		if v := recover(); v != nil {
			result, err = nil, &Error{text: fmt.Sprintf("%s: the Lua machine failed (%v): this is a defect of the program", name, v)}
		}
	}()
	j.l.Push(j.l.NewFunctionFromProto(proto))
	if err := j.l.PCall(0, 0, nil); err != nil {
		return nil, j.explain(err)
	}
	return &Result{Saves: j.saves}, nil
}

// compile parses, rewrites and compiles the recipe.
func (j *job) compile(source []byte) (proto *lua.FunctionProto, err error) {
	defer func() {
		if v := recover(); v != nil {
			proto, err = nil, fmt.Errorf("%s: the recipe cannot be compiled: %v", j.name, v)
		}
	}()
	if len(source) > maxSource {
		return nil, fmt.Errorf("%s: the recipe has %d KiB: at most %d are allowed", j.name, len(source)>>10, maxSource>>10)
	}
	source = bytes.TrimPrefix(source, []byte("\xef\xbb\xbf"))
	if bytes.IndexByte(source, 0) >= 0 || bytes.HasPrefix(source, []byte("\x1bLua")) {
		return nil, fmt.Errorf("%s: this is no text: a recipe is a Lua script", j.name)
	}
	chunk, err := parse.Parse(bytes.NewReader(source), j.name)
	if err != nil {
		var p *parse.Error
		if !errors.As(err, &p) {
			return nil, fmt.Errorf("%s: %v", j.name, err)
		}
		if p.Pos.Line == parse.EOF {
			return nil, fmt.Errorf("%s:%d: %s at the end of the file", j.name, 1+bytes.Count(source, []byte("\n")), p.Message)
		}
		return nil, fmt.Errorf("%s:%d: %s near %q", j.name, p.Pos.Line, p.Message, p.Token)
	}
	if err := rewrite(chunk); err != nil {
		return nil, fmt.Errorf("%s: %w", j.name, err)
	}
	return lua.Compile(chunk, j.name)
}

// install puts the API into the state.
func (j *job) install() {
	l := j.l
	j.installReading()
	j.installPicture()
	l.SetGlobal("read", l.NewFunction(j.read))
	l.SetGlobal("portrait", l.NewFunction(j.portrait))
	l.SetGlobal("image", l.NewFunction(j.image))
	l.SetGlobal("sheet", l.NewFunction(j.sheet))
	l.SetGlobal("film", l.NewFunction(j.film))
	args := l.NewTable()
	for _, key := range slices.Sorted(maps.Keys(j.options.Args)) {
		args.RawSetString(key, lua.LString(j.options.Args[key]))
	}
	l.SetGlobal("args", args)
}

// origin is the line of the recipe that is being executed.
func (j *job) origin() plan.Origin {
	for level := 0; ; level++ {
		at, ok := j.l.GetStack(level)
		if !ok {
			return plan.Origin{File: j.name}
		}
		if _, err := j.l.GetInfo("Sl", at, lua.LNil); err == nil && at.CurrentLine > 0 {
			return plan.Origin{File: j.name, Line: at.CurrentLine}
		}
	}
}

// fail raises an error in the recipe at the line that is being executed.
func (j *job) fail(format string, args ...any) {
	j.l.Error(lua.LString(j.origin().String()+": "+fmt.Sprintf(format, args...)), 0)
}

// explain turns the error of the Lua machine into one of ours.
func (j *job) explain(err error) error {
	text := err.Error()
	var api *lua.ApiError
	if errors.As(err, &api) {
		text = api.Object.String()
		if t, ok := api.Object.(*lua.LTable); ok {
			text = j.name + ": error: the error value is a table"
			if m := t.RawGetString("message"); m != lua.LNil {
				text = j.name + ": error: " + m.String()
			}
		}
	}
	text = strings.TrimSpace(text)
	if stop := j.budget.Err(); stop != nil {
		if !strings.Contains(text, stop.Error()) {
			text = j.name + ": " + stop.Error()
		}
		return &Error{text: text, cause: stop}
	}
	e := &Error{text: text}
	if j.failed != nil && strings.Contains(text, j.failed.Error()) {
		e.cause = j.failed
	}
	if !strings.HasPrefix(text, j.name) {
		e.text = j.name + ": " + text
	}
	return e
}
