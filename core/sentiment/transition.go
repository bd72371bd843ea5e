package sentiment

import "strings"

// Changes: "her laughter turned to tears", "he went from smiling to sobbing",
// "the frown melted into a smile", "happy until he saw the bill". What comes
// last is what the portrait shows.

const wasBefore = "it was so before the change"

// turns are the verbs of change and what has to follow them.
var turns = map[string]string{
	"turn": "to into", "turns": "to into", "turned": "to into", "turning": "to into", "change": "to into", "changes": "to into",
	"changed": "to into", "changing": "to into", "melt": "into to", "melts": "into to", "melted": "into to", "melting": "into to",
	"gave": "way", "gives": "way", "giving": "way", "give": "way", "fades": "into to", "faded": "into to", "fading": "into to",
	"replaced": "by with", "dissolves": "into", "dissolved": "into", "switched": "to", "switches": "to", "morphs": "into", "morphed": "into",
	"twisted": "into", "twists": "into", "crumbles": "into", "crumpled": "into", "shifted": "to into", "shifts": "to into",
	"became": "*", "becomes": "*", "erupts": "into", "erupted": "into", "breaks": "into", "broke": "into", "followed": "by", "bursts": "into",
	"burst": "into", "bursting": "into", "breaking": "into",
}

// weighChanges lowers what was before a change.
func weighChanges(toks []Token) {
	book := cues()
	lower := func(from, to int, f float32) {
		for i := from; i < to; i++ {
			if toks[i].Weight > f {
				toks[i].Weight, toks[i].Rule = f, wasBefore
			}
		}
	}
	feels := func(from, to int) bool {
		for i := max(0, from); i < min(to, len(toks)); i++ {
			if book.feeling(&toks[i]) && !toks[i].Negated {
				return true
			}
		}
		return false
	}
	start := 0
	for i := range toks {
		t := &toks[i]
		next := ""
		if i+1 < len(toks) {
			next = toks[i+1].Word
		}
		switch {
		case t.Kind == Punct && (t.Word == "." || t.Word == "!" || t.Word == "?" || t.Word == ";"):
			start = i + 1
		case t.Kind != Word:
		case t.Word == "from":
			// "from X to Y" with a feeling at each end
			for k := i + 2; k < len(toks) && k < i+7; k++ {
				if toks[k].Kind == Punct && toks[k].Word != "-" {
					break
				}
				if toks[k].Word == "to" || toks[k].Word == "into" {
					if feels(i+1, k) && feels(k+1, k+6) {
						lower(i+1, k, 0.12)
					}
					break
				}
			}
		case turns[t.Word] != "" && (turns[t.Word] == "*" || hasWord(turns[t.Word], next)):
			if feels(start, i) && feels(i+1, i+8) {
				lower(start, i, 0.2)
			}
		case t.Word == "before" && i > start, t.Word == "until" && i > start, t.Word == "till" && i > start:
			if feels(start, i) && feels(i+1, clauseEnd(toks, i+1)) && toks[i-1].Stem != "laugh" {
				lower(start, i, 0.25)
			} else if t.Word == "until" && i > start+1 && feels(start, i) && !loud[toks[i-1].Stem] {
				lower(start, i, 0.5)
			}
		case t.Word == "after" || t.Word == "following":
			end := clauseEnd(toks, i+1)
			if feels(i+1, end) && (feels(start, i) || feels(end, end+12)) {
				lower(i, end, 0.25)
			}
		}
	}
}

// clauseEnd gives the end of the clause at token i: punctuation, or a pronoun
// that begins another one.
func clauseEnd(toks []Token, i int) int {
	for k := i; k < len(toks); k++ {
		w := toks[k].Word
		if toks[k].Kind == Punct && w != "-" && w != "'" || contrastWords[w] || k > i+1 && (w == "he" || w == "she" || w == "i" || w == "they") {
			return k
		}
	}
	return len(toks)
}

func hasWord(list, w string) bool {
	for list != "" {
		var f string
		f, list, _ = strings.Cut(list, " ")
		if f == w {
			return true
		}
	}
	return false
}

// loud are verbs that go on until something comes of them: "she cried until
// her eyes were red" still cries.
var loud = set("laugh cri cry weep sob scream shout yell danc giggl rage wait")
