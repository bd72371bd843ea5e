package engine

import (
	"math"
	"strconv"
	"strings"

	"github.com/atelier-engine/atelier/core/sentiment"
)

// inks are the colours of what a word can decide, as parameters of the terminal's
// SGR sequence. The eight standard colours look right on any background.
var inks = map[string]string{
	"neutral": "37", "happy": "33", "sad": "34", "angry": "31", "fearful": "35", "disgusted": "32", "surprised": "36",
	"age": "1", "gender": "1", "valence": "2", "arousal": "2",
}

// paint puts a text into a colour; "" leaves it as it is.
func paint(ink, text string) string {
	if ink == "" {
		return text
	}
	return "\x1b[" + ink + "m" + text + "\x1b[0m"
}

// colouredText is the sentence with each byte in the colour of the strongest
// reason that covers it; a reason against an emotion is underlined. Control
// characters, which could be commands to the terminal, are written as Go does.
func colouredText(r sentiment.Reading) string {
	most := min(len(r.Text), 1000) // no longer reason of what is shown stands behind
	for most < len(r.Text) && most > 0 && r.Text[most]&0xc0 == 0x80 {
		most--
	}
	ink := make([]string, most)
	rank := make([]float64, most)
	for _, reason := range r.Reasons {
		code, weight := inks[reason.For], math.Abs(reason.Weight)
		switch reason.For {
		case "valence", "arousal":
			continue
		case "age", "gender": // it shows beside a feeling only where none is
			weight = 1e-9
		default:
			if reason.Weight < 0 {
				code += ";4"
			}
		}
		for i := max(0, reason.Start); i < min(most, reason.End); i++ {
			if weight > rank[i] {
				ink[i], rank[i] = code, weight
			}
		}
	}
	var b strings.Builder
	b.WriteByte('"')
	for i := 0; i < most; {
		j := i + 1
		for j < most && (ink[j] == ink[i] || r.Text[j]&0xc0 == 0x80) {
			j++
		}
		b.WriteString(paint(ink[i], plainText(r.Text[i:j])))
		i = j
	}
	if most < len(r.Text) {
		b.WriteString("…")
	}
	return b.String() + `"`
}

// plainText writes what cannot be printed as escapes, without quotes around.
func plainText(s string) string {
	q := strconv.Quote(s)
	return strings.ReplaceAll(q[1:len(q)-1], `\"`, `"`)
}
