package sentiment

import (
	"strings"
	"sync"
)

// thingBook holds the nouns of lexicon/things.txt by section.
type thingBook struct {
	nouns   map[string]bool // scenery, places, objects and animals
	animals map[string]bool
	bearing map[string]bool // parts and ways of a person: they take feelings
	printed map[string]bool // things that carry words
}

var thingNouns = sync.OnceValue(func() *thingBook {
	text, err := lexiconFiles.ReadFile("lexicon/things.txt")
	if err != nil {
		panic(err) // the file is part of the program
	}
	b := &thingBook{nouns: map[string]bool{}, animals: map[string]bool{}, bearing: map[string]bool{}, printed: map[string]bool{}}
	section := ""
	for _, line := range strings.Split(string(text), "\n") {
		switch {
		case line == "" || line[0] == '#':
			continue
		case line[0] == '[':
			section = strings.Trim(line, "[]")
			continue
		}
		for _, w := range strings.Fields(line) {
			switch section {
			case "bearing":
				b.bearing[w] = true
			case "printed":
				b.printed[w] = true
			default:
				b.nouns[w] = true
				if section == "animals" {
					b.animals[w] = true
				}
			}
		}
	}
	return b
})

// Times of day take an adjective of weather unless they are somebody's own
// ("her happiest day", "my sad day").
var timesOfDay = set("day morning afternoon evening night sunday monday tuesday wednesday thursday friday saturday winter autumn spring summer")

// places are prepositions that lead to where something is.
var places = set(`in on under behind against near through across over beneath above below inside outside along around at into onto by amid
	among between beside towards toward past`)

// weighThings lowers the adjectives of scenery, places, objects and animals:
// "a gloomy sky", "in front of a sad little house", "under a smiling moon".
func weighThings(toks []Token, p *people, lower func(int, float32, string)) {
	book := thingNouns()
	for i := range toks {
		w := toks[i].Word
		if toks[i].Kind != Word {
			continue
		}
		if times := timesOfDay[w]; times || book.nouns[w] && !(book.animals[w] && p.subject < 0) {
			maskPhrase(toks, p, i, times, lower)
			continue
		}
		if places[w] && p.subject >= 0 {
			maskPlace(toks, p, i, book, lower)
		}
	}
}

// maskPhrase lowers the adjectives before the thing at token i.
func maskPhrase(toks []Token, p *people, i int, time bool, lower func(int, float32, string)) {
	if i+1 < len(toks) {
		// "a happy dog owner", "a sad circus clown": the thing describes too.
		if _, ok := roleOf(toks[i+1].Word); ok {
			return
		}
	}
	from := i
	for from > 0 && i-from < 7 {
		b := &toks[from-1]
		if b.Kind == Punct && b.Word != "-" && b.Word != "," || b.Kind == Emoji || phraseStop[b.Word] && b.Word != "and" {
			break
		}
		if (b.Word == "," || b.Word == "and") && !startsPhrase(toks, from-2) {
			break
		}
		if _, ok := roleOf(b.Word); ok && from < i || b.Kind == Word && from-1 == 0 && p.subject < 0 {
			break
		}
		from--
		if determiners[b.Word] {
			if time && (pronouns[b.Word] != 0 || speaker[b.Word]) {
				return
			}
			break
		}
	}
	// Without an article only what directly leads on or opens the text is an
	// adjective: "in stormy weather", "cheerful colours, a man".
	if from == i || !determiners[toks[from].Word] && !(from == 0 && i-from <= 2 && p.subject >= 0) && !phraseBefore(toks, from) {
		return
	}
	for k := from; k < i; k++ {
		if time && (strings.HasSuffix(toks[k].Word, "est") || toks[k].Word == "worst" || toks[k].Word == "bad" || toks[k].Word == "first" || toks[k].Word == "last") {
			return
		}
	}
	for k := from; k < i; k++ {
		lower(k, 0.12, "describes the "+toks[i].Word)
	}
	lower(i, 0.4, "a thing")
}

// phraseBefore tells whether a preposition leads into token from ("in stormy
// weather"): only then are words without an article an adjective phrase.
func phraseBefore(toks []Token, from int) bool {
	if from == 0 {
		return false
	}
	switch toks[from-1].Word {
	case "in", "under", "on", "with", "wearing", "against", "by", "of", "among", "amid", "through", "behind", "holding":
		return true
	}
	return false
}

// maskPlace lowers what describes the place behind the preposition at token
// i: "on a terrifying cliff road". The last word of the phrase is the place;
// a phrase about a person or a person's bearing is none.
func maskPlace(toks []Token, p *people, i int, book *thingBook, lower func(int, float32, string)) {
	k := i + 1
	if k < len(toks) && toks[k].Word == "front" && k+1 < len(toks) && toks[k+1].Word == "of" {
		k += 2
	}
	if k >= len(toks) || !determiners[toks[k].Word] || pronouns[toks[k].Word] != 0 || speaker[toks[k].Word] {
		return
	}
	from := k + 1
	for k = from; k < len(toks) && k < from+5; k++ {
		t := &toks[k]
		if t.Kind != Word && t.Word != "-" || phraseStop[t.Word] || negationEnds[t.Word] {
			break
		}
		if _, ok := roleOf(t.Word); ok || plurals[t.Word].gender != 0 || book.bearing[t.Word] {
			return
		}
	}
	if k-from < 2 {
		return
	}
	for j := from; j < k-1; j++ {
		if strings.HasSuffix(toks[j].Word, "ing") && j > from && !book.nouns[toks[k-1].Word] {
			return // "in the rain laughing loudly": no longer the place
		}
	}
	for j := from; j < k-1; j++ {
		lower(j, 0.12, "describes the "+toks[k-1].Word)
	}
}
