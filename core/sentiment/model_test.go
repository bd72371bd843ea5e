package sentiment

import (
	"context"
	"encoding/binary"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// small is a valid model file with made-up weights.
func small(t testing.TB) []byte {
	t.Helper()
	m := &Model{weights: make([]float32, Count<<bits), temperature: 0.7, vocabulary: make(bloom, 8), meta: map[string]string{}}
	m.vocabulary.add("happy")
	m.weights[0], m.weights[len(m.weights)-1], m.bias[Happy] = 1.5, -2.25, 0.125
	dir := t.TempDir()
	if err := m.Save(dir); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(filepath.Join(dir, File))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestModelComesBack(t *testing.T) {
	m, err := ParseModel(small(t))
	if err != nil {
		t.Fatal(err)
	}
	if m.weights[0] != 1.5 || m.weights[len(m.weights)-1] != -2.25 || m.bias[Happy] != 0.125 || m.temperature != 0.7 || !m.vocabulary.has("happy") {
		t.Errorf("bias %v, temperature %v", m.bias, m.temperature)
	}
}

func TestModelOfTheWrongKind(t *testing.T) {
	good := small(t)
	head := int(binary.LittleEndian.Uint64(good))
	edit := func(from, to string) []byte {
		h := strings.Replace(string(good[8:8+head]), from, to, 1)
		b := binary.LittleEndian.AppendUint64(nil, uint64(len(h)))
		return append(append(b, h...), good[8+head:]...)
	}
	long := append([]byte(nil), good...)
	binary.LittleEndian.PutUint64(long, math.MaxUint64)
	infinite := append([]byte(nil), good...)
	binary.LittleEndian.PutUint16(infinite[len(infinite)-2:], 0x7c00)
	for _, c := range []struct {
		name string
		b    []byte
		want string
	}{
		{"empty", nil, "too short"},
		{"cut short", good[:len(good)-1], "offsets"},
		{"header cut short", good[:20], "header claims"},
		{"lying header length", long, "header claims"},
		{"text", []byte("hello, this is no model at all"), "header claims"},
		{"more than it says", append(append([]byte(nil), good...), 0), "hold"},
		{"other kind", edit(modelKind, "portrait"), "kind"},
		{"other type", edit(`"F16"`, `"I64"`), "type"},
		{"other shape", edit("[262144,7]", "[131072,14]"), "shape"},
		{"negative shape", edit("[262144,7]", "[-262144,-7]"), "impossible shape"},
		{"huge shape", edit("[262144,7]", "[9007199254740991,9007199254740991]"), "impossible shape"},
		{"missing tensor", edit(`"bias"`, `"bios"`), "missing"},
		{"temperature", edit(`"temperature":"0.7"`, `"temperature":"nan"`), "temperature"},
		{"infinite weight", infinite, "finite"},
	} {
		_, err := ParseModel(c.b)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want %q in it", c.name, err, c.want)
		}
	}
	if _, err := LoadModel(filepath.Join(t.TempDir(), "none")); err == nil {
		t.Error("a missing model is no error")
	}
}

func TestHalves(t *testing.T) {
	for h := range 1 << 16 {
		if h>>10&31 == 31 {
			continue
		}
		if got := toHalf(fromHalf(uint16(h))); got != uint16(h) {
			t.Fatalf("%#x comes back as %#x", h, got)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		f := rapid.Float32Range(-60000, 60000).Draw(t, "f")
		g := fromHalf(toHalf(f))
		if d := math.Abs(float64(f - g)); d > math.Max(math.Abs(float64(f))/2048, 1.0/(1<<25)) {
			t.Fatalf("%g becomes %g", f, g)
		}
	})
}

func FuzzParseModel(f *testing.F) {
	good := small(f)
	head := int(binary.LittleEndian.Uint64(good))
	f.Add(good[:8+head])
	f.Add([]byte{2, 0, 0, 0, 0, 0, 0, 0, '{', '}'})
	f.Add([]byte("\x40\x00\x00\x00\x00\x00\x00\x00" + `{"bias":{"dtype":"F32","shape":[0],"data_offsets":[0,0]}}       `))
	f.Fuzz(func(t *testing.T, b []byte) {
		if m, err := ParseModel(b); err == nil && len(m.weights) != Count<<bits {
			t.Fatal("a model of the wrong size was accepted")
		}
	})
}

func TestEmotionNames(t *testing.T) {
	for _, c := range []struct{ in, want, err string }{
		{"happy", "happy", ""}, {" Happy ", "happy", ""}, {"joy", "happy", ""}, {"SURPRISE", "surprised", ""},
		{"hapy", "", `did you mean "happy"`}, {"angri", "", `did you mean "angry"`}, {"suprised", "", `did you mean "surprised"`},
		{"xyzzy", "", "use one of neutral"}, {"", "", "use one of"},
	} {
		e, err := ParseEmotion(c.in)
		if c.err == "" && (err != nil || e.String() != c.want) || c.err != "" && (err == nil || !strings.Contains(err.Error(), c.err)) {
			t.Errorf("%q: %v, %v", c.in, e, err)
		}
	}
}

func TestSetKeepsTheSum(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var r Reading
		r.Emotions[rapid.IntRange(0, Count-1).Draw(t, "full")] = 1
		for range 3 {
			e, w := Emotion(rapid.IntRange(0, Count-1).Draw(t, "e")), rapid.Float64Range(0, 1).Draw(t, "w")
			if err := r.Set(e, w); err != nil {
				t.Fatal(err)
			}
			if r.Emotions[e] != w {
				t.Fatalf("%v has %g, want %g", e, r.Emotions[e], w)
			}
			if err := r.Check(); err != nil {
				t.Fatal(err)
			}
		}
	})
	var r Reading
	if r.Set(Happy, 1.5) == nil || r.Set(Emotion(9), 0.5) == nil || r.Set(Sad, math.NaN()) == nil {
		t.Error("a weight out of range is no error")
	}
}

// flat always answers the same.
type flat struct{ Emotion }

func (f flat) Analyze(_ context.Context, texts []string) ([]Reading, error) {
	rs := make([]Reading, len(texts))
	for i := range rs {
		rs[i].Emotions[f.Emotion] = 1
	}
	return rs, nil
}

func TestEvaluate(t *testing.T) {
	path := filepath.Join(t.TempDir(), "list.tsv")
	if err := os.WriteFile(path, []byte("one\thappy\n\ntwo\tsad\textra\nthree\thappy\r\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	list, err := ReadExamples(path)
	if err != nil {
		t.Fatal(err)
	}
	s, err := Evaluate(context.Background(), flat{Happy}, list)
	if err != nil {
		t.Fatal(err)
	}
	if s.Lines != 3 || math.Abs(s.Accuracy-2.0/3) > 1e-12 || s.Recall[Happy] != 1 || s.Precision[Happy] != s.Accuracy || s.F1[Sad] != 0 || s.Confusion[Sad][Happy] != 1 {
		t.Errorf("%+v", s)
	}
	if diff := cmp.Diff([]Miss{{"two", Sad, Happy, LabelsOf(Sad), LabelsOf(Happy)}}, s.Misses); diff != "" {
		t.Error(diff)
	}
	os.WriteFile(path, []byte("one\thappy\ntwo\thapy\n"), 0o644)
	if _, err := ReadExamples(path); err == nil || !strings.Contains(err.Error(), ":2:") || !strings.Contains(err.Error(), "happy") {
		t.Errorf("error %v", err)
	}
	os.WriteFile(path, nil, 0o644)
	if _, err := ReadExamples(path); err == nil {
		t.Error("an empty list is no error")
	}
}

// sets always answers the same classes.
type sets struct{ Classes }

func (s sets) Classify(_ context.Context, texts []string) ([]Classes, error) {
	out := make([]Classes, len(texts))
	for i := range out {
		out[i] = s.Classes
	}
	return out, nil
}

func TestReadListFormats(t *testing.T) {
	path := filepath.Join(t.TempDir(), "list.tsv")
	for _, c := range []struct {
		name, file string
		task       Task
		want       []Example
	}{
		{"text first", "one\thappy\ntwo\tsad\n", TaskFace, []Example{{Text: "one", Label: Happy, Labels: LabelsOf(Happy)}, {Text: "two", Label: Sad, Labels: LabelsOf(Sad)}}},
		{"label first", "joy\tone\nanger\ttwo, three\n", TaskFace, []Example{{Text: "one", Label: Happy, Labels: LabelsOf(Happy)}, {Text: "two, three", Label: Angry, Labels: LabelsOf(Angry)}}},
		{"header", "text\tlabel\none\tfear\n", TaskEkman, []Example{{Text: "one", Label: Fearful, Labels: LabelsOf(Fearful)}}},
		{"GoEmotions for Ekman", "why\t7,14\tid1\nok\t27\tid2\n", TaskEkman, []Example{
			{Text: "why", Label: Fearful, Labels: LabelsOf(Fearful, Surprised), More: []string{"id1"}}, {Text: "ok", Label: Neutral, Labels: LabelsOf(Neutral), More: []string{"id2"}}}},
		{"GoEmotions for faces", "why\t7\tid1\nok\t26\tid2\n", TaskFace, []Example{
			{Text: "why", Label: Neutral, Labels: LabelsOf(Neutral), More: []string{"id1"}}, {Text: "ok", Label: Surprised, Labels: LabelsOf(Surprised), More: []string{"id2"}}}},
		{"named columns", "kind\temotion\ttext\nhard\tsad\tone\n", TaskFace, []Example{{Text: "one", Label: Sad, Labels: LabelsOf(Sad), More: []string{"hard"}}}},
		{"fine names", "amusement,grief\tone\n", TaskEkman, []Example{{Text: "one", Label: Happy, Labels: LabelsOf(Happy, Sad)}}},
	} {
		if err := os.WriteFile(path, []byte(c.file), 0o644); err != nil {
			t.Fatal(err)
		}
		got, err := ReadList(path, c.task)
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		for i := range got {
			if len(got[i].More) == 0 {
				got[i].More = nil
			}
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s: %s", c.name, diff)
		}
	}
	os.WriteFile(path, []byte("one\t17\ntwo\t28\n"), 0o644)
	if _, err := ReadList(path, TaskEkman); err == nil || !strings.Contains(err.Error(), ":2:") || !strings.Contains(err.Error(), "28") {
		t.Errorf("a label of none: %v", err)
	}
	os.WriteFile(path, []byte("no tab\n"), 0o644)
	if _, err := ReadList(path, TaskEkman); err == nil || !strings.Contains(err.Error(), "tab") {
		t.Errorf("no tab: %v", err)
	}
	if _, err := ParseTask("fase"); err == nil {
		t.Error("an unknown task is no error")
	}
}

func TestEvaluateEkman(t *testing.T) {
	list := []Example{
		{Text: "a", Labels: LabelsOf(Happy)},
		{Text: "b", Labels: LabelsOf(Happy, Sad)},
		{Text: "c", Labels: LabelsOf(Angry)},
	}
	s, err := EvaluateEkman(context.Background(), sets{Classes{LabelsOf(Happy), [Count]float64{Happy: 0.9}}}, list)
	if err != nil {
		t.Fatal(err)
	}
	// Happy: 2 found of 3 read, 2 labelled: F1 4/5. Sad and angry: 0.
	if math.Abs(s.F1[Happy]-0.8) > 1e-12 || math.Abs(s.MacroF1-0.8/3) > 1e-12 || s.Accuracy != 1.0/3 || s.Confusion[Angry][Happy] != 1 || s.Confusion[Sad][Happy] != 0 {
		t.Errorf("%+v", s)
	}
	if diff := cmp.Diff([]Miss{{"b", Sad, Neutral, LabelsOf(Happy, Sad), LabelsOf(Happy)}, {"c", Angry, Happy, LabelsOf(Angry), LabelsOf(Happy)}}, s.Misses); diff != "" {
		t.Error(diff)
	}
	var b strings.Builder
	if err := s.WriteMisses(&b, 1); err != nil || !strings.Contains(b.String(), "and 1 more") {
		t.Errorf("%q, %v", b.String(), err)
	}
}
