package engine

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/atelier-engine/atelier/core/autodiff"
	"github.com/atelier-engine/atelier/core/device"
	"github.com/atelier-engine/atelier/core/nn"
	"github.com/atelier-engine/atelier/core/picture"
	"github.com/atelier-engine/atelier/core/plan"
	"github.com/atelier-engine/atelier/core/plugin"
	"github.com/atelier-engine/atelier/core/portrait"
	"github.com/atelier-engine/atelier/core/recipe"
	"github.com/atelier-engine/atelier/core/sentiment"
	"github.com/atelier-engine/atelier/core/style"
)

func TestRecipeMakesPictures(t *testing.T) {
	e, f, _ := newFake(t)
	out := filepath.Join(t.TempDir(), "deep", "face.png")
	script := filepath.Join(f.home, "scripts", "whole.lua")
	source := `local r = read("a glad man") print(r.age)
		local p = portrait{reading = r, seed = 9} p:save(args.out)
		p:style("cubism"):save((args.out:gsub("face", "painted")))`
	if err := os.WriteFile(script, []byte(source), 0o644); err != nil {
		t.Fatal(err)
	}
	var said []string
	var last plan.Event
	paths, err := e.Recipe(context.Background(), Job{
		Name: "whole", Args: map[string]string{"out": out},
		Print:    func(s string) { said = append(said, s) },
		Progress: func(ev plan.Event) { last = ev },
	})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{out, strings.ReplaceAll(out, "face", "painted")}, paths); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"70"}, said); diff != "" || f.reads != 1 || last.Fraction != 1 {
		t.Errorf("%s, %d readings, ended at %v", diff, f.reads, last.Fraction)
	}
	p, err := picture.Open(paths[1])
	if err != nil || p.W != 32 {
		t.Fatal(p, err)
	}
	var doc plan.Provenance
	if err := json.Unmarshal([]byte(p.Meta["atelier:plan"]), &doc); err != nil {
		t.Fatal(err, p.Meta)
	}
	var kinds []string
	for _, s := range doc.Steps {
		kinds = append(kinds, s.Kind+" "+s.Origin)
	}
	if diff := cmp.Diff([]string{"read whole.lua:1", "portrait whole.lua:2", "style whole.lua:3"}, kinds); diff != "" {
		t.Error(diff)
	}
	if doc.About["recipe"] != "whole.lua" || doc.Steps[2].Digests["network"] == "" || doc.Steps[2].Digests["plugin"] == "" {
		t.Errorf("%+v", doc)
	}
	if want := "age 70, gender +1.00, happy 1.00"; p.Meta["atelier:condition"] != want {
		t.Errorf("condition %q", p.Meta["atelier:condition"])
	}
	first, _ := os.ReadFile(paths[1])
	e2, _, _ := newFake(t)
	if _, err := e2.Recipe(context.Background(), Job{Name: script, Args: map[string]string{"out": out}}); err != nil {
		t.Fatal(err)
	}
	if again, _ := os.ReadFile(paths[1]); string(first) != string(again) {
		t.Error("the same recipe wrote other bytes")
	}
}

func TestErrorsAndClasses(t *testing.T) {
	e, f, _ := newFake(t)
	dir := t.TempDir()
	photo := filepath.Join(f.home, "photo.png")
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		return path
	}
	whole, err := os.ReadFile(photo)
	if err != nil {
		t.Fatal(err)
	}
	text, torn, empty := write("text.png", "this is a text"), write("torn.png", string(whole[:len(whole)-20])), write("empty.png", "")
	here := plan.Origin{File: "r.lua", Line: 4}
	img := recipe.Image(here, photo)
	save := func(s *plan.Step) *plan.Step { return recipe.Save(here, s, filepath.Join(dir, "out.png")) }
	for name, c := range map[string]struct {
		step  *plan.Step
		want  string
		class Class
	}{
		"unknown style":   {recipe.Style(here, img, recipe.Painting{Style: "cubsm", Intensity: 1}), `r.lua:4: style: unknown style "cubsm": did you mean "cubism"?`, Missing},
		"crashing plugin": {recipe.Style(here, img, recipe.Painting{Style: "crasher", Intensity: 1}), `crasher`, Plugin},
		"broken style":    {recipe.Style(here, img, recipe.Painting{Style: "torn", Intensity: 1}), `torn`, Missing},
		"no picture":      {save(recipe.Image(here, filepath.Join(dir, "none.png"))), "r.lua:4: open " + filepath.Join(dir, "none.png"), Input},
		"a text":          {save(recipe.Image(here, text)), "text.png", Input},
		"cut short":       {save(recipe.Image(here, torn)), "torn.png", Input},
		"empty":           {save(recipe.Image(here, empty)), "empty.png", Input},
		"a folder":        {save(recipe.Image(here, dir)), "folder", Input},
		"empty text":      {recipe.Read(here, "  "), "r.lua:4: read: the text is empty: write a sentence about a person", Input},
		"long text":       {recipe.Read(here, strings.Repeat("glad ", 30000)), "r.lua:4: read: the text has 150000 bytes: at most 100000 are taken", Input},
		"bad text":        {recipe.Read(here, "a\xffb"), "UTF-8", Input},
		"ending":          {recipe.Save(here, img, filepath.Join(dir, "out.xyz")), "r.lua:4: save " + filepath.Join(dir, "out.xyz"), Usage},
		"onto a folder":   {recipe.Save(here, img, f.home+".png/.."), "", Usage},
		"below a file":    {recipe.Save(here, img, filepath.Join(text, "out.png")), "choose a folder", Output},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := e.Run(context.Background(), []*plan.Step{c.step}, nil, nil)
			if err == nil || !strings.Contains(err.Error(), c.want) || ClassOf(err) != c.class {
				t.Errorf("got %v (class %d), want %q (class %d)", err, ClassOf(err), c.want, c.class)
			}
		})
	}
	left, _ := filepath.Glob(filepath.Join(dir, "*"))
	if len(left) != 3 {
		t.Errorf("files are left: %v", left)
	}
}

func TestLimitOnPixels(t *testing.T) {
	e, f, _ := newFake(t)
	e.Config.Limits.Pixels = 100
	e2, err := assemble(e.Config, e.Places, e.log, f, e.loaders)
	if err != nil {
		t.Fatal(err)
	}
	_, err = e2.Run(context.Background(), []*plan.Step{recipe.Image(plan.Origin{}, filepath.Join(f.home, "photo.png"))}, nil, nil)
	if !errors.Is(err, picture.ErrTooLarge) || ClassOf(err) != Input {
		t.Errorf("got %v", err)
	}
}

func TestMissingModels(t *testing.T) {
	e, f, _ := newFake(t)
	for _, m := range []string{"faces", "style"} {
		if err := os.RemoveAll(filepath.Join(f.home, "models", m)); err != nil {
			t.Fatal(err)
		}
	}
	for want, s := range map[string]*plan.Step{
		"portrait: model: there is no portrait model in":  recipe.Portrait(plan.Origin{}, recipe.Face{}),
		`style: style "cubism": model "style": not found`: recipe.Style(plan.Origin{}, recipe.Image(plan.Origin{}, filepath.Join(f.home, "photo.png")), recipe.Painting{Style: "cubism", Intensity: 1}),
	} {
		_, err := e.Run(context.Background(), []*plan.Step{s}, nil, nil)
		if err == nil || !strings.HasPrefix(err.Error(), want) || ClassOf(err) != Missing {
			t.Errorf("got %v (class %d), want %s", err, ClassOf(err), want)
		}
	}
	e.Config.Analyzer.Plugin = "sentiment-german"
	if _, err := e.Read(context.Background(), "ein froher Mann"); ClassOf(err) != Missing {
		t.Errorf("got %v", err)
	}
}

func TestConditions(t *testing.T) {
	table := defaultCondition()
	read := &sentiment.Reading{Age: sentiment.Range{Best: 7, Said: true}, Gender: -1, GenderSaid: true}
	read.Emotions[sentiment.Sad] = 1
	num := func(v float64) *float64 { return &v }
	emotions := func(pairs ...float64) (e [7]float64) {
		for i := 0; i < len(pairs); i += 2 {
			e[int(pairs[i])] = pairs[i+1]
		}
		return e
	}
	for name, c := range map[string]struct {
		face recipe.Face
		read *sentiment.Reading
		want portrait.Condition
	}{
		"as read":      {recipe.Face{}, read, portrait.Condition{Age: portrait.MinAge, Gender: -1, Emotions: emotions(2, 1)}},
		"asked for":    {recipe.Face{Age: num(40), Gender: num(0.5), Emotion: map[string]float64{"happy": 1}}, read, portrait.Condition{Age: 40, Gender: 0.5, Emotions: emotions(1, 1)}},
		"filled up":    {recipe.Face{Gender: num(1), Emotion: map[string]float64{"happy": 0.25}}, nil, portrait.Condition{Age: 35, Gender: 1, Emotions: emotions(0, 0.75, 1, 0.25)}},
		"scaled":       {recipe.Face{Gender: num(1), Emotion: map[string]float64{"happy": 1, "sad": 1}}, nil, portrait.Condition{Age: 35, Gender: 1, Emotions: emotions(1, 0.5, 2, 0.5)}},
		"neutral said": {recipe.Face{Gender: num(1), Emotion: map[string]float64{"neutral": 0.2, "sad": 0.2}}, nil, portrait.Condition{Age: 35, Gender: 1, Emotions: emotions(0, 0.5, 2, 0.5)}},
	} {
		t.Run(name, func(t *testing.T) {
			got, _, err := table.condition(recipe.Portrait(plan.Origin{}, c.face), c.read)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
	// A gender that nobody gave is drawn from the seed: both occur.
	seen := map[float64]bool{}
	for seed := range uint64(32) {
		c, _, err := table.condition(recipe.Portrait(plan.Origin{}, recipe.Face{Seed: seed}), nil)
		if err != nil {
			t.Fatal(err)
		}
		seen[c.Gender] = true
	}
	if !seen[-1] || !seen[1] || len(seen) != 2 {
		t.Error(seen)
	}
}

// The ranges and names that recipes document are those of the rooms.
func TestVocabularyAgrees(t *testing.T) {
	if recipe.MinAge != portrait.MinAge || recipe.MaxAge != portrait.MaxAge || recipe.MaxIntensity != style.MaxIntensity {
		t.Error("the ranges of recipes are not those of the rooms")
	}
	if diff := cmp.Diff(sentiment.Names(), recipe.Emotions()); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(sentiment.Names(), portrait.Emotions[:]); diff != "" {
		t.Error(diff)
	}
}

func TestLists(t *testing.T) {
	e, _, _ := newFake(t)
	var styles, models []string
	for _, s := range e.Styles(context.Background()) {
		state := "ok"
		if s.Err != nil {
			state = "broken"
		}
		styles = append(styles, s.Name+" "+state)
	}
	if diff := cmp.Diff([]string{"crasher broken", "cubism ok", "ink ok", "torn broken"}, styles); diff != "" {
		t.Error(diff)
	}
	for _, m := range e.Models() {
		models = append(models, m.Name)
	}
	if diff := cmp.Diff([]string{"broken", "faces", "features", "style"}, models); diff != "" {
		t.Error(diff)
	}
}

func TestInterrupted(t *testing.T) {
	e, f, _ := newFake(t)
	ctx, cancel := context.WithCancel(context.Background())
	out := filepath.Join(t.TempDir(), "out.png")
	step := recipe.Save(plan.Origin{}, recipe.Style(plan.Origin{}, recipe.Image(plan.Origin{}, filepath.Join(f.home, "photo.png")), recipe.Painting{Style: "cubism", Intensity: 1}), out)
	_, err := e.Run(ctx, []*plan.Step{step}, nil, func(ev plan.Event) {
		if ev.State == plan.Working {
			cancel()
		}
	})
	if ClassOf(err) != Interrupted {
		t.Errorf("got %v", err)
	}
	if _, err := os.Stat(out); err == nil {
		t.Error("a file is left")
	}
}

func TestShow(t *testing.T) {
	r := sentiment.Reading{Text: "a joyful old man", Age: sentiment.Range{Min: 62, Max: 85, Best: 72, Said: true}, Gender: 1, GenderSaid: true,
		Valence: 0.8, Arousal: 0.5, Confidence: 0.9, Analyzer: "sentiment-english"}
	r.Emotions = [7]float64{0.1, 0.85, 0, 0, 0, 0, 0.05}
	r.Reasons = []sentiment.Reason{
		{Start: 2, Word: "joyful", For: "happy", Weight: 2.5}, {Start: 9, Word: "old", For: "age", Weight: 72},
		{Start: 13, Word: "man", For: "gender", Weight: 1}, {Start: 9, Word: "old", For: "sad", Weight: 0.2},
	}
	want := `"a joyful old man"

  neutral    ███···························  10%
  happy      █████████████████████████▌····  85%
  sad        ······························   0%
  angry      ······························   0%
  fearful    ······························   0%
  disgusted  ······························   0%
  surprised  █▌····························   5%

  valence    ···············████████████··· +0.80
  arousal    ███████████████···············  0.50
  age        about 72, 62 to 85
  gender     man (+1.0)
  confidence 90%, read by sentiment-english
  decided by "old"            age 72, sad +0.2
             "man"            gender +1
             "joyful"         happy +2.5`
	if diff := cmp.Diff(want, Show(r)); diff != "" {
		t.Error(diff)
	}
}

// A photograph that changes after the plan was checked must not be recorded
// under its old checksum.
func TestFilesThatChange(t *testing.T) {
	e, f, _ := newFake(t)
	photo := filepath.Join(f.home, "photo.png")
	run := func(change func()) error {
		p, err := e.registry.Plan(context.Background(), recipe.Image(plan.Origin{}, photo))
		if err != nil {
			return err
		}
		change()
		_, err = p.Run(context.Background(), plan.Options{Cache: e.cache})
		return err
	}
	info, err := os.Stat(photo)
	if err != nil {
		t.Fatal(err)
	}
	for what, change := range map[string]*picture.Picture{"pixels": picture.Filled(20, 10, 1, 0, 0), "size": picture.Filled(21, 10, 1, 0, 0)} {
		err := run(func() {
			if err := errors.Join(picture.Save(photo, change), os.Chtimes(photo, info.ModTime(), info.ModTime())); err != nil {
				t.Fatal(err)
			}
		})
		if err == nil || !strings.Contains(err.Error(), "changed while it was being used") || ClassOf(err) != Input {
			t.Errorf("%s: got %v", what, err)
		}
	}
	if err := run(func() {}); err != nil {
		t.Errorf("the next run: %v", err)
	}
	e.cache = plan.NewMemory(0)
	if err := run(func() { os.Remove(photo) }); err == nil || !strings.HasPrefix(err.Error(), "open "+photo) || ClassOf(err) != Input {
		t.Errorf("removed: %v", err)
	}
}

// New weights in the same folder are loaded; weights that change between the
// check and the work are refused.
func TestModelsThatChange(t *testing.T) {
	e, f, _ := newFake(t)
	loads := 0
	e.loaders.drawer = func(string) (drawer, error) { loads++; return f, nil }
	weights := filepath.Join(f.home, "models", "faces", "weights.safetensors")
	face := recipe.Portrait(plan.Origin{}, recipe.Face{Seed: 3})
	change := func(v float32) {
		w := device.Weights{"w": {Shape: []int{2}, Data: []float32{v, v}}}
		if err := nn.WriteSafetensors(weights, w, nil, false); err != nil {
			t.Fatal(err)
		}
		now := time.Now().Add(time.Duration(v) * time.Second) // the clock of the file system may be coarse
		if err := os.Chtimes(weights, now, now); err != nil {
			t.Fatal(err)
		}
	}
	for i := range 2 {
		for range 2 {
			if _, err := e.Run(context.Background(), []*plan.Step{face}, nil, nil); err != nil {
				t.Fatal(err)
			}
		}
		if loads != i+1 || len(e.drawers) != 1 {
			t.Errorf("%d loads, %d kept", loads, len(e.drawers))
		}
		change(float32(i + 2))
	}
	p, err := e.registry.Plan(context.Background(), face)
	if err != nil {
		t.Fatal(err)
	}
	change(9)
	if _, err := p.Run(context.Background(), plan.Options{}); err == nil || !strings.Contains(err.Error(), "changed while it was being used") || ClassOf(err) != Missing {
		t.Errorf("got %v", err)
	}
}

func TestClasses(t *testing.T) {
	at := func(op, path string, err error) error {
		return fmt.Errorf("x: %w", &fs.PathError{Op: op, Path: path, Err: err})
	}
	run := filepath.Join("runs", "portrait")
	for name, c := range map[string]struct {
		err             error
		class, training Class
	}{
		"none":           {nil, OK, OK},
		"defect":         {errors.New("odd"), Internal, Input},
		"crash":          {&Crash{}, Internal, Internal},
		"full disk":      {at("write", "x", syscall.ENOSPC), Output, Output},
		"read-only":      {at("open", "x", syscall.EROFS), Output, Output},
		"quota":          {fmt.Errorf("x: %w", syscall.EDQUOT), Output, Output},
		"no folder made": {at("mkdir", "/x", fs.ErrPermission), Output, Output},
		"renaming":       {&os.LinkError{Op: "rename", Err: fs.ErrPermission}, Output, Output},
		"no data":        {at("open", filepath.Join("data", "labels.csv"), fs.ErrNotExist), Input, Input},
		"run unwritable": {at("open", filepath.Join(run, "faces.pack"), fs.ErrPermission), Input, Output},
		"diverged":       {fmt.Errorf("x: %w", autodiff.ErrDiverged), Internal, Usage},
		"run in use":     {fmt.Errorf("x: %w", autodiff.ErrBusy), Internal, Output},
		"stopped":        {errors.Join(context.Canceled, at("write", "x", syscall.ENOSPC)), Interrupted, Interrupted},
		"nothing said":   {mark(&plugin.Error{Name: "a", Err: plugin.ErrRequest}, ErrInput), Input, Input},
		"wrong request":  {&plugin.Error{Name: "a", Err: plugin.ErrRequest}, Usage, Usage},
	} {
		if got := ClassOf(c.err); got != c.class {
			t.Errorf("%s: class %d, want %d", name, got, c.class)
		}
		if got := ClassOf(Training(c.err, run)); got != c.training {
			t.Errorf("%s: class %d in a training, want %d", name, got, c.training)
		}
	}
}

func TestPluginsGetAllFolders(t *testing.T) {
	dir := t.TempDir()
	c := DefaultConfig()
	var want []string
	for _, part := range []string{"a/models", "networks", "b/styles", "looks", "home"} {
		path := filepath.Join(dir, part)
		if err := os.MkdirAll(path, 0o755); err != nil {
			t.Fatal(err)
		}
		want = append(want, path)
	}
	c.Folders.Models, c.Folders.Styles = want[:2:2], want[2:4:4]
	want[0], want[2] = filepath.Dir(want[0]), filepath.Dir(want[2])
	if diff := cmp.Diff(want, newPlaces(&c, want[4:]).data()); diff != "" {
		t.Error(diff)
	}
}

func TestTextWithNothingToRead(t *testing.T) {
	e, f, _ := newFake(t)
	f.refuse = &plugin.Error{Name: "sentiment-english", Err: plugin.ErrRequest}
	if _, err := e.Read(context.Background(), "?!"); ClassOf(err) != Input {
		t.Errorf("got %v (class %d)", err, ClassOf(err))
	}
}
