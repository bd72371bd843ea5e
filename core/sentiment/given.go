package sentiment

import (
	"strings"
	"sync"
)

// name is what a given name says: of whom it is, and whether it is also a
// word ("Virginia"), or even an everyday word ("Joy").
type name struct {
	gender int8 // -1 woman, 1 man, 0 both
	caps   bool // counts with a capital only
	word   bool // an everyday word
}

// givenNames are frequent given names of many countries, from
// lexicon/names.txt: sections [m], [w] and
// [both], [caps ...] and [word ...].
var givenNames = sync.OnceValue(func() map[string]name {
	text, err := lexiconFiles.ReadFile("lexicon/names.txt")
	if err != nil {
		panic(err) // the file is part of the program
	}
	m := make(map[string]name, 4096)
	var n name
	for _, line := range strings.Split(string(text), "\n") {
		switch {
		case line == "" || line[0] == '#':
		case line[0] == '[':
			n = name{word: strings.HasPrefix(line, "[word"), caps: strings.HasPrefix(line, "[caps") || strings.HasPrefix(line, "[word")}
			switch {
			case strings.HasSuffix(line, "m]"):
				n.gender = 1
			case strings.HasSuffix(line, "w]"):
				n.gender = -1
			}
		default:
			for _, w := range strings.Fields(line) {
				m[w] = n
			}
		}
	}
	return m
})
