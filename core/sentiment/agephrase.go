package sentiment

import (
	"fmt"
	"strings"
	"sync"
)

// agePhrase is an idiom that says an age.
type agePhrase struct {
	words        []string
	lo, hi, best float64
}

// agePhrases are the phrases of lexicon/ages.txt by their first word, the
// longest first.
var agePhrases = sync.OnceValue(func() map[string][]agePhrase {
	text, err := lexiconFiles.ReadFile("lexicon/ages.txt")
	if err != nil {
		panic(err) // the file is part of the program
	}
	m := map[string][]agePhrase{}
	for _, line := range strings.Split(string(text), "\n") {
		if line == "" || line[0] == '#' {
			continue
		}
		var a agePhrase
		words, ages, _ := strings.Cut(line, " = ")
		a.words = strings.Fields(words)
		if _, err := fmt.Sscanf(ages, "%f-%f:%f", &a.lo, &a.hi, &a.best); err != nil {
			panic(fmt.Sprintf("lexicon/ages.txt: %q: %v", line, err))
		}
		l := m[a.words[0]]
		k := 0
		for k < len(l) && len(l[k].words) >= len(a.words) {
			k++
		}
		m[a.words[0]] = append(l[:k:k], append([]agePhrase{a}, l[k:]...)...)
	}
	return m
})

// Words after which a school is where somebody works.
var staff = set("teacher headmaster headmistress principal janitor coach reunion building gym bus corridor yard cafeteria sweetheart")

// phraseAge reads an idiom of age at token i: "in his golden years".
func phraseAge(toks []Token, p *people, i int) (clue, bool) {
next:
	for _, a := range agePhrases()[toks[i].Word] {
		k := i
		for _, w := range a.words {
			if k < len(toks) && toks[k].Word == "-" && w != "-" {
				k++
			}
			if k >= len(toks) || toks[k].Word != w {
				continue next
			}
			k++
		}
		if a.words[len(a.words)-1] == "school" && k < len(toks) && staff[toks[k].Word] || i > 0 && toks[i-1].Word == "teaches" {
			continue
		}
		if w := a.words[len(a.words)-1]; w == "age" && k+1 < len(toks) && toks[k].Word == "of" {
			if _, e := numberAt(toks, k+1); e > k+1 {
				continue // "the ripe old age of 93": the number tells
			}
		}
		if w := a.words[len(a.words)-1]; w == "of" && !(k < len(toks) && (toks[k].Word == "his" || toks[k].Word == "her" || toks[k].Word == "life")) {
			continue
		}
		return clue{from: i, to: k, lo: a.lo, hi: a.hi, best: a.best, rank: 2, target: p.owner(i, k)}, true
	}
	return clue{}, false
}
