package sentiment

import (
	"embed"
	"fmt"
	"io/fs"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// Cues are words, idioms, signs of the body and events that speak of a
// feeling. They stand in lexicon/*.txt:
//
//	@class = words                words that patterns name by their class
//	[sad 3]                       the emotion and strength of what follows
//	tears of joy | lose* .. @dear  patterns, one a line or cut by " | "
//
// A pattern is a run of words. "word*" is any word of its stem, "a/b" either,
// "@class" any of a class, "word?" may be missing, ".." up to three other
// words and "..." up to six. Hyphens, articles, possessives and the
// like may stand between any two words. Where two patterns fit the same
// words the longer one counts. [mask] holds names of things that only look
// like feelings: their words do not count at all.

//go:embed lexicon/*.txt
var lexiconFiles embed.FS

// cue is one pattern with what it says.
type cue struct {
	emotion  Emotion
	strength float32
	mask     bool
	event    bool // tells what happened, not how somebody looks
	elems    []element
	text     string
}

// element is one place of a pattern.
type element struct {
	ids      []int32 // symbols that fit
	optional bool
	gap      int // words that may stand before it
	negator  bool
}

// cueBook is the compiled lexicon.
type cueBook struct {
	symbols  map[string]int32  // words, and stems with a "*"
	classes  map[int32][]int32 // classes of a symbol
	first    map[int32][]*cue  // by the symbols of the first element
	feelings []string          // the single words of feeling, for mending misspellings
	lists    map[string]string // the words of each class, as they stand in the files
	single   map[int32]bool    // symbols that are a feeling by themselves
	count    int
}

var cues = sync.OnceValue(func() *cueBook {
	b, err := loadCues(lexiconFiles, "lexicon")
	if err != nil {
		panic(err) // the files are part of the program and a test reads them
	}
	return b
})

// loadCues compiles every cues*.txt of a folder.
func loadCues(fsys fs.FS, dir string) (*cueBook, error) {
	b := &cueBook{symbols: map[string]int32{}, classes: map[int32][]int32{}, first: map[int32][]*cue{}, lists: map[string]string{}, single: map[int32]bool{}}
	paths, err := fs.Glob(fsys, dir+"/cues*.txt")
	if err != nil {
		return nil, err
	}
	for _, path := range paths {
		text, err := fs.ReadFile(fsys, path)
		if err != nil {
			return nil, err
		}
		if err := b.read(path, string(text)); err != nil {
			return nil, err
		}
	}
	return b, nil
}

func (b *cueBook) read(path, text string) error {
	head := cue{}
	event := strings.Contains(path, "events")
	open := false
	for n, line := range strings.Split(text, "\n") {
		line = strings.TrimSpace(line)
		fail := func(why string) error { return fmt.Errorf("%s:%d: %s: %q", path, n+1, why, line) }
		switch {
		case line == "" || line[0] == '#':
		case line[0] == '@' && strings.Contains(line, "="):
			name, list, _ := strings.Cut(line, "=")
			id := b.symbol(strings.TrimSpace(name))
			for _, w := range strings.Fields(list) {
				if w[0] == '@' {
					list += " " + b.lists[w]
				}
			}
			b.lists[strings.TrimSpace(name)] = list
			for _, w := range strings.Fields(list) {
				if w[0] == '@' {
					continue
				}
				s := b.word(w)
				if !slices.Contains(b.classes[s], id) {
					b.classes[s] = append(b.classes[s], id)
				}
			}
		case line[0] == '[':
			name, rest, _ := strings.Cut(strings.Trim(line, "[]"), " ")
			head = cue{mask: name == "mask", event: event}
			if !head.mask {
				e, err := ParseEmotion(name)
				v, err2 := strconv.ParseFloat(rest, 32)
				if err != nil || err2 != nil {
					return fail("want an emotion and a strength")
				}
				head.emotion, head.strength = e, float32(v)
			}
			open = true
		case !open:
			return fail("pattern before the first section")
		default:
			for _, alt := range strings.Split(line, " | ") {
				c := head
				c.text = strings.TrimSpace(alt)
				if err := b.add(&c); err != nil {
					return fail(err.Error())
				}
			}
		}
	}
	return nil
}

// symbol gives the number of a word, a stem or a class.
func (b *cueBook) symbol(s string) int32 {
	id, ok := b.symbols[s]
	if !ok {
		id = int32(len(b.symbols))
		b.symbols[s] = id
	}
	return id
}

// word gives the symbol of a word as it stands in a pattern.
func (b *cueBook) word(w string) int32 {
	if w[0] == '@' {
		return b.symbol(w)
	}
	if s, ok := strings.CutSuffix(w, "*"); ok {
		return b.symbol(stem(s) + "*")
	}
	return b.symbol(w)
}

// add compiles c.text.
func (b *cueBook) add(c *cue) error {
	gap := 0
	for _, w := range strings.Fields(c.text) {
		switch w {
		case "..":
			gap = 3
			continue
		case "...":
			gap = 6
			continue
		}
		e := element{gap: gap}
		gap = 0
		w, e.optional = strings.CutSuffix(w, "?")
		for _, alt := range strings.Split(w, "/") {
			if alt == "" {
				return fmt.Errorf("an empty word")
			}
			e.ids = append(e.ids, b.word(alt))
			e.negator = e.negator || negators[alt]
		}
		c.elems = append(c.elems, e)
	}
	if len(c.elems) == 0 || c.elems[0].optional || gap > 0 {
		return fmt.Errorf("a pattern begins and ends with a word")
	}
	if c.event && len(c.elems) == 1 {
		c.strength = min(c.strength, 2.5) // what happened needs more than a word
	}
	if len(c.elems) == 1 && !c.mask && !strings.ContainsAny(c.text, "/@ ") {
		b.feelings = append(b.feelings, strings.TrimSuffix(c.text, "*"))
		if c.strength >= 3 {
			b.single[c.elems[0].ids[0]] = true
		}
	}
	for _, id := range c.elems[0].ids {
		b.first[id] = append(b.first[id], c)
	}
	b.count++
	return nil
}
