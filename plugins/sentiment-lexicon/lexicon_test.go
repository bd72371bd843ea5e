package main

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/atelier-engine/atelier/core/plugin/sdk"
)

func shipped(t testing.TB) *library {
	t.Helper()
	l, err := readLibrary([]string{filepath.Join("..", "..", "models", name)})
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// The shipped lexicons on lines in their languages: what each rule is for.
func TestReads(t *testing.T) {
	l := shipped(t)
	for text, want := range map[string]struct {
		language string
		emotion  sdk.Emotion
		gender   float64
		age      float64 // 0: not said
	}{
		"a joyful old man who just met his grandchild":                        {"en", sdk.Happy, 1, 75},
		"the girl is not happy":                                               {"en", sdk.Sad, -1, 0},
		"she is not sad at all":                                               {"en", sdk.Happy, -1, 0},
		"he was cheerful, but now he is furious":                              {"en", sdk.Angry, 1, 0},
		"a frightened woman, 43 years old, with tears in her eyes, panicking": {"en", sdk.Fearful, -1, 43},
		"disgusting rotten food, he says":                                     {"en", sdk.Disgusted, 1, 0},
		"a man with his mouth open, stunned":                                  {"en", sdk.Surprised, 1, 0},
		"a man at the window of the house":                                    {"en", sdk.Neutral, 1, 0},
		"tears of joy in the eyes of the bride":                               {"en", sdk.Happy, -1, 0},
		"eine glückliche alte Frau":                                           {"de", sdk.Happy, -1, 75},
		"Er freut sich nicht.":                                                {"de", sdk.Sad, 1, 0},
		"ein WÜTENDER Mann mit 50 Jahren":                                     {"de", sdk.Angry, 1, 50},
		"Die Großmutter hat Freudentränen in den Augen":                       {"de", sdk.Happy, -1, 74},
		"das Mädchen war fröhlich, aber jetzt weint es":                       {"de", sdk.Sad, -1, 0},
		"ein Kind, das sich vor der Spinne ekelt":                             {"de", sdk.Disgusted, 0, 7},
		"mit offenem Mund, sprachlos":                                         {"de", sdk.Surprised, 0, 0},
		"sie zittert vor Angst":                                               {"de", sdk.Fearful, -1, 0},
		"😭😭":                                                                  {"und", sdk.Sad, 0, 0},
		":-D":                                                                 {"und", sdk.Happy, 0, 0},
	} {
		r, err := l.read(text)
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		age := 0.0
		if r.Age.Said {
			age = r.Age.Best
		}
		if e, w := r.Emotion(); e != want.emotion || r.Language != want.language || r.Gender != want.gender || age != want.age {
			t.Errorf("%s: %v %.2f, %s, gender %g, age %g: want %v\n%+v", text, e, w, r.Language, r.Gender, age, want, r.Reasons)
		}
		if err := r.Check(); err != nil {
			t.Errorf("%s: %v", text, err)
		}
		for _, reason := range r.Reasons {
			if text[reason.Start:reason.End] != reason.Word {
				t.Errorf("%s: reason %+v", text, reason)
			}
		}
	}
}

// Boosters, capitals and exclamation marks make a feeling stronger, faint words
// weaker.
func TestDegrees(t *testing.T) {
	l := shipped(t)
	last := 0.0
	for _, text := range []string{"he is slightly sad", "he is sad", "he is very sad", "he is very SAD", "he is very SAD!!!"} {
		r, err := l.read(text)
		if err != nil || r.Emotions[sdk.Sad] <= last {
			t.Errorf("%s: %.3f after %.3f, %v", text, r.Emotions[sdk.Sad], last, err)
		}
		last = r.Emotions[sdk.Sad]
	}
	a, _ := l.read("HE IS SAD")
	b, _ := l.read("he is sad")
	if a.Emotions != b.Emotions {
		t.Error("a text all in capitals stresses nothing")
	}
}

// What cannot be read is said so, with little confidence; nothing panics.
func TestUnknown(t *testing.T) {
	l := shipped(t)
	for _, text := range []string{"Szczęśliwa babcia piecze ciasto", "彼女はとても嬉しい", "xqzt", "Онa плачет", strings.Repeat("xyzzy ", 20_000)} {
		r, err := l.read(text)
		if err != nil || r.Language != "und" || r.Confidence > 0.2 || len(r.Notes) == 0 {
			t.Errorf("%.40s: %s, confidence %.2f, %q, %v", text, r.Language, r.Confidence, r.Notes, err)
		}
	}
	for _, text := range []string{"", " \t\n", "\x00\x01", "\u200f\u200e", "\xff\xfe"} {
		if _, err := l.read(text); !errors.Is(err, sdk.ErrEmpty) {
			t.Errorf("%q: %v", text, err)
		}
	}
	for _, text := range []string{"?!", "...", "\xff\xfe sad \xff", "\u202esad man\u202c", "s\x00ad", strings.Repeat("sad ", 30_000), "a’b-’", "'"} {
		r, err := l.read(text)
		if err != nil {
			t.Errorf("%.20q: %v", text, err)
		} else if err := r.Check(); err != nil {
			t.Errorf("%.20q: %v", text, err)
		}
	}
}

func TestLexiconErrors(t *testing.T) {
	for text, want := range map[string]string{
		"glad happy 2":              "line 1: no tab",
		"# x\nglad\thapy 2":         `line 2: "hapy" is unknown: use an emotion`,
		"glad\thappy":               "line 1: happy: 0 numbers: want 1",
		"glad\thappy 9":             "line 1: happy: 9 is not in 0 to 4",
		"glad\thappy NaN":           "line 1: happy: NaN is not in 0 to 4",
		"glad\thappy x":             `line 1: happy: "x" is no number`,
		"glad\t":                    "line 1: no tab",
		"glad\t,":                   "line 1: nothing is said",
		"glad,,x\thappy 2":          "line 1: an empty word",
		"very glad*\thappy 2":       "a phrase cannot end with *",
		"old\tage 80 60":            "line 1: age: 80 is above 60",
		"very\tboost":               "line 1: boost: 0 numbers",
		"gl\xffad\thappy 2":         "line 1: it is no UTF-8",
		"# nothing":                 "is empty",
		strings.Repeat("x", 70_000): "token too long",
	} {
		path := filepath.Join(t.TempDir(), "xx.tsv")
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		if _, err := readLibrary([]string{path}); err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), path) {
			t.Errorf("%.30q\n got  %v\n want %s", text, err, want)
		}
	}
	if _, err := readLibrary([]string{t.TempDir()}); err == nil || !strings.Contains(err.Error(), "en.tsv") {
		t.Errorf("no file: %v", err)
	}
}

// A language is one file; the first that is named wins.
func TestOwnLexicon(t *testing.T) {
	dir := t.TempDir()
	for file, text := range map[string]string{"eo.tsv": "ĝoj*\thappy 3\nla\tcommon\nviro\tman\nne\tnegation\n", "en.tsv": "sad\thappy 4\nman\tman\n"} {
		if err := os.WriteFile(filepath.Join(dir, file), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	l, err := readLibrary([]string{dir, filepath.Join("..", "..", "models", name)})
	if err != nil {
		t.Fatal(err)
	}
	if l.languages() != "de, en, eo" {
		t.Error(l.languages())
	}
	r, err := l.read("la ĝoja viro")
	if e, _ := r.Emotion(); err != nil || r.Language != "eo" || e != sdk.Happy || r.Gender != 1 {
		t.Errorf("%+v, %v", r, err)
	}
	if r, _ = l.read("sad man"); r.Emotions[sdk.Happy] < 0.5 {
		t.Errorf("the shipped list won: %+v", r)
	}
}

func FuzzRead(f *testing.F) {
	l := shipped(f)
	for _, s := range []string{"not happy, but sad!!! :-)", "er freut sich nicht", "a\xff’-b 50 years"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		r, err := l.read(text)
		if errors.Is(err, sdk.ErrEmpty) {
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		if err := r.Check(); err != nil {
			t.Fatal(err)
		}
	})
}
