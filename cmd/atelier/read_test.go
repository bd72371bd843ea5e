package main

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/atelier-engine/atelier/core/engine"
	"github.com/atelier-engine/atelier/core/sentiment"
)

// analyzersHome makes a home with the shipped models and both analyzers.
func analyzersHome(t *testing.T) {
	t.Helper()
	root, err := filepath.Abs(filepath.Join("..", ".."))
	if err != nil {
		t.Fatal(err)
	}
	home := t.TempDir()
	if err := os.Symlink(filepath.Join(root, "models"), filepath.Join(home, "models")); err != nil {
		t.Skip("no symbolic links here")
	}
	for _, name := range []string{"sentiment-english", "sentiment-lexicon"} {
		out := filepath.Join(home, "plugins", name)
		if runtime.GOOS == "windows" {
			out += ".exe"
		}
		build := exec.Command("go", "build", "-ldflags=-s -w", "-o", out, "./plugins/"+name)
		build.Dir = root
		if text, err := build.CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, text)
		}
	}
	t.Chdir(t.TempDir())
	t.Setenv(engine.EnvHome, home)
}

// Every way to read, with both analyzers, on good lines and bad ones.
func TestReadCommand(t *testing.T) {
	analyzersHome(t)
	write := func(name, text string) {
		t.Helper()
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	write("lines.txt", "a joyful old man\r\n\n  \na weeping widow\nlast line, without an end")
	write("bad.txt", "a joyful old man\nnull\x00byte\nbroken \xff\xfe\na weeping widow\n\u200e\u200f\n")
	write("big.txt", "a joyful old man\n"+strings.Repeat("long ", 30_000)+"\na weeping widow\n")
	write("list.tsv", "a joyful old man\thappy\na weeping widow\tsad\na furious man\thappy\n")
	write("comments.tsv", "i love it so much, thanks!\t18,15\tx1\nthis makes me so angry\t2\tx2\n")
	write("wrong.tsv", "a joyful old man\thapy\n")
	write("lexicon.toml", "[analyzer]\nplugin = 'sentiment-lexicon'\n")
	for _, dir := range []string{"notmodel", "styled"} {
		if err := os.Mkdir(dir, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	write("notmodel/weights.safetensors", "not a model at all")
	style, err := os.ReadFile(filepath.Join(os.Getenv(engine.EnvHome), "models", "style", "weights.safetensors"))
	if err != nil {
		t.Fatal(err)
	}
	write("styled/weights.safetensors", string(style))
	glad := "a joyful old man"
	for _, c := range []struct {
		name string
		args []string
		code int
		want []string // in the output, "!" in the errors
	}{
		{"one", []string{"read", glad}, 0, []string{"happy ", "valence", "arousal", "confidence", `"joyful"`, "portrait", "read by sentiment-english"}},
		{"with a lexicon", []string{"read", glad, "--analyzer", "sentiment-lexicon"}, 0, []string{"read by sentiment-lexicon", `"joyful"`}},
		{"as engine.toml says", []string{"read", glad, "--engine", "lexicon.toml"}, 0, []string{"read by sentiment-lexicon"}},
		{"German", []string{"read", "eine glückliche alte Frau", "--analyzer", "sentiment-lexicon", "--json"}, 0, []string{`"language": "de"`, `"said": true`}},
		{"many", []string{"read", glad, "a weeping widow"}, 0, []string{"happy ", "sad ", "  man", "  woman"}},
		{"a file", []string{"read", "--file", "lines.txt"}, 0, []string{"a joyful old man\n", "weeping", "without an end"}},
		{"long", []string{"read", "--file", "lines.txt", "--long"}, 0, []string{"valence"}},
		{"explained", []string{"read", "she is not sad at all", "--explain"}, 0, []string{"tokens", "denied", "classifier"}},
		{"overridden", []string{"read", glad, "--emotion", "sad=0.8", "--age", "30", "--gender", "woman"}, 0, []string{"80%", "woman (-1.0)", "30", "portrait   age 30, gender -1.00, neutral 0.20, sad 0.80"}},
		{"a child", []string{"read", "a happy child of 5 years"}, 0, []string{"note", "16"}},
		{"bad lines", []string{"read", "--file", "bad.txt"}, 3, []string{"happy", "sad", "!bad.txt line 2: the text holds a null byte", "!line 3: the text is not valid UTF-8", "!line 5: the text is empty"}},
		{"a long line", []string{"read", "--file", "big.txt"}, 3, []string{"happy", "sad", "!big.txt line 2: the text has 150000 bytes"}},
		{"empty", []string{"read", ""}, 3, []string{"!the text is empty"}},
		{"marks", []string{"read", "\u200e\u200f\u202e"}, 3, []string{"!the text is empty"}},
		{"controls", []string{"read", "\x01\x02\x1b"}, 3, []string{"!the text is empty"}},
		{"invalid", []string{"read", "glad \xff man"}, 3, []string{"!not valid UTF-8"}},
		{"punctuation", []string{"read", "?!... --"}, 0, []string{"neutral", "note", "no words"}},
		{"emoji", []string{"read", "😭😭😭"}, 0, []string{"sad"}},
		{"right to left", []string{"read", "\u202ea joyful old man\u202c", "--json"}, 0, []string{`"happy"`, "joyful"}},
		{"escapes", []string{"read", "a joyful \x1b[31m man"}, 0, []string{`\x1b[31m`}},
		{"100 kB", []string{"read", strings.Repeat("glad ", 20_000)}, 0, []string{"happy", "the text is long"}},
		{"over the limit", []string{"read", strings.Repeat("glad ", 20_001)}, 3, []string{"!at most 100000 are taken"}},
		{"Polish", []string{"read", "szczęśliwa babcia piecze ciasto w kuchni", "--json"}, 0, []string{`"und"`, "not"}},
		{"Japanese", []string{"read", "彼女はとても嬉しい", "--analyzer", "sentiment-lexicon"}, 0, []string{"note", "no lexicon knows"}},
		{"no file", []string{"read", "--file", "none.txt"}, 3, []string{"!none.txt"}},
		{"nothing", []string{"read"}, 2, []string{"!nothing to read"}},
		{"wrong emotion", []string{"read", glad, "--emotion", "hapy=1"}, 2, []string{`!did you mean "happy"?`}},
		{"wrong analyzer", []string{"read", glad, "--analyzer", "sentiment-englsh"}, 4, []string{`!did you mean "sentiment-english"?`}},
		{"explain another", []string{"read", glad, "--explain", "--analyzer", "sentiment-lexicon"}, 2, []string{"!--explain is for sentiment-english"}},
		{"explain nothing", []string{"read", " ", "--explain"}, 3, []string{"!empty"}},
		{"evaluate", []string{"evaluate", "sentiment", "list.tsv", "--misses", "5"}, 0, []string{"3 lines", "precision", "read as angry", "a furious man"}},
		{"evaluate a lexicon", []string{"evaluate", "sentiment", "list.tsv", "list.tsv", "--analyzer", "sentiment-lexicon"}, 0, []string{"list.tsv", "3 lines"}},
		{"evaluate comments", []string{"evaluate", "sentiment", "comments.tsv", "--task", "ekman", "--json"}, 0, []string{`"task":"ekman"`, `"lines":2`, `"confusion":[[`}},
		{"evaluate a folder", []string{"evaluate", "sentiment", "list.tsv", "--model", filepath.Join(os.Getenv(engine.EnvHome), "models", "sentiment-english"), "--json", "--misses=-1"}, 0, []string{`"want":"happy","got":"angry"`}},
		{"evaluate a wrong list", []string{"evaluate", "sentiment", "wrong.tsv"}, 3, []string{"!wrong.tsv"}},
		{"evaluate nothing", []string{"evaluate", "sentiment"}, 2, []string{"!<list>"}},
		{"evaluate a wrong task", []string{"evaluate", "sentiment", "list.tsv", "--task", "faces"}, 2, []string{`!--task is "faces"`}},
		{"evaluate no model", []string{"evaluate", "sentiment", "list.tsv", "--model", "notmodel"}, 4, []string{"!notmodel"}},
		{"evaluate another model", []string{"evaluate", "sentiment", "list.tsv", "--model", "styled"}, 4, []string{"!"}},
		{"evaluate comments with a lexicon", []string{"evaluate", "sentiment", "list.tsv", "--task", "ekman", "--analyzer", "sentiment-lexicon"}, 2, []string{"!--analyzer is for --task face"}},
		{"train a wrong head", []string{"train", "sentiment", "--data", ".", "--only", "faces"}, 2, []string{`!--only is "faces"`}},
		{"train too fast", []string{"train", "sentiment", "--data", ".", "--rate", "NaN"}, 2, []string{"!--rate is NaN"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			code, out, errs := try(t, c.args...)
			if strings.Contains(errs, sentiment.ErrNoEkman.Error()) {
				t.Skip("the shipped model has one head only")
			}
			if code != c.code {
				t.Errorf("exit code %d, want %d\n%s%s", code, c.code, out, errs)
			}
			for _, want := range c.want {
				text := out
				if rest, ok := strings.CutPrefix(want, "!"); ok {
					want, text = rest, errs
				}
				if !strings.Contains(text, want) {
					t.Errorf("%q is not in\n%s", want, text)
				}
			}
			if strings.Contains(out, "\x1b") {
				t.Errorf("escapes where there is no terminal: %q", out)
			}
			if c.code == 0 && len(c.args) > 2 && c.args[0] == "read" && c.args[2] == "--json" {
				var r sentiment.Reading
				if err := json.Unmarshal([]byte(out), &r); err != nil || r.Check() != nil {
					t.Errorf("%v, %v", err, r.Check())
				}
			}
		})
	}
	// Standard input, as others pipe it.
	in, err := os.Open("lines.txt")
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	was := os.Stdin
	os.Stdin = in
	defer func() { os.Stdin = was }()
	code, out, errs := try(t, "read", "-", "--json")
	rows := strings.Split(strings.TrimSpace(out), "\n")
	if code != 0 || len(rows) != 3 || !strings.HasPrefix(rows[1], `{"text":"a weeping widow"`) {
		t.Errorf("exit code %d\n%s%s", code, out, errs)
	}
	if code, out, errs = try(t, "run", filepath.Join("..", "..", "none.lua"), "--analyzer", "x"); code != 4 {
		t.Errorf("exit code %d\n%s%s", code, out, errs)
	}
	write("pass.lua", "local r = read('eine glückliche alte Frau')\nr.emotion.sad = 0.5\nr.age = 40\nprint(r.analyzer, r.language, r.emotion.sad, r.age)")
	if code, out, errs = try(t, "run", "pass.lua", "--analyzer", "sentiment-lexicon"); code != 0 || out != "sentiment-lexicon\tde\t0.5\t40\n" {
		t.Errorf("exit code %d\n%s%s", code, out, errs)
	}
}
