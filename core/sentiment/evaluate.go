package sentiment

import (
	"context"
	"fmt"
	"io"
	"math"
	"strings"
)

// Example is a labelled line of a test list.
type Example struct {
	Text  string
	Label Emotion
	More  []string // further columns
}

// Miss is an example that was read wrongly.
type Miss struct {
	Text      string
	Want, Got Emotion
}

// Score is how well an analyzer did on a list.
type Score struct {
	Lines                 int
	Accuracy, MacroF1     float64
	Precision, Recall, F1 [Count]float64
	Confusion             [Count][Count]int // [label][read]
	Loss                  float64           // mean -log of the label's weight, nats
	Misses                []Miss
}

// ReadExamples reads a list: text, tab, emotion on each line; further columns
// are kept. Errors name the line.
func ReadExamples(path string) ([]Example, error) {
	var out []Example
	err := lines(path, func(f []string) error {
		if len(f) < 2 {
			return fmt.Errorf("want text, a tab and an emotion")
		}
		e, err := ParseEmotion(f[1])
		if err != nil {
			return err
		}
		out = append(out, Example{f[0], e, f[2:]})
		return nil
	})
	if err == nil && len(out) == 0 {
		err = fmt.Errorf("sentiment: %s: there are no lines in it", path)
	}
	return out, err
}

// Evaluate reads every line of a list with an analyzer and compares.
func Evaluate(ctx context.Context, a Analyzer, list []Example) (*Score, error) {
	texts := make([]string, len(list))
	for i, x := range list {
		texts[i] = x.Text
	}
	rs, err := a.Analyze(ctx, texts)
	if err != nil {
		return nil, err
	}
	if len(rs) != len(list) {
		return nil, fmt.Errorf("sentiment: evaluate: the analyzer gave %d readings of %d lines", len(rs), len(list))
	}
	s := &Score{Lines: len(list)}
	right := 0
	for i := range rs {
		got, _ := rs[i].Emotion()
		want := list[i].Label
		s.Confusion[want][got]++
		s.Loss -= math.Log(math.Max(rs[i].Emotions[want], 1e-9)) / float64(len(list))
		if got == want {
			right++
		} else {
			s.Misses = append(s.Misses, Miss{list[i].Text, want, got})
		}
	}
	s.Accuracy = float64(right) / float64(max(1, len(list)))
	classes := 0
	for e := range Count {
		hit, labelled, read := s.Confusion[e][e], 0, 0
		for k := range Count {
			labelled += s.Confusion[e][k]
			read += s.Confusion[k][e]
		}
		s.Precision[e] = ratio(hit, read)
		s.Recall[e] = ratio(hit, labelled)
		s.F1[e] = ratio(2*hit, labelled+read)
		if labelled > 0 {
			classes++
			s.MacroF1 += s.F1[e]
		}
	}
	if classes > 0 {
		s.MacroF1 /= float64(classes)
	}
	return s, nil
}

func ratio(a, b int) float64 {
	if b == 0 {
		return 0
	}
	return float64(a) / float64(b)
}

// Write prints the score as a table, with the confusion matrix (rows: the
// label, columns: what was read).
func (s *Score) Write(w io.Writer) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%d lines: accuracy %.3f, macro F1 %.3f, loss %.3f\n\n", s.Lines, s.Accuracy, s.MacroF1, s.Loss)
	fmt.Fprintf(&b, "%-10s %9s %7s %6s  ", "", "precision", "recall", "F1")
	for _, n := range names {
		fmt.Fprintf(&b, "%5.4s", n)
	}
	b.WriteByte('\n')
	for e, n := range names {
		fmt.Fprintf(&b, "%-10s %9.3f %7.3f %6.3f  ", n, s.Precision[e], s.Recall[e], s.F1[e])
		for k := range Count {
			fmt.Fprintf(&b, "%5d", s.Confusion[e][k])
		}
		b.WriteByte('\n')
	}
	_, err := io.WriteString(w, b.String())
	return err
}
