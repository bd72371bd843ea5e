package sentiment

import (
	"fmt"
	"slices"
	"strings"
)

// Example is a labelled line of a test list.
type Example struct {
	Text   string
	Label  Emotion  // the first of Labels
	Labels Labels   // all of them: a comment may carry several
	More   []string // further columns
}

// ReadExamples reads a list for TaskFace; see ReadList.
func ReadExamples(path string) ([]Example, error) { return ReadList(path, TaskFace) }

// ReadList reads a labelled list, one example a line with tabs between the
// columns. What comes first is found out from the file: text and then labels
// ("what a day\thappy", and GoEmotions' "what a day\t17,13\tid"), or labels
// and then text ("happy\twhat a day"). Labels are names of the seven emotions,
// or names or numbers of GoEmotions' 28, which the task maps to emotions,
// joined by commas. A first line of column names is passed over. Further
// columns are kept. Errors name the line.
func ReadList(path string, task Task) ([]Example, error) {
	var rows [][]string
	if err := lines(path, func(f []string) error {
		if len(f) < 2 {
			return fmt.Errorf("want text, a tab and an emotion, or an emotion, a tab and text")
		}
		rows = append(rows, slices.Clone(f))
		return nil
	}); err != nil {
		return nil, err
	}
	first := 0
	if len(rows) > 1 && header(rows[0]) {
		first = 1
	}
	column := labelColumn(rows[min(first, len(rows)):], task)
	out := make([]Example, 0, len(rows))
	n := 0
	err := lines(path, func(f []string) error {
		if n++; n <= first {
			return nil
		}
		l, err := parseLabels(f[column], task)
		if err != nil {
			return err
		}
		out = append(out, Example{Text: f[1-column], Label: l.First(), Labels: l, More: slices.Clone(f[2:])})
		return nil
	})
	if err == nil && len(out) == 0 {
		err = fmt.Errorf("sentiment: %s: there are no lines in it: want text, a tab and an emotion on each", path)
	}
	return out, err
}

// header tells whether a line names columns: one of them is the text.
func header(f []string) bool {
	for _, w := range f {
		switch strings.ToLower(strings.TrimSpace(w)) {
		case "text", "sentence", "comment":
			return true
		}
	}
	return false
}

// labelColumn finds which of the first two columns holds the labels: the one
// that can be read as labels in more of the lines; the second if in doubt.
func labelColumn(rows [][]string, task Task) int {
	fit := [2]int{}
	for _, f := range rows[:min(len(rows), 500)] {
		for c := range fit {
			if _, err := parseLabels(f[c], task); err == nil {
				fit[c]++
			}
		}
	}
	if fit[0] > fit[1] {
		return 0
	}
	return 1
}
