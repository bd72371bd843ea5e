package main

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// token is a word, a number, a mark or a symbol of a text.
type token struct {
	start, end int    // bytes
	word       string // in lower case, elongations cut to two letters
	letters    bool   // a word
	caps       bool   // all of its two or more letters are capitals
}

// longest is how many bytes of a text are read.
const longest = 16 << 10

// tokens cuts a text. Words are letters, digits, marks, apostrophes and hyphens
// between them; a run of other signs that are no space is kept whole where the
// symbols know it (an emoticon), else cut into single ones.
func tokens(text string, symbols *lexicon) []token {
	var out []token
	for i := 0; i < len(text); {
		r, n := utf8.DecodeRuneInString(text[i:])
		switch {
		case unicode.IsSpace(r) || unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || r == utf8.RuneError:
			i += n
		case inWord(r):
			j := wordEnd(text, i)
			out = append(out, newWord(text, i, j))
			i = j
		default:
			j := symbolEnd(text, i, symbols)
			out = append(out, token{start: i, end: j, word: strings.ToLower(text[i:j])})
			i = j
		}
	}
	return out
}

func inWord(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r) }

// wordEnd is where the word that begins at i ends.
func wordEnd(text string, i int) int {
	for i < len(text) {
		r, n := utf8.DecodeRuneInString(text[i:])
		if !inWord(r) {
			next, _ := utf8.DecodeRuneInString(text[i+n:])
			if !strings.ContainsRune("'’-", r) || !inWord(next) {
				return i
			}
		}
		i += n
	}
	return i
}

// symbolEnd is where the symbol at i ends: the longest that is known, up to five
// characters, or one character.
func symbolEnd(text string, i int, symbols *lexicon) int {
	_, first := utf8.DecodeRuneInString(text[i:])
	best, j := i+first, i
	for range 5 {
		r, n := utf8.DecodeRuneInString(text[j:])
		if n == 0 || unicode.IsSpace(r) {
			break
		}
		j += n
		if symbols.entries[strings.ToLower(text[i:j])] != nil {
			best = j
		}
	}
	return best
}

func newWord(text string, i, j int) token {
	t := token{start: i, end: j, letters: true}
	upper, lower := 0, 0
	var b strings.Builder
	var last rune
	run := 0
	for _, r := range text[i:j] {
		switch {
		case unicode.IsUpper(r):
			upper++
		case unicode.IsLower(r):
			lower++
		case r == '’':
			r = '\''
		}
		r = unicode.ToLower(r)
		if r == last {
			run++
		} else {
			last, run = r, 1
		}
		if run <= 2 || unicode.IsDigit(r) {
			b.WriteRune(r)
		}
	}
	t.word, t.caps = b.String(), upper > 1 && lower == 0
	return t
}
