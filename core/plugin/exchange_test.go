//go:build unix

package plugin

import (
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/atelier-engine/atelier/core/sentiment"
)

// analyzers builds the shipped analyzers into a folder.
func analyzers(tb testing.TB) *lab {
	bin := tb.TempDir()
	out, err := exec.Command("go", "build", "-ldflags=-s -w", "-o", bin+string(os.PathSeparator),
		"../../plugins/sentiment-english", "../../plugins/sentiment-lexicon").CombinedOutput()
	if err != nil {
		tb.Fatalf("build: %v\n%s", err, out)
	}
	return newLab(tb, Config{Folders: []string{bin}, Data: []string{"../.."}})
}

// Whoever uses an analyzer need not know which: both read the same lines, alone
// and in batches over the limit of a call, and give the same answers each time.
func TestAnalyzersCanBeExchanged(t *testing.T) {
	t.Parallel()
	l := analyzers(t)
	lines := []struct {
		text string
		want sentiment.Emotion
	}{{"a joyful old man", sentiment.Happy}, {"a weeping widow", sentiment.Sad}, {"a furious woman", sentiment.Angry},
		{"a terrified boy", sentiment.Fearful}, {"a disgusted man", sentiment.Disgusted}, {"an astonished lady", sentiment.Surprised}}
	for _, name := range []string{"sentiment-english", "sentiment-lexicon"} {
		a := l.Analyzer(name)
		var many []string
		var single []sentiment.Reading
		for _, line := range lines {
			r, err := a.Analyze(bg, []string{line.text})
			if err != nil {
				t.Fatal(err)
			}
			if got, _ := r[0].Emotion(); got != line.want || r[0].Analyzer != name || r[0].Language != "en" || !r[0].GenderSaid {
				t.Errorf("%s reads %q as %+v", name, line.text, r[0])
			}
			single = append(single, r...)
		}
		for range 200 {
			for _, line := range lines {
				many = append(many, line.text)
			}
		}
		got, err := a.Analyze(bg, many)
		if err != nil || len(got) != len(many) {
			t.Fatalf("%s: %d readings, %v", name, len(got), err)
		}
		for i := range got {
			if d := cmp.Diff(single[i%len(single)], got[i]); d != "" {
				t.Fatalf("%s: line %d alone and in a batch:\n%s", name, i+1, d)
			}
		}
		// A line that cannot be read is named, wherever it stands.
		many[900] = " "
		if _, err := a.Analyze(bg, many); err == nil || !strings.Contains(err.Error(), "texts 769 to 1024") {
			t.Errorf("%s: an empty line among others: %v", name, err)
		}
	}
	r, err := l.Analyzer("sentiment-lexicon").Analyze(bg, []string{"eine glückliche alte Frau"})
	if err != nil || r[0].Language != "de" || r[0].Emotions[sentiment.Happy] < 0.7 {
		t.Errorf("German: %+v, %v", r, err)
	}
}

// Lines a second through gRPC with TLS, in calls of 64 and of all that fits.
//
//	go test ./core/plugin -run '^$' -bench Analyzers -cpu 2
func BenchmarkAnalyzers(b *testing.B) {
	l := analyzers(b)
	var texts []string
	for i := range 4096 {
		texts = append(texts, fmt.Sprintf([]string{"a joyful old man who just met his grandchild", "she is not sad at all, number %d is beaming",
			"a tired nurse in her forties after a long night", "portrait of a furious bus driver %d shouting"}[i%4], i))
	}
	for _, name := range []string{"sentiment-english", "sentiment-lexicon"} {
		for _, batch := range []int{1, 64, len(texts)} {
			b.Run(fmt.Sprintf("%s/%d", name, batch), func(b *testing.B) {
				a, done := l.Analyzer(name), 0
				if _, err := a.Analyze(bg, texts[:1]); err != nil {
					b.Fatal(err)
				}
				for b.Loop() {
					at := done % len(texts)
					n := min(batch, len(texts)-at)
					if _, err := a.Analyze(bg, texts[at:at+n]); err != nil {
						b.Fatal(err)
					}
					done += n
				}
				b.ReportMetric(float64(done)/b.Elapsed().Seconds(), "lines/s")
			})
		}
	}
}

// From no process to the first answer.
func BenchmarkFirstAnswer(b *testing.B) {
	l := analyzers(b)
	for _, name := range []string{"sentiment-english", "sentiment-lexicon"} {
		b.Run(name, func(b *testing.B) {
			best := time.Hour
			for b.Loop() {
				s := New(l.cfg)
				start := time.Now()
				if _, err := s.Analyzer(name).Analyze(bg, []string{"a joyful old man"}); err != nil {
					b.Fatal(err)
				}
				best = min(best, time.Since(start))
				s.Close()
			}
			b.ReportMetric(float64(best.Microseconds())/1000, "best-ms")
		})
	}
}
