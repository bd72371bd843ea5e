package sentiment

import (
	"fmt"
	"io"
	"strings"
)

// Write prints the score as a table: precision, recall and F1 of each class,
// how many lines carry it, and the confusion matrix (rows: the label,
// columns: what was read).
func (s *Score) Write(w io.Writer) error {
	var b strings.Builder
	right := "accuracy"
	if s.Task == TaskEkman {
		right = "exact sets"
	}
	fmt.Fprintf(&b, "%d lines: macro F1 %.3f, micro F1 %.3f, %s %.3f, loss %.3f\n\n", s.Lines, s.MacroF1, s.MicroF1, right, s.Accuracy, s.Loss)
	fmt.Fprintf(&b, "%-10s %9s %7s %6s %6s  ", "", "precision", "recall", "F1", "lines")
	for _, n := range names {
		fmt.Fprintf(&b, "%6.4s", n)
	}
	b.WriteByte('\n')
	for e, n := range names {
		fmt.Fprintf(&b, "%-10s %9.3f %7.3f %6.3f %6d  ", n, s.Precision[e], s.Recall[e], s.F1[e], s.Labelled[e])
		for k := range Count {
			fmt.Fprintf(&b, "%6d", s.Confusion[e][k])
		}
		b.WriteByte('\n')
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// WriteMisses lists up to most lines that were read wrongly, in the order of
// the list: label, what was read, text. A negative number lists all.
func (s *Score) WriteMisses(w io.Writer, most int) error {
	var b strings.Builder
	for i, m := range s.Misses {
		if i == most {
			fmt.Fprintf(&b, "... and %d more\n", len(s.Misses)-i)
			break
		}
		text := strings.Join(strings.Fields(m.Text), " ")
		fmt.Fprintf(&b, "%-18s read as %-18s %s\n", m.All, m.Found, text)
	}
	_, err := io.WriteString(w, b.String())
	return err
}
