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
	name      bool // a given name
	again     bool // names the subject once more: "she is a doctor"
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
	holding holds watches watching comforting comforts consoling says said told kissing kisses opposite unlike across through
	until since where then now helping helps serving serves facing faces scolding calming wearing looking looks stares glares grins weeps
	yells shouts laughs smiles cries screams seem seems feels felt made makes showing shows called named`)

// findPeople lists who is mentioned, in the order of the text, and picks the
// person whom a portrait would show.
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
		if g := sexLetter(toks, i); g != 0 {
			p.mentions = append(p.mentions, mention{from: i, tok: i, role: role{gender: g}})
			continue
		}
		if n, ok := nameAt(toks, i, lower); ok {
			if q := len(p.mentions) - 1; q >= 0 && p.mentions[q].name && p.mentions[q].tok == i-1 {
				p.mentions[q].tok = i // a second name: "Mary Jane"
				continue
			}
			p.add(toks, i, role{gender: n.gender}, false)
			p.mentions[len(p.mentions)-1].name = true
			continue
		}
		if r, ok := roleOf(w); ok && !aside(toks, i) {
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
		}
	}
	p.pick(toks)
	p.markAgain(toks)
	return p
}

// add appends a noun; a noun right after another one of the same phrase is
// its head ("child actor", "Mrs. Brown").
func (p *people) add(toks []Token, i int, r role, plural bool) {
	if n := len(p.mentions); n > 0 {
		if m := &p.mentions[n-1]; !m.pronoun && (m.tok == i-1 || alsoAdjective[toks[m.tok].Word] && samePhrase(toks, m.tok+1, i) || m.tok == i-2 && (toks[i-1].Word == "." || toks[i-1].Word == "-")) {
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
			m.owned = m.owned || b.Word == "whose"
			break
		}
		if b.Word == "," || b.Word == "and" {
			// "an old, tired man" but not "a cat, a man".
			if m.from < 2 || !startsPhrase(toks, m.from-2) || toks[m.from].Word == "a" || toks[m.from].Word == "an" {
				break
			}
		}
		if n := len(p.mentions); n > 0 && p.mentions[n-1].tok == m.from-1 {
			m.owned = possessive[b.Word] || m.owned
			break
		}
		m.from--
		if determiners[b.Word] {
			break
		}
	}
	if n := len(p.mentions); n > 0 && m.from > 0 && p.mentions[n-1].pronoun && p.mentions[n-1].tok == m.from-1 && possessive[toks[m.from-1].Word] && !determiners[toks[m.from].Word] {
		m.owned = true
	}
	if m.from == i && bareKin[toks[i].Word] && len(p.mentions) > 0 && p.mentions[0].speaker {
		m.owned = true // "we buried dad"
	}
	p.mentions = append(p.mentions, m)
}

var possessive = set("his her my our")

// bareKin are one's own kin where no article stands before them.
var bareKin = set("mum mom mummy mommy mama mother dad daddy papa father grandma grandpa granny grandad granddad nana nan")

// startsPhrase tells whether an article stands in the same run of words
// before token i, so that a comma there is one between adjectives.
func startsPhrase(toks []Token, i int) bool {
	if i < 0 {
		return false
	}
	if w := toks[i].Word; strings.HasSuffix(w, "s") && !strings.HasSuffix(w, "ss") && !strings.HasSuffix(w, "ous") && !determiners[w] {
		return false // "out of her wits, a hostage"
	}
	for k := i; k >= 0 && i-k < 4; k-- {
		if toks[k].Kind != Word && toks[k].Word != "," || phraseStop[toks[k].Word] && toks[k].Word != "and" {
			return false
		}
		if _, ok := roleOf(toks[k].Word); ok {
			return false
		}
		if determiners[toks[k].Word] {
			return toks[k].Word != "no" // "no expression, passport picture"
		}
	}
	return false
}

// Verbs that share their form with a person's noun follow one of these.
var verbBefore = set("to will would can could may might must shall should i you we they not")

// Things that a person's noun only describes: "a baby doll", "a nurse uniform".
var ofPeople = set(`doll dolls toy toys carriage bottle bottles clothes shower steps step food seat stroller shoes powder uniform costume
	outfit hat hats mask desk office car cars van station badge coat helmet boots gloves bag house hotel bar cafe restaurant club
	shop store market school hospital farm movie film poster game book song story magazine band team union strike museum statue
	painting figurine puppet emoji bread tray fish blue pink dog dogs cat wig hood cap shirt tshirt t tee
	sweater hoodie jacket tattoo theme style aesthetic look vibes brush bunting shark whale bell made ish hood ship`)

// aside tells whether the noun at i is no person: a verb ("to cook"), or a
// part of another expression.
func aside(toks []Token, i int) bool {
	next, prev := "", ""
	if i+1 < len(toks) {
		next = toks[i+1].Word
		if next == "-" && i+2 < len(toks) {
			next = toks[i+2].Word
			if next == "faced" || next == "like" {
				return true
			}
		}
	}
	if i > 0 {
		prev = toks[i-1].Word
	}
	w := toks[i].Word
	if ofPeople[next] && !(next == "look" || next == "style" || next == "bar" || next == "step") {
		return true
	}
	switch w {
	case "cook", "guide", "guard", "host", "coach", "judge", "model", "witness", "tutor", "pilot", "fan", "count", "nurse", "doctor",
		"father", "mother", "server", "slave", "partner", "assistant", "volunteer", "train", "leader":
		return verbBefore[prev] && !(prev == "i" || prev == "we") || w == "fan" && prev == "ceiling"
	case "baby", "child", "kid", "boy", "girl", "sir", "man", "lady", "dude", "guys":
		return prev == "oh" && toks[i].Kind == Word
	case "miss":
		return verbBefore[prev] || toks[i].Text[0] != 'M' && i > 0 && !determiners[prev]
	case "nan":
		return next == "bread"
	case "general":
		return prev == "in" || prev == "more" || i+1 < len(toks) && toks[i+1].Kind == Word && !capital1(toks[i+1].Text) && !phraseStop[next]
	case "ma", "pa", "pops", "hag", "lord", "dame", "chick", "sis", "bro", "ham":
		return toks[i].Text[0] >= 'a' && determiners[next]
	case "hunk", "stud", "dick", "khan", "diva", "star":
		return next == "of"
	case "king", "queen", "prince", "princess":
		return next == "size" || next == "sized"
	case "adult", "junior", "senior", "expert", "executive", "human":
		// Adjectives where another noun follows.
		return false
	}
	return false
}

// sexLetter reads the letter of a tag such as "f/34", "M, 52" or "29m": 1 for
// a man, -1 for a woman, 0 where it is no such letter.
func sexLetter(toks []Token, i int) int8 {
	w := toks[i].Word
	if w != "f" && w != "m" {
		return 0
	}
	edge := i == 0 || toks[i-1].Kind == Punct && toks[i-1].Word != "'" && toks[i-1].Word != "-"
	after := i > 0 && toks[i-1].Kind == Number && (toks[i].Glued || toks[i].Text == strings.ToUpper(w)) && age2(toks[i-1].Word)
	slash := i > 1 && toks[i-1].Word == "/" && toks[i-2].Kind == Number && age2(toks[i-2].Word)
	before := false
	for k := i + 1; k < len(toks) && k <= i+2; k++ {
		if toks[k].Kind == Number {
			before = age2(toks[k].Word)
			break
		}
		if w := toks[k].Word; w != "/" && w != "," && w != "-" && w != "|" && w != ":" {
			break
		}
	}
	if !(after || slash || edge && before) {
		return 0
	}
	if w == "f" {
		return -1
	}
	return 1
}

// age2 tells whether a number of two digits can be an age.
func age2(w string) bool { return len(w) == 2 && w[0] >= '1' && w[0] <= '9' }

// nameAt tells whether a given name stands at i. lower: the text has no
// capitals at all.
func nameAt(toks []Token, i int, lower bool) (name, bool) {
	t := &toks[i]
	n, ok := givenNames()[t.Word]
	if !ok || t.Kind != Word {
		return n, false
	}
	capital := t.Text[0] >= 'A' && t.Text[0] <= 'Z' || t.Text[0] >= 0x80 && strings.ToLower(t.Text) != t.Text
	switch {
	case i+1 < len(toks) && (t.Word == "joy" && toks[i+1].Word == "division" || t.Word == "mona" && toks[i+1].Word == "lisa" || toks[i+1].Word == "style" || toks[i+1].Word == "inspired"):
		return n, false
	case !n.caps:
		return n, capital || lower
	case !capital || len(t.Text) > 1 && strings.ToUpper(t.Text) == t.Text:
		return n, false
	case i > 0 && t.Word == "eve" && (toks[i-1].Word == "christmas" || toks[i-1].Word == "year" || toks[i-1].Word == "'s" || toks[i-1].Word == "years"):
		return n, false
	case i > 0 && toks[i-1].Kind != Punct:
		return n, titles[toks[i-1].Word] || !determiners[toks[i-1].Word]
	case !n.word:
		return n, true
	case i+1 == len(toks):
		return n, false
	}
	// An everyday word at the start of a sentence: a verb or an age follows.
	next := &toks[i+1]
	if next.Word == "," {
		return n, i+2 < len(toks) && (toks[i+2].Kind == Number || determiners[toks[i+2].Word])
	}
	return n, next.Kind == Word && (copulas[next.Word] || next.Word == "has" || next.Word == "sits" || next.Word == "stands" ||
		next.Word == "who" || strings.HasSuffix(next.Word, "ing") && len(next.Word) > 5 || capital1(next.Text))
}

func capital1(s string) bool { return s[0] >= 'A' && s[0] <= 'Z' }

func hasCapital(toks []Token) bool {
	for i := range toks {
		if t := toks[i].Text; t != "" && t != "I" && t[0] >= 'A' && t[0] <= 'Z' {
			return true
		}
	}
	return false
}
