package sentiment

import (
	"math"
	"slices"
	"sort"
	"strings"
)

// The final scores join two opinions: the classifier's probabilities, which
// know thousands of words a little, and the cues of the lexicon, which know
// fewer words and idioms well. In log space
//
//	score = share · log(max(p, floor)) + Σ cues + prior
//
// where a cue counts as much as the words that it was found in, a denied cue
// speaks for what its denial means, and the prior favours a neutral face where
// no cue speaks at all: a classifier has an opinion of every line, a text need
// not.
const (
	modelShare = 0.9
	modelFloor = 0.03
	noCuePrior = 2.8
	stillPrior = 3.6 // where nobody does anything: "a witch with a gun"
)

// evidence is what the cues of a text add to the score of each emotion.
type evidence struct {
	matches []match
	score   [Count]float64
	plain   bool // no undenied cue of a feeling counts
	still   bool // the text only describes: nobody does anything
}

// weighCues gives the matches of a text their weights and scores.
func weighCues(toks []Token, ms []match) evidence {
	ev := evidence{plain: true, still: still(toks)}
	var each [Count][]float64
	for _, m := range ms {
		if m.cue.mask {
			continue
		}
		m.weight, m.negated = matchWeight(toks, &m)
		if m.cue.emotion == Sad && happier(ms, &m) {
			m.weight *= 0.15 // "wiping away tears of joy"
		}
		if m.cue.event && outshone(toks, ms, &m) {
			m.weight *= 0.45 // "a terrified man at a birthday party"
		}
		s := float64(m.cue.strength * m.weight)
		if s < 0.2 {
			continue
		}
		e := m.cue.emotion
		if m.negated {
			ev.score[e] -= 0.8 * s
			for k, d := range denials[e] {
				ev.score[k] += 0.6 * s * d
			}
			m.score = float32(-0.8 * s)
		} else {
			each[e] = append(each[e], s)
			m.score = float32(s)
			if s >= 0.9 {
				ev.plain = false
			}
		}
		ev.matches = append(ev.matches, m)
	}
	for e := range each {
		// The strongest cue counts in full, what repeats it less.
		sort.Sort(sort.Reverse(sort.Float64Slice(each[e])))
		rest := 0.0
		for i, s := range each[e] {
			if i == 0 {
				ev.score[e] += s
			} else {
				rest += 0.5 * s
			}
		}
		ev.score[e] += math.Min(rest, 2)
	}
	return ev
}

// outshone tells whether the text names another feeling outright, before the
// event of match m: then the event is where the person is, not how he feels.
func outshone(toks []Token, ms []match, m *match) bool {
	named := false
	for k := range ms {
		o := &ms[k]
		i := o.toks[0]
		if o.cue.mask || o.cue.event || o.cue.strength < 3 || o.cue.emotion == Neutral || toks[i].Negated || toks[i].Weight < 0.9 {
			continue
		}
		if o.cue.emotion == m.cue.emotion {
			return false
		}
		named = named || i < m.toks[0]
	}
	return named
}

// happier tells whether a word of a sad cue is part of a happy idiom.
func happier(ms []match, m *match) bool {
	for k := range ms {
		o := &ms[k]
		if o.cue.emotion != Happy || o.cue.mask || len(o.toks) < 2 || o.toks[0] > m.toks[len(m.toks)-1] || o.toks[len(o.toks)-1] < m.toks[0] {
			continue
		}
		for _, i := range o.toks {
			if slices.Contains(m.toks, i) {
				return true
			}
		}
	}
	return false
}

// matchWeight is the smallest weight among a match's words, and whether what
// it says is denied; a pattern with a negator of its own is never denied.
func matchWeight(toks []Token, m *match) (weight float32, negated bool) {
	weight = 1.4
	denied := 0
	whole := m.whole(toks)
	for _, i := range m.toks {
		w := toks[i].Weight
		if whole && w > 0 && w < 0.8 && (toks[i].Rule == "a thing" || strings.HasPrefix(toks[i].Rule, "describes the ")) {
			w = 0.9 // "hit the roof", "passport picture"
		}
		if w > 0 && w < 0.8 && len(m.toks) > 1 && (toks[i].Rule == "a thing" ||
			m.cue.event && (toks[i].Rule == saysDeeds || strings.HasPrefix(toks[i].Rule, "describes the "))) {
			// "a dark alley" is a place to fear, "somebody keyed his car" a
			// reason to be angry.
			w = 0.9
		}
		if w > 0 && w < 0.9 && toks[i].Rule == "denied" && m.denier(toks, i) {
			w = 1 // "anything but calm": the cue says the denial itself
		}
		weight = min(weight, w)
		if toks[i].Negated {
			denied++
		}
		if negators[toks[i].Word] && toks[i].Kind == Word {
			denied -= len(m.toks)
		}
	}
	return weight, 2*denied > len(m.toks)
}

// join gives the final weights of the emotions from the classifier's and the
// cues' opinions.
func (ev *evidence) join(p [Count]float64) [Count]float64 {
	var z [Count]float64
	for e := range z {
		z[e] = modelShare*math.Log(math.Max(p[e], modelFloor)) + ev.score[e]
	}
	if ev.plain {
		z[Neutral] += noCuePrior
		if ev.still {
			z[Neutral] += stillPrior - noCuePrior
		}
	}
	return softmax(z, 1)
}

// maskThings takes the weight from words of things that only look like
// feelings.
func maskThings(toks []Token, ms []match) {
	for _, m := range ms {
		if !m.cue.mask {
			continue
		}
		for _, i := range m.toks {
			toks[i].Weight = 0
			toks[i].Rule = "a thing, not a feeling"
		}
	}
}

// whole tells whether the thing that a rule found described is a word of the
// match too: then all of it is one expression, and no description of a thing.
func (m *match) whole(toks []Token) bool {
	if len(m.toks) < 2 {
		return false
	}
	for _, i := range m.toks {
		thing, ok := strings.CutPrefix(toks[i].Rule, "describes the ")
		if !ok {
			continue
		}
		in := false
		for _, k := range m.toks {
			in = in || k > i && toks[k].Word == thing
		}
		if !in {
			return false
		}
	}
	return true
}

// denier tells whether a match holds what denies its token i.
func (m *match) denier(toks []Token, i int32) bool {
	for _, k := range m.toks {
		if w := toks[k].Word; k < i && (negators[w] || w == "anything" || w == "far") {
			return true
		}
	}
	return false
}

// still tells whether a text has no word that could be a verb, no pronoun
// and no call: then it only says who is shown, with what.
func still(toks []Token) bool {
	for i := range toks {
		t := &toks[i]
		w := t.Word
		switch {
		case t.Kind == Emoji || w == "!" || w == "?" || pronouns[w] != 0 && w != "his" && w != "her" || speaker[w] || copulas[w] && w != "very" && w != "pretty" || negators[w]:
			return false
		case t.Kind != Word || t.Weight == 0 || looks[w] || thingNouns().nouns[w]:
		case strings.HasSuffix(w, "ing") || strings.HasSuffix(w, "ed") || len(w) > 4 && strings.HasSuffix(w, "s") && i > 0 && toks[i-1].Kind == Word:
			return false
		}
	}
	return true
}

// looks are words of clothes and pictures that end like verbs and are none.
var looks = set("wearing dressed holding standing sitting painting lighting aged tanned colored coloured detailed blurred glasses sunglasses overalls jeans trousers boots gloves earrings braids dreadlocks headphones freckles dimples tattoos forties thirties twenties fifties sixties seventies years hands eyes lips eyebrows bangs")
