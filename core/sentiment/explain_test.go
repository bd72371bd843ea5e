package sentiment

import (
	"encoding/json"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestExplainShowsEachStage(t *testing.T) {
	a := load(t)
	text := "Ms. Gloom isn’t saaad at all: the old widow beams ﬁnely, beside a screaming cook 😀"
	x, err := a.Explain(text)
	if err != nil {
		t.Fatal(err)
	}
	if e, _ := x.Reading.Emotion(); e != Happy {
		t.Errorf("read as %s", e)
	}
	if !strings.Contains(x.Normalised, "isn't saaad") || !strings.Contains(x.Normalised, "finely") {
		t.Errorf("normalised %q", x.Normalised)
	}
	marks := map[string]string{}
	for _, k := range x.Tokens {
		if k.Start < 0 || k.End > len(text) || k.Start >= k.End {
			t.Errorf("token %+v has a span outside the text", k)
		}
		marks[k.Word] = strings.Join(k.Marks, ",") + ";" + k.Rule
	}
	for word, want := range map[string]string{"sad": "denied", "not": "negator", "at": "stop word", "gloom": "a name", "screaming": "somebody else"} {
		if !strings.Contains(marks[word], want) {
			t.Errorf("%q is marked %q, want %q", word, marks[word], want)
		}
	}
	if !strings.Contains(marks["sad"], "elongated") {
		t.Errorf("sad is marked %q", marks["sad"])
	}
	found := false
	for _, c := range x.Cues {
		found = found || c.Text == "beams" && c.Emotion == "happy" && c.Score > 2
	}
	if !found || len(x.Rules) == 0 || len(x.Features) == 0 || len(x.People) == 0 || x.Before == x.After {
		t.Errorf("%s", x)
	}
	if _, err := json.Marshal(x); err != nil {
		t.Error(err)
	}
	if _, err := a.Explain(" "); err == nil {
		t.Error("an empty text has no explanation")
	}
}

func TestStrongWordsArouseMore(t *testing.T) {
	a := load(t)
	last := -1.0
	for _, text := range []string{"a slightly annoyed man", "an annoyed man", "a livid man", "an absolutely livid man!"} {
		r, err := a.Read(text)
		if err != nil {
			t.Fatal(err)
		}
		if r.Arousal <= last {
			t.Errorf("%q: arousal %.3f after %.3f", text, r.Arousal, last)
		}
		last = r.Arousal
	}
}

// Every span of a reading and its explanation lies in the text, whatever the
// text is made of.
func TestSpansOfAnyText(t *testing.T) {
	a := load(t)
	pieces := strings.Fields("a the man woman Joy f/34 1girl crying_girl sad_ happy? not n't ' \" “ ” ( ) , . ! - — no longer as if neither nor from to turned into 72 yo 30s in her 👵 😀 :) :( \u202e \u0301 \x00 \xff ﬁ ① é 你好 может #SoSad @x http://a.b/c?d=e than more less much of hint mainly until before after who whose his wife with")
	rapid.Check(t, func(rt *rapid.T) {
		text := strings.Join(rapid.SliceOfN(rapid.SampledFrom(pieces), 1, 24).Draw(rt, "words"), rapid.SampledFrom([]string{" ", "", "\n"}).Draw(rt, "gap"))
		x, err := a.Explain(text)
		if err != nil {
			return
		}
		if err := x.Reading.Check(); err != nil {
			rt.Fatalf("%q: %v", text, err)
		}
		for _, r := range x.Reading.Reasons {
			if text[r.Start:r.End] != r.Word {
				rt.Fatalf("%q: reason %+v does not span its word", text, r)
			}
		}
	})
}

// Hostile texts of 100 kB: a square of their length would take minutes.
func TestLongTextsAreBounded(t *testing.T) {
	a := load(t)
	for _, piece := range []string{"a", "not ", "he ", "his wife ", "a man, ", "and ", "5 ", "'", "-", "\u0301", "\xff", "\x00a", "😀", "before sad ", "more sad than ",
		"(", "@got .. ", "qzxwv ", "happpyy ", "f/34 ", "she said yes ", "who whose as if ", "\u202e", "Mr. ", "no ", "zzzzzzzz"} {
		if _, err := a.Read(strings.Repeat(piece, 100_000/len(piece))); err != nil && err != ErrEmpty {
			t.Errorf("%q: %v", piece, err)
		}
	}
}
