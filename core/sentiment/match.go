package sentiment

import (
	"slices"
	"sort"
)

// match is a cue found in a text.
type match struct {
	cue     *cue
	toks    []int32 // the tokens of its words, in order
	weight  float32 // how much its words count, 0..1
	negated bool
	score   float32 // what it adds to its emotion
}

// feeling tells whether a token is a word of feeling by itself.
func (b *cueBook) feeling(t *Token) bool {
	if t.Kind == Punct || t.Kind == Number {
		return false
	}
	if id, ok := b.symbols[t.Word]; ok && b.single[id] {
		return true
	}
	id, ok := b.symbols[t.Stem+"*"]
	return ok && b.single[id]
}

// find lists the cues in a text, without those that stand inside a longer one.
func (b *cueBook) find(toks []Token) []match {
	syms := make([][]int32, len(toks))
	buf := make([]int32, 0, 4*len(toks))
	for i := range toks {
		t := &toks[i]
		at := len(buf)
		if id, ok := b.symbols[t.Word]; ok {
			buf = append(append(buf, id), b.classes[id]...)
		}
		if t.Kind == Word {
			var key [48]byte
			if n := len(t.Stem); n > 0 && n < len(key) {
				copy(key[:], t.Stem)
				key[n] = '*'
				if id, ok := b.symbols[string(key[:n+1])]; ok {
					buf = append(append(buf, id), b.classes[id]...)
				}
			}
		}
		syms[i] = buf[at:len(buf):len(buf)]
	}
	var out []match
	var at [16]int32
	for i := range toks {
		for _, id := range syms[i] {
			for _, c := range b.first[id] {
				at[0] = int32(i)
				if n := follow(toks, syms, c.elems, 1, i+1, &at, 1); n > 0 {
					out = append(out, match{cue: c, toks: slices.Clone(at[:n])})
				}
			}
		}
	}
	return settleMatches(out, len(toks))
}

// follow matches the elements from k on at token i; it returns how many
// tokens were matched in all, 0 where the pattern does not fit.
func follow(toks []Token, syms [][]int32, elems []element, k, i int, at *[16]int32, n int) int {
	if k == len(elems) {
		return n
	}
	e := &elems[k]
	left, fill := e.gap, 3
	for j := i; j < len(toks) && n < len(at); j++ {
		if fits(syms[j], e.ids) {
			at[n] = int32(j)
			if m := follow(toks, syms, elems, k+1, j+1, at, n+1); m > 0 {
				return m
			}
		}
		switch t := &toks[j]; {
		case t.Word == "-":
		case t.Kind == Punct || t.Kind == Emoji:
			left, fill = -1, -1
		case fill > 0 && fillers[t.Word]:
			fill--
		default:
			left--
		}
		if left < 0 {
			break
		}
	}
	if e.optional {
		return follow(toks, syms, elems, k+1, i, at, n)
	}
	return 0
}

func fits(have, want []int32) bool {
	for _, a := range have {
		for _, b := range want {
			if a == b {
				return true
			}
		}
	}
	return false
}

// fillers may stand between the words of any pattern.
var fillers = set(`a an the this that these those my your his her its our their some all own very so really just quite such own
	both two three four new old little big poor dear beloved only first last whole entire one 's completely totally`)

// settleMatches drops matches whose words lie within a longer one, and the
// second of two that are the same.
func settleMatches(ms []match, n int) []match {
	sort.SliceStable(ms, func(i, j int) bool { return len(ms[i].toks) > len(ms[j].toks) })
	taken := make([]int, n)   // length of the match that took the token
	said := make([]uint16, n) // emotions of the matches of one word
	out := ms[:0]
	for _, m := range ms {
		inside, same := true, false
		for _, t := range m.toks {
			if taken[t] <= len(m.toks) {
				inside = false
			}
		}
		if len(m.toks) == 1 {
			bit := uint16(1) << m.cue.emotion
			same = said[m.toks[0]]&bit != 0
			said[m.toks[0]] |= bit
		} else if k := len(out) - 1; k >= 0 {
			same = out[k].cue.emotion == m.cue.emotion && slices.Equal(out[k].toks, m.toks)
		}
		if inside || same {
			continue
		}
		for _, t := range m.toks {
			taken[t] = max(taken[t], len(m.toks))
		}
		out = append(out, m)
	}
	return out
}
