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
// columns. Which column holds the labels and which the text is told by a first
// line of names ("kind emotion text"), or found out from the lines: text and
// labels in either order ("what a day\thappy", "happy\twhat a day", GoEmotions'
// "what a day\t17,13\tid"). Labels are names of the seven emotions, or names or
// numbers of GoEmotions' 28, which the task maps to emotions, joined by commas
// or bars. Further columns are kept. Errors name the line.
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
	if len(rows) == 0 {
		return nil, fmt.Errorf("sentiment: %s: there are no lines in it: want text, a tab and an emotion on each", path)
	}
	first := 1
	text, label := header(rows[0])
	if text < 0 {
		first = 0
		text, label = columnsOf(rows, task)
	}
	out := make([]Example, 0, len(rows))
	n := 0
	err := lines(path, func(f []string) error {
		if n++; n <= first {
			return nil
		}
		if len(f) <= max(text, label) {
			return fmt.Errorf("%d columns: want text in column %d and labels in column %d", len(f), text+1, label+1)
		}
		l, err := parseLabels(f[label], task)
		if err != nil {
			return err
		}
		x := Example{Text: f[text], Label: l.First(), Labels: l}
		for i, v := range f {
			if i != text && i != label {
				x.More = append(x.More, v)
			}
		}
		out = append(out, x)
		return nil
	})
	if err == nil && len(out) == 0 {
		err = fmt.Errorf("sentiment: %s: there are no lines in it but names of columns", path)
	}
	return out, err
}

// header finds the columns of a line of names; -1 where it is none.
func header(f []string) (text, label int) {
	text, label = -1, -1
	for i, w := range f {
		switch strings.ToLower(strings.TrimSpace(w)) {
		case "text", "sentence", "comment", "line":
			text = i
		case "label", "labels", "emotion", "emotions", "feeling":
			label = i
		}
	}
	if text < 0 || label < 0 {
		return -1, -1
	}
	return text, label
}

// columnsOf finds the column of the labels, that which can be read as labels in
// most lines (the second, if in doubt), and that of the text: the first of the
// others with most words.
func columnsOf(rows [][]string, task Task) (text, label int) {
	rows = rows[:min(len(rows), 500)]
	width := len(rows[0])
	fit, long := make([]int, width), make([]int, width)
	for _, f := range rows {
		for c := range min(width, len(f)) {
			if _, err := parseLabels(f[c], task); err == nil {
				fit[c]++
			}
			long[c] += len(strings.Fields(f[c]))
		}
	}
	label = 1
	for c := range fit {
		if fit[c] > fit[label] {
			label = c
		}
	}
	for c := range long {
		if text == label || c != label && long[c] > long[text] {
			text = c
		}
	}
	return text, label
}
