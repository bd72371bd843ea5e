package engine

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/atelier-engine/atelier/core/sentiment"
)

// Show lays a reading out as lines of text: the emotions as bars, valence and
// arousal, the age, the gender and the words that decided.
func Show(r sentiment.Reading) string { return show(r, false) }

// ShowColoured is Show for a terminal: each emotion has a colour, and the words
// of the sentence that decided are in the colour of what they decided.
func ShowColoured(r sentiment.Reading) string { return show(r, true) }

func show(r sentiment.Reading, coloured bool) string {
	const width = 30
	var b strings.Builder
	ink := func(what, text string) string {
		if !coloured {
			return text
		}
		return paint(inks[what], text)
	}
	if coloured {
		fmt.Fprintf(&b, "%s\n\n", colouredText(r))
	} else {
		fmt.Fprintf(&b, "%s\n\n", strconv.Quote(shorten(r.Text, 160)))
	}
	for i, name := range sentiment.Names() {
		w := r.Emotions[i]
		full := int(math.Round(w * width * 8))
		fmt.Fprintf(&b, "  %-10s %s %3.0f%%\n", name, ink(name, bar(full, width)), 100*w)
	}
	fmt.Fprintf(&b, "\n  %-10s %s %+.2f\n", "valence", ink("valence", middle(r.Valence, width)), r.Valence)
	fmt.Fprintf(&b, "  %-10s %s %5.2f\n", "arousal", ink("arousal", bar(int(math.Round(r.Arousal*width*8)), width)), r.Arousal)
	fmt.Fprintf(&b, "  %-10s %s\n", "age", ink("age", ageText(r.Age)))
	fmt.Fprintf(&b, "  %-10s %s\n", "gender", ink("gender", genderText(r)))
	fmt.Fprintf(&b, "  %-10s %.0f%%, read by %s\n", "confidence", 100*r.Confidence, cmp.Or(r.Analyzer, "nobody"))
	if words := deciding(r, ink); len(words) > 0 {
		fmt.Fprintf(&b, "  %-10s %s\n", "decided by", strings.Join(words, "\n"+strings.Repeat(" ", 13)))
	}
	for _, note := range r.Notes {
		fmt.Fprintf(&b, "  %-10s %s\n", "note", note)
	}
	return strings.TrimRight(b.String(), "\n")
}

// ShowLine is a reading in one line: emotion, weight, age, gender, text. An age
// or a gender that is not said is "-".
func ShowLine(r sentiment.Reading) string {
	top, w := r.Emotion()
	age, gender := "-", "-"
	if r.Age.Said {
		age = fmt.Sprintf("%.0f", r.Age.Best)
	}
	if r.GenderSaid {
		gender, _, _ = strings.Cut(genderText(r), " ")
	}
	return fmt.Sprintf("%-10s %3.0f%%  %3s  %-7s  %s", top, 100*w, age, gender, plainText(shorten(r.Text, 160)))
}

// bar draws eighths of a cell, so that small weights show too.
func bar(eighths, width int) string {
	s := strings.Repeat("█", eighths/8)
	if rest := eighths % 8; rest > 0 {
		s += string([]rune("▏▎▍▌▋▊▉")[rest-1])
	}
	return s + strings.Repeat("·", max(0, width-len([]rune(s))))
}

// middle draws a bar from the middle, to the left for negative values.
func middle(v float64, width int) string {
	half := width / 2
	n := int(math.Round(math.Abs(v) * float64(half)))
	full, rest := strings.Repeat("█", n), strings.Repeat("·", half-n)
	if v < 0 {
		return rest + full + strings.Repeat("·", half)
	}
	return strings.Repeat("·", half) + full + rest
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
func deciding(r sentiment.Reading, ink func(what, text string) string) []string {
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
		w.parts = append(w.parts, ink(reason.For, text))
		w.rank = max(w.rank, rank)
	}
	slices.SortStableFunc(words, func(a, b *word) int { return cmp.Compare(b.rank, a.rank) })
	var lines []string
	for _, w := range words[:min(8, len(words))] {
		lines = append(lines, fmt.Sprintf("%-16s %s", strconv.Quote(shorten(w.text, 24)), strings.Join(w.parts, ", ")))
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
