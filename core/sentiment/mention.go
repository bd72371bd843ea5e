package sentiment

import "strings"

// mention is a place in a text where somebody is named.
type mention struct {
	from, tok int // tokens from..tok are the noun phrase; tok is its head
	role      role
	pronoun   bool
	speaker   bool // "I", "my"
	owned     bool // "his wife", "the man's wife"
	plural    bool
}

// people are the mentions of a text, and which of them the portrait shows.
type people struct {
	mentions []mention
	subject  int // index; -1: nobody is mentioned
}

var determiners = set(`a an the this that these those my his her their our your its one some every each no another any`)

// Words at which a noun phrase ends when it is read backwards from its head.
var phraseStop = set(`is are was were be been being am 's has have had do does did will would can could may might must shall
	should and or but nor so yet of in on at by for with from to into onto over under about as than if when while who whom
	whose which that what because though although i he she it we they me him us them you not never by behind beside next near
	between after before during without within against towards toward like sees seeing saw meets meeting met hugs hugging
	holding holds watching watches comforting comforts consoling says said told kissing kisses`)

// Verbs that share their form with a person's noun.
var verbBefore = set("to will would can could may might must shall should i you we they not")

// findPeople lists who is mentioned, in the order of the text, and picks the
// person whom a portrait would show: the first one, except that in "his wife"
// or "the man's wife" it is the wife, and that a writer who says "I am" is
// meant before the kin that "my" names.
func findPeople(toks []Token) people {
	p := people{subject: -1}
	lower := !hasCapital(toks)
	for i := 0; i < len(toks); i++ {
		t := &toks[i]
		if k := headlessAge(toks, i); k > i {
			p.mentions = append(p.mentions, mention{from: i, tok: k})
			i = k
			continue
		}
		if t.Kind != Word && t.Kind != Emoji {
			continue
		}
		w := t.Word
		if r, ok := roles[w]; ok && !aside(toks, i) {
			p.add(toks, i, r, false)
			continue
		}
		if r, ok := plurals[w]; ok && !aside(toks, i) {
			p.add(toks, i, r, true)
			continue
		}
		if g, ok := pronouns[w]; ok {
			p.mentions = append(p.mentions, mention{from: i, tok: i, role: role{gender: g}, pronoun: true})
			continue
		}
		if speaker[w] {
			p.mentions = append(p.mentions, mention{from: i, tok: i, pronoun: true, speaker: true})
			continue
		}
		if g, ok := nameAt(toks, i, lower); ok {
			p.add(toks, i, role{gender: g}, false)
		}
	}
	p.pick(toks)
	return p
}

// add appends a noun; a noun right after another one of the same phrase is
// its head ("child actor", "Mrs. Brown").
func (p *people) add(toks []Token, i int, r role, plural bool) {
	if n := len(p.mentions); n > 0 {
		if m := &p.mentions[n-1]; !m.pronoun && (m.tok == i-1 || m.tok == i-2 && (toks[i-1].Word == "." || toks[i-1].Word == "-")) {
			if r.gender != 0 && r.gender == -m.role.gender {
				r.gender = 0 // "the boy girl fight": nobody can tell
			} else if r.gender == 0 {
				r.gender = m.role.gender
			}
			if r.best == 0 {
				r.lo, r.hi, r.best = m.role.lo, m.role.hi, m.role.best
			}
			m.tok, m.role, m.plural = i, r, plural
			return
		}
	}
	m := mention{from: i, tok: i, role: r, plural: plural}
	for m.from > 0 && i-m.from < 9 {
		b := &toks[m.from-1]
		if n := len(p.mentions); b.Word == "'s" && n > 0 && !p.mentions[n-1].pronoun && p.mentions[n-1].tok == m.from-2 {
			m.from--
			m.owned = true
			break
		}
		if b.Kind == Punct && b.Word != "-" && b.Word != "," || b.Kind == Emoji || phraseStop[b.Word] && b.Word != "and" {
			break
		}
		if b.Word == "," || b.Word == "and" {
			// "an old, tired man" but not "a cat, a man".
			if m.from < 2 || !startsPhrase(toks, m.from-2) || toks[m.from].Word == "a" || toks[m.from].Word == "an" {
				break
			}
		}
		if n := len(p.mentions); n > 0 && p.mentions[n-1].tok == m.from-1 {
			m.owned = pronouns[b.Word] != 0 || speaker[b.Word] || m.owned
			break
		}
		m.from--
		if determiners[b.Word] {
			break
		}
	}
	if n := len(p.mentions); n > 0 && m.from > 0 && p.mentions[n-1].pronoun && p.mentions[n-1].tok == m.from-1 {
		m.owned = true
	}
	p.mentions = append(p.mentions, m)
}

// startsPhrase tells whether an article stands in the same run of words
// before token i, so that a comma there is one between adjectives.
func startsPhrase(toks []Token, i int) bool {
	for k := i; k >= 0 && i-k < 4; k-- {
		if toks[k].Kind != Word && toks[k].Word != "," || phraseStop[toks[k].Word] && toks[k].Word != "and" {
			return false
		}
		if _, ok := roles[toks[k].Word]; ok {
			return false
		}
		if determiners[toks[k].Word] {
			return true
		}
	}
	return false
}

// aside tells whether the noun at i is no person: a verb ("to cook"), or a
// part of another expression.
func aside(toks []Token, i int) bool {
	next := ""
	if i+1 < len(toks) {
		next = toks[i+1].Word
	}
	switch toks[i].Word {
	case "cook", "guide", "guard", "host", "coach", "judge", "model", "witness", "tutor", "pilot", "fan":
		return i > 0 && verbBefore[toks[i-1].Word]
	case "baby", "child", "kid", "boy", "girl", "sir", "man", "lady":
		if i > 0 && toks[i-1].Word == "oh" || next == "steps" || next == "shower" {
			return true
		}
	case "miss":
		return i > 0 && verbBefore[toks[i-1].Word] || toks[i].Text[0] != 'M' && i > 0 && !determiners[toks[i-1].Word]
	case "mum", "nan":
		return next == "bread"
	}
	return false
}

// nameAt tells whether a given name stands at i, and of which sex.
func nameAt(toks []Token, i int, lower bool) (int8, bool) {
	t := &toks[i]
	capital := t.Text[0] >= 'A' && t.Text[0] <= 'Z'
	if g, ok := givenNames[t.Word]; ok && (capital || lower) {
		return g, true
	}
	if g, ok := wordyNames[t.Word]; ok && capital && t.Text != strings.ToUpper(t.Text) && i > 0 && toks[i-1].Kind != Punct {
		return g, true
	}
	return 0, false
}

func hasCapital(toks []Token) bool {
	for i := range toks {
		if t := toks[i].Text; t != "" && t != "I" && t[0] >= 'A' && t[0] <= 'Z' {
			return true
		}
	}
	return false
}

func (p *people) pick(toks []Token) {
	ms := p.mentions
	if len(ms) == 0 {
		return
	}
	s := 0
	for s+1 < len(ms) {
		// "my grandmother", "his wife", "a man's wife": the one who is owned.
		if next := &ms[s+1]; next.owned && next.from <= ms[s].tok+2 {
			s++
			continue
		}
		break
	}
	if s > 0 && ms[0].speaker && ms[0].tok > 0 && !showing(toks, ms[0].tok) {
		s = 0 // "so proud of my sister" is the writer's own face
	}
	if s > 0 && ms[0].speaker {
		for k := s + 1; k < len(ms); k++ {
			if i := ms[k].tok; toks[i].Word == "i" && i+1 < len(toks) && !thinks[toks[i+1].Word] {
				s = k
				break
			}
		}
	}
	if ms[s].role.gender == 0 && ms[s].tok < len(toks) && unclear[toks[ms[s].tok].Word] && s+1 < len(ms) {
		s++
	}
	p.subject = s
}

// showing tells whether a sentence opens at token i, or a picture of what
// comes next was asked for.
func showing(toks []Token, i int) bool {
	b := &toks[i-1]
	if b.Kind == Punct || b.Kind == Emoji || determiners[b.Word] || copulas[b.Word] || pictures[b.Word] || b.Word == "and" {
		return true
	}
	return b.Word == "of" && i > 1 && pictures[toks[i-2].Word]
}

var pictures = set("portrait photo photograph picture painting drawing image sketch close-up closeup up face shot headshot selfie print")

// "I" before one of these only reports on somebody else.
var thinks = set("think thought know guess believe suppose love saw met painted took")

// Nouns that say nothing when somebody else is named as well.
var unclear = set("nobody guest figure character")
