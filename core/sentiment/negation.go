package sentiment

import "strings"

// Negation: a negator marks the words after it, up to the end of the clause
// or reach words. What is marked becomes another feature ("sad" and "!sad"),
// as in Das and Chen, "Yahoo! for Amazon" (2001). The idioms in which a
// negation does not deny the feeling ("cannot stop laughing", "never been
// happier") are left unmarked.

// reach is how many words a negation covers at most.
const reach = 6

var negators = set(`not no never without nobody none nothing neither nor hardly barely scarcely nowhere lacks lacking
	denies refuses fails cannot`)

// Words that end the scope of a negation.
var negationEnds = set(`but yet although though however because instead just only who while whereas still until unless so
	rather when`)

// After "can not", "do not" and the like these keep what follows asserted.
var asserting = set(`stop stops stopping help hold contain hide keep control suppress resist believe wait stand bear breathe sleep move
	tolerate get fight stopped quit conceal restrain speak`)

var comparatives = set(`happier sadder angrier prouder merrier gladder better worse more so`)

// markNegation sets Negated on the tokens in the scope of a negation.
func markNegation(toks []Token) {
	for i := 0; i < len(toks); i++ {
		from := negatorAt(toks, i)
		if from == 0 {
			continue
		}
		n, limit, nor := 0, reach, false
		if toks[i].Word == "neither" {
			limit = 9
		}
		k := from
		for ; k < len(toks) && n < limit; k++ {
			t := &toks[k]
			if t.Word == "nor" {
				nor = true
			}
			if t.Word == "that" && k > from && k+1 < len(toks) && (pronouns[toks[k+1].Word] != 0 || determiners[toks[k+1].Word] || speaker[toks[k+1].Word]) {
				break // "nobody sees that he is scared"
			}
			if t.Kind == Punct && t.Word != "-" && t.Word != "'" && t.Word != "\"" && !(toks[i].Word == "neither" && !nor && t.Word == ",") || negationEnds[t.Word] {
				break
			}
			if t.Word == "and" && k+1 < len(toks) && (pronouns[toks[k+1].Word] != 0 || toks[k+1].Word == "is" || toks[k+1].Word == "now" || beginning[toks[k+1].Word]) {
				break
			}
			if t.Word == "-" && !t.Glued && k+1 < len(toks) && !toks[k+1].Glued {
				break // "not sad - enraged"
			}
			if t.Kind == Emoji || t.Word == "and" && verbal(toks, i, k) {
				break
			}
			t.Negated = true
			n++
		}
		i = from - 1
	}
	for i := range toks {
		// "the smile vanished", "his anger is gone"
		if !endings[toks[i].Word] && !(leaving[toks[i].Word] && i+2 < len(toks) && bearers[toks[i+1].Word] && thingNouns().bearing[toks[i+2].Word]) {
			continue
		}
		for k := i - 1; k >= 0 && k >= i-3 && toks[k].Kind == Word; k-- {
			if toks[k].Word == "not" {
				break
			}
			toks[k].Negated = !toks[k].Negated
		}
	}
}

// beginning are verbs of what is done in place of what has stopped.
var beginning = set("started starts began begins bursts burst broke breaks")

var endings = set("vanished vanishes faded fades disappeared disappears gone evaporated evaporates subsided subsides drained drains dissolved dissolves")

// "the fear left her face", "the smile slipped off his lips"
var (
	leaving = set("left leaves leaving drained slipped fell dropped")
	bearers = set("her his my their the off from")
)

// negatorAt tells where the scope of a negation at token i begins; 0 where
// there is none, or where it is an idiom that asserts.
func negatorAt(toks []Token, i int) int {
	word := func(k int) string {
		if k >= 0 && k < len(toks) {
			return toks[k].Word
		}
		return ""
	}
	w, next := word(i), word(i+1)
	switch {
	case w == "far" && next == "from", w == "instead" && next == "of", w == "rather" && next == "than", w == "free" && next == "of":
		return i + 2
	case (w == "anything" || w == "everything") && next == "but", w == "lack" && next == "of", w == "absence" && next == "of":
		return i + 2
	case (w == "stopped" || w == "stops" || w == "quit") && strings.HasSuffix(next, "ing") && word(i-1) != "not" && word(i-1) != "never":
		return i + 1
	case w == "no" && next == "longer":
		return i + 2
	case !negators[w] || toks[i].Kind != Word:
		return 0
	case w == "no" && (next == "doubt" || next == "wonder" || next == "matter" || next == "," || next == "!" || next == "."):
		return 0
	case w == "nothing" && next == "but", w == "not" && (next == "only" || next == "just" || next == "merely" || next == "simply" || next == "to" && word(i+2) == "mention"):
		if next == "just" && !laterBut(toks, i) {
			return i + 1
		}
		return 0
	case w == "not" && next == "to" && (strings.HasPrefix(word(i-1), "tr") || (word(i-1) == "hard" || word(i-1) == "desperately") && (strings.HasPrefix(word(i-2), "tr") || strings.HasPrefix(word(i-3), "tr"))): // trying hard not to cry
		return 0
	case w == "nobody" || w == "none" || w == "nothing" || w == "nowhere" || w == "hardly" || w == "barely" || w == "scarcely":
		for k := i + 1; k < i+5; k++ {
			if asserting[word(k)] { // hardly able to contain his joy
				return 0
			}
		}
	}
	if w == "hardly" || w == "barely" || w == "never" || w == "not" {
		if asserting[next] || (next == "able" || next == "being") && asserting[word(i+3)] {
			return 0
		}
		if next == "even" && asserting[word(i+2)] {
			return 0
		}
	}
	if w == "never" || w == "nobody" || w == "none" || w == "nothing" { // "nobody as scared as he is"
		for k := i + 1; k <= i+3; k++ {
			if word(k) == "as" && (word(k+2) == "as" || word(k+3) == "as") {
				return 0
			}
		}
	}
	if w == "never" || w == "not" || w == "none" || w == "nothing" {
		// "never been so happy", "could not be happier", "never felt sadder"
		for k := i + 1; k <= i+5; k++ {
			if comparatives[word(k)] && (w == "never" || beforeCould(toks, i)) {
				return 0
			}
			if word(k) == "seen" && (word(k+1) == "anything" || word(k+1) == "such" || word(k+1) == "anyone") {
				return 0
			}
		}
	}
	return i + 1
}

// verbal tells whether the "and" at k joins another verb to the one that is
// denied at i: "she did not mind and laughed".
func verbal(toks []Token, i, k int) bool {
	if i == 0 || k+1 >= len(toks) {
		return false
	}
	switch toks[i-1].Word {
	case "do":
		return false
	case "does":
		return strings.HasSuffix(toks[k+1].Word, "s")
	case "did":
		return strings.HasSuffix(toks[k+1].Word, "ed")
	}
	return false
}

// weighNegated makes what is denied count less where something else is said:
// in "not sad, she is beaming" the beaming decides.
func weighNegated(toks []Token) {
	if loneDenial(toks) >= 0 {
		return
	}
	for i := range toks {
		if toks[i].Negated && toks[i].Weight > 0.3 {
			toks[i].Weight = 0.3
			toks[i].Rule = "denied"
		}
	}
}

// loneDenial finds a text that only denies ("he isn't sad"): it gives the
// last word denied, -1 where the text says something as well.
func loneDenial(toks []Token) int {
	at := -1
	for i := range toks {
		t := &toks[i]
		switch {
		case t.Kind == Emoji || t.Kind == Word && !t.Negated && t.Weight > 0.5 && content(t):
			return -1
		case t.Kind == Word && t.Negated && content(t):
			at = i
		}
	}
	return at
}

// content tells whether a word can carry a feeling: it is no function word,
// no person and no part of a negation.
func content(t *Token) bool {
	if functionWords[t.Word] || negators[t.Word] || t.Word == "far" || t.Word == "longer" || t.Word == "all" || t.Word == "trace" || t.Word == "sign" {
		return false
	}
	_, person := roleOf(t.Word)
	return !person
}

// laterBut tells whether a "but" follows: "not just angry but furious".
func laterBut(toks []Token, i int) bool {
	for k := i; k < len(toks) && k < i+8; k++ {
		if toks[k].Word == "but" {
			return true
		}
	}
	return false
}

func beforeCould(toks []Token, i int) bool {
	return i > 0 && (toks[i-1].Word == "could" || toks[i-1].Word == "can")
}
