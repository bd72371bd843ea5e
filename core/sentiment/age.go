package sentiment

import (
	"math"
	"strings"
)

// clue is a piece of text that says something about an age.
type clue struct {
	from, to     int // tokens, to excluded
	lo, hi, best float64
	rank         int // 3 a number, 2 a decade, 1 an adjective or a birthday, 0 a noun
	target       int // mention it speaks of; -1: nobody in particular
}

// stage is an adjective of age.
var stages = map[string]clue{
	"old": {lo: 60, hi: 85, best: 70}, "elderly": {lo: 65, hi: 90, best: 75}, "aged": {lo: 62, hi: 88, best: 73},
	"older": {lo: 55, hi: 78, best: 64}, "ancient": {lo: 75, hi: 98, best: 86}, "senior": {lo: 62, hi: 85, best: 71},
	"ageing": {lo: 55, hi: 75, best: 63}, "aging": {lo: 55, hi: 75, best: 63}, "retired": {lo: 60, hi: 82, best: 69},
	"wrinkled": {lo: 62, hi: 92, best: 75}, "wizened": {lo: 68, hi: 95, best: 80}, "wrinkly": {lo: 62, hi: 92, best: 75},
	"geriatric": {lo: 68, hi: 92, best: 78}, "matronly": {lo: 45, hi: 65, best: 54}, "mature": {lo: 42, hi: 65, best: 52},
	"young": {lo: 18, hi: 30, best: 24}, "younger": {lo: 18, hi: 34, best: 26}, "youthful": {lo: 17, hi: 30, best: 23},
	"boyish": {lo: 16, hi: 28, best: 20}, "girlish": {lo: 16, hi: 28, best: 20}, "grizzled": {lo: 50, hi: 75, best: 60},
	"teenage": {lo: 13, hi: 19, best: 16}, "teenaged": {lo: 13, hi: 19, best: 16}, "adolescent": {lo: 13, hi: 19, best: 16},
	"teen": {lo: 13, hi: 19, best: 16}, "infant": {lo: 0, hi: 2, best: 1}, "newborn": {lo: 0, hi: 1, best: 0.2},
	"underage": {lo: 12, hi: 17, best: 16}, "little": {lo: 4, hi: 10, best: 7}, "small": {lo: 4, hi: 10, best: 7},
	"tiny": {lo: 2, hi: 6, best: 4}, "middle": {lo: 40, hi: 58, best: 48}, "midlife": {lo: 40, hi: 58, best: 48},
}

// Adjectives that mean an age wherever they stand.
var plainStages = set("elderly teenage teenaged geriatric wizened middle-aged")

// With these nouns "old" means "for a long time" or "former".
var oldMeansFormer = set(`friend colleague boss coworker pal mate enemy rival lover partner flame classmate neighbour neighbor
	customer client comrade acquaintance`)

// Words after which a decade is an era, not an age.
var eraWords = set(`style disco music fashion hair hairstyle movie vintage look rock party dress clothes film poster glam punk
	aesthetic outfit hippie song band photo picture sitcom synth pop`)

// littleKin are young where they are called little.
var littleKin = set("brother sister niece nephew cousin daughter son angel princess prince girl boy one sibling granddaughter grandson")

var copulas = set(`is was looks looked am are 's be being feels seems very too so quite rather really extremely already getting
	grown growing not fairly pretty now still`)

// agesOf finds what a text says about ages, and of whom.
func agesOf(toks []Token, p *people) []clue {
	var cs []clue
	for i := 0; i < len(toks); i++ {
		c, ok := phraseAge(toks, p, i)
		if !ok {
			c, ok = numericAge(toks, p, i)
		}
		if !ok {
			c, ok = stageAge(toks, p, i)
		}
		if ok {
			cs = append(cs, c)
			i = max(i, c.to-1)
		}
	}
	for k := range p.mentions {
		if m := &p.mentions[k]; m.role.best > 0 {
			lo, hi, best := m.role.lo, m.role.hi, m.role.best
			for j := m.from; j < m.tok; j++ {
				if toks[j].Word == "great" && j+1 < m.tok && toks[j+1].Word == "-" && lo >= 55 {
					lo, hi, best = 75, 99, 86
				}
			}
			cs = append(cs, clue{from: m.tok, to: m.tok + 1, lo: lo, hi: hi, best: best, target: k})
		}
	}
	return cs
}

// owner tells of whom the tokens from..to speak: the phrase they are in, or
// the mention before them; a pronoun stands for the subject where it can.
func (p *people) owner(from, to int) int {
	before := -1
	for k := range p.mentions {
		m := &p.mentions[k]
		if from >= m.from && from <= m.tok {
			return p.resolve(k)
		}
		if m.tok < from {
			before = k
		}
	}
	if before < 0 {
		return p.subject
	}
	return p.resolve(before)
}

// resolve gives the mention for which a pronoun stands.
func (p *people) resolve(k int) int {
	m := &p.mentions[k]
	if m.speaker && p.subject >= 0 && p.mentions[p.subject].speaker {
		return p.subject // "me, a woman in my fifties"
	}
	if !m.pronoun || p.subject < 0 || m.speaker {
		return k
	}
	fits := func(g int8) bool { return g == 0 || g == m.role.gender }
	if fits(p.mentions[p.subject].role.gender) {
		return p.subject
	}
	for j := k - 1; j >= 0; j-- {
		if fits(p.mentions[j].role.gender) && !p.mentions[j].speaker {
			return j
		}
	}
	return k
}

// stageAge reads an adjective of age at token i.
func stageAge(toks []Token, p *people, i int) (clue, bool) {
	w := toks[i].Word
	c, ok := stages[w]
	if !ok || toks[i].Kind != Word {
		return c, false
	}
	c.from, c.to, c.rank, c.target = i, i+1, 1, -1
	if w == "middle" {
		k := i + 1
		if k < len(toks) && toks[k].Word == "-" {
			k++
		}
		if k >= len(toks) || toks[k].Word != "aged" && toks[k].Word != "age" {
			return c, false
		}
		c.to = k + 1
	}
	if w == "old" && i+2 < len(toks) && toks[i+1].Word == "-" && toks[i+2].Word != "looking" && toks[i+2].Word != "ish" ||
		w == "old" && i+1 < len(toks) && (toks[i+1].Word == "fashioned" || toks[i+1].Word == "school" || toks[i+1].Word == "soul" || toks[i+1].Word == "timey") {
		return c, false // "an old-fashioned young man"
	}
	if w == "aged" && c.to < len(toks) { // "aged 72" is a number's business
		if _, k := numberAt(toks, i+1); k > i+1 {
			return c, false
		}
	}
	for k := range p.mentions {
		m := &p.mentions[k]
		if i < m.from || i > m.tok || m.pronoun {
			continue
		}
		c.target = k
		head := toks[m.tok].Word
		if (w == "old" || w == "older" || w == "ancient") && oldMeansFormer[strings.TrimSuffix(head, "s")] {
			return c, false
		}
		r := m.role
		switch {
		case w == "little" || w == "small" || w == "tiny":
			// Little women and men are short, not young.
			return c, r.best > 0 && r.best < 20 || littleKin[head]
		case w == "young" && r.best > 0 && r.best < 17 && r.lo < 10:
			c.lo, c.hi, c.best = 6, 13, 10
		case (w == "older" || w == "younger") && (head == "brother" || head == "sister" || head == "sibling"):
			return c, false
		case w == "old" && r.best > 0 && r.best < 30:
			return c, false // "the old boys"
		}
		if (w == "old" || w == "young") && i > 0 && (toks[i-1].Word == "very" || toks[i-1].Long) && r.best == 0 {
			if w == "old" {
				c.lo, c.hi, c.best = 75, 97, 84
			} else {
				c.lo, c.hi, c.best = 16, 24, 19
			}
		}
		return c, true
	}
	if w == "little" || w == "small" || w == "tiny" || w == "infant" || w == "newborn" || w == "ancient" || w == "senior" || w == "mature" {
		return c, false
	}
	lone := tagAlone(toks, i, c.to)
	if !plainStages[w] && w != "middle" && !lone && !(i > 0 && copulas[toks[i-1].Word]) {
		return c, false
	}
	c.target = p.owner(i, c.to)
	return c, true
}

// tagAlone tells whether tokens from..to stand alone between commas.
func tagAlone(toks []Token, from, to int) bool {
	edge := func(i int) bool {
		return i < 0 || i >= len(toks) || toks[i].Kind == Punct && toks[i].Word != "-" && toks[i].Word != "'" && toks[i].Word != "$"
	}
	return edge(from-1) && edge(to)
}

// settleAge joins the clues about the subject into one range. A number beats
// a decade, a decade beats an adjective; an adjective and a noun that agree
// are intersected. The clues used are returned as well.
func settleAge(cs []clue, p *people) (Range, []clue) {
	var used []clue
	var r Range
	rank := -1
	for want := 3; want >= 0; want-- {
		for _, c := range cs {
			if c.rank != want || !p.main(c.target) && !(c.target < 0 || p.subject < 0) {
				continue
			}
			switch {
			case rank < 0:
				r, rank = Range{Min: c.lo, Max: c.hi, Best: c.best, Said: true}, want
			case want < 2 && rank < 2 && math.Max(r.Min, c.lo) < math.Min(r.Max, c.hi):
				r.Min, r.Max = math.Max(r.Min, c.lo), math.Min(r.Max, c.hi)
				if want == rank {
					r.Best = (r.Best + c.best) / 2
				}
				r.Best = math.Min(math.Max(r.Best, r.Min), r.Max)
			default:
				continue
			}
			used = append(used, c)
		}
	}
	if rank < 0 {
		return DefaultAge, nil
	}
	return r, used
}
