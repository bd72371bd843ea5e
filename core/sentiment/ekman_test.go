package sentiment

import (
	"context"
	"encoding/binary"
	"errors"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestPosts(t *testing.T) {
	for _, c := range []struct {
		text string
		want []string // words; "!" before one that is negated
	}{
		{"", nil},
		{" \t\n", nil},
		{"I don't like it. OK?", []string{"i", "don't", "!like", "!it", ".", "ok", "?"}},
		{"not bad but sad", []string{"not", "!bad", "!but", "sad"}},
		{"soooo goood!!!", []string{"soo", "good", "!!!"}},
		{"[NAME] is here [", []string{"[name]", "is", "here", "["}},
		{"😂😂😂 lol", []string{"😂", "lol"}},
		{"it’s 1000", []string{"it's", "1000"}},
		{"a\x00b\xff", []string{"a", "b"}},
	} {
		var got []string
		for _, p := range posts(c.text, nil) {
			w := p.word
			if p.negated {
				w = "!" + w
			}
			got = append(got, w)
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%q: %s", c.text, diff)
		}
	}
}

// The solver finds where the gradient of its objective vanishes.
func TestLogisticIsOptimal(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	const n, width, cost = 60, 8, 0.7
	x := &sparse{start: []int{0}, width: width}
	labels := make([]Labels, n)
	rows := make([]int, n)
	for i := range n {
		for f := range width {
			if rng.IntN(3) == 0 {
				x.ids, x.values = append(x.ids, int32(f)), append(x.values, rng.Float32())
			}
		}
		x.start = append(x.start, len(x.ids))
		labels[i] = Labels(rng.IntN(1 << Count))
		rows[i] = i
	}
	gain := make([]column, width)
	for f := range gain {
		for e := range gain[f] {
			gain[f][e] = 0.5 + rng.Float32()
		}
	}
	w, err := logistic(context.Background(), x, rows, labels, gain, cost, 400, 3)
	if err != nil {
		t.Fatal(err)
	}
	for e := range Emotion(Count) {
		slope := make([]float64, width+1)
		for f := range slope {
			g := 1.0
			if f < width {
				g = float64(gain[f][e] * gain[f][e])
			}
			slope[f] = float64(w[f][e]) / g // of |w/gain|²/2
		}
		for i := range n {
			z, y := float64(x.dot(i, w)[e]), -1.0
			if labels[i].Has(e) {
				y = 1
			}
			d := -cost * y / (1 + math.Exp(y*z))
			ids, values := x.row(i)
			for j, f := range ids {
				slope[f] += d * float64(values[j])
			}
			slope[width] += d
		}
		for f, s := range slope {
			if math.Abs(s) > 0.02 {
				t.Errorf("class %v, feature %d: the slope is %g", e, f, s)
			}
		}
	}
}

// tiny trains a head on a handful of comments.
func tiny(t testing.TB) (*ekman, *comments) {
	dir := t.TempDir()
	for name, text := range map[string]string{
		"goemotions/train.tsv": strings.Repeat("what a lovely day, I love it\t17\ta\nI hate this so much!!\t2\tb\nthe bus is late\t27\tc\nEww gross\t11\td\n"+
			"I am scared\t14\te\nso sad, I miss you\t25\tf\nwhat?! wow\t26\tg\nwhy is that\t7\th\nI love and miss you\t18,25\ti\n", 4),
		"vader/vader_lexicon.txt": "love\t3.2\nhate\t-2.7\n",
		"afinn/AFINN-en-165.txt":  "gross\t-3\n",
		"empath/categories.tsv":   "joy\tlove\tlovely\nfear\tscared\n",
		"emobank/emobank.csv":     "id,split,V,A,D,text\na,train,3.9,3.2,3.0,love this day\nb,train,2.2,3.9,3,hate this day\n",
	} {
		p := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(p), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(p, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	cfg := ekmanDefault
	cfg.slots = 1 << 12
	k, _, err := trainEkman(context.Background(), dir, cfg, func(int, int) {})
	if err != nil {
		t.Fatal(err)
	}
	c, err := readComments(dir, cfg)
	if err != nil {
		t.Fatal(err)
	}
	return k, c
}

func TestEkmanLearns(t *testing.T) {
	k, _ := tiny(t)
	for text, want := range map[string]Labels{
		"what a lovely day": LabelsOf(Happy), "I HATE this": LabelsOf(Angry), "eww, gross": LabelsOf(Disgusted),
		"I'm scared": LabelsOf(Fearful), "wow, what?!": LabelsOf(Surprised), "the bus is late": LabelsOf(Neutral),
	} {
		got, err := k.classify(text)
		if err != nil || got.Labels != want {
			t.Errorf("%q: %v, want %v (%v, %.2f)", text, got.Labels, want, err, got.Weights)
		}
	}
	for _, text := range []string{"", " ", "\x00\x01", "\u200f"} {
		if _, err := k.classify(text); !errors.Is(err, ErrEmpty) {
			t.Errorf("%q: %v, want ErrEmpty", text, err)
		}
	}
}

// What training sees of a comment is what reading sees, but for the rounding of
// the weights to bytes.
func TestEkmanReadsAsItWasTrained(t *testing.T) {
	_, c := tiny(t)
	cfg := ekmanDefault
	cfg.slots = 1 << 12
	rng := rand.New(rand.NewPCG(5, 6))
	w := make([]column, c.x.width+1)
	for f := range w {
		for e := range w[f] {
			w[f][e] = rng.Float32() - 0.5
		}
	}
	k, err := c.pack(w, cfg)
	if err != nil {
		t.Fatal(err)
	}
	for i, text := range c.texts {
		got, _ := k.scores(text)
		want := c.x.dot(i, w)
		for e := range want {
			if d := math.Abs(float64(got[e] - want[e])); d > 0.02 {
				t.Fatalf("%q, %v: %g, in training %g", text, Emotion(e), got[e], want[e])
			}
		}
	}
}

func TestEkmanFile(t *testing.T) {
	k, _ := tiny(t)
	m := &Model{weights: make([]float32, Count<<bits), temperature: 0.7, vocabulary: make(bloom, 8), meta: map[string]string{}, ekman: k}
	dir := t.TempDir()
	if err := m.Save(dir); err != nil {
		t.Fatal(err)
	}
	good, err := os.ReadFile(filepath.Join(dir, File))
	if err != nil {
		t.Fatal(err)
	}
	back, err := ParseModel(good)
	if err != nil {
		t.Fatal(err)
	}
	want, _ := k.classify("I love it, why?")
	if got, err := back.ekman.classify("I love it, why?"); err != nil || got != want {
		t.Errorf("%v became %v, %v", want, got, err)
	}
	head := int(binary.LittleEndian.Uint64(good))
	edit := func(from, to string) []byte {
		h := strings.Replace(string(good[8:8+head]), from, to, 1)
		b := binary.LittleEndian.AppendUint64(nil, uint64(len(h)))
		return append(append(b, h...), good[8+head:]...)
	}
	full := &ekman{scale: k.scale, slope: k.slope, threshold: k.threshold}
	full.table = termTable{keys: make([]uint32, len(k.table.keys)), rows: k.table.rows}
	for i := range full.table.keys {
		full.table.keys[i] = uint32(i)*2 + 1
	}
	never := &ekman{scale: k.scale, slope: k.slope, threshold: k.threshold, table: k.table}
	never.threshold[Sad] = 0
	for _, c := range []struct {
		name, want string
		b          []byte
	}{
		{"rows missing", "missing", edit(ekmanRows, "ekman.rags")},
		{"rows of another shape", "shape", edit("[4096,8]", "[8192,4]")},
		{"keys of another type", "type", edit(`"U32"`, `"F32"`)},
		{"full table", "free", bytesOf(t, m, full)},
		{"threshold of nought", "threshold", bytesOf(t, m, never)},
	} {
		if _, err := ParseModel(c.b); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want %q in it", c.name, err, c.want)
		}
	}
	// A file without the head reads faces only, and says so.
	m.ekman = nil
	if _, err := NewEnglish(m).Classify(context.Background(), []string{"hello"}); !errors.Is(err, ErrNoEkman) {
		t.Errorf("no head: %v", err)
	}
}

func bytesOf(t *testing.T, m *Model, k *ekman) []byte {
	t.Helper()
	other := *m
	other.ekman = k
	dir := t.TempDir()
	if err := other.Save(dir); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(filepath.Join(dir, File))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func FuzzClassify(f *testing.F) {
	k, _ := tiny(f)
	for _, s := range []string{"", "I'm happy :)", "[", "[N", "’’", "\xff\xfe", "😂😂", strings.Repeat("a", 300), "a' b’", "é́́"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		c, err := k.classify(s)
		if err != nil {
			return
		}
		if c.Labels == 0 {
			t.Fatal("no class")
		}
		for e, p := range c.Weights {
			if !(p >= 0 && p <= 1) {
				t.Fatalf("probability %g of %v", p, Emotion(e))
			}
		}
	})
}
