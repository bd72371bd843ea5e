package sentiment

import "strings"

// The person of the portrait: the first who is named, with these exceptions.
// In "his wife" or "the man's wife" it is the wife, unless what is told
// happens to the owner ("his neighbour drills at night", "her son died"). A
// writer who says "I am" is meant before the kin that "my" names. Who stands
// behind a word that leads to somebody else ("beside a clown, a woman") is
// not meant.

// pick chooses the subject.
func (p *people) pick(toks []Token) {
	ms := p.mentions
	if len(ms) == 0 {
		return
	}
	s := 0
	for s+1 < len(ms) && p.setsAside(toks, s) {
		s++
	}
	first := s
	for s+1 < len(ms) {
		if w := toks[ms[s].tok].Word; w == "i" || w == "we" || w == "me" || w == "us" {
			break // "we buried dad" is about those who did
		}
		if next := &ms[s+1]; next.owned && next.from <= ms[s].tok+2 && !(next.from > 0 && toks[next.from-1].Word == "whose") && (s > first || !p.befalls(toks, s, s+1)) {
			s++
			continue
		}
		break
	}
	if s > first && ms[first].speaker && ms[first].tok > 0 && !showing(toks, ms[first].tok) {
		s = first // "so proud of my sister" is the writer's own face
	}
	if s > first && ms[first].speaker {
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
	if ms[s].plural && s+1 < len(ms) && !ms[s+1].pronoun && ms[s].from == ms[s].tok && ms[s].tok > 0 && toks[ms[s].tok].Word != "couple" {
		// "everyone laughed but Ana cried": a crowd is the background.
		if w := toks[ms[s].tok].Word; (w == "everyone" || w == "everybody" || w == "others" || w == "people") && !ms[s+1].owned {
			s++
		}
	}
	p.subject = p.settle(toks, s)
}

// setsAside tells whether mention s stands behind a word that leads away from
// the person meant: "unlike his brother, Tom ...", "beside a clown, a woman".
func (p *people) setsAside(toks []Token, s int) bool {
	m := &p.mentions[s]
	if m.speaker {
		return p.orders(toks, s)
	}
	from := m.from
	for from > 0 && from > m.from-3 && toks[from-1].Kind == Word && !leadsAway[toks[from-1].Word] && toks[from-1].Word != "unlike" && toks[from-1].Word != "as" && toks[from-1].Word != "to" && toks[from-1].Word != "of" {
		from--
	}
	if from == 0 {
		return false
	}
	w := toks[from-1].Word
	at := from - 1
	switch {
	case w == "to" && at > 0 && toks[at-1].Word == "next":
		at--
	case w == "of" && at > 1 && toks[at-1].Word == "front":
		at -= 2
	case (w == "as" || w == "while") && at == 0 && !m.pronoun && !m.owned: // "as the baby screams, the father"
	case w == "unlike" || w == "surrounded" || leadsAway[w] && w != "with" && w != "and" && w != "before" && w != "while":
	default:
		return false
	}
	if at == 1 && toks[0].Kind == Word && (strings.HasSuffix(toks[0].Word, "ed") || strings.HasSuffix(toks[0].Word, "ing") || toks[0].Word == "right") {
		at = 0
	}
	if at > 0 && toks[at-1].Kind != Punct {
		return false
	}
	if s+1 < len(p.mentions) && !m.pronoun {
		// "between two brothers a boy grins", "behind the clown stands a girl"
		n, gap := &p.mentions[s+1], m.tok+1
		if gap < len(toks) && standing[toks[gap].Word] {
			gap++
		}
		if n.from == gap && !n.pronoun && determiners[toks[gap].Word] && !possessive[toks[gap].Word] {
			return true
		}
	}
	// Somebody else comes behind the comma.
	for i := m.tok + 1; i < len(toks) && i < m.tok+8; i++ {
		if toks[i].Word == "," {
			for k := s + 1; k < len(p.mentions); k++ {
				if n := &p.mentions[k]; n.tok > i && !n.owned {
					return true
				}
			}
			return false
		}
	}
	// "his wife" behind "unlike": the owner comes first in the list.
	return p.mentions[s].pronoun && s+1 < len(p.mentions) && p.mentions[s+1].owned && w == "unlike"
}

// orders tells whether the speaker s only orders a picture of somebody else:
// "I need a portrait of a tired clerk", "draw me a pirate".
func (p *people) orders(toks []Token, s int) bool {
	if s+1 >= len(p.mentions) {
		return false
	}
	m, n := &p.mentions[s], &p.mentions[s+1]
	if possessive[toks[m.tok].Word] || n.speaker && !(possessive[toks[n.tok].Word] && s+2 < len(p.mentions) && p.mentions[s+2].owned) {
		return false
	}
	if m.tok > 0 && asks[toks[m.tok-1].Word] && n.from == m.tok+1 && !n.pronoun {
		return true // "draw me a pirate"
	}
	if w := toks[n.tok-1].Word; toks[m.tok].Word == "i" && (n.pronoun && !n.speaker || n.name) {
		switch {
		case opines[w] && n.tok <= m.tok+4: // "I wish she could smile"
			return true
		case w == "seen" || w == "that" && opines[toks[n.tok-2].Word]: // "I've never seen Lucia so happy"
			return true
		}
	}
	for i := m.tok + 1; i < n.from && i < m.tok+12 && i+1 < len(toks); i++ {
		if pictures[toks[i].Word] && (toks[i+1].Word == "of" || toks[i+1].Word == "from" || toks[i+1].Word == "with" || toks[i+1].Word == "showing") && n.from <= i+3 {
			return true
		}
	}
	return false
}

// opines are verbs with which a writer leads over to somebody else.
var opines = set("wish think bet guess suppose imagine believe reckon thought")

var standing = set("stands sits lies walks waits is stood sat was kneels runs hides crouches smiles weeps")

// befalls tells whether the owner o of mention k is the one who is meant:
// something happens to him or her through k, or the text goes on with a
// pronoun that can only be the owner.
func (p *people) befalls(toks []Token, o, k int) bool {
	own, m := &p.mentions[o], &p.mentions[k]
	if !own.pronoun || !own.speaker && own.role.gender == 0 {
		return false
	}
	end := m.tok + 1
	for end < len(toks) && toks[end].Kind != Punct && toks[end].Word != "but" && toks[end].Word != "and" && toks[end].Word != "while" {
		if w := toks[end].Word; befalling[w] && end <= m.tok+5 && !bursting(toks, end) {
			return true
		}
		end++
	}
	for j := k + 1; j < len(p.mentions); j++ {
		n := &p.mentions[j]
		w := toks[n.tok].Word
		if !n.pronoun || n.role.gender != own.role.gender || n.speaker != own.speaker {
			continue
		}
		if own.speaker {
			return n.tok <= end && (w == "me" || w == "my" || w == "our" || w == "us")
		}
		object := w == "him" || w == "herself" || w == "himself" || w == "her" && (n.tok+1 == len(toks) || toks[n.tok+1].Kind == Punct || functionWords[toks[n.tok+1].Word])
		subject := w == "he" || w == "she"
		switch {
		case m.role.gender == own.role.gender && !(subject && n.tok > end):
			return false
		case subject || object && w != "himself" && w != "herself":
			return true
		}
	}
	return false
}

// bursting tells whether the verb at token i is part of an idiom of the one
// who does it: "hit the roof", "broke down", "lost it".
func bursting(toks []Token, i int) bool {
	for k := i + 1; k < len(toks) && k < i+3; k++ {
		switch toks[k].Word {
		case "roof", "ceiling", "jackpot", "down", "tears", "sob", "speechless", "bottom":
			return true
		}
	}
	return false
}

// befalling are verbs of what others do that shows in one's own face.
var befalling = set(`died dies killed drowned passed left leaves leaving abandoned stole steals cheated cheats lied lies betrayed dumped drills snores forgot
	forgets insulted robbed hit hits slept sleeps broke moved fired ruined spat cancelled canceled barked missing bullied kidnapped`)

// showing tells whether a sentence opens at token i, or a picture of what
// comes next was asked for.
func showing(toks []Token, i int) bool {
	b := &toks[i-1]
	if b.Kind == Punct || b.Kind == Emoji || determiners[b.Word] || copulas[b.Word] || pictures[b.Word] || b.Word == "and" || b.Word == "do" || asks[b.Word] {
		return true
	}
	if (b.Word == "what" || b.Word == "how") && i < 3 {
		for k := i; k < len(toks); k++ {
			if w := toks[k].Word; w == "look" || w == "looks" || w == "face" || w == "looked" {
				return true // "what my father would look like if"
			}
		}
	}
	return (b.Word == "of" || b.Word == "me") && i > 1 && (pictures[toks[i-2].Word] || asks[toks[i-2].Word])
}

var pictures = set("portrait photo photograph picture painting drawing image sketch close-up closeup up face shot headshot selfie print avatar icon cartoon render portraits pictures photos images drawings")

// asks are verbs that order a picture: what follows is the subject.
var asks = set("draw paint show make generate create imagine depict sketch render picture suppose")

// "I" before one of these only reports on somebody else.
var thinks = set("think thought know guess believe suppose love saw met painted took want need like would 'd could imagine")

// Nouns that say nothing when somebody else is named as well.
var unclear = set("nobody guest figure character somebody someone anyone anybody everyone everybody")

// beVerbs join a noun to the one that it names once more.
var beVerbs = set("is was are am 's be been being became become becomes remains remained as")

// markAgain finds the mentions that only name the subject once more: "she is
// a doctor", "Kim, a mother of two", "he used to be a cheerful boy".
func (p *people) markAgain(toks []Token) {
	if p.subject < 0 {
		return
	}
	s := &p.mentions[p.subject]
	for k := p.subject + 1; k < len(p.mentions); k++ {
		m := &p.mentions[k]
		if m.pronoun {
			continue
		}
		if m.owned || m.plural != s.plural || m.from == 0 || m.role.gender != 0 && m.role.gender == -s.role.gender {
			return
		}
		w := toks[m.from-1].Word
		switch l := toks[m.tok].Word; {
		case l == "f" || l == "m": // "I'm 25F"
			m.again = s.role.gender == 0
		case w == "me" && m.name && m.from > 1 && toks[m.from-2].Word == "call", w == "called" || w == "named", beVerbs[w] && !(w == "as" && toks[m.from].Word == "the") || m.from > 1 && beVerbs[toks[m.from-2].Word] && copulas[w]:
			m.again = true
		case w == "," || w == "(" || w == "-" || w == ":" || w == "|" || w == "/":
			// "Kim, a doctor" and tags, but not "a man, a woman and a child".
			m.again = s.role.gender == 0 || s.name || titles[toks[s.from].Word] || s.pronoun && !s.speaker || m.role.gender == s.role.gender && !determiners[toks[m.from].Word]
			for j := k + 1; j < len(p.mentions); j++ {
				if n := &p.mentions[j]; !n.pronoun && n.from > 0 && toks[n.from-1].Word == "and" && determiners[toks[n.from].Word] {
					m.again = false
				}
			}
		}
		if !m.again {
			return
		}
		if w := toks[m.tok].Word; strings.HasPrefix(w, ":") {
			return
		}
	}
}

// main tells whether mention k is the subject or names it once more.
func (p *people) main(k int) bool {
	return k == p.subject || k >= 0 && p.mentions[k].again
}
