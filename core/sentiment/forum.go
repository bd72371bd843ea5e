package sentiment

import (
	"cmp"
	"math"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/kljensen/snowball/english"
)

// The Ekman head reads comments as people write them in forums, so it cuts
// text in a way of its own, plainer than that of the descriptions: case,
// elongations ("sooo" keeps two letters), runs of punctuation and emoji as
// words, [NAME] as one word, and four words after a negation marked.

// post is a token of a comment.
type post struct {
	raw, word, stem string
	letters         bool // a word or number, no punctuation
	negated         bool
}

var postNegators = set(`not no never without nothing nobody cannot dont cant isnt didnt doesnt wont`)

// negated words after a negation.
const postReach = 4

// posts cuts a comment into tokens.
func posts(s string, out []post) []post {
	out = out[:0]
	for i := 0; i < len(s); {
		r, size := utf8.DecodeRuneInString(s[i:])
		j := i + size
		switch {
		case unicode.IsSpace(r) || r == utf8.RuneError || unicode.IsControl(r):
			i = j
			continue
		case r == '[' && j < len(s) && s[j] >= 'A' && s[j] <= 'Z': // [NAME], [RELIGION]
			for j < len(s) && s[j] != ']' {
				j++
			}
			j = min(j+1, len(s))
			w := strings.ToLower(s[i:j])
			out = append(out, post{raw: w, word: w, stem: w, letters: true})
		case unicode.IsLetter(r) || unicode.IsDigit(r):
			for j < len(s) {
				r, size = utf8.DecodeRuneInString(s[j:])
				if r == '\'' || r == '’' {
					if next, _ := utf8.DecodeRuneInString(s[j+size:]); !unicode.IsLetter(next) {
						break
					}
				} else if !unicode.IsLetter(r) && !unicode.IsDigit(r) {
					break
				}
				j += size
			}
			w := twice(strings.ToLower(strings.ReplaceAll(s[i:j], "’", "'")))
			t := post{raw: s[i:j], word: w, stem: w, letters: true}
			if len(w) > 2 && len(w) < 30 && plain(w) {
				t.stem = english.Stem(w, false)
			}
			out = append(out, t)
		case r > 0x2000 && unicode.IsSymbol(r): // an emoji, however often
			w := s[i:j]
			for strings.HasPrefix(s[j:], w) {
				j += size
			}
			out = append(out, post{raw: w, word: w, stem: w})
		default:
			for n := 1; j < len(s) && n < 4; n++ {
				r, size = utf8.DecodeRuneInString(s[j:])
				if unicode.IsSpace(r) || unicode.IsLetter(r) || unicode.IsDigit(r) {
					break
				}
				j += size
			}
			out = append(out, post{raw: s[i:j], word: s[i:j], stem: s[i:j]})
		}
		i = j
	}
	left := 0
	for i := range out {
		t := &out[i]
		if !t.letters {
			if strings.ContainsAny(t.word, ".,!?;:") {
				left = 0
			}
			continue
		}
		if t.negated = left > 0; t.negated {
			left--
		}
		switch {
		case t.word == "but":
			left = 0
		case postNegators[t.word] || strings.HasSuffix(t.word, "n't"):
			left = postReach
		}
	}
	return out
}

// twice cuts runs of a letter to two.
func twice(w string) string {
	run := 0
	for i := 1; i < len(w); i++ {
		if w[i] == w[i-1] && (w[i] < '0' || w[i] > '9') && w[i] < utf8.RuneSelf {
			if run++; run == 2 {
				break
			}
		} else {
			run = 0
		}
	}
	if run < 2 {
		return w
	}
	b := make([]byte, 0, len(w))
	for i := range len(w) {
		n := len(b)
		if n >= 2 && w[i] == b[n-1] && w[i] == b[n-2] && (w[i] < '0' || w[i] > '9') && w[i] < utf8.RuneSelf {
			continue
		}
		b = append(b, w[i])
	}
	return string(b)
}

// Groups of sparse features; each group's vector is scaled to length 1.
const (
	groupWord  = iota // words, pairs of neighbours, pairs with one word between
	groupStem         // stems and pairs of them
	groupDeny         // stems after a negation
	groupPiece        // runs of 3 to 5 letters of a word and the spaces round it
	groups
)

// term is a sparse feature of a comment: how often it occurs.
type term struct {
	key   uint64
	count float32
	group uint8
}

// termsOf lists the sparse features of a comment, each once.
func termsOf(ps []post, out []term) []term {
	out = out[:0]
	add := func(g uint8, key uint64) { out = append(out, term{key, 1, g}) }
	var w1, w2, s1 uint64
	for i := range ps {
		p := &ps[i]
		w, s := hash('w', p.word, false), hash('s', p.stem, false)
		add(groupWord, w)
		add(groupStem, s)
		if i > 0 {
			add(groupWord, mix(w1, w))
			add(groupStem, mix(s1, s))
		}
		if i > 1 {
			add(groupWord, mix(w2^0x5bd1e995, w))
		}
		if p.negated {
			add(groupDeny, hash('s', p.stem, true))
		}
		w1, w2, s1 = w, w1, s
		var buf [66]byte
		n := copy(buf[1:65], p.word)
		buf[0], buf[n+1] = ' ', ' '
		b := buf[:n+2]
		for size := 3; size <= 5; size++ {
			for k := 0; k+size <= len(b); k++ {
				add(groupPiece, hashBytes('c', b[k:k+size], false))
			}
			if len(b) <= size {
				break
			}
		}
	}
	slices.SortFunc(out, func(a, b term) int { return cmp.Compare(a.key, b.key) })
	n := 0
	for i := range out {
		if n > 0 && out[n-1].key == out[i].key {
			out[n-1].count++
		} else {
			out[n] = out[i]
			n++
		}
	}
	return out[:n]
}

// shapes is the number of dense features that shapeOf gives.
const shapes = 11

// shapeOf gives what a comment looks like: capitals, elongations, marks, length.
func shapeOf(s string, ps []post, out []float32) {
	upper, long, letters := 0, 0, 0
	for i := range ps {
		p := &ps[i]
		if !p.letters {
			continue
		}
		letters++
		if len(p.raw) > 1 && p.raw == strings.ToUpper(p.raw) && p.raw != strings.ToLower(p.raw) {
			upper++
		}
		if len(p.word) < len(p.raw) {
			long++
		}
	}
	yes := func(b bool) float32 { return float32(boolInt(b)) }
	out[0] = min(1, 1.5*float32(upper)/float32(letters+1))
	out[1] = yes(upper > 0)
	out[2] = yes(long > 0)
	out[3] = min(1, float32(strings.Count(s, "!"))/2)
	out[4] = min(1, float32(strings.Count(s, "?")))
	out[5] = yes(strings.Contains(s, ".."))
	out[6] = float32(math.Log(float64(letters+1)) / 4)
	out[7] = yes(letters <= 3)
	out[8] = yes(strings.Contains(s, ":"))
	out[9] = yes(strings.HasSuffix(strings.TrimSpace(s), "?"))
	out[10] = yes(strings.Contains(s, "\""))
}
