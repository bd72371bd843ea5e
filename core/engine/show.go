package engine

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/atelier-engine/atelier/core/sentiment"
)

// Show lays a reading out as lines of text: the emotions as bars, the age, the
// gender and the words that decided.
func Show(r sentiment.Reading) string {
	const width = 30
	var b strings.Builder
	fmt.Fprintf(&b, "%q\n\n", shorten(r.Text, 160))
	for i, name := range sentiment.Names() {
		w := r.Emotions[i]
		full := int(math.Round(w * width * 8))
		fmt.Fprintf(&b, "  %-10s %s %3.0f%%\n", name, bar(full, width), 100*w)
	}
	fmt.Fprintf(&b, "\n  %-10s %s\n", "age", ageText(r.Age))
	fmt.Fprintf(&b, "  %-10s %s\n", "gender", genderText(r))
	if words := deciding(r); len(words) > 0 {
		fmt.Fprintf(&b, "  %-10s %s\n", "decided by", strings.Join(words, "\n"+strings.Repeat(" ", 13)))
	}
	for _, note := range r.Notes {
		fmt.Fprintf(&b, "  %-10s %s\n", "note", note)
	}
	return strings.TrimRight(b.String(), "\n")
}

// bar draws eighths of a cell, so that small weights show too.
func bar(eighths, width int) string {
	s := strings.Repeat("█", eighths/8)
	if rest := eighths % 8; rest > 0 {
		s += string([]rune("▏▎▍▌▋▊▉")[rest-1])
	}
	return s + strings.Repeat("·", max(0, width-len([]rune(s))))
}

func ageText(a sentiment.Range) string {
	if !a.Said {
		return fmt.Sprintf("about %.0f (nothing in the text says)", a.Best)
	}
	if a.Max-a.Min < 1 {
		return fmt.Sprintf("%.0f", a.Best)
	}
	return fmt.Sprintf("about %.0f, %.0f to %.0f", a.Best, a.Min, a.Max)
}

func genderText(r sentiment.Reading) string {
	switch {
	case !r.GenderSaid:
		return "open (nothing in the text says)"
	case r.Gender <= -0.2:
		return fmt.Sprintf("woman (%+.1f)", r.Gender)
	case r.Gender >= 0.2:
		return fmt.Sprintf("man (%+.1f)", r.Gender)
	}
	return fmt.Sprintf("between (%+.1f)", r.Gender)
}

// deciding groups the reasons by word, the strongest first, at most eight:
// `"grandchild"  happy +1.2, age 70`.
func deciding(r sentiment.Reading) []string {
	type word struct {
		text  string
		parts []string
		rank  float64
	}
	var words []*word
	at := map[int]*word{}
	for _, reason := range r.Reasons {
		w := at[reason.Start]
		if w == nil {
			w = &word{text: reason.Word}
			at[reason.Start] = w
			words = append(words, w)
		}
		text, rank := fmt.Sprintf("%s %+.2g", reason.For, reason.Weight), math.Abs(reason.Weight)
		switch reason.For { // what says who it is stands above every feeling
		case "age":
			text, rank = fmt.Sprintf("age %.0f", reason.Weight), 20
		case "gender":
			rank = 20
		}
		w.parts = append(w.parts, text)
		w.rank = max(w.rank, rank)
	}
	slices.SortStableFunc(words, func(a, b *word) int { return cmp.Compare(b.rank, a.rank) })
	var lines []string
	for _, w := range words[:min(8, len(words))] {
		lines = append(lines, fmt.Sprintf("%-16s %s", fmt.Sprintf("%q", shorten(w.text, 24)), strings.Join(w.parts, ", ")))
	}
	return lines
}

// shorten cuts a text to n characters.
func shorten(s string, n int) string {
	if runes := []rune(s); len(runes) > n {
		return string(runes[:n-1]) + "…"
	}
	return s
}
