package main

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/atelier-engine/atelier/core/plugin/sdk"
)

// entry is what a word or a phrase of a lexicon says.
type entry struct {
	feelings [7]float64 // strengths, 0 to 4
	boost    float64    // added to the strength of the next feeling, negative: taken away
	negates  bool
	but      bool // what follows counts more than what stands before
	years    bool // the number before it is an age
	age      [2]float64
	gender   float64
}

// feels tells whether the entry holds a feeling.
func (e *entry) feels() bool { return e.feelings != [7]float64{} }

// lexicon is the list of one language.
type lexicon struct {
	language string
	entries  map[string]*entry // words, or phrases joined by spaces, in lower case
	prefixes map[string]*entry // of words that end with * in the list
	shortest int               // prefix, in bytes
	longest  int               // phrase, in words
}

// library holds the lexicons by language; symbols are those of the language "und",
// which every text may use.
type library struct {
	lexicons []*lexicon // sorted by language
	symbols  *lexicon
}

// The strongest feeling that an entry can have, as in VADER.
const maxStrength = 4

// readLibrary reads files, or all files NAME.tsv of folders. Of two for one
// language, the first counts.
func readLibrary(paths []string) (*library, error) {
	l := &library{symbols: newLexicon("und")}
	seen := map[string]bool{}
	for _, path := range paths {
		files := []string{path}
		if st, err := os.Stat(path); err != nil {
			return nil, fmt.Errorf("lexicon: %w", err)
		} else if st.IsDir() {
			files, _ = filepath.Glob(filepath.Join(path, "*.tsv"))
		}
		for _, file := range files {
			language := strings.TrimSuffix(filepath.Base(file), filepath.Ext(file))
			if seen[language] {
				continue
			}
			seen[language] = true
			x, err := readLexicon(file, language)
			if err != nil {
				return nil, err
			}
			if language == "und" {
				l.symbols = x
			} else {
				l.lexicons = append(l.lexicons, x)
			}
		}
	}
	if len(l.lexicons) == 0 {
		return nil, fmt.Errorf("lexicon: there is none in %s: put a file such as en.tsv there", strings.Join(paths, ", "))
	}
	slices.SortFunc(l.lexicons, func(a, b *lexicon) int { return strings.Compare(a.language, b.language) })
	return l, nil
}

func newLexicon(language string) *lexicon {
	return &lexicon{language: language, entries: map[string]*entry{}, prefixes: map[string]*entry{}, shortest: 1 << 20, longest: 1}
}

// maxFile bounds a lexicon, in bytes.
const maxFile = 16 << 20

// readLexicon reads one file. Errors name the line.
func readLexicon(path, language string) (*lexicon, error) {
	st, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("lexicon: %w", err)
	}
	if st.Size() > maxFile {
		return nil, fmt.Errorf("lexicon: %s has %d bytes: at most %d are read: is it a list of words?", path, st.Size(), maxFile)
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("lexicon: %w", err)
	}
	defer f.Close()
	x := newLexicon(language)
	in := bufio.NewScanner(f)
	for n := 1; in.Scan(); n++ {
		if err := x.add(in.Text()); err != nil {
			return nil, fmt.Errorf("lexicon: %s line %d: %w", path, n, err)
		}
	}
	if err := in.Err(); err != nil {
		return nil, fmt.Errorf("lexicon: %s: %w", path, err)
	}
	if len(x.entries)+len(x.prefixes) == 0 {
		return nil, fmt.Errorf("lexicon: %s is empty: write a word, a tab and what it says on each line", path)
	}
	return x, nil
}

// add reads one line: words separated by commas, a tab, and what they say.
func (x *lexicon) add(line string) error {
	line = strings.TrimRight(line, " \t\r")
	if line == "" || line[0] == '#' {
		return nil
	}
	if !utf8.ValidString(line) {
		return errors.New("it is no UTF-8: save the file as UTF-8")
	}
	words, says, ok := strings.Cut(line, "\t")
	if !ok {
		return fmt.Errorf("no tab in %.60q: write the words, a tab, and what they say", line)
	}
	e, err := parseEntry(says)
	if err != nil {
		return err
	}
	for _, w := range strings.Split(words, ",") {
		w = strings.Join(strings.Fields(strings.ToLower(w)), " ")
		prefix := strings.HasSuffix(w, "*") && len(w) > 1
		w = strings.TrimSuffix(w, "*")
		switch {
		case w == "":
			return errors.New("an empty word: write something between the commas")
		case prefix && strings.Contains(w, " "):
			return fmt.Errorf("%q: a phrase cannot end with *: write its forms one by one", w)
		case prefix:
			x.prefixes[w] = e
			x.shortest = min(x.shortest, len(w))
		default:
			x.entries[w] = e
			x.longest = max(x.longest, strings.Count(w, " ")+1)
		}
	}
	return nil
}

// parseEntry reads what words say: items separated by commas, each a name with
// numbers behind it where it needs some.
func parseEntry(text string) (*entry, error) {
	e := &entry{}
	for _, item := range strings.Split(text, ",") {
		f := strings.Fields(item)
		if len(f) == 0 {
			return nil, errors.New("nothing is said behind the tab: write an emotion with its strength, or common")
		}
		var v []float64
		for _, s := range f[1:] {
			x, err := strconv.ParseFloat(s, 64)
			if err != nil {
				return nil, fmt.Errorf("%s: %.20q is no number", f[0], s)
			}
			v = append(v, x)
		}
		if err := e.set(f[0], v); err != nil {
			return nil, err
		}
	}
	return e, nil
}

func (e *entry) set(what string, v []float64) error {
	numbers := func(n int, lo, hi float64) error {
		if len(v) != n {
			return fmt.Errorf("%s: %d numbers: want %d", what, len(v), n)
		}
		for _, x := range v {
			if !(x >= lo && x <= hi) {
				return fmt.Errorf("%s: %g is not in %g to %g", what, x, lo, hi)
			}
		}
		return nil
	}
	var err error
	switch what {
	case "common":
		err = numbers(0, 0, 0)
	case "negation":
		e.negates, err = true, numbers(0, 0, 0)
	case "but":
		e.but, err = true, numbers(0, 0, 0)
	case "years":
		e.years, err = true, numbers(0, 0, 0)
	case "woman":
		e.gender, err = -1, numbers(0, 0, 0)
	case "man":
		e.gender, err = 1, numbers(0, 0, 0)
	case "boost":
		if err = numbers(1, -3, 3); err == nil {
			e.boost = v[0]
		}
	case "age":
		if err = numbers(2, 0, 120); err == nil && v[0] > v[1] {
			err = fmt.Errorf("age: %g is above %g: write the younger one first", v[0], v[1])
		}
		if err == nil {
			e.age = [2]float64{v[0], v[1]}
		}
	default:
		var emotion sdk.Emotion
		if emotion.UnmarshalText([]byte(what)) != nil {
			return fmt.Errorf("%.30q is unknown: use an emotion, boost, negation, but, age, years, woman, man or common", what)
		}
		if err = numbers(1, 0, maxStrength); err == nil {
			e.feelings[emotion] = v[0]
		}
	}
	return err
}

// find looks a word up; the prefixes come after whole words, the longest first.
func (x *lexicon) find(word string) *entry {
	if e := x.entries[word]; e != nil {
		return e
	}
	for n := len(word); n >= x.shortest; n-- {
		if e := x.prefixes[word[:n]]; e != nil {
			return e
		}
	}
	return nil
}
