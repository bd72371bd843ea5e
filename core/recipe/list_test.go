package recipe

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/atelier-engine/atelier/core/plan"
)

// saved runs a recipe and gives the one step that it saves.
func saved(t *testing.T, source string) *plan.Step {
	t.Helper()
	r, err := Run(context.Background(), "r.lua", []byte(source), Options{Seed: 4})
	if err != nil || len(r.Saves) != 1 {
		t.Fatal(err)
	}
	return r.Saves[0].Inputs()[0]
}

func TestSheetStep(t *testing.T) {
	s := saved(t, `local a, b = portrait{seed = 1}, image("x.png")
		sheet { pictures = {{a, b}, {"y.png"}}, columns = {20, "old  age"}, rows = {"one", "two"},
			names = {{"a"}, {"c"}}, title = "T", note = "N", size = 64 } :save("s.png")`)
	var kinds []string
	for _, in := range s.Inputs() {
		kinds = append(kinds, in.Kind()+in.Text("path"))
	}
	if diff := cmp.Diff([]string{"portrait", "imagex.png", "imagey.png"}, kinds); diff != "" || s.Kind() != KindSheet {
		t.Error(s.Kind(), diff)
	}
	got := map[string][]string{}
	for _, name := range []string{"columns", "rows", "names"} {
		got[name] = SplitCaptions(s.Text(name))
	}
	want := map[string][]string{"columns": {"20", "old age"}, "rows": {"one", "two"}, "names": {"a", "", "c"}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	across, _ := s.Whole("across")
	if size, _ := s.Whole("size"); size != 64 || across != 2 || s.Text("title") != "T" || s.Text("note") != "N" {
		t.Errorf("%d across, size %d", across, size)
	}
}

// A film of many frames is joined in parts, in their order.
func TestFilmSteps(t *testing.T) {
	s := saved(t, `local frames = {}
		for i = 1, 40 do frames[i] = portrait { seed = 1, toward = 2, at = (i - 1) / 39, truncation = 0.5, size = 32 } end
		film { frames = frames, rate = 20, loops = 2, bounce = true, dither = "none" } :save("f.gif")`)
	var at []float64
	parts := 0
	for film := s; ; {
		parts++
		in := film.Inputs()
		last := film.Kind() == KindFilm
		frames := in
		if !last {
			frames = in[1:]
		}
		var own []float64
		for _, f := range frames {
			v, _ := f.Number("at")
			toward, ok := f.Whole("toward")
			if ok != (v > 0) || ok && toward != 2 {
				t.Errorf("at %g: toward %d", v, toward)
			}
			own = append(own, v)
		}
		at = append(own, at...)
		if rate, _ := film.Number("rate"); rate != 20 || !film.Flag("bounce") || film.Text("dither") != "none" {
			t.Error("a part is of another film")
		}
		if last {
			break
		}
		film = in[0]
	}
	if len(at) != 40 || parts != 3 || at[0] != 0 || at[39] != 1 {
		t.Errorf("%d parts, frames at %v", parts, at)
	}
	for i := 1; i < len(at); i++ {
		if at[i] <= at[i-1] {
			t.Fatalf("frames at %v", at)
		}
	}
}

func TestListErrors(t *testing.T) {
	for source, want := range map[string]string{
		`sheet{}`:                                                              `argument "pictures" is missing: it must be a list of lists of pictures or paths`,
		`sheet{pictures={}}`:                                                   "is empty",
		`sheet{pictures={{}}}`:                                                 "row 1 is empty",
		`sheet{pictures={"a.png"}}`:                                            `has the string "a.png" in place 1: it must be a list of lists of pictures or paths`,
		`sheet{pictures={{3}}}`:                                                "row 1 place 1 is a number: it must be a picture or a path",
		`sheet{pictures={{"a"},{"b","c"}}}`:                                    "row 2 has 2 pictures, the first 1: only the last one may be shorter",
		`sheet{pictures={{"a"}}, columns={{}}}`:                                `argument "columns" has a table in place 1: it must be a list of strings or numbers`,
		`sheet{pictures={{"a"}}, columns={x="y"}}`:                             `has the entry "x"`,
		`sheet{pictures={{"a"}}, names={{"a","b"}}}`:                           "2 names for the 1 pictures of row 1",
		`sheet{pictures={{"a"}}, names={{"a"},{"b"}}}`:                         "names of 2 rows for 1 rows of pictures",
		`sheet{pictures={{"a"}}, size=0}`:                                      `"size" is 0: it must be a whole number from 1 to 8192 pixels`,
		`sheet{pictures={{"a", nil, "b"}}}`:                                    "a gap",
		`film{frames={}}`:                                                      "is empty",
		`film{frames={"a"}, rate=0}`:                                           `"rate" is 0: it must be a number from 0.1 to 50`,
		`film{frames={"a"}, bounce="yes"}`:                                     `"bounce" is the string "yes": it must be true or false`,
		`film{frames={"a"}, dither="orderd"}`:                                  `did you mean "ordered"?`,
		`film{frames={"a"}}:style("cubism")`:                                   `a film has no method "style": there is save`,
		`local f = film{frames={"a"}} f.rate = 3`:                              "a film cannot be changed",
		`local p = image("a") p.save(film{frames={p}}, "x.png")`:               "it is called on a film",
		`local f = film{frames={"a"}} f.save(image("a"), "x.gif")`:             "it is called on a picture: write film:save",
		`film{frames={film{frames={"a"}}}}`:                                    "place 1 is a film: it must be a picture or a path",
		`portrait{at=0.5}`:                                                     "at is given without toward",
		`portrait{truncation=2}`:                                               `"truncation" is 2: it must be a number from 0 to 1`,
		`portrait{size=4}`:                                                     `"size" is 4: it must be a whole number from 16 to 8192 pixels`,
		`local t = {} for i = 1, 401 do t[i] = "a" end sheet{pictures={t}}`:    "has 401 entries: at most 400 are taken",
		`local t = {} for i = 1, 201 do t[i] = "a" end sheet{pictures={t, t}}`: "402 pictures: at most 400 are laid out",
	} {
		_, _, err := run(source, Options{})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s\n  got %v\n want %s", source, err, want)
		}
	}
	if _, log, err := run(`print(film{frames={"a"}}, sheet{pictures={{"a"}}})`, Options{}); err != nil || log != "film\tpicture" {
		t.Error(log, err)
	}
}

func FuzzCaptions(f *testing.F) {
	f.Add("a", "b c", "")
	f.Add("", "\n", "x\ny")
	f.Fuzz(func(t *testing.T, a, b, c string) {
		list := []string{a, b, c, "end"}
		got := SplitCaptions(JoinCaptions(list))
		if len(got) != 4 {
			t.Fatalf("%q became %q", list, got)
		}
		for i, text := range got {
			if want := strings.Join(strings.Fields(list[i]), " "); text != want {
				t.Error(fmt.Sprintf("%q became %q", list[i], text))
			}
		}
	})
}
