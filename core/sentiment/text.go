package sentiment

import (
	"errors"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// ErrEmpty is the error of a text in which there is nothing to read.
var ErrEmpty = errors.New("sentiment: the text is empty: write a line about the person")

// longest is how many bytes of a text are read; a note says so where a text
// is longer. A line about one person is a hundred times shorter.
const longest = 16 << 10

// source is a text in normal form (NFKC, no control characters) that knows
// where each of its bytes came from.
type source struct {
	raw   string
	norm  string
	start []int32 // start[i]: byte offset in raw of the character at norm[i]; nil: the same
	end   []int32 // end[i]: where in raw the piece that holds norm[i] ends
	cut   bool    // the text was longer than is read
	bad   bool    // it held invalid UTF-8
}

// newSource cleans and normalises a text. Invalid bytes become U+FFFD;
// control and format characters (null bytes, right-to-left marks) become
// spaces or vanish, except the joiner that holds emoji together.
func newSource(raw string) *source {
	s := &source{raw: raw}
	text := raw
	if len(text) > longest {
		cut := longest
		for cut > 0 && !utf8.RuneStart(text[cut]) {
			cut--
		}
		text, s.cut = text[:cut], true
	}
	if plain(text) {
		s.norm = text
		return s
	}
	s.bad = !utf8.ValidString(text)
	var b strings.Builder
	put := func(piece []byte, from, to int) {
		for _, r := range string(piece) { // invalid bytes range as U+FFFD
			switch {
			case r == '\u200d' || r == '\ufe0f':
			case r == '\u2019' || r == '\u2018' || r == '\u02bc' || r == '\u00b4':
				r = '\''
			case r == '\u2013' || r == '\u2014' || r == '\u2011' || r == '\u2010':
				r = '-'
			case unicode.Is(unicode.Cf, r):
				continue
			case unicode.IsControl(r):
				r = ' '
			}
			n, _ := b.WriteRune(r)
			for range n {
				s.start = append(s.start, int32(from))
				s.end = append(s.end, int32(to))
			}
		}
	}
	var it norm.Iter
	it.InitString(norm.NFKC, text)
	for !it.Done() {
		from := it.Pos()
		piece := it.Next()
		put(piece, from, it.Pos())
	}
	s.norm = b.String()
	return s
}

// plain tells whether a text is printable ASCII: it is its own normal form.
func plain(s string) bool {
	for i := range len(s) {
		if s[i] < ' ' || s[i] > '~' {
			return false
		}
	}
	return true
}

// span gives the bytes of the raw text that norm[i:j] came from.
func (s *source) span(i, j int) (int, int) {
	if s.start == nil || j <= i {
		return i, j
	}
	return int(s.start[i]), int(s.end[j-1])
}
