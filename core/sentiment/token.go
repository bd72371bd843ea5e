package sentiment

import (
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"github.com/clipperhouse/uax29/v2/words"
	"github.com/kljensen/snowball/english"
	"golang.org/x/text/cases"
)

// Kind is what a token is.
type Kind uint8

// The kinds of token.
const (
	Word Kind = iota
	Number
	Punct
	Emoji // emoji and emoticons
)

// Token is a word, number, punctuation mark or emoji of a text, with what
// each stage of the preprocessing found out about it.
type Token struct {
	Start, End int    // bytes in the original text
	Text       string // as written, NFKC
	Word       string // folded, contractions opened, elongations and misspellings mended
	Stem       string // snowball's English stem; "" for punctuation
	Kind       Kind
	Long       bool    // it was elongated: "sooo"
	Glued      bool    // nothing stands between it and the token before
	Mended     bool    // a misspelling was mended
	Negated    bool    // in the scope of a negation
	Weight     float32 // 1; less where the word speaks of something else, more where it is stressed
	Rule       string  // the rule that changed Weight, for those who ask why
}

// tokenize cuts a text into tokens by the Unicode word rules, with emoticons
// and emoji as words of their own. known tells whether a word is in the
// vocabulary (nil: none is); it decides how far an elongation is cut.
func tokenize(s *source, known func(string) bool) []Token {
	toks := make([]Token, 0, len(s.norm)/5+4)
	it := words.FromString(s.norm)
	skip := 0
	last := 0 // end of the last token, in norm
	for it.Next() {
		i, j := it.Start(), it.End()
		if i < skip {
			continue
		}
		v := it.Value()
		r, _ := utf8.DecodeRuneInString(v)
		if n, word := emoticonAt(s.norm, i); n > 0 {
			j, skip = i+n, i+n
			toks = append(toks, s.token(i, j, word, Emoji, i == last))
			last = j
			continue
		}
		switch {
		case unicode.IsSpace(r):
			continue
		case unicode.IsNumber(r):
			toks = numbers(toks, s, i, j, i == last)
		case unicode.IsLetter(r), r == '_':
			tagged := len(toks) > 0 && toks[len(toks)-1].Word == "#" && i == last
			glued := i == last
			for a := i; a < j; {
				b := pieceEnd(s.norm, a, j, tagged)
				if s.norm[a] != '_' {
					toks = open(toks, s, a, b, glued && a == i, known)
				}
				a = b
			}
		case unicode.IsSymbol(r) && r > 0x2000:
			toks = append(toks, s.token(i, j, emojiWord(v), Emoji, i == last))
		default:
			toks = append(toks, s.token(i, j, v, Punct, i == last))
		}
		last = j
	}
	for i := range toks {
		switch t := &toks[i]; t.Kind {
		case Word:
			t.Stem = stem(t.Word)
		case Emoji, Number:
			t.Stem = t.Word
		}
	}
	return toks
}

// pieceEnd cuts "crying_girl" at its underscores, "f34" before its digits and,
// behind a "#", "SoHappy" before its capitals. It gives the end of the piece
// that begins at i.
func pieceEnd(s string, i, j int, tagged bool) int {
	for k := i + 1; k < j; k++ {
		switch {
		case s[k] == '_' || s[k-1] == '_':
			return k
		case k == i+1 && j-i == 3 && (s[i]|0x20 == 'f' || s[i]|0x20 == 'm') && s[k] >= '1' && s[k] <= '9' && s[k+1] >= '0' && s[k+1] <= '9':
			return k
		case tagged && s[k] >= 'A' && s[k] <= 'Z' && s[k-1] >= 'a' && s[k-1] <= 'z':
			return k
		}
	}
	return j
}

func (s *source) token(i, j int, word string, k Kind, glued bool) Token {
	a, b := s.span(i, j)
	return Token{Start: a, End: b, Text: s.norm[i:j], Word: word, Kind: k, Glued: glued, Weight: 1}
}

// numbers splits "72yo", "30s" and "90th" into the number and what follows.
func numbers(toks []Token, s *source, i, j int, glued bool) []Token {
	k := i
	for k < j && (s.norm[k] >= '0' && s.norm[k] <= '9' || s.norm[k] == '.' || s.norm[k] == ',') {
		k++
	}
	if k == i || k == j {
		return append(toks, s.token(i, j, strings.ToLower(s.norm[i:j]), Number, glued))
	}
	toks = append(toks, s.token(i, k, s.norm[i:k], Number, glued))
	return append(toks, s.token(k, j, fold(s.norm[k:j]), Word, true))
}

// open folds a word, opens contractions ("can't" becomes "can" and "not")
// and mends elongations and misspellings.
func open(toks []Token, s *source, i, j int, glued bool, known func(string) bool) []Token {
	if s.norm[i] >= '0' && s.norm[i] <= '9' {
		return numbers(toks, s, i, j, glued)
	}
	w := fold(s.norm[i:j])
	if head, tail, at := contraction(w); tail != "" && len(w) == j-i {
		toks = append(toks, s.token(i, i+at, head, Word, glued))
		return append(toks, s.token(i+at, j, tail, Word, true))
	}
	short, long := shorten(w, known)
	right, mended := mend(short, known)
	t := s.token(i, j, right, Word, glued)
	t.Long, t.Mended = long, mended
	return append(toks, t)
}

var folder = cases.Fold()

// fold lowers the case of a word, by the Unicode folding where it is not ASCII.
func fold(w string) string {
	for i := range len(w) {
		if w[i] >= utf8.RuneSelf {
			return folder.String(w)
		}
	}
	return strings.ToLower(w)
}

// stem is snowball's English stem, except for words that its rules would
// confuse with another one.
func stem(w string) string {
	if s, ok := stems[w]; ok {
		return s
	}
	if len(w) < 3 || len(w) > 40 {
		return w
	}
	for i := range len(w) {
		if w[i] >= utf8.RuneSelf {
			return w
		}
	}
	stemmed.RLock()
	s, ok := stemmed.m[w]
	stemmed.RUnlock()
	if ok {
		return s
	}
	s = english.Stem(w, false)
	stemmed.Lock()
	if len(stemmed.m) < 1<<15 {
		stemmed.m[strings.Clone(w)] = s
	}
	stemmed.Unlock()
	return s
}

// stemmed remembers stems: the stemmer takes a quarter of the time of a
// reading otherwise.
var stemmed = struct {
	sync.RWMutex
	m map[string]string
}{m: map[string]string{}}

// Words that share a stem with another of a different feeling.
var stems = map[string]string{
	"moving": "moving", "moved": "moved", "touching": "touching", "touched": "touched",
	"tearing": "tearing", "tears": "tears", "tear": "tear", "tearful": "tears", "teary": "tears", "tearfully": "tears",
	"mad": "mad", "made": "make", "grin": "grin", "grinning": "grin", "grins": "grin", "grinned": "grin",
	"unmoved": "unmoved", "lost": "lost", "loss": "loss", "lose": "lose", "loses": "lose", "losing": "lose",
	"wept": "weep", "cried": "cri", "crying": "cri", "cries": "cri", "cry": "cri",
	"won": "win", "wins": "win", "winning": "win", "shook": "shake", "shaken": "shaken",
	"angrily": "angri", "angry": "angri", "angrier": "angri", "angriest": "angri",
	"happier": "happi", "happiest": "happi", "sadder": "sad", "saddest": "sad", "sadly": "sad", "sadness": "sad",
	"died": "die", "dies": "die", "dying": "die", "dead": "dead", "death": "death",
	"furious": "furi", "fury": "furi", "infuriated": "furi", "terrified": "terrifi", "terror": "terrifi", "terrifying": "terrifying",
	"scary": "scary", "scared": "scare", "scares": "scare", "disgusting": "disgust", "disgusted": "disgust",
	"boring": "boring", "bored": "bored", "annoying": "annoy", "amused": "amus", "amusing": "amus",
}
