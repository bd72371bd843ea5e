package sentiment

import (
	"bytes"
	"context"
	"errors"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestGrammarWritesEveryRule(t *testing.T) {
	g, err := loadGrammar()
	if err != nil {
		t.Fatal(err)
	}
	rng := rand.New(rand.NewPCG(1, 2))
	for name, alts := range g {
		for _, alt := range alts {
			for e := range Emotion(Count) {
				w := &writer{g: g, rng: rng, emotion: e}
				if strings.HasPrefix(name, "first.") || strings.HasPrefix(name, "ev.") {
					w.emotion, _ = ParseEmotion(name[strings.IndexByte(name, '.')+1:])
				}
				s, err := w.expand(alt)
				if err != nil {
					t.Fatalf("rule %s: %v", name, err)
				}
				if strings.ContainsAny(s, "{}[]") {
					t.Errorf("rule %s: %q holds a mark of the grammar", name, s)
				}
			}
		}
	}
}

// None of the lines that measure the analyzer may be among those that train it.
func TestHeldOutLinesAreNotInTheGrammar(t *testing.T) {
	g, err := loadGrammar()
	if err != nil {
		t.Fatal(err)
	}
	written := map[string]bool{}
	rng := rand.New(rand.NewPCG(3, 4))
	for e := range Emotion(Count) {
		for range 1000 {
			s, err := g.write(rng, e)
			if err != nil {
				t.Fatal(err)
			}
			written[strings.ToLower(strings.TrimRight(s, ".!"))] = true
		}
	}
	list, err := ReadExamples("testdata/heldout.tsv")
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range list {
		if len(strings.Fields(x.Text)) > 2 && (written[strings.ToLower(x.Text)] || strings.Contains(tuning, x.Text+"\t")) {
			t.Errorf("%q is a training sentence", x.Text)
		}
	}
}

// data makes a tiny folder of training data in the formats of the real ones.
func data(t *testing.T) string {
	dir := t.TempDir()
	for name, text := range map[string]string{
		"goemotions/train.tsv":      "what a lovely day\t17\tx1\nthe bus is late\t27\tx2\nI hate you, [NAME]\t2,3\tx3\n",
		"xed/en-annotated.tsv":      "Run !\t4\nWho is there ?\t2\nWonderful .\t5, 7\n",
		"xed/neu_en.txt":            "9\tTwo tickets please .\n",
		"vader/vader_lexicon.txt":   "dreadful\t-2.5\t0.5\t[]\nsplendid\t2.8\t0.4\t[]\n",
		"afinn/AFINN-en-165.txt":    "awful\t-3\n",
		"empath/categories.tsv":     "joy\tdelight\tbliss\nfear\tdread\tpanic\nlaw\tcourt\n",
		"emobank/emobank.csv":       "id,split,V,A,D,text\na,train,3.6,3.2,3.0,\"What a lovely day, indeed\"\nb,test,2.2,3.9,3,I hate the bus\n",
		"goemotions/dev.tsv":        "lovely\t17\tx4\nI hate it\t2\tx5\n",
		"goemotions/unrelated.file": "x",
	} {
		p := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(p), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(p, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestTrainIsRepeatable(t *testing.T) {
	dir, outs := data(t), [2]string{t.TempDir(), t.TempDir()}
	var files [2][]byte
	for i, out := range outs {
		epochs := map[Task]int{}
		res, err := Train(context.Background(), TrainConfig{Data: dir, Out: out, Sentences: 150, Epochs: 2, Seed: 5,
			Lists: map[string]string{"heldout": "testdata/heldout.tsv"}}, func(p TrainProgress) { epochs[p.Task]++ })
		if err != nil {
			t.Fatal(err)
		}
		if epochs[TaskFace] != 2 || epochs[TaskEkman] != 6 || res.Samples["goemotions"] != 3 || res.Samples["xed"] != 3 || res.Samples["grammar"] != 150*Count {
			t.Errorf("epochs %v, samples %v", epochs, res.Samples)
		}
		if files[i], err = os.ReadFile(filepath.Join(out, File)); err != nil {
			t.Fatal(err)
		}
		card, err := os.ReadFile(filepath.Join(out, "card.md"))
		if err != nil || !strings.Contains(string(card), "heldout_accuracy = 0.") || !strings.Contains(string(card), "ekman_dev_macro_f1 = ") {
			t.Errorf("card: %v\n%s", err, card)
		}
	}
	if !bytes.Equal(files[0], files[1]) {
		t.Error("the same seed gave other weights")
	}
	a, err := LoadEnglish(outs[0])
	if err != nil {
		t.Fatal(err)
	}
	if _, err := a.Classify(context.Background(), []string{"what a lovely day", ""}); !errors.Is(err, ErrEmpty) {
		t.Errorf("an empty comment: %v", err)
	}
	before, err := a.Classify(context.Background(), []string{"what a lovely day"})
	if err != nil || before[0].Labels == 0 {
		t.Errorf("%v, %v", before, err)
	}
	// Training one head leaves the other as it is.
	res, err := Train(context.Background(), TrainConfig{Data: dir, Out: outs[0], Sentences: 20, Epochs: 1, Seed: 6, Only: TaskFace}, nil)
	if err != nil {
		t.Fatal(err)
	}
	after, err := NewEnglish(res.Model).Classify(context.Background(), []string{"what a lovely day"})
	if err != nil || after[0] != before[0] {
		t.Errorf("%v became %v, %v", before, after, err)
	}
}

func TestTrainRefuses(t *testing.T) {
	dir := data(t)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := Train(ctx, TrainConfig{Data: dir, Sentences: 5, Epochs: 1}, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	if _, err := Train(context.Background(), TrainConfig{}, nil); err == nil {
		t.Error("no data folder is no error")
	}
	if err := os.WriteFile(filepath.Join(dir, "goemotions", "train.tsv"), []byte("fine\t27\tx\nbad\t99\tx\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := Train(context.Background(), TrainConfig{Data: dir, Sentences: 5, Epochs: 1}, nil); err == nil || !strings.Contains(err.Error(), "train.tsv:2") {
		t.Errorf("bad label: %v", err)
	}
}

// Whatever the grammar writes, and its words in any order, can be read.
func TestReadingNeverFails(t *testing.T) {
	g, err := loadGrammar()
	if err != nil {
		t.Fatal(err)
	}
	a := load(t)
	rng := rand.New(rand.NewPCG(8, 9))
	for e := range Emotion(Count) {
		for range 300 {
			s, err := g.write(rng, e)
			if err != nil {
				t.Fatal(err)
			}
			w := strings.Fields(s)
			rng.Shuffle(len(w), func(i, j int) { w[i], w[j] = w[j], w[i] })
			for _, text := range []string{s, strings.Join(w, " "), strings.Join(w[len(w)/2:], ", ")} {
				r, err := a.Read(text)
				if err == nil {
					err = r.Check()
				}
				if err != nil {
					t.Errorf("%q: %v", text, err)
				}
			}
		}
	}
}
