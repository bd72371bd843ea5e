package engine

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/atelier-engine/atelier/core/sentiment"
)

func TestColoured(t *testing.T) {
	r := sentiment.Reading{Text: "a glad\x1b[2J old \"man\""}
	r.Emotions[sentiment.Happy] = 1
	r.Reasons = []sentiment.Reason{{Start: 2, End: 6, Word: "glad", For: "happy", Weight: 2}, {Start: 2, End: 6, Word: "glad", For: "valence", Weight: 9},
		{Start: 11, End: 14, Word: "old", For: "age", Weight: 70}, {Start: 11, End: 14, Word: "old", For: "happy", Weight: -0.3}}
	got, _, _ := strings.Cut(ShowColoured(r), "\n")
	if want := "\"a \x1b[33mglad\x1b[0m\\x1b[2J \x1b[33;4mold\x1b[0m \"man\"\""; got != want {
		t.Errorf("got  %q\nwant %q", got, want)
	}
	if plain := Show(r); strings.Contains(plain, "\x1b") {
		t.Errorf("escapes in %q", plain)
	}
	r.Text = strings.Repeat("é", 900)
	if got := colouredText(r); !strings.HasSuffix(got, "é…\"") {
		t.Errorf("cut inside a character: %q", got[len(got)-10:])
	}
	for i := range len("añb") { // reasons may come from anybody and begin inside a character
		r.Text, r.Reasons = "añb", []sentiment.Reason{{Start: i, End: 4, For: "sad", Weight: 1}}
		if got := colouredText(r); strings.Contains(got, `\x`) {
			t.Errorf("a character was cut: %q", got)
		}
	}
}

func TestOverride(t *testing.T) {
	age := 40.0
	r := sentiment.Reading{Text: "sad old man", Age: sentiment.Range{Best: 70, Min: 60, Max: 80, Said: true}, Valence: -0.7, Gender: 1, GenderSaid: true,
		Reasons: []sentiment.Reason{{For: "sad"}, {For: "age"}, {For: "gender"}}}
	r.Emotions[sentiment.Sad] = 1
	if err := (Wish{Age: &age, Gender: "woman", Emotion: []string{"happy=0.8"}}).Override(&r); err != nil {
		t.Fatal(err)
	}
	if r.Age.Best != 40 || r.Age.Min != 40 || r.Gender != -1 || r.Emotions[sentiment.Happy] != 0.8 || r.Valence < 0.5 || len(r.Reasons) != 0 {
		t.Errorf("%+v", r)
	}
	if err := r.Check(); err != nil {
		t.Error(err)
	}
	for _, w := range []Wish{{Gender: "mann"}, {Emotion: []string{"hapy"}}, {Emotion: []string{"happy=2"}}} {
		if err := w.Override(&r); ClassOf(err) != Usage {
			t.Errorf("%+v: %v", w, err)
		}
	}
}

func TestReadLines(t *testing.T) {
	e, f, _ := newFake(t)
	lines := []Line{{Number: 1, Text: "a child"}, {Number: 2, Text: " \t\u200e"}, {Number: 3, Text: "a\x00b"}, {Number: 4, Text: "\xff"}, {Number: 5, Text: strings.Repeat("long", 30_000)}}
	if err := e.ReadLines(context.Background(), lines); err != nil {
		t.Fatal(err)
	}
	for i, want := range []string{"", "empty", "null byte", "not valid UTF-8", "at most"} {
		err := lines[i].Err
		if (err == nil) != (want == "") || err != nil && (ClassOf(err) != Input || !strings.Contains(err.Error(), want)) {
			t.Errorf("line %d: %v", i+1, err)
		}
	}
	if lines[0].Reading.Age.Best != 7 {
		t.Errorf("%+v", lines[0].Reading)
	}
	f.refuse = errors.New("broken")
	if err := e.ReadLines(context.Background(), lines); !errors.Is(err, f.refuse) {
		t.Errorf("got %v", err)
	}
	reads := f.reads
	if err := e.ReadLines(context.Background(), lines[1:]); err != nil || f.reads != reads {
		t.Errorf("nothing was to be read: %v", err)
	}
}

// Another analyzer is another plan: nothing comes from the first one's cache.
func TestUseAnalyzer(t *testing.T) {
	e, f, _ := newFake(t)
	for _, name := range []string{"", "sentiment-english", "cubism", ""} {
		e.UseAnalyzer(name)
		if _, err := e.Read(context.Background(), "a glad man"); err != nil {
			t.Fatal(err)
		}
	}
	if f.reads != 2 {
		t.Errorf("read %d times: want once by each", f.reads)
	}
	e.UseAnalyzer("sentiment-klingon")
	if _, err := e.Read(context.Background(), "a glad man"); ClassOf(err) != Missing {
		t.Errorf("got %v", err)
	}
}
