package sentiment

import "strings"

// numericAge reads an age in numbers at token i: "72-year-old", "aged 72",
// "72 yo", "in her forties", "mid-30s", "turned thirty", "80th birthday",
// "a girl of 17", "woman, 45".
func numericAge(toks []Token, p *people, i int) (clue, bool) {
	if c, ok := decadeAge(toks, p, i); ok {
		return c, ok
	}
	word := func(k int) string {
		if k >= 0 && k < len(toks) {
			return toks[k].Word
		}
		return ""
	}
	c := clue{from: i, rank: 3, target: -1}
	// "her 80th birthday"
	if n, k := ordinalAt(toks, i); k > i && word(k) == "birthday" && n <= 110 {
		c.to = k + 1
		c.exact(float64(n), 1)
		c.target = p.owner(i, k)
		return c, true
	}
	n, k := numberAt(toks, i)
	ish := false
	if k == i {
		if w, ok := strings.CutSuffix(word(i), "ish"); ok && tens[w] > 0 {
			n, k, ish = tens[w], i+1, true
		}
	}
	if k == i || n > 110 {
		return c, false
	}
	if word(i-1) == "/" && i > 1 && p.headAt(i-2) && n >= 10 { // "f/34"
		c.to = k
		c.exact(float64(n), 1)
		c.target = p.owner(i-2, i-1)
		return c, true
	}
	if word(i-1) == "-" || word(i-1) == "." || word(i-1) == "$" || word(i-1) == "#" {
		if w := word(i - 2); w != "mid" && w != "age" && !decadeWordBefore[w] {
			return c, false
		}
	}
	years := float64(n)
	// "30-40 years old", "between 30 and 40"
	lo := -1.0
	if w := word(k); w == "-" || w == "to" || w == "or" || w == "and" && word(i-1) == "between" {
		if m, e := numberAt(toks, k+1); e > k+1 && m > n && m <= 110 {
			lo, years, k = years, float64(m), e
		}
	}
	e, scale, bare := yearsOld(toks, k)
	before := word(i - 1)
	about := approx[before]
	exactly := before == "only" || before == "just" || before == "barely" || before == "already" || before == "now"
	if about || exactly {
		before = word(i - 2)
	}
	self := i - 1 - boolInt(about || exactly) // where somebody is named who is that old
	if w := word(self); w == "is" || w == "am" || w == "'s" || w == "was" {
		self--
	}
	tag := tagAlone(toks, i, k)
	near := nearing[word(i-1)]
	far := before == "over" || before == "past" || before == "under" || before == "than"
	head := i - 2 - boolInt(about || exactly)
	if far && (word(i-2) == "well" || word(i-2) == "just" || word(i-2) == "far" || word(i-2) == "way" || word(i-2) == "older" || word(i-2) == "younger") {
		head--
	}
	letter := k < len(toks) && p.headAt(k) && len(toks[k].Word) == 1
	switch {
	case letter && n >= 10, k+1 < len(toks) && word(k) == "/" && p.headAt(k+1) && len(word(k+1)) == 1 && n >= 10: // "34f", "34/f"
	case ish:
		about = true
	case near && n >= 10 && !pluralAfter(toks, k) && word(k) != "percent" && word(k) != "%":
		lo = years - 4
	case word(i-1) == "yet" && word(i-2) == "not" && n >= 10 && e == k:
		lo, years = years-6, years-1
	case lo >= 0 && word(i-1) == "between" && (p.headAt(i-2) || before == "aged" || word(i-2) == "aged" || word(i-2) == "age") && !pluralAfter(toks, k):
	case word(k) == "candles" && n >= 10:
		k++
	case e == k && (word(k) == "years" || word(k) == "yrs" || word(k) == "year") && n >= 10 && tagAlone(toks, i, k+1) && len(p.mentions) > 0:
		k++
	case word(k) == "+" && n >= 18 && tagAlone(toks, i, k+1), word(k) == "plus" && n >= 18, word(k) == "-" && (word(k+1) == "plus" || word(k+1) == "odd") && n >= 18, word(k) == "odd" && n >= 18 && (word(k+1) == "year" || word(k+1) == "-" || word(k+1) == "years"):
		lo, years = years, years+8
		k += 1 + boolInt(word(k) == "-")
		if f, _, _ := yearsOld(toks, k); f > k {
			k = f
		}
	case e > k:
		if bare && (sinceWords[before] || before == "a" && !tag) {
			return c, false
		}
		if things[word(e)] || things[word(e+1)] {
			return c, false
		}
		if sinceWords[before] || (word(i-1) == "was" || word(i-1) == "were") && (word(i-3) == "when" || word(i-3) == "since") {
			return c, false
		}
		if scale < 1 && p.subject < 0 {
			return c, false
		}
		k = e
	case before == "aged" || before == "age" || before == "ages" || before == "turned" || before == "turns" || before == "turning" || (before == "reached" || before == "hit") && n >= 30 && !pluralAfter(toks, k) && k < len(toks) && toks[k].Kind == Punct:
	case before == ":" && word(i-2) == "age", before == "of" && word(i-2) == "age":
	case before == "of" && p.headAt(i-2-boolInt(about || exactly)) && !(n < 14 && parents[word(i-2-boolInt(about || exactly))]) && !things[word(k)] && !pluralAfter(toks, k):
	case far && p.headAt(head) && !pluralAfter(toks, k):
		if before == "under" || before == "than" && word(i-2) == "younger" {
			lo, years = years-8, years-1
		} else {
			lo, years = years, years+14
		}
	case tag && n >= 3 && len(p.mentions) > 0 && p.mentions[0].from < i && (word(k) == "," || word(k) == ")" || word(k) == "" || word(k) == ".") && (word(i-1) == "," || word(i-1) == "("):
	case (self < i-1) && n >= 10 && p.headAt(self) && (k == len(toks) || toks[k].Kind == Punct || word(k) == "and" || word(k) == "or" || word(k) == "but"):
	case about && n >= 13 && p.headAt(self) && passesOn[word(k)]: // "a woman around thirty with long hair"
	case about && n >= 10 && len(p.mentions) > 0 && tagAlone(toks, i-1, k): // "Mr Ortega, around fifty, bullfighter"
	case word(i-1) == "at" && n >= 13 && p.headAt(i-2) && (k == len(toks) || toks[k].Kind == Punct):
	case word(k) == "ish" && n >= 16:
		k++
		about = true
	case p.headAt(k) && n >= 13 && toks[i].Kind == Number && i > 0 && determiners[word(i-1)] && word(i-1) != "the" && word(i-1) != "these" && word(i-1) != "some":
	case p.headAt(k) && n >= 13 && (i == 0 || toks[i-1].Kind == Punct && word(i-1) != "-") && !p.pluralAt(k): // "45 woman"
	case p.headAt(i-1) && !p.mentionAt(i-1).pronoun && n >= 13 && n < 100 && (k == len(toks) || toks[k].Kind == Punct && word(k) != ":" && word(k) != "-" && word(k) != "."): // "woman 45"
	case i == 0 && word(k) == "," && n >= 16, tag && i == 0 && n >= 16 && k < len(toks):
	default:
		return c, false
	}
	if scale == 0 {
		scale = 1
	}
	c.to = k
	switch {
	case lo >= 0:
		c.lo, c.hi, c.best = lo*scale, years*scale, (lo+years)/2*scale
	case about:
		c.exact(years*scale, 5*scale)
	default:
		c.exact(years*scale, 1)
	}
	c.target = p.owner(i, k)
	return c, true
}

func (c *clue) exact(years, spread float64) {
	c.lo, c.hi, c.best = max(0, years-spread), years+spread, years
}

// headAt tells whether token i is the head of a mention.
func (p *people) headAt(i int) bool {
	for k := range p.mentions {
		if p.mentions[k].tok == i {
			return true
		}
	}
	return false
}

// mentionAt gives the mention whose head is token i; there must be one.
func (p *people) mentionAt(i int) *mention {
	for k := range p.mentions {
		if p.mentions[k].tok == i {
			return &p.mentions[k]
		}
	}
	return &mention{}
}

func (p *people) pluralAt(i int) bool { return p.mentionAt(i).plural }

// passesOn are words that lead on from an age to how somebody looks.
var passesOn = set("with in wearing holding sitting standing who whose leaning looking dressed on at smiling from having")

// nearing are verbs of one who will soon be as old as the number behind them.
var nearing = set("pushing approaching nearing")

// pluralAfter tells whether a number counts something: "a mother of two
// boys", "a man of few words".
func pluralAfter(toks []Token, k int) bool {
	if k >= len(toks) || toks[k].Kind != Word {
		return false
	}
	w := toks[k].Word
	return len(w) > 2 && w[len(w)-1] == 's' && w != "years" && w != "ins" || w == "children" || w == "people"
}

var approx = set("about around nearly almost some maybe roughly approximately circa perhaps approx ca")

// parents of three have three children.
var parents = set("mother father mum mom dad parent grandmother grandfather grandma grandpa mummy mommy daddy mama papa widow widower")
var sinceWords = set("for after since last past within every over under ago")
var decadeWordBefore = set("early mid late middle")

// decadeAge reads "in her forties", "mid-30s", "twentysomething".
func decadeAge(toks []Token, p *people, i int) (clue, bool) {
	word := func(k int) string {
		if k >= 0 && k < len(toks) {
			return toks[k].Word
		}
		return ""
	}
	c := clue{from: i, rank: 2, target: -1}
	base, k := decades[word(i)], i+1
	if base == 0 {
		n, e := numberAt(toks, i)
		if e == i || n%10 != 0 || n < 10 || n > 90 {
			return c, false
		}
		switch w := word(e); {
		case w == "s" && toks[e].Glued:
			k = e + 1
		case w == "'" && word(e+1) == "s", w == "'s":
			k = e + 1 + boolInt(w == "'")
		case w == "something", w == "-" && word(e+1) == "something":
			k = e + 1 + boolInt(w == "-")
		default:
			return c, false
		}
		base = n
	}
	if eraWords[word(k)] {
		return c, false
	}
	b := i - 1
	if word(b) == "-" {
		b--
	}
	c.lo, c.hi, c.best = float64(base), float64(base+9), float64(base+5)
	part := true
	switch word(b) {
	case "early":
		c.hi, c.best = c.lo+4, c.lo+2
	case "mid", "middle":
		c.lo, c.hi = c.lo+3, c.lo+7
	case "late":
		c.lo, c.best = c.lo+6, c.lo+8
	default:
		part = false
		b = i
	}
	if base == 10 { // "in his late teens"
		c.lo, c.hi, c.best = max(c.lo, 13), 19, max(16, c.best)
	}
	if part {
		c.from = b
	}
	prev := word(c.from - 1)
	if prev == "the" || prev == "19" {
		return c, false // the seventies: an era
	}
	if !part && pronouns[prev] == 0 && !speaker[prev] && prev != "their" && prev != "a" && !tagAlone(toks, i, k) && !p.headAt(c.from-1) && !p.headAt(k) {
		return c, false
	}
	c.to = k
	c.target = p.owner(c.from, k)
	if pronouns[prev] == 0 && p.headAt(k) {
		c.target = p.owner(k, k)
	}
	return c, true
}
