package sentiment

import (
	"fmt"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"
)

// otherTongues gives, for frequent words of other languages in Latin letters
// (lexicon/languages.txt), the languages that have them.
var otherTongues = sync.OnceValue(func() map[string][]string {
	text, err := lexiconFiles.ReadFile("lexicon/languages.txt")
	if err != nil {
		panic(err) // the file is part of the program
	}
	m := map[string][]string{}
	tongue := ""
	for _, line := range strings.Split(string(text), "\n") {
		switch {
		case line == "" || line[0] == '#':
		case line[0] == '[':
			tongue = strings.Trim(line, "[]")
		default:
			for _, w := range strings.Fields(line) {
				if !alsoEnglish[w] {
					m[w] = append(m[w], tongue)
				}
			}
		}
	}
	return m
})

// alsoEnglish are words of that list that are English as well, or often stand in
// English lines.
var alsoEnglish = set(`die des en het con per met o il as man do no non im um a me is was so an in on he we had hat war over under men son sin
	us du la le di un el al au ma pa oma opa papa mamma baba dan du pas sur mine her hers his var van den der pig he ses era ser on to te
	un el mi tu fruit surprise triste trist mann baby hay come mal fin sale pan plus tous sous ans chat ride pies let ma ja ai red`)

// language judges whether the text is English that the model can read: words
// of English (function words and those of the lexicon) against words and
// letters of other languages, and the share of words that are known. It
// returns 1 for plain English and little for anything else, and leaves a note
// where it is little.
func (a *English) language(toks []Token, r *Reading) float64 {
	words, known, letters, ours, strange := 0, 0, 0, 0, 0
	others := 0
	votes := map[string]int{}
	tongues, book := otherTongues(), cues()
	for i := range toks {
		t := &toks[i]
		if t.Kind == Emoji {
			if t.Word[0] == ':' {
				known, words, ours = known+1, words+1, ours+1
			}
			continue
		}
		if t.Kind != Word {
			continue
		}
		words++
		if c, _ := utf8.DecodeRuneInString(t.Word); c > 0x24f && unicode.IsLetter(c) {
			letters++
			continue
		}
		if l := tongues[t.Word]; l != nil && !t.Mended {
			others++
			for _, tongue := range l {
				votes[tongue]++
			}
			continue
		}
		_, name := givenNames()[t.Word]
		_, person := roleOf(t.Word)
		_, lexical := book.symbols[t.Word]
		in := a.model.vocabulary.has(t.Word)
		if in || person || lexical || name {
			known++
		} else if accented(t.Word) {
			strange++
		}
		if functionWords[t.Word] && !alsoEnglish[t.Word] || book.feeling(t) || person && !alsoEnglish[t.Word] {
			ours++
		}
	}
	doubt := func(note string, sure float64) float64 {
		r.Language = "und"
		r.Notes = append(r.Notes, note)
		return sure
	}
	switch {
	case words == 0:
		return doubt("there are no words in the text: a neutral face is the best guess", 0.2)
	case letters*2 > words:
		return doubt("the text does not seem to be English: what was read from it is a guess", 0.15)
	case others > 0 && others+strange > ours:
		best, most := "", 0
		for tongue, n := range votes {
			if n > most || n == most && tongue < best {
				best, most = tongue, n
			}
		}
		if most >= 2 && most*2 > others {
			return doubt(fmt.Sprintf("the text seems to be %s, not English: what was read from it is a guess", best), 0.15)
		}
		return doubt("the text does not seem to be English: what was read from it is a guess", 0.15)
	case strange > 0 && strange >= known:
		return doubt("the text does not seem to be English: what was read from it is a guess", 0.2)
	case known == 0 || known*3 < words:
		return doubt("most words of the text are unknown: what was read from it is a guess", 0.3)
	}
	if others+letters > 0 {
		r.Notes = append(r.Notes, "some words of the text are not English: they were passed over")
	}
	return 0.6 + 0.4*float64(known)/float64(words)
}

// accented tells whether a word holds a letter that English has not.
func accented(w string) bool {
	for i := range len(w) {
		if w[i] >= utf8.RuneSelf {
			return true
		}
	}
	return false
}
