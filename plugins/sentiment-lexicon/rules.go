package main

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/atelier-engine/atelier/core/plugin/sdk"
)

// VADER's constants: what capitals add to a strength, what each of up to four
// exclamation marks adds, how far a negation reaches, what it leaves, and how a
// but weighs what stands before and after it.
const (
	capsBoost   = 0.733
	exclaim     = 0.292
	reach       = 3
	denied      = 0.74
	beforeBut   = 0.5
	afterBut    = 1.5
	half        = 1.5 // the sum of strengths squared at which feelings are seven tenths of the face
	leastShare  = 0.2 // of the words that a lexicon must know to be the text's
	maxReasons  = 16
	clauseMarks = ".,;:!?…。，！？"
)

// hit is a word or phrase of the lexicon in the text.
type hit struct {
	from, to int // tokens
	e        *entry
	feelings [7]float64 // after the rules
}

// read reads one text.
func (l *library) read(text string) (sdk.Reading, error) {
	r := sdk.Reading{Text: text, Analyzer: name, Language: "und", Age: sdk.DefaultAge}
	if len(text) > longest {
		cut := longest
		for !utf8.RuneStart(text[cut]) {
			cut--
		}
		text = text[:cut]
		r.Notes = append(r.Notes, fmt.Sprintf("the text is long: only its first %d bytes were read", cut))
	}
	toks := tokens(text, l.symbols)
	if len(toks) == 0 {
		return r, sdk.ErrEmpty
	}
	lex, share := l.choose(toks)
	hits := l.find(toks, lex)
	weigh(toks, hits)
	emphasis := weighBut(toks, hits)
	sure := 0.0
	switch {
	case lex != nil:
		r.Language, sure = lex.language, min(1, 0.5+share)
	case !slices.ContainsFunc(toks, func(t token) bool { return t.letters }):
		r.Notes, sure = append(r.Notes, "there are no words in the text"), 0.6
	default:
		r.Notes, sure = append(r.Notes, "no lexicon knows the language of the text, there is "+l.languages()+
			": put a list of its words into models/"+name+" (docs/reading.md)"), 0.15
	}
	l.feel(&r, toks, hits, emphasis, sure)
	person(&r, text, toks, hits)
	return r, nil
}

func (l *library) languages() string {
	var all []string
	for _, x := range l.lexicons {
		all = append(all, x.language)
	}
	return strings.Join(all, ", ")
}

// choose gives the lexicon that knows most of the words, nil if none knows
// enough, and the share that it knows.
func (l *library) choose(toks []token) (best *lexicon, share float64) {
	words := 0
	for i := range toks {
		if toks[i].letters {
			words++
		}
	}
	for _, x := range l.lexicons {
		known := 0
		for i := range toks {
			if toks[i].letters && x.find(toks[i].word) != nil {
				known++
			}
		}
		if s := float64(known) / float64(max(1, words)); s >= leastShare && s > share {
			best, share = x, s
		}
	}
	return best, share
}

// find looks up phrases, the longest first, then words and symbols.
func (l *library) find(toks []token, lex *lexicon) (hits []hit) {
	for i := 0; i < len(toks); {
		e, n := l.symbols.entries[toks[i].word], 1
		if lex != nil && toks[i].letters {
			if p, k := lex.phrase(toks[i:]); p != nil {
				e, n = p, k
			} else if w := lex.find(toks[i].word); w != nil {
				e = w
			}
		}
		if e != nil {
			hits = append(hits, hit{from: i, to: i + n, e: e})
		}
		i += n
	}
	return hits
}

// phrase gives the longest phrase that the tokens begin with.
func (x *lexicon) phrase(toks []token) (*entry, int) {
	for n := min(x.longest, len(toks)); n > 1; n-- {
		words := make([]string, n)
		for i := range words {
			words[i] = toks[i].word
		}
		if e := x.entries[strings.Join(words, " ")]; e != nil {
			return e, n
		}
	}
	return nil, 0
}

// weigh gives each feeling its strength: boosters and capitals add to it, a
// negation before it in its clause, or after the last feeling of a clause that
// has none behind ("er freut sich nicht"), turns it.
func weigh(toks []token, hits []hit) {
	shouting := true // a text all in capitals stresses nothing
	for i := range toks {
		shouting = shouting && (!toks[i].letters || toks[i].caps)
	}
	turned := make([]bool, len(hits))
	for i, h := range hits {
		if !h.e.negates {
			continue
		}
		if k := neighbour(toks, hits, i, 1); k >= 0 {
			turned[k] = true
		} else if k := neighbour(toks, hits, i, -1); k >= 0 {
			turned[k] = true
		}
	}
	for i := range hits {
		h := &hits[i]
		if !h.e.feels() {
			continue
		}
		more, fade := 0.0, 1.0
		for k := i - 1; k >= 0 && h.from-hits[k].to < reach && !clauseBetween(toks, hits[k].to, h.from); k-- {
			if b := hits[k].e.boost; b != 0 && !hits[k].e.feels() {
				more += b * fade
				fade *= 0.95
			}
		}
		if !shouting && slices.ContainsFunc(toks[h.from:h.to], func(t token) bool { return t.caps }) {
			more += capsBoost
		}
		for e, s := range h.e.feelings {
			if s > 0 {
				h.feelings[e] = max(0.1, s+more)
			}
		}
		if turned[i] {
			h.feelings = deny(h.feelings)
		}
	}
}

// neighbour gives the nearest hit with a feeling within reach of a negation and
// in its clause, to the right (1) or to the left (-1), or -1.
func neighbour(toks []token, hits []hit, i, step int) int {
	for k := i + step; k >= 0 && k < len(hits); k += step {
		from, to := hits[i].to, hits[k].from
		if step < 0 {
			from, to = hits[k].to, hits[i].from
		}
		if to-from > reach || clauseBetween(toks, from, to) {
			return -1
		}
		if hits[k].e.feels() {
			return k
		}
	}
	return -1
}

func clauseBetween(toks []token, from, to int) bool {
	for i := from; i < to; i++ {
		if strings.Contains(clauseMarks, toks[i].word) {
			return true
		}
	}
	return false
}

// deny turns feelings: who is not happy is rather sad, who is not sad is rather
// well, and both are calmer than the word.
func deny(f [7]float64) (out [7]float64) {
	for e, s := range f {
		switch sdk.Emotion(e) {
		case sdk.Happy:
			out[sdk.Sad] += denied * s
		case sdk.Neutral:
		case sdk.Surprised:
			out[sdk.Neutral] += denied * s
		default: // the ill feelings
			out[sdk.Happy] += denied * s * 0.7
			out[sdk.Neutral] += denied * s * 0.3
		}
	}
	return out
}

// weighBut makes what stands after the last but count more than what stands
// before, and gives what exclamation marks add.
func weighBut(toks []token, hits []hit) (emphasis float64) {
	last := -1
	for i, h := range hits {
		if h.e.but {
			last = i
		}
	}
	for i := range hits {
		k := 1.0
		switch {
		case last >= 0 && i < last:
			k = beforeBut
		case last >= 0 && i > last:
			k = afterBut
		}
		for e := range hits[i].feelings {
			hits[i].feelings[e] *= k
		}
	}
	marks := 0
	for i := range toks {
		if toks[i].word == "!" || toks[i].word == "！" {
			marks++
		}
	}
	return exclaim * float64(min(4, marks))
}

// Where the emotions lie: valence and arousal (Russell, "A circumplex model of
// affect", 1980).
var places = [7][2]float64{{0, 0.2}, {0.85, 0.6}, {-0.75, 0.3}, {-0.65, 0.85}, {-0.65, 0.8}, {-0.65, 0.5}, {0.1, 0.85}}

// feel makes weights of the sum t of the strengths of the feelings: their share
// of the face is t/sqrt(t²+half), VADER's normalisation, neutral has the rest.
func (l *library) feel(r *sdk.Reading, toks []token, hits []hit, emphasis, sure float64) {
	var sum [7]float64
	total := 0.0
	for _, h := range hits {
		for e, s := range h.feelings {
			sum[e] += s
			total += s
		}
	}
	r.Emotions[sdk.Neutral] = 1
	if total > 0 {
		share := (total + emphasis) / math.Sqrt((total+emphasis)*(total+emphasis)+half)
		rest := 1.0
		for e := range sum {
			w := share * sum[e] / total
			r.Emotions[e] = w
			rest -= w
		}
		r.Emotions[sdk.Neutral] += max(0, rest)
	}
	top, weight := r.Emotion()
	for e, w := range r.Emotions {
		r.Valence += w * places[e][0]
		r.Arousal += w * places[e][1]
	}
	r.Arousal = min(1, r.Arousal+emphasis/10)
	r.Confidence = sure * weight
	for _, h := range hits {
		start, end := toks[h.from].start, toks[h.to-1].end
		for e, s := range h.feelings {
			if s == 0 || len(r.Reasons) >= maxReasons {
				continue
			}
			if sdk.Emotion(e) != sdk.Neutral || top == sdk.Neutral {
				r.Reasons = append(r.Reasons, sdk.Reason{Start: start, End: end, Word: r.Text[start:end], For: sdk.Emotion(e).String(), Weight: math.Round(s*1000) / 1000})
			}
		}
	}
}

// person takes the age and the gender from the first words that say one; a
// number with years behind it says more than a word.
func person(r *sdk.Reading, text string, toks []token, hits []hit) {
	reason := func(h hit, what string, v float64) {
		start, end := toks[h.from].start, toks[h.to-1].end
		r.Reasons = append(r.Reasons, sdk.Reason{Start: start, End: end, Word: text[start:end], For: what, Weight: v})
	}
	exact := false
	for _, h := range hits {
		if h.e.gender != 0 && !r.GenderSaid {
			r.Gender, r.GenderSaid = h.e.gender, true
			reason(h, "gender", h.e.gender)
		}
		if h.e.years && !exact && h.from > 0 {
			if n, err := strconv.Atoi(toks[h.from-1].word); err == nil && n > 0 && n <= 120 {
				v := float64(n)
				r.Age, exact = sdk.Range{Min: v, Max: v, Best: v, Said: true}, true
				reason(hit{from: h.from - 1, to: h.to}, "age", v)
			}
		}
		if h.e.age[1] > 0 && !r.Age.Said {
			r.Age = sdk.Range{Min: h.e.age[0], Max: h.e.age[1], Best: math.Round((h.e.age[0] + h.e.age[1]) / 2), Said: true}
			reason(h, "age", r.Age.Best)
		}
	}
}
