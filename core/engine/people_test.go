package engine

import (
	"context"
	"encoding/json"
	"fmt"
	"image/gif"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/atelier-engine/atelier/core/picture"
	"github.com/atelier-engine/atelier/core/plan"
	"github.com/atelier-engine/atelier/core/portrait"
	"github.com/atelier-engine/atelier/core/recipe"
)

// drawPeople draws a wish in a folder of its own.
func drawPeople(t *testing.T, e *Engine, w People) *PeopleJob {
	t.Helper()
	job, err := e.People(context.Background(), w)
	if err != nil {
		t.Fatal(err)
	}
	if err := job.Run(context.Background(), nil); err != nil {
		t.Fatal(err)
	}
	return job
}

func text(s string) *string     { return &s }
func number(v float64) *float64 { return &v }
func whole(v uint64) *uint64    { return &v }

func brief(requests []portrait.Request) []string {
	var all []string
	for _, r := range requests {
		line := fmt.Sprintf("%d: %g %+g %s", r.Seed, r.Condition.Age, r.Condition.Gender, portrait.Emotions[r.Condition.Emotion()])
		if r.At > 0 {
			line += fmt.Sprintf(" %.2f to %d", r.At, r.Toward)
		}
		if r.Truncation != 1 {
			line += fmt.Sprintf(" t%g", r.Truncation)
		}
		all = append(all, line)
	}
	return all
}

func TestPeople(t *testing.T) {
	for name, c := range map[string]struct {
		w     People
		paths []string
		drawn []string
		reads int
	}{
		"flags alone start no analyzer": {People{Wish: Wish{Age: number(40), Emotion: []string{"sad"}}}, []string{"portrait.png"}, []string{"1: 40 +1 sad"}, 0},
		"a sentence":                    {People{Text: text("a glad man"), Truncation: number(0.5)}, []string{"portrait.png"}, []string{"1: 70 +1 happy t0.5"}, 1},
		"count": {People{Wish: Wish{Gender: "man", Seed: whole(7)}, Count: 3},
			[]string{"portraits/portrait-7.png", "portraits/portrait-8.png", "portraits/portrait-9.png"}, []string{"7: 35 +1 neutral", "8: 35 +1 neutral", "9: 35 +1 neutral"}, 0},
		"template": {People{Count: 2, Out: "a/{n}-{seed}.jpg", Wish: Wish{Gender: "0"}}, []string{"a/1-1.jpg", "a/2-2.jpg"}, []string{"1: 35 +0 neutral", "2: 35 +0 neutral"}, 0},
		"variations of a reading": {People{Text: text("a glad man"), Like: "5", Variations: 8}, []string{"variations/5-neutral.png", "variations/5-sad.png",
			"variations/5-angry.png", "variations/5-fearful.png", "variations/5-disgusted.png", "variations/5-surprised.png", "variations/5-age60.png", "variations/5-age80.png"},
			[]string{"5: 70 +1 neutral", "5: 70 +1 sad", "5: 70 +1 angry", "5: 70 +1 fearful", "5: 70 +1 disgusted", "5: 70 +1 surprised", "5: 60 +1 happy", "5: 80 +1 happy"}, 1},
		"grid": {People{Wish: Wish{Seed: whole(2), Gender: "woman"}, Grid: []string{"age=20,40", "emotion=happy,sad,angry"}}, []string{"grid.png"},
			[]string{"2: 20 -1 happy", "2: 40 -1 happy", "2: 20 -1 sad", "2: 40 -1 sad", "2: 20 -1 angry", "2: 40 -1 angry"}, 0},
		"nested grid in files": {People{Grid: []string{"gender=woman,man age=20", "seed=3,4"}, Out: "g/"},
			[]string{"g/woman-20-seed3.png", "g/man-20-seed3.png", "g/woman-20-seed4.png", "g/man-20-seed4.png"},
			[]string{"3: 20 -1 neutral", "3: 20 +1 neutral", "4: 20 -1 neutral", "4: 20 +1 neutral"}, 0},
		"morph": {People{Wish: Wish{Age: number(20), Gender: "man", Emotion: []string{"sad"}, Seed: whole(4)}, Morph: []string{"age=80", "emotion=happy", "seed=6 truncation=0.5"}, Film: FilmWish{Frames: 3}},
			[]string{"morph.png"}, []string{"4: 20 +1 sad", "4: 50 +1 happy 0.50 to 6 t0.75", "4: 80 +1 happy 1.00 to 6 t0.5"}, 0},
		"morph of a reading": {People{Text: text("a glad man"), Morph: []string{"emotion=sad"}, Film: FilmWish{Frames: 2}, Out: "frames/"},
			[]string{"frames/"}, []string{"1: 70 +1 happy", "1: 70 +1 sad"}, 1},
	} {
		t.Run(name, func(t *testing.T) {
			e, f, _ := newFake(t)
			t.Chdir(t.TempDir())
			job := drawPeople(t, e, c.w)
			if diff := cmp.Diff(c.paths, job.Paths); diff != "" {
				t.Error(diff)
			}
			if diff := cmp.Diff(c.drawn, brief(f.requests())); diff != "" || f.reads != c.reads {
				t.Errorf("%s, %d readings", diff, f.reads)
			}
			for _, path := range c.paths {
				if info, err := os.Stat(path); err != nil {
					t.Error(err)
				} else if !info.IsDir() && !strings.HasSuffix(path, "/") {
					p, err := picture.Open(path)
					if err != nil || p.Meta[licenceKey] == "" || !strings.Contains(p.Meta[noticeKey], "not exist") || !strings.Contains(p.Meta[portraitKey], `"seed":`) {
						t.Errorf("%s: %v, %v", path, err, p.Meta)
					}
				}
			}
		})
	}
}

// Bad wishes are known before anything is read or drawn, and nothing is written.
func TestBadPeople(t *testing.T) {
	e, f, _ := newFake(t)
	t.Chdir(t.TempDir())
	seven := Wish{Seed: whole(7)}
	if err := os.WriteFile("notes.txt", []byte("mine"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := picture.Save("photo.png", picture.Filled(8, 8, 0, 0, 0)); err != nil {
		t.Fatal(err)
	}
	for want, w := range map[string]People{
		"it is not said who is to be drawn":                  {},
		"--truncation is 1.5":                                {Wish: seven, Truncation: number(1.5)},
		"--truncation is NaN":                                {Wish: seven, Truncation: number(math.NaN())},
		"--size is 5: it must be from 16 to 8192":            {Wish: seven, Size: 5},
		"--age is 5":                                         {Wish: Wish{Age: number(5)}},
		"--emotion: no weight is above 0":                    {Wish: Wish{Emotion: []string{"sad=0"}}},
		"sad is given twice":                                 {Wish: Wish{Emotion: []string{"sad=0.2+sad"}}},
		"--count and --grid are both given":                  {Wish: seven, Count: 2, Grid: []string{"age=20"}},
		"--like and --seed are both given":                   {Wish: seven, Like: "3"},
		"--count is -1":                                      {Wish: seven, Count: -1},
		"--count is 10001":                                   {Count: 10001},
		"seeds end at":                                       {Wish: Wish{Seed: whole(MaxSeed)}, Count: 2},
		"--variations: 500 asked for":                        {Wish: seven, Variations: 500},
		"are for --morph: leave them out":                    {Wish: seven, Film: FilmWish{Frames: 3}},
		`unknown axis "emtion": did you mean "emotion"?`:     {Grid: []string{"emtion=happy"}},
		`--grid emotion hapy: unknown emotion "hapy"`:        {Grid: []string{"emotion=hapy"}},
		"it has no values: write such as age=20,40,60,80":    {Grid: []string{"age"}},
		"it has no values: write such as gender=woman,man":   {Grid: []string{"gender="}},
		"the axis age is given twice":                        {Grid: []string{"age=20", "age=30"}},
		"the value 20 is given twice":                        {Grid: []string{"age=20,20"}},
		"the value woman is given twice":                     {Grid: []string{"gender=woman,-1"}},
		`--grid age is "": it must be a number`:              {Grid: []string{"age=20,"}},
		`--grid age is "12": it must be a number from 16`:    {Grid: []string{"age=12"}},
		`--grid seed is "-1"`:                                {Grid: []string{"seed=-1"}},
		`--grid truncation is "NaN"`:                         {Grid: []string{"truncation=NaN"}},
		"--grid gender: a value is empty":                    {Grid: []string{"gender=woman,"}},
		"--age and --grid age are both given":                {Wish: Wish{Age: number(30)}, Grid: []string{"age=20"}},
		"--seed and --grid seed are both given":              {Wish: seven, Grid: []string{"seed=1"}},
		"--grid is empty":                                    {Grid: []string{" "}},
		"490 portraits: at most 400 are laid out":            {Grid: []string{"emotion=all age=16,17,18,19,20,21,22 gender=-1,0,1,0.1,0.2,0.3,0.4,0.5,0.6,0.7"}},
		"500 portraits on a sheet":                           {Wish: seven, Count: 500, Out: "a.png"},
		"--morph: nothing changes":                           {Wish: Wish{Age: number(30)}, Morph: []string{"age=30"}},
		"it leads to one value, 2 are given":                 {Wish: seven, Morph: []string{"age=30,40"}},
		"--frames is 1":                                      {Wish: seven, Morph: []string{"age=70"}, Film: FilmWish{Frames: 1}},
		"--seconds is 0.1: 24 frames must take from 0.48":    {Wish: seven, Morph: []string{"age=70"}, Film: FilmWish{Seconds: 0.1}},
		"--seconds is NaN":                                   {Wish: seven, Morph: []string{"age=70"}, Film: FilmWish{Seconds: math.NaN()}},
		"--loops is -1":                                      {Wish: seven, Morph: []string{"age=70"}, Film: FilmWish{Loops: -1}},
		`--dither is "fine"`:                                 {Wish: seven, Morph: []string{"age=70"}, Film: FilmWish{Dither: "fine"}},
		"1500 frames of 512x512 pixels: at most 512":         {Wish: seven, Size: 512, Morph: []string{"age=70"}, Film: FilmWish{Frames: 1500}},
		"we do not write films as .webm":                     {Wish: seven, Morph: []string{"age=70"}, Out: "a.webm"},
		"we do not write .gif files":                         {Wish: seven, Out: "a.gif"},
		"we do not write .webp files":                        {Wish: seven, Count: 2, Out: "a.webp"},
		"{naem} is unknown: there is {n}, {name}, {seed}":    {Wish: seven, Count: 2, Out: "{naem}.png"},
		"two portraits would become 7.png":                   {Wish: seven, Variations: 2, Out: "{seed}.png"},
		`--like is "hans": it must be a seed, or a portrait`: {Like: "hans"},
		"--like is 9007199254740993: a seed must be":         {Like: "9007199254740993"},
		"open ./hans.png: no such file":                      {Like: "./hans.png"},
		"notes.txt":                                          {Like: "notes.txt"},
		"--like photo.png: nothing in it says who it shows":  {Like: "photo.png"},
	} {
		_, err := e.People(context.Background(), w)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %s", err, want)
		}
		if class := ClassOf(err); class != Usage && (class != Input || w.Like == "") {
			t.Errorf("%v has the class %d", err, class)
		}
	}
	if left, _ := filepath.Glob("*"); len(left) != 2 || len(f.drawn) != 0 || f.reads != 0 {
		t.Errorf("%v, %d drawn, %d read", left, len(f.drawn), f.reads)
	}
}

// A picture that was drawn lends its person, and its condition where no other is
// given.
func TestLikeAPicture(t *testing.T) {
	e, f, _ := newFake(t)
	t.Chdir(t.TempDir())
	drawPeople(t, e, People{Wish: Wish{Age: number(30.5), Gender: "0.25", Emotion: []string{"happy=0.4"}, Seed: whole(7)}, Truncation: number(0.5), Out: "a.jpg"})
	drawPeople(t, e, People{Like: "a.jpg", Wish: Wish{Emotion: []string{"sad"}}, Out: "b.png"})
	drawPeople(t, e, People{Like: "a.jpg", Text: text("a glad man"), Truncation: number(1), Out: "c.png"})
	drawPeople(t, e, People{Like: "a.jpg", Variations: 1, Out: "d/"})
	job := drawPeople(t, e, People{Like: "a.jpg", Out: "e.png"})
	want := []string{"7: 30.5 +0.25 neutral t0.5", "7: 30.5 +0.25 sad t0.5", "7: 70 +1 happy", "7: 30.5 +0.25 happy t0.5"}
	want = append(want, want[0])
	if diff := cmp.Diff(want, brief(f.requests())); diff != "" || len(job.Notes) != 0 {
		t.Error(diff, job.Notes)
	}
	drawPeople(t, e, People{Wish: Wish{Seed: whole(7)}, Count: 2, Out: "sheet.png"})
	if _, err := e.People(context.Background(), People{Like: "sheet.png"}); err == nil || !strings.Contains(err.Error(), "it shows several people") {
		t.Error(err)
	}
	if err := os.WriteFile(filepath.Join(e.Places.Models[0], "faces", "weights.safetensors"), []byte("others"), 0o644); err != nil {
		t.Fatal(err)
	}
	job, err := e.People(context.Background(), People{Like: "a.jpg", Out: "f.png"})
	if err != nil || len(job.Notes) != 1 || !strings.Contains(job.Notes[0], "this will be another person") {
		t.Error(err, job)
	}
}

// What is there is not drawn again; what is not ours is left alone.
func TestPeopleGoOn(t *testing.T) {
	e, f, _ := newFake(t)
	t.Chdir(t.TempDir())
	w := People{Wish: Wish{Age: number(30)}, Count: 5}
	ctx, cancel := context.WithCancel(context.Background())
	job, err := e.People(ctx, w)
	if err != nil {
		t.Fatal(err)
	}
	saved := 0
	err = job.Run(ctx, func(ev Event) {
		if ev.State == Done && ev.Step.Kind() == recipe.KindSave {
			if saved++; saved == 2 {
				cancel()
			}
		}
	})
	if ClassOf(err) != Interrupted {
		t.Fatal(err)
	}
	f.drawn = nil
	job = drawPeople(t, e, w)
	if job.Skipped != 2 || len(job.Paths) != 5 || job.Left() != 3 {
		t.Errorf("%d skipped of %d", job.Skipped, len(job.Paths))
	}
	w.Age = number(31)
	if job = drawPeople(t, e, w); job.Skipped != 0 { // another condition is another picture
		t.Errorf("%d skipped", job.Skipped)
	}
	if job = drawPeople(t, e, w); job.Skipped != 5 || job.Left() != 0 {
		t.Errorf("%d skipped", job.Skipped)
	}
	if err := picture.Save("portraits/portrait-3.png", picture.Filled(8, 8, 0, 0, 0)); err != nil {
		t.Fatal(err)
	}
	if _, err := e.People(context.Background(), w); ClassOf(err) != Output || !strings.Contains(err.Error(), "no picture of ours") {
		t.Error(err)
	}
}

// The layout of a sheet's captions, as the command asks for it.
func TestGridCaptions(t *testing.T) {
	w := People{Text: text("a  glad man"), Wish: Wish{Gender: "man"}, Truncation: number(0.7), Grid: []string{"truncation=0.5"}}
	if _, err := grid(&w, recipe.Face{}); err == nil {
		t.Error("truncation twice: no error")
	}
	w.Grid = []string{"seed=3,4 age=20,40.5 emotion=neutral,happy=0.5,happy=0.7+sad=0.3"}
	s, err := grid(&w, recipe.Face{Gender: number(1), Truncation: number(0.7)})
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]any{"columns": s.columns, "rows": s.rows, "file": s.cells[11].file, "note": w.noteOf(recipe.Face{Gender: number(1), Truncation: number(0.7)}, s)}
	want := map[string]any{
		"columns": []string{"seed 3, 20", "seed 3, 40.5", "seed 4, 20", "seed 4, 40.5"},
		"rows":    []string{"neutral", "happy 0.5", "happy 0.7 + sad 0.3"},
		"file":    "seed4-40.5-happy0.7-sad0.3", "note": `"a glad man", man, truncation 0.7`,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	var seeds []string
	for i := range 12 {
		seeds = append(seeds, fmt.Sprint(i))
	}
	s, err = grid(&w, recipe.Face{})
	w.Grid = []string{"seed=" + strings.Join(seeds, ",")}
	if s, err = grid(&w, recipe.Face{}); err != nil || s.across != 4 || s.columns != nil || s.cells[11].caption != "seed 11" {
		t.Error("a long axis is not broken into rows", s.across, err)
	}
}

// Sheets and films of recipes, with pictures from files and painted ones.
func TestSheetsAndFilmsOfRecipes(t *testing.T) {
	e, f, _ := newFake(t)
	dir := t.TempDir()
	script := filepath.Join(dir, "r.lua")
	source := `local face = portrait{seed = 1, size = 20}
		local painted = face:style("cubism")
		sheet{pictures = {{face, painted}, {args.photo}}, size = 40, rows = {"a", "b"}}:style("cubism"):save(args.out .. "/sheet.png")
		local frames = {}
		for i = 1, 18 do frames[i] = portrait{seed = i, size = 20} end
		frames[19] = painted
		film{frames = frames, rate = 10, loops = 2}:save(args.out .. "/film.gif"):save(args.out .. "/frames/")`
	if err := os.WriteFile(script, []byte(source), 0o644); err != nil {
		t.Fatal(err)
	}
	args := map[string]string{"out": dir, "photo": filepath.Join(f.home, "photo.png")}
	if _, err := e.Recipe(context.Background(), Job{Name: script, Args: args}); err != nil {
		t.Fatal(err)
	}
	p, err := picture.Open(filepath.Join(dir, "sheet.png"))
	if err != nil || p.W < 80 || p.Meta[noticeKey] != "This person does not exist.\nThis person does not exist.\n" {
		t.Errorf("%v, %d wide, %q", err, p.W, p.Meta[noticeKey])
	}
	file, err := os.Open(filepath.Join(dir, "film.gif"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	g, err := gif.DecodeAll(file)
	if err != nil || len(g.Image) != 19 || g.LoopCount != 1 || g.Delay[0] != 10 {
		t.Error(err, len(g.Image))
	}
	frame, err := picture.Open(filepath.Join(dir, "frames", "0018.png"))
	if err != nil {
		t.Fatal(err)
	}
	var doc plan.Provenance
	var r portrait.Request
	if json.Unmarshal([]byte(frame.Meta[planKey]), &doc) != nil || json.Unmarshal([]byte(frame.Meta[portraitKey]), &r) != nil || r.Seed != 18 || len(doc.Steps) != 21 {
		t.Errorf("%d steps, seed %d", len(doc.Steps), r.Seed)
	}
	for want, source := range map[string]string{
		"r.lua:1: film: frame 2 has 30x30 pixels, the first 20x20": `film{frames = {portrait{size = 20}, portrait{size = 30}}}:save("a.gif")`,
		"r.lua:1: film on: frame 18 has 30x30 pixels":              `local f = {} for i = 1, 17 do f[i] = portrait{seed = i, size = 20} end f[18] = portrait{size = 30} film{frames = f}:save("a.gif")`,
		"r.lua:1: save a.webp: we do not write films as .webp":     `film{frames = {portrait{}}}:save("a.webp")`,
		"r.lua:1: sheet: sheet: it would be":                       `local r = {} for i = 1, 400 do r[i] = portrait{size = 32} end sheet{pictures = {r}, size = 8000}:save("a.png")`,
	} {
		if err := os.WriteFile(script, []byte(source), 0o644); err != nil {
			t.Fatal(err)
		}
		_, err := e.Recipe(context.Background(), Job{Name: script})
		if err == nil || !strings.Contains(err.Error(), want) || ClassOf(err) != Usage {
			t.Errorf("got %v (class %d), want %s", err, ClassOf(err), want)
		}
	}
}

// Whatever is written behind --grid or --morph is read or refused, and what is
// read are portraits that can be drawn.
func FuzzAxes(f *testing.F) {
	for _, s := range []string{"age=20,40 emotion=happy,sad", "gender=woman,0.5", "emotion=all seed=1", "emotion=happy=0.5+sad", "age=1e1,0x20", "truncation=0,1", "=", "age=,", "seed=1,01"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		axes, err := parseAxes("--grid", []string{s})
		if err != nil {
			if ClassOf(err) != Usage || len(axes) != 0 {
				t.Errorf("%q: %v", s, err)
			}
			return
		}
		table := defaultCondition()
		for _, choice := range nested(axes)[:1] {
			var face recipe.Face
			for _, v := range choice {
				v.set(&face)
				if v.caption == "" || v.file == "" || strings.ContainsAny(v.file, "/\\ ") {
					t.Errorf("%q: caption %q, file %q", s, v.caption, v.file)
				}
			}
			if _, _, err := table.request(recipe.Portrait(plan.Origin{}, face), nil); err != nil {
				t.Errorf("%q: %v", s, err)
			}
		}
	})
}

func FuzzEmotions(f *testing.F) {
	for _, s := range []string{"sad", "sad=0.6", "happy=0.7+surprised=0.3", "sad=", "=1", "sad=NaN", "sad=1+sad", "+"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		weights, err := parseEmotions("--emotion", []string{s})
		if err != nil {
			if ClassOf(err) != Usage {
				t.Errorf("%q: %v", s, err)
			}
			return
		}
		c := portrait.Condition{Age: 30, Emotions: asked(weights)}
		if err := c.Check(); err != nil {
			t.Errorf("%q: %v", s, err)
		}
		again, err := parseEmotions("", []string{strings.NewReplacer(" + ", "+", " ", "=").Replace(emotionText(weights))})
		if diff := cmp.Diff(weights, again); diff != "" || err != nil {
			t.Errorf("%q: as text it reads %s, %v", s, diff, err)
		}
	})
}
