package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"image"
	"image/png"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/atelier-engine/atelier/core/engine"
)

var update = flag.Bool("update", false, "write the golden files again")

// try runs the program inside the test, in a folder of its own.
func try(t *testing.T, args ...string) (code int, out, errs string) {
	t.Helper()
	var o, e bytes.Buffer
	code = run(context.Background(), args, &o, &e)
	return code, o.String(), e.String()
}

// empty makes the working folder a fresh one without models and plugins.
func empty(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	t.Chdir(dir)
	t.Setenv(engine.EnvHome, dir)
	return dir
}

// The help of every command and topic, in one file.
func TestHelpIsAsBefore(t *testing.T) {
	golden, err := filepath.Abs(filepath.Join("testdata", "help.txt"))
	if err != nil {
		t.Fatal(err)
	}
	empty(t)
	t.Setenv("COLUMNS", "100")
	var all strings.Builder
	for _, args := range [][]string{
		{}, {"help", "exit-codes"}, {"help", "config"}, {"help", "plugins"}, {"help", "styles"},
		{"portrait", "--help"}, {"help", "stylize"}, {"run", "--help"}, {"read", "--help"}, {"style", "--help"}, {"style", "show", "--help"},
		{"plugin", "--help"}, {"train", "--help"}, {"help", "train", "portrait"}, {"train", "style", "--help"},
		{"data", "--help"}, {"data", "prepare", "--help"}, {"data", "show", "--help"}, {"data", "expressions", "--help"}, {"train", "sentiment", "--help"}, {"upscale", "--help"}, {"train", "upscale", "--help"}, {"evaluate", "upscale", "--help"}, {"evaluate", "portrait", "--help"}, {"bench", "--help"},
	} {
		code, out, errs := try(t, args...)
		if code != 0 || errs != "" {
			t.Errorf("%v: exit code %d, %s", args, code, errs)
		}
		all.WriteString("$ atelier " + strings.Join(args, " ") + "\n" + out + "\n")
	}
	if *update {
		if err := os.WriteFile(golden, []byte(all.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), all.String()); diff != "" {
		t.Errorf("go test ./cmd/atelier -update writes it again\n%s", diff)
	}
}

func TestRecipeReferenceIsPrinted(t *testing.T) {
	empty(t)
	if code, out, _ := try(t, "help", "recipes"); code != 0 || !strings.HasPrefix(out, "# Recipes") {
		t.Errorf("exit code %d: %.100s", code, out)
	}
	if code, out, _ := try(t, "version"); code != 0 || !strings.HasPrefix(out, "atelier ") {
		t.Errorf("exit code %d: %s", code, out)
	}
}

// Bad input: one clear line and the documented exit code, nothing written.
func TestBadInput(t *testing.T) {
	dir := empty(t)
	for name, text := range map[string]string{
		"text.jpg": "not a picture", "bad.lua": "\nportrait{sed=1}", "loop.lua": "while true do end",
		"bad.toml": "[limits]\npixles = 3", "key.toml": "recipe = 'paper'\nlearnrate = 1.0", "quick.toml": "[recipe]\ninstructions = 1000", "ok.lua": "print('hello')",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Mkdir(filepath.Join(dir, "empty"), 0o755); err != nil {
		t.Fatal(err)
	}
	before, _ := os.ReadDir(dir)
	for _, c := range []struct {
		args string
		code int
		want string
	}{
		{"portrat x", 2, `unexpected argument portrat, did you mean "portrait"?`},
		{"portrait", 2, "it is not said who is to be drawn: give a sentence, or --age, --gender, --emotion or --seed"},
		{"portrait --age 40 --emotion sad", 4, "portrait: model: there is no portrait model"},
		{"portrait --grid age=20,40 emtion=happy", 2, `--grid emtion=happy: unknown axis "emtion": did you mean "emotion"?`},
		{"portrait --grid age=20,400", 2, `--grid age is "400": it must be a number from 16 to 90 years`},
		{"portrait --grid", 2, "--grid"},
		{"portrait x --morph age=40 --frames 1", 2, "--frames is 1: it must be from 2 to 2000"},
		{"portrait --seed 3 --morph age=40 -o a.mp4", 2, "we do not write films as .mp4"},
		{"portrait --count 3 --variations 4", 2, "--count and --variations are both given"},
		{"portrait --like none", 2, `--like is "none": it must be a seed, or a portrait that was drawn here`},
		{"portrait --like text.jpg", 3, "text.jpg"},
		{"portrait x --truncation 2", 2, "--truncation is 2: it must be from 0 (the mean face) to 1 (none)"},
		{"portrait x -o a.gif", 2, "we do not write .gif files"},
		{"portrait x --sed 1", 2, `unknown flag --sed, did you mean "--seed"?`},
		{"portrait x --seed -1", 2, "--seed"},
		{"portrait x --seed 9007199254740993", 2, "--seed is 9007199254740993: it must be from 0 to 9007199254740992"},
		{"portrait x --age 5", 2, "--age is 5: it must be from 16 to 90 years"},
		{"portrait x --age old", 2, "--age"},
		{"portrait x --gender mann", 2, `--gender is "mann": did you mean "man"?`},
		{"portrait x --gender 2", 2, "--gender is 2: it must be from -1 (woman) to 1 (man)"},
		{"portrait x --emotion hapy=1", 2, `--emotion hapy=1: unknown emotion "hapy": did you mean "happy"?`},
		{"portrait x --emotion happy=2", 2, `the weight is "2": it must be a number from 0 to 1`},
		{"portrait x --emotion happy=0", 2, "no weight is above 0"},
		{"portrait glad", 4, `read: plugin "sentiment-english": not found`},
		{"read glad", 4, `read: plugin "sentiment-english": not found`},
		{"stylize none.jpg --style cubism", 3, "atelier: open none.jpg: no such file"},
		{"stylize text.jpg --style cubism", 3, "text.jpg"},
		{"stylize empty --style cubism", 3, "empty holds no picture"},
		{"stylize *.gif --style cubism", 3, "*.gif matches no file"},
		{"stylize text.jpg", 2, "neither --style nor --reference is given"},
		{"stylize", 2, "<picture>"},
		{"stylize text.jpg --style cubism --intensity strong", 2, `--intensity is "strong"`},
		{"stylize text.jpg --style cubism --intensity NaN", 2, "--intensity is NaN: it must be from 0 to 1.5"},
		{"stylize text.jpg --style cubism --intensity=-0.1", 2, "--intensity is -0.1: it must be from 0 to 1.5"},
		{"stylize text.jpg --style cubism --stroke 5", 2, "--stroke is 5: it must be from 0.5 to 4"},
		{"stylize text.jpg --style cubism --size 0", 2, `--size is "0"`},
		{"stylize text.jpg --style cubism --keep-colors=luma", 2, `--keep-colors is "luma"`},
		{"stylize text.jpg --style cubism --keep-colors=", 2, "it must be luminance or histogram"},
		{"stylize text.jpg --style cubism --reference a.jpg", 2, "--style and --reference are both given"},
		{"stylize text.jpg --style cubism --refine 5", 2, "--refine needs --reference"},
		{"stylize text.jpg --style cubism --option dots", 2, "--option dots: it must be NAME=NUMBER"},
		{"stylize text.jpg --style cubism --method fast", 2, `--method is "fast"`},
		{"stylize text.jpg --style cubism --out a.xyz", 2, "a.xyz"},
		{"stylize text.jpg --style cubism --out ./text.jpg", 2, "would overwrite the picture text.jpg"},
		{"stylize text.jpg ok.lua --style cubism --out a.png", 2, "several pictures need a folder, or a template"},
		{"stylize text.jpg ok.lua --style cubism --out {naem}.png", 2, "{naem} is unknown: there is {n}, {name}, {style}"},
		{"stylize text.jpg ok.lua --style cubism --out {style}.png", 2, "would both become cubism.png"},
		{"style show cubism", 4, `unknown style "cubism": there is none`},
		{"stylize text.jpg --style a --intensity 1.6", 2, "--intensity is 1.6: it must be from 0 to 1.5"},
		{"run none.lua", 4, "recipe none.lua: not found"},
		{"run bad.lua", 2, `bad.lua:2: portrait: unknown argument "sed": did you mean "seed"?`},
		{"run bad.lua seed", 2, `argument "seed" is not of the form key=value`},
		{"run bad.lua a=1 a=2", 2, `the argument "a" is given twice`},
		{"run loop.lua --engine quick.toml", 2, "loop.lua:1: the recipe was stopped: more than 1000 instructions"},
		{"run . ", 3, "recipe: read .: is a directory"},
		{"read x --engine bad.toml", 2, `bad.toml: line 2: unknown key "pixles" in [limits]: did you mean "pixels"?`},
		{"read x --engine none.toml", 2, "none.toml"},
		{"read x --log-level loud", 2, `log.level`},
		{"read x --threads 900", 2, "device.threads is 900: it must be from 0 to 64"},
		{"read x --threads=-1", 2, "device.threads is -1: it must be from 0 to 64"},
		{"style lst", 2, `unexpected argument lst, did you mean "list"?`},
		{"help exitcodes", 2, `there is no command or topic "exitcodes": did you mean "exit-codes"?`},
		{"train portrait", 2, "missing flags: --data=DIR"},
		{"train portrait --data none", 2, "none"},
		{"train portrait --data . --recipe papr", 2, `--recipe is "papr": did you mean "paper"?`},
		{"train portrait --data . --config key.toml", 2, `key.toml: unknown key "learnrate": did you mean "learn_rate"?`},
		{"train portrait --data . --config key.toml --recipe ladder", 2, `unknown key "learnrate"`},
		{"train portrait --data .", 2, "nothing says where the photographs in"},
		{"train portrait --data . --source mine", 2, "--licence"},
		{"train portrait --data . --source mine --licence CC0", 2, "name its folder, as in --out models/mine"},
		{"train portrait --data . --source mine --licence CC0 -o m --recipe paper", 4, "portraits need a loss network"},
		{"train plot .", 3, "losses.tsv"},
		{"train portrait --data . --export", 4, "runs/portrait holds no checkpoint: train first"},
		{"train style --data . --export --run .", 4, "holds no checkpoint"},
		{"train style --data . --threads 900", 2, "device.threads is 900"},
		{"train style --data . --run text.jpg/run", 5, "mkdir text.jpg: not a directory"},
		{"train style --data . --engine bad.toml", 2, "bad.toml: line 2"},
		{"train style --data . --config bad.toml", 2, "bad.toml"},
		{"train sentiment --data .", 3, "goemotions"},
		{"train sentiment --data . --measure heldout", 2, "--measure heldout: it must be NAME=FILE"},
		{"train sentiment --data . --measure a=ok.lua", 3, "ok.lua"},
		{"evaluate portrait --data . --model . --threads 900", 2, "device.threads is 900"},
		{"evaluate portrait --data . --model . --device abacus", 2, `device.name is "abacus"`},
		{"evaluate portrait --data . --model . --precision tf23", 2, `device.precision is "tf23": did you mean "tf32"`},
		{"evaluate portrait --data . --model . --device gpu:77", 7, `open device "gpu:77": no such device`},
		{"evaluate portrait --data . --model .", 4, "card.md"},
		{"evaluate sentiment text.jpg", 3, "text.jpg"},
		{"doctor", 4, "checks failed"},
	} {
		t.Run(c.args, func(t *testing.T) {
			code, _, errs := try(t, strings.Fields(c.args)...)
			if code != c.code || !strings.Contains(errs, c.want) {
				t.Errorf("exit code %d, want %d\n%s\nwant %s", code, c.code, errs, c.want)
			}
			if lines := strings.Count(strings.TrimSpace(errs), "\n"); lines > 0 {
				t.Errorf("more than one line:\n%s", errs)
			}
		})
	}
	if after, _ := os.ReadDir(dir); len(after) != len(before) {
		t.Errorf("files were left: %v", after)
	}
	if code, out, errs := try(t, "run", "ok.lua"); code != 0 || out != "hello\n" || !strings.Contains(errs, "saves no picture") {
		t.Errorf("exit code %d: %s%s", code, out, errs)
	}
}

// A checkpoint that could not be written must not be hidden by the ctrl-C that
// asked for it.
func TestInterruptedTells(t *testing.T) {
	const quiet = "atelier: interrupted: nothing half-written is left\n"
	ended := fmt.Errorf("train: stopped after step 3: %w", context.Canceled)
	full := errors.New("save checkpoint a: the disk is full")
	for name, c := range map[string]struct {
		err  error
		want string
	}{
		"alone":          {ended, quiet},
		"nothing joined": {errors.Join(ended, nil), quiet},
		"as a kind":      {fmt.Errorf("%w: %w", engine.ErrInput, ended), quiet},
		"with a failure": {errors.Join(fmt.Errorf("style training: %w", errors.Join(ended, full)), nil), "atelier: interrupted: save checkpoint a: the disk is full\n"},
		"two failures":   {errors.Join(full, ended, full), "atelier: interrupted: save checkpoint a: the disk is full; save checkpoint a: the disk is full\n"},
	} {
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		var errs bytes.Buffer
		s := &session{ctx: ctx, err: &errs, cli: &cli{}}
		if code := s.fail(c.err); code != 130 || errs.String() != c.want {
			t.Errorf("%s: exit code %d: %s", name, code, errs.String())
		}
	}
}

// The two commands of the README with the shipped models and plugins.
func TestFirstLight(t *testing.T) {
	root, err := filepath.Abs(filepath.Join("..", ".."))
	if err != nil {
		t.Fatal(err)
	}
	for _, needed := range []string{"models/sentiment-english/weights.safetensors", "models/portrait/weights.safetensors",
		"models/style/weights.safetensors", "styles/impressionism/vector.safetensors"} {
		if _, err := os.Stat(filepath.Join(root, needed)); err != nil {
			t.Fatalf("%s is missing: it belongs to the repository; git checkout gets it back, make train makes another", needed)
		}
	}
	home := t.TempDir()
	for _, part := range []string{"models", "styles", "scripts"} {
		if err := os.Symlink(filepath.Join(root, part), filepath.Join(home, part)); err != nil {
			t.Skip("no symbolic links here")
		}
	}
	for _, name := range []string{"sentiment-english", "impressionism"} {
		out := filepath.Join(home, "plugins", name)
		if runtime.GOOS == "windows" {
			out += ".exe"
		}
		build := exec.Command("go", "build", "-o", out, "./plugins/"+name)
		build.Dir = root
		if text, err := build.CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, text)
		}
	}
	dir := t.TempDir()
	t.Chdir(dir)
	t.Setenv(engine.EnvHome, home)
	code, out, errs := try(t, "run", "firstlight", "out=made")
	if code != 0 {
		t.Fatalf("exit code %d\n%s%s", code, out, errs)
	}
	for _, want := range []string{"happy", "joyful", "man", "made/portrait.png", "made/painting.png"} {
		if !strings.Contains(out, want) {
			t.Errorf("%q is not in\n%s", want, out)
		}
	}
	first, err := os.ReadFile(filepath.Join("made", "portrait.png"))
	if err != nil {
		t.Fatal(err)
	}
	face, painting := decode(t, "made/portrait.png"), decode(t, "made/painting.png")
	if face.Bounds() != painting.Bounds() || face.Bounds().Dx() != 512 {
		t.Errorf("the portrait has %v, the painting %v", face.Bounds(), painting.Bounds())
	}
	if d := difference(face, painting); d < 0.01 || d > 0.5 {
		t.Errorf("the painting differs from the portrait by %.4f of the range on average", d)
	}
	if d := difference(face, image.NewRGBA(face.Bounds())); d < 0.05 {
		t.Errorf("the portrait is black: %.4f", d)
	}
	if code, _, errs := try(t, "run", "firstlight", "out=again", "--threads", "1"); code != 0 {
		t.Fatal(errs)
	}
	if again, err := os.ReadFile(filepath.Join("again", "portrait.png")); err != nil || !bytes.Equal(first, again) {
		t.Errorf("the same seed gave another picture on one thread: %v", err)
	}
	if code, _, errs := try(t, "stylize", "made/portrait.png", "--style", "impresionism"); code != 4 || !strings.Contains(errs, `did you mean "impressionism"`) {
		t.Errorf("exit code %d: %s", code, errs)
	}
	if code, _, errs := try(t, "portrait", strings.Repeat("glad ", 30000)); code != 3 || !strings.Contains(errs, "at most 100000 are taken") {
		t.Errorf("exit code %d: %s", code, errs)
	}
	if code, _, errs := try(t, "portrait", " "); code != 3 || !strings.Contains(errs, "the text is empty") {
		t.Errorf("exit code %d: %s", code, errs)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	var o, e bytes.Buffer
	if code := run(ctx, []string{"portrait", "a glad man", "-o", "never.png"}, &o, &e); code != 130 || !strings.Contains(e.String(), "interrupted") {
		t.Errorf("exit code %d: %s", code, e.String())
	}
	if _, err := os.Stat("never.png"); err == nil {
		t.Error("a file is left")
	}
}

func decode(t *testing.T, path string) image.Image {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	m, err := png.Decode(f)
	if err != nil {
		t.Fatal(path, err)
	}
	return m
}

// difference is the mean difference of the colours of two pictures of one
// size, in parts of their range.
func difference(a, b image.Image) float64 {
	sum, n := 0.0, 0
	for y := a.Bounds().Min.Y; y < a.Bounds().Max.Y; y++ {
		for x := a.Bounds().Min.X; x < a.Bounds().Max.X; x++ {
			r1, g1, b1, _ := a.At(x, y).RGBA()
			r2, g2, b2, _ := b.At(x, y).RGBA()
			for _, d := range []float64{float64(r1) - float64(r2), float64(g1) - float64(g2), float64(b1) - float64(b2)} {
				sum += math.Abs(d) / 65535
				n++
			}
		}
	}
	return sum / float64(n)
}
