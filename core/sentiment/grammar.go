package sentiment

import (
	"embed"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"unicode/utf8"
)

// The grammar writes the sentences of our own that the classifier is trained
// on: descriptions of people, tags, implied feelings, denials, reversals and
// the first person. Its rules are the text files in grammar/: "[name]" opens
// a rule, each line or each part between bars is an alternative, and {name}
// stands for another rule. A name ending in .E takes the emotion asked for,
// one ending in .O some other emotion.

//go:embed grammar/*.txt
var grammarFiles embed.FS

type grammar map[string][]string

// writer is one sentence in the making: its person and its emotion.
type writer struct {
	g       grammar
	rng     *rand.Rand
	emotion Emotion
	woman   bool
	depth   int
}

// loadGrammar reads the rules.
func loadGrammar() (grammar, error) {
	g := grammar{}
	files, err := grammarFiles.ReadDir("grammar")
	if err != nil {
		return nil, fmt.Errorf("sentiment: grammar: %w", err)
	}
	for _, f := range files {
		b, err := grammarFiles.ReadFile("grammar/" + f.Name())
		if err != nil {
			return nil, fmt.Errorf("sentiment: grammar: %w", err)
		}
		rule := ""
		for n, line := range strings.Split(string(b), "\n") {
			line = strings.TrimSpace(line)
			switch {
			case line == "" || strings.HasPrefix(line, "#"):
			case strings.HasPrefix(line, "[") && strings.HasSuffix(line, "]"):
				rule = line[1 : len(line)-1]
			case rule == "":
				return nil, fmt.Errorf("sentiment: grammar: %s:%d: text before the first rule", f.Name(), n+1)
			default:
				for _, alt := range strings.Split(line, " | ") {
					g[rule] = append(g[rule], strings.TrimSpace(alt))
				}
			}
		}
	}
	g["person.man"] = strings.Fields(`man man man boy guy gentleman father grandfather husband son uncle brother groom widower
		king businessman policeman waiter fisherman actor grandpa lad`)
	g["person.woman"] = strings.Fields(`woman woman woman girl lady mother grandmother wife daughter aunt sister bride widow queen
		businesswoman waitress actress nun grandma nurse`)
	g["person.any"] = strings.Fields(`person child teenager doctor teacher student soldier farmer baker cook singer painter musician
		driver sailor worker athlete clown lawyer professor customer traveller neighbour pensioner dancer boxer poet writer
		engineer pilot tourist guest patient firefighter gardener shopkeeper scientist`)
	return g, nil
}

// write makes one sentence for an emotion.
func (g grammar) write(rng *rand.Rand, e Emotion) (string, error) {
	w := &writer{g: g, rng: rng, emotion: e, woman: rng.IntN(2) == 0}
	s, err := w.expand("{start}")
	if err != nil {
		return "", err
	}
	return w.dress(articles(s)), nil
}

// expand replaces the slots of a piece of text.
func (w *writer) expand(s string) (string, error) {
	if w.depth++; w.depth > 200 {
		return "", fmt.Errorf("sentiment: grammar: a rule never ends: %q", s)
	}
	var b strings.Builder
	for {
		i := strings.IndexByte(s, '{')
		if i < 0 {
			b.WriteString(s)
			return b.String(), nil
		}
		b.WriteString(s[:i])
		j := strings.IndexByte(s, '}')
		if j < i {
			return "", fmt.Errorf("sentiment: grammar: a brace is missing in %q", s)
		}
		t, err := w.slot(s[i+1 : j])
		if err != nil {
			return "", err
		}
		b.WriteString(t)
		s = s[j+1:]
	}
}

func (w *writer) slot(name string) (string, error) {
	pick := func(m, f string) (string, error) {
		if w.woman {
			return f, nil
		}
		return m, nil
	}
	switch name {
	case "a":
		return "\x00", nil
	case "he":
		return pick("he", "she")
	case "him":
		return pick("him", "her")
	case "his":
		return pick("his", "her")
	case "himself":
		return pick("himself", "herself")
	case "person":
		if w.rng.IntN(4) == 0 {
			name = "person.any"
		} else if name = "person.man"; w.woman {
			name = "person.woman"
		}
	case "denied":
		name = "denied." + w.emotion.String()
	}
	if stem, ok := strings.CutSuffix(name, ".E"); ok {
		name = stem + "." + w.emotion.String()
	} else if stem, ok := strings.CutSuffix(name, ".O"); ok {
		name = stem + "." + w.other().String()
	}
	alts := w.g[name]
	if len(alts) == 0 {
		return "", fmt.Errorf("sentiment: grammar: there is no rule %q", name)
	}
	return w.expand(alts[w.rng.IntN(len(alts))])
}

// other is an emotion that is neither neutral nor the one asked for.
func (w *writer) other() Emotion {
	for {
		if e := Emotion(1 + w.rng.IntN(Count-1)); e != w.emotion {
			return e
		}
	}
}

// articles turns the marks of {a} into a or an.
func articles(s string) string {
	var b strings.Builder
	for i, r := range s {
		if r != 0 {
			b.WriteRune(r)
			continue
		}
		next, _ := utf8.DecodeRuneInString(strings.TrimLeft(s[i+1:], " "))
		b.WriteString("a")
		if strings.ContainsRune("aeiou8", next) {
			b.WriteString("n")
		}
	}
	return b.String()
}

// dress adds what people do to sentences: capitals, an end, a slip.
func (w *writer) dress(s string) string {
	if s == "" {
		return s
	}
	switch n := w.rng.IntN(20); {
	case n < 7:
		s = strings.ToUpper(s[:1]) + s[1:]
	case n == 7:
		s = strings.ToLower(s)
	case n == 8 && w.rng.IntN(3) == 0:
		s = strings.ToUpper(s)
	}
	switch n := w.rng.IntN(20); {
	case n < 6:
		s += "."
	case n < 8:
		s += "!"
	}
	if w.rng.IntN(8) == 0 {
		s = w.slip(s)
	}
	return s
}

// slip makes one typing error, or lengthens a vowel.
func (w *writer) slip(s string) string {
	words := strings.Split(s, " ")
	k := w.rng.IntN(len(words))
	for range len(words) {
		if len(words[k]) >= 5 && plain(words[k]) {
			break
		}
		k = (k + 1) % len(words)
	}
	b := []byte(words[k])
	if len(b) < 5 {
		return s
	}
	i := 1 + w.rng.IntN(len(b)-2)
	switch w.rng.IntN(5) {
	case 0: // a letter is lost
		b = slices.Delete(b, i, i+1)
	case 1: // two are swapped
		b[i], b[i+1] = b[i+1], b[i]
	case 2: // one is doubled
		b = slices.Insert(b, i, b[i])
	case 3: // a neighbour on the keyboard, or nearly
		b[i] = "etaoinshrdlu"[w.rng.IntN(12)]
	case 4:
		b = slices.Insert(b, i, b[i], b[i], b[i])
	}
	words[k] = string(b)
	return strings.Join(words, " ")
}
