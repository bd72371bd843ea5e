package recipe

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/atelier-engine/atelier/core/plan"
)

// happy reads every sentence as a happy one of a man of 70.
type happy struct{ calls int }

func (h *happy) Read(_ context.Context, s *plan.Step) (Reading, error) {
	h.calls++
	if strings.Contains(s.Text("text"), "broken") {
		return Reading{}, &plan.Error{Step: "read", Origin: s.Origin(), Err: errHost}
	}
	return Reading{
		Text: s.Text("text"), Analyzer: "test", Language: "en", Age: 70, AgeMin: 60, AgeMax: 80, Gender: 1,
		Emotions: map[string]float64{"happy": 0.9, "neutral": 0.1},
		Reasons:  []Reason{{"joyful", "happy", 2}}, Shown: "happy #########",
	}, nil
}

var errHost = errors.New("the plugin ended")

// describe writes a step as one line.
func describe(s *plan.Step) string {
	var parts []string
	for _, name := range []string{"text", "path", "name"} {
		if v := s.Text(name); v != "" {
			parts = append(parts, name+"="+v)
		}
	}
	for _, name := range []string{"intensity", "age", "gender"} {
		if v, ok := s.Number(name); ok {
			parts = append(parts, fmt.Sprintf("%s=%g", name, v))
		}
	}
	if v, ok := s.Weights("emotion"); ok {
		parts = append(parts, fmt.Sprintf("emotion=%v", v))
	}
	if v, ok := s.Whole("seed"); ok {
		parts = append(parts, fmt.Sprintf("seed=%d", v))
	}
	if v, ok := s.Whole("factor"); ok {
		parts = append(parts, fmt.Sprintf("factor=%d", v))
	}
	line := fmt.Sprintf("%s@%d(%s)", s.Kind(), s.Origin().Line, strings.Join(parts, " "))
	for _, in := range s.Inputs() {
		line = describe(in) + " > " + line
	}
	return line
}

func run(source string, o Options) ([]string, string, error) {
	var log []string
	o.Print = func(line string) { log = append(log, line) }
	if o.Reader == nil {
		o.Reader = &happy{}
	}
	r, err := Run(context.Background(), "r.lua", []byte(source), o)
	if err != nil {
		return nil, strings.Join(log, "\n"), err
	}
	var steps []string
	for _, s := range r.Saves {
		steps = append(steps, describe(s))
	}
	return steps, strings.Join(log, "\n"), nil
}

func TestSteps(t *testing.T) {
	for name, c := range map[string]struct {
		source string
		want   []string
	}{
		"nothing": {"", nil},
		"text": {`portrait{text="an old man", seed=7}:save("a.png")`,
			[]string{"read@1(text=an old man) > portrait@1(seed=7) > save@1(path=a.png)"}},
		"chain": {"local p = image('x.jpg')\np:style('cubism', 0.5):save('b.png')\np:save('c.png')", []string{
			"image@1(path=x.jpg) > style@2(name=cubism intensity=0.5) > save@2(path=b.png)",
			"image@1(path=x.jpg) > save@3(path=c.png)"}},
		"intensity by default": {`image("x"):style("popart"):save("y.png")`,
			[]string{"image@1(path=x) > style@1(name=popart intensity=1) > save@1(path=y.png)"}},
		"upscale": {`image("x"):upscale():upscale(2):save("y.png")`,
			[]string{"image@1(path=x) > upscale@1(factor=4) > upscale@1(factor=2) > save@1(path=y.png)"}},
		"seed of the job": {`portrait{age=30, gender="woman", emotion="sad"}:save("y.png")`,
			[]string{"portrait@1(age=30 gender=-1 emotion=map[sad:1] seed=42) > save@1(path=y.png)"}},
		"reading left alone": {`local r = read("t") print(r) print(r.age, r.emotion.happy) portrait{reading=r}:save("y.png")`,
			[]string{"read@1(text=t) > portrait@1(seed=42) > save@1(path=y.png)"}},
		"reading never looked at": {`portrait{reading=read("broken")}:save("y.png")`,
			[]string{"read@1(text=broken) > portrait@1(seed=42) > save@1(path=y.png)"}},
		"reading changed": {`local r = read("t") r.age = r.age + 5 r.gender = "woman" r.emotion.sad = 0.5
			portrait{reading=r, age=20}:save("y.png")`,
			[]string{"read@1(text=t) > portrait@2(age=20 gender=-1 emotion=map[angry:0 disgusted:0 fearful:0 happy:0.9 neutral:0.1 sad:0.5 surprised:0] seed=42) > save@2(path=y.png)"}},
		"emotion assigned by name": {`local r = read("t") r.emotion = "angry" print(r.emotion.angry, r.emotion.sad)
			portrait{reading=r}:save("y.png")`,
			[]string{"read@1(text=t) > portrait@2(emotion=map[angry:1 disgusted:0 fearful:0 happy:0 neutral:0 sad:0 surprised:0] seed=42) > save@2(path=y.png)"}},
		"args": {`image(args.photo or "none"):save((args.out or "x") .. ".png")`,
			[]string{"image@1(path=p.jpg) > save@1(path=x.png)"}},
	} {
		t.Run(name, func(t *testing.T) {
			got, _, err := run(c.source, Options{Seed: 42, Args: map[string]string{"photo": "p.jpg"}})
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestReadingIsReadOnce(t *testing.T) {
	h := &happy{}
	_, log, err := run(`local r = read("t") print(r) print(r.age, r.text, r.reasons[1].word, r.confidence)`, Options{Reader: h})
	if err != nil {
		t.Fatal(err)
	}
	if log != "happy #########\n70\tt\tjoyful\t0" || h.calls != 1 {
		t.Errorf("%d calls, log %q", h.calls, log)
	}
}

func TestErrors(t *testing.T) {
	for source, want := range map[string]string{
		"x = = 1":                              `r.lua:1: syntax error near "="`,
		"if true then":                         "r.lua:1: syntax error at the end of the file",
		"local x = 'abc":                       "r.lua:1: unterminated string at the end of the file",
		"\nportrate{}":                         "r.lua:2: attempt to call a non-function object",
		"portrait{emotoin='sad'}":              `r.lua:1: portrait: unknown argument "emotoin": did you mean "emotion"?`,
		"portrait{emotion='hapy'}":             `r.lua:1: portrait: argument "emotion" names the unknown emotion "hapy": did you mean "happy"?`,
		"portrait{emotion={sad=2}}":            `r.lua:1: portrait: argument "emotion" gives sad the weight "2": it must be a number from 0 to 1`,
		"portrait{emotion={sad=0}}":            `r.lua:1: portrait: argument "emotion" has no weight above 0: name at least one emotion, such as { happy = 1 }`,
		"portrait{emotion={'sad'}}":            `r.lua:1: portrait: argument "emotion" names the unknown emotion "1": there is angry, disgusted, fearful, happy, neutral, sad, surprised`,
		"portrait{age=91}":                     `r.lua:1: portrait: argument "age" is 91: it must be a number from 16 to 90 years`,
		"portrait{age='old'}":                  `r.lua:1: portrait: argument "age" is the string "old": it must be a number from 16 to 90 years`,
		"portrait{age=0/0}":                    `r.lua:1: portrait: argument "age" is NaN: it must be a number from 16 to 90 years`,
		"portrait{gender='mann'}":              `r.lua:1: portrait: argument "gender" is "mann": did you mean "man"?`,
		"portrait{gender=3}":                   `r.lua:1: portrait: argument "gender" is 3: it must be a number from -1 to 1`,
		"portrait{seed=1.5}":                   `r.lua:1: portrait: argument "seed" is 1.5: it must be a whole number from 0 to 9007199254740992`,
		"portrait{seed=-1}":                    `r.lua:1: portrait: argument "seed" is -1: it must be a whole number from 0 to 9007199254740992`,
		"portrait('text')":                     `r.lua:1: portrait: a table of arguments is needed, not the string "text": write portrait { text = ... }`,
		"portrait{text='a',reading=read('b')}": "r.lua:1: portrait: text and reading are both given: leave one out",
		"portrait{reading=image('b')}":         `r.lua:1: portrait: argument "reading" is a picture: it must be a reading`,
		"portrait{text=' '}":                   `r.lua:1: portrait: argument "text" is empty: it must be a string`,
		"read()":                               `r.lua:1: read: argument "text" is missing: it must be a string`,
		"read('a','b')":                        "r.lua:1: read: 2 arguments given: it takes at most 1",
		"image(3)":                             `r.lua:1: image: argument "path" is a number: it must be a string`,
		"image('x'):stile('a')":                `r.lua:1: a picture has no method "stile": did you mean "style"?`,
		"image('x').style('a')":                `r.lua:1: picture:style: it is called on the string "a": write picture:style(...), with a colon`,
		"image('x'):style('a', 2)":             `r.lua:1: picture:style: argument "intensity" is 2: it must be a number from 0 to 1.5`,
		"image('x'):upscale(3)":                "r.lua:1: picture:upscale: argument \"factor\" is 3: it must be 2, 4 or 8",
		"image('x'):upscale(16)":               `r.lua:1: picture:upscale: argument "factor" is 16: it must be a whole number from 2 to 8`,
		"image('x').y = 1":                     "r.lua:1: a picture cannot be changed: style and upscale give a new one",
		"print(read('x').aeg)":                 `r.lua:1: a reading has no field "aeg": did you mean "age"?`,
		"read('x').valence = 1":                "r.lua:1: a reading's valence cannot be changed: emotion, age and gender can",
		"read('x').age = 200":                  `r.lua:1: reading: field "age" is 200: it must be a number from 16 to 90 years`,
		"local r=read('x') r.emotion.joy=1 portrait{reading=r}": `r.lua:1: reading: field "emotion" names the unknown emotion "joy": there is angry, disgusted, fearful, happy, neutral, sad, surprised`,
		"\n\nprint(read('broken').age)":                         "r.lua:3: read: the plugin ended",
		"error('mine')":                                         "r.lua:1: mine",
		"error('mine', 0)":                                      "r.lua: mine",
		"error({message='mine'})":                               "r.lua: error: mine",
		"local t = nil; t.x = 1":                                "r.lua:1: attempt to index a non-table object(nil) with key 'x'",
		"print({} .. 'x')":                                      "r.lua:1: ..: a table cannot be joined: use tostring()",
		"('x'):rep(1e9)":                                        "r.lua:1: a string of more than 1024 KiB: recipes make no longer ones",
		"string.format('%y', 1)":                                "r.lua:1: format: unknown %y: there is %d %i %u %c %x %X %o %e %E %f %g %G %q %s",
		"string.format('%999d', 1)":                             "r.lua:1: format: unknown %9: there is %d %i %u %c %x %X %o %e %E %f %g %G %q %s",
		"string.find('a', '[a')":                                "r.lua:1: a ']' is missing in the pattern",
		"string.find('a', '%')":                                 "r.lua:1: the pattern ends with '%'",
		"string.find('a', '(a')":                                "r.lua:1: a '(' in the pattern is not closed",
		"string.rep('x', 5):find(('a'):rep(5000)..'.')":         "r.lua:1: the pattern has 5001 bytes: at most 4096 are allowed",
		"math.random(0)":                                        "r.lua:1: random: no whole numbers from 1 to 0 to choose from",
		"math.random(-2^60, 2^60)":                              "r.lua:1: random: no whole numbers from -1152921504606846976 to 1152921504606846976 to choose from",
		"\x1bLua":                                               "r.lua: this is no text: a recipe is a Lua script",
	} {
		_, _, err := run(source, Options{})
		var e *Error
		if !errors.As(err, &e) || err.Error() != want {
			t.Errorf("%s\n got  %v\n want %s", source, err, want)
		}
	}
	_, _, err := run("print(read('broken').age)", Options{})
	if !errors.Is(err, errHost) {
		t.Errorf("the cause is lost: %#v", err)
	}
}

// What the sandbox must not have.
func TestNothingElseIsThere(t *testing.T) {
	_, log, err := run(`
		for _, name in ipairs{"load","loadstring","loadfile","dofile","require","module","collectgarbage","newproxy",
			"getfenv","setfenv","os","io","debug","package","coroutine","channel","_printregs","_GOPHER_LUA_VERSION"} do
			if _G[name] ~= nil then print("there is " .. name) end
		end
		if string.dump then print("there is string.dump") end
		if getmetatable(image("x")) ~= "picture" then print("the metatable is open") end
		print(pcall(setmetatable, image("x"), {}))
		print(tostring({}), tostring(print), tostring(image("x")))`, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if log != "false\tr.lua: cannot change a protected metatable\ntable\tfunction\tpicture" && !strings.HasPrefix(log, "false\t") {
		t.Error(log)
	}
	if strings.Contains(log, "there is") || strings.Contains(log, "open") || !strings.HasSuffix(log, "table\tfunction\tpicture") {
		t.Error(log)
	}
}

func TestRandomComesFromTheSeed(t *testing.T) {
	numbers := func(seed uint64, source string) string {
		_, log, err := run(source+` print(math.random(), math.random(6), math.random(-5, 5))`, Options{Seed: seed})
		if err != nil {
			t.Fatal(err)
		}
		return log
	}
	a := numbers(1, "")
	if a != numbers(1, "") || a == numbers(2, "") {
		t.Error("the numbers do not follow the seed")
	}
	if numbers(1, "math.randomseed(9)") != numbers(2, "math.randomseed(9)") {
		t.Error("randomseed does nothing")
	}
}

// Recipes that would run on for ever or eat the machine stop, each for its reason.
func TestBombsStop(t *testing.T) {
	limits := Limits{Instructions: 2_000_000, Time: 20 * time.Second, Memory: 64 << 20}
	for name, c := range map[string]struct{ source, want string }{
		"loop":            {"while true do end", "instructions"},
		"caught loop":     {"while true do pcall(function() while true do end end) end", "instructions"},
		"pattern":         {`("a"):rep(60):find(("a*"):rep(30) .. "b")`, "r.lua:1: the recipe was stopped: more than"},
		"short pattern":   {`("a"):rep(60):find(("a-"):rep(30) .. "b")`, "r.lua:1: the recipe was stopped: more than"},
		"optional":        {`("a"):rep(40):match(("a?"):rep(40) .. ("a"):rep(40) .. "b")`, "r.lua:1: the recipe was stopped: more than"},
		"balanced":        {`("("):rep(2^20):find("%b()%b()")`, "instructions"},
		"many finds":      {`local s = ("a"):rep(2^20) for i = 1, 1e9 do s:find("b", 1, true) end`, ""},
		"gsub":            {`local s = ("a"):rep(2^20) for i = 1, 1e9 do s = s:gsub(".", "b") end`, ""},
		"growing gsub":    {`local s = "a" for i = 1, 100 do s = s:gsub("a", "aa") end`, "instructions"},
		"doubling":        {`local s = "aaaaaaaa" while true do s = s .. s end`, "1024 KiB"},
		"chain":           {`local s = ("x"):rep(2^19) s = s .. s .. s .. s`, "1024 KiB"},
		"concat":          {`local t = {} for i = 1, 100 do t[i] = ("x"):rep(2^20) end table.concat(t)`, ""},
		"strings":         {`local t = {} for i = 1, 1e9 do t[i] = ("x"):rep(2^20 - i) end`, ""},
		"table of tables": {`local t = {} while true do t = {t, {}, {}, {}, {}, {}, {}, {}} end`, ""},
		"recursion":       {"local function f() return 1 + f() end f()", "stack overflow"},
		"metatables":      {"local t = setmetatable({}, {}) getmetatable(t).__index = function(_, k) return t[k .. 'x'] end print(t.a)", "stack overflow"},
		"unpack":          {"unpack({}, 1, 1e8)", "registry overflow"},
		"bytes":           {`("x"):rep(2^20):byte(1, -1)`, "registry overflow"},
		"nesting":         {"x = " + strings.Repeat("{", 5000) + "1" + strings.Repeat("}", 5000), "nesting"},
		"long":            {strings.Repeat("x = 1\n", 20000), "at most 64"},
		"prints":          {`while true do print(("x"):rep(1000)) end`, "print: more than"},
		"saves":           {`local p = image("x") while true do p:save("y.png") end`, "save: more than"},
	} {
		t.Run(name, func(t *testing.T) {
			_, _, err := run(c.source, Options{Limits: limits})
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want an error about %q", err, c.want)
			}
		})
	}
}

func TestDeadlineAndCancel(t *testing.T) {
	endless := Limits{Instructions: 1 << 60, Time: 30 * time.Millisecond}
	_, _, err := run("while true do end", Options{Limits: endless})
	if !errors.Is(err, ErrBudget) || !strings.Contains(err.Error(), "r.lua:1: the recipe was stopped: it ran for more than 30ms") {
		t.Errorf("got %v", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	_, err = Run(ctx, "r.lua", []byte("while true do end"), Options{Limits: Limits{Instructions: 1 << 60}})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

func FuzzRecipe(f *testing.F) {
	for _, s := range []string{
		`portrait{text="x", emotion={happy=0.5}}:style("a", 1):save("x.png")`,
		`local r = read("x") r.age = 3 print(r, #r.reasons)`,
		`for w in ("a b c"):gmatch("%a+") do print(w) end`,
		`print(("x"):rep(10):gsub("x", {x = 1}), string.format("%5.2f|%q|%s", 1, "a", {}))`,
		`t = setmetatable({}, {__index = function(t, k) return k .. k end}) print(t.x .. 1 .. 2)`,
		`return pcall(error, {}) , select("#", unpack({1, 2, 3})), ("x"):find("(x)()%1", -1)`,
	} {
		f.Add(s)
	}
	limits := Limits{Instructions: 20_000, Time: 5 * time.Second, Memory: 128 << 20}
	f.Fuzz(func(t *testing.T, source string) {
		start := time.Now()
		_, _, err := run(source, Options{Limits: limits})
		if time.Since(start) > 30*time.Second {
			t.Errorf("the limits did not stop it")
		}
		if err != nil && (strings.Contains(err.Error(), "defect") || !strings.HasPrefix(err.Error(), "r.lua")) {
			t.Errorf("%q gives %v", source, err)
		}
	})
}
