package sentiment

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
	if k == i || n > 110 {
		return c, false
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
	if about {
		before = word(i - 2)
	}
	tag := tagAlone(toks, i, k)
	switch {
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
	case before == "aged" || before == "age" || before == "turned" || before == "turns" || before == "turning":
	case before == ":" && word(i-2) == "age", before == "of" && word(i-2) == "age":
	case before == "of" && p.headAt(i-2-boolInt(about)) && !things[word(k)] && !pluralAfter(toks, k):
	case (before == "over" || before == "under" || before == "past") && p.headAt(i-2) && !pluralAfter(toks, k):
		if before == "under" {
			lo, years = years-8, years-1
		} else {
			lo, years = years, years+14
		}
	case tag && n >= 3 && len(p.mentions) > 0 && p.mentions[0].from < i && (word(k) == "," || word(k) == ")" || word(k) == "" || word(k) == ".") && (word(i-1) == "," || word(i-1) == "("):
	case (word(i-1) == "is" || word(i-1) == "am" || word(i-1) == "'s" || about) && n >= 10 && p.headAt(i-2-boolInt(about)) && (k == len(toks) || toks[k].Kind == Punct || word(k) == "and"):
	case word(k) == "ish" && n >= 16:
		k++
		about = true
	case p.headAt(k) && n >= 13 && toks[i].Kind == Number && i > 0 && determiners[word(i-1)] && word(i-1) != "the" && word(i-1) != "these" && word(i-1) != "some":
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

// pluralAfter tells whether a number counts something: "a mother of two
// boys", "a man of few words".
func pluralAfter(toks []Token, k int) bool {
	if k >= len(toks) || toks[k].Kind != Word {
		return false
	}
	w := toks[k].Word
	return len(w) > 2 && w[len(w)-1] == 's' && w != "years" || w == "children" || w == "people"
}

var approx = set("about around nearly almost some maybe roughly approximately circa barely just perhaps approx ca")
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
