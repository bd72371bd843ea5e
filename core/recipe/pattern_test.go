package recipe

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// What Lua 5.1 gives for the same calls.
func TestPatterns(t *testing.T) {
	for source, want := range map[string]string{
		`("hello world"):find("o w")`:                  "5\t7",
		`("hello world"):find("l+")`:                   "3\t4",
		`("hello"):find("")`:                           "1\t0",
		`("hello"):find("", 10)`:                       "nil",
		`("hello"):find("", 6)`:                        "6\t5",
		`("hello"):find("l", -2)`:                      "4\t4",
		`("a.b"):find(".", 1, true)`:                   "2\t2",
		`("a.b"):find("%.")`:                           "2\t2",
		`("key = value"):match("^(%w+)%s*=%s*(%w+)$")`: "key\tvalue",
		`("  trim  "):match("^%s*(.-)%s*$")`:           "trim",
		`("abc"):match("()b()")`:                       "2\t3",
		`("abc"):match("x?b")`:                         "b",
		`("f(a(b)c)d"):match("%b()")`:                  "(a(b)c)",
		`("THE (quick) fox"):find("%((%a+)%)")`:        "5\t11\tquick",
		`("say 'hi' \"x\""):match("(['\"])(.-)%1")`:    "'\thi",
		`("THE (quick) fox"):match("%f[%a]%a+%f[%A]")`: "THE",
		`("x]y"):match("[]]")`:                         "]",
		`("x^y"):match("[x^]+")`:                       "x^",
		`("x-y"):match("[a-]")`:                        "-",
		`("x%y"):match("[%%]")`:                        "%",
		`("abc123"):match("[^%d]+")`:                   "abc",
		`("0xFf"):match("%x+", 3)`:                     "Ff",
		`("a\0b"):match("%z") == "\0"`:                 "true",
		`("$5"):match("$")`:                            "",
		`("$5"):match("^$5")`:                          "$5",
		`("aaa"):gsub("a", "b", 2)`:                    "bba\t2",
		`("abc"):gsub("", "-")`:                        "-a-b-c-\t4",
		`("abc"):gsub("%w", "%0%0")`:                   "aabbcc\t3",
		`("hello world"):gsub("(%w+) (%w+)", "%2 %1")`: "world hello\t1",
		`("abc"):gsub("b", "%%")`:                      "a%c\t1",
		`("$x $y"):gsub("%$(%w+)", {x = 1})`:           "1 $y\t2",
		`("abc"):gsub("%w", function(c) if c == "b" then return "B" end end)`: "aBc\t3",
		`("aaa"):gsub("^a", "b")`:                                                  "baa\t1",
		`("abc"):gsub(".", {a = false})`:                                           "abc\t3",
		`("%5.1f|%-4d|%04d|%x|%q"):format(3.14159, 7, 7, 255, "a\n")`:              "  3.1|7   |0007|ff|\"a\\\n\"",
		`("%s %s %s"):format(1, true, nil)`:                                        "1 true nil",
		`("%5s|%-5s|%.2s"):format("ab", "ab", "abc")`:                              "   ab|ab   |ab",
		`("%c%c"):format(72, 105)`:                                                 "Hi",
		`("%g %e"):format(1e20, 1)`:                                                "1e+20 1.000000e+00",
		`1 .. 2 .. "x"`:                                                            "12x",
		`table.concat({1, 2, "x"}, ", ")`:                                          "1, 2, x",
		`table.concat({1, 2, 3}, "-", 2, 3)`:                                       "2-3",
		`table.concat({})`:                                                         "",
		`("ab"):rep(3), ("ab"):rep(0), ("ab"):rep(-1)`:                             "ababab\t\t",
		`(function(...) return "a" .. ... end)("b", "c")`:                          "ab",
		`setmetatable({}, {__concat = function(a, b) return "joined" end}) .. "x"`: "joined",
	} {
		_, log, err := run("print("+source+")", Options{})
		if err != nil {
			t.Errorf("%s: %v", source, err)
			continue
		}
		if log != want {
			t.Errorf("%s\n got  %q\n want %q", source, log, want)
		}
	}
}

func TestGmatch(t *testing.T) {
	_, log, err := run(`
		local t = {}
		for k, v in ("a=1, b=2"):gmatch("(%w+)=(%w+)") do t[#t + 1] = k .. v end
		for w in ("one two"):gmatch("%a+") do t[#t + 1] = w end
		for p in ("ab"):gmatch("()") do t[#t + 1] = p end
		print(table.concat(t, " "))`, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff("a1 b2 one two 1 2 3", log); diff != "" {
		t.Error(diff)
	}
}

func FuzzPattern(f *testing.F) {
	f.Add("hello world", "(%w+) ()(.-)%1?$")
	f.Add("f(a(b)c)d", "%b()[^%d-]+%f[%a]")
	f.Fuzz(func(t *testing.T, src, pat string) {
		left := 50_000
		m := &matcher{src: src, pat: pat, spend: func(n int) bool { left -= n; return left >= 0 }}
		if len(pat) > maxPattern {
			return
		}
		start, end, ok, err := m.find(0)
		if err == nil && ok && (start < 0 || end < start || end > len(src)) {
			t.Errorf("match %d to %d of %d bytes", start, end, len(src))
		}
	})
}

// The page in the repository is the one that the program prints.
func TestReferenceIsUpToDate(t *testing.T) {
	page, err := os.ReadFile(filepath.Join("..", "..", "docs", "recipes.md"))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(strings.TrimSpace(Reference()), strings.TrimSpace(string(page))); diff != "" {
		t.Errorf("docs/recipes.md is old: run make generate\n%s", diff)
	}
}

// Every recipe that is shipped runs, and every example of the reference too.
func TestShippedRecipes(t *testing.T) {
	files, err := filepath.Glob(filepath.Join("..", "..", "scripts", "*.lua"))
	if err != nil || len(files) == 0 {
		t.Fatal("no recipes found", err)
	}
	for _, file := range files {
		source, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		steps, _, err := run(string(source), Options{Args: map[string]string{"photo": "p.jpg"}})
		if err != nil || len(steps) == 0 {
			t.Errorf("%s: %d pictures, %v", file, len(steps), err)
		}
	}
	for _, f := range API() {
		if _, _, err := run("local face = image('x')\n"+f.Example, Options{}); err != nil {
			t.Errorf("the example of %s: %v", f.Name, err)
		}
	}
}
