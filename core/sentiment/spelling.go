package sentiment

import (
	"strings"
	"sync"
)

// Misspellings: a list of frequent ones, and for unknown words the word of the
// lexicon one edit away (two in long words), found by the words that remain
// when letters are left out (Garbe's symmetric delete, 2012).

// mend gives the word that was meant, and whether it is another one. known
// tells whether a word is in the vocabulary; nil: only the list is used.
func mend(w string, known func(string) bool) (string, bool) {
	if right, ok := misspelt[w]; ok {
		return right, true
	}
	if known == nil || len(w) < 4 || len(w) > 20 || known(w) {
		return w, false
	}
	for i := range len(w) {
		if w[i] < 'a' || w[i] > 'z' {
			return w, false
		}
	}
	b := spellings()
	if b.right[w] {
		return w, false
	}
	if _, ok := roleOf(w); ok {
		return w, false
	}
	if _, ok := givenNames()[w]; ok || otherTongues()[w] != nil {
		return w, false
	}
	// Inflections and compounds of what is known are no errors.
	for _, end := range []string{"s", "es", "ed", "d", "ing", "ly", "er", "ers", "est", "ish", "y", "less", "ness", "like"} {
		if head, ok := strings.CutSuffix(w, end); ok && len(head) > 2 && (known(head) || known(head+"e") || b.right[head] || b.right[head+"e"]) {
			return w, false
		}
	}
	if right, ok := b.nearest(w); ok {
		return right, true
	}
	return w, false
}

// speller finds the right words near a wrong one.
type speller struct {
	right map[string]bool
	near  map[string][]string // words by what remains of them without a letter
}

// spellings knows the words of the lexicon of 5 letters and more, and the
// words of people and ages that matter most.
var spellings = sync.OnceValue(func() *speller {
	b := &speller{right: map[string]bool{}, near: map[string][]string{}}
	add := func(w string) {
		if len(w) < 4 || len(w) > 18 || b.right[w] {
			return
		}
		for i := range len(w) {
			if w[i] < 'a' || w[i] > 'z' {
				return
			}
		}
		b.right[w] = true
		b.near[w] = append(b.near[w], w)
		for i := range len(w) {
			rest := w[:i] + w[i+1:]
			if l := b.near[rest]; len(l) == 0 || l[len(l)-1] != w {
				b.near[rest] = append(l, w)
			}
		}
	}
	for _, w := range cues().feelings {
		add(w)
	}
	for _, w := range strings.Fields(`woman women young girl grandmother grandfather grandma grandpa teenager teenage elderly middle aged
		mother father daughter sister brother husband child children baby nurse doctor teacher student soldier
		fifties forties thirties twenties sixties seventies eighties nineties birthday years beard pregnant
		expression expressionless portrait spider dark forest funeral wedding smell vomit toilet really very extremely
		holding standing sitting wearing looking shouting screaming laughing crying`) {
		add(w)
	}
	return b
})

// nearest gives the one word that is one edit from w, or two where w has
// eight letters; of several the first that keeps w's first letter.
func (b *speller) nearest(w string) (string, bool) {
	most := 1
	if len(w) >= 8 {
		most = 2
	}
	best, found := most+1, ""
	try := func(key string) {
		for _, c := range b.near[key] {
			d := edits(w, c)
			if d < best || d == best && found != "" && c[0] == w[0] && found[0] != w[0] {
				if len(w) < 6 && (c[0] != w[0] || len(c) < 4) && d > 0 {
					continue
				}
				best, found = d, c
			}
		}
	}
	try(w)
	for i := range len(w) {
		rest := w[:i] + w[i+1:]
		try(rest)
		if most == 2 {
			for k := i; k < len(rest); k++ {
				try(rest[:k] + rest[k+1:])
			}
		}
	}
	return found, best <= most
}
