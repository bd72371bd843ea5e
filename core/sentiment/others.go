package sentiment

// What is told of others: in "a calm nurse beside a screaming man" and "the
// widow weeps while the lawyer grins" the screams and the grin are not those
// of the person in the portrait.

const (
	saysOthers = "describes somebody else"
	saysDeeds  = "is what somebody else does"
)

// weighOthers lowers the adjectives of people other than the subject, and
// what they do.
func weighOthers(toks []Token, p *people, lower func(int, float32, string)) {
	sub := &p.mentions[p.subject]
	for k := range p.mentions {
		m := &p.mentions[k]
		if k == p.subject || m.again || m.speaker {
			continue
		}
		if m.pronoun {
			// "because he is angry with her" in a text about a woman
			if w := toks[m.tok].Word; k > p.subject && (w == "he" || w == "she") && sub.role.gender == -m.role.gender && !sub.speaker {
				lowerClause(toks, p, m.tok+1, 0.25, lower)
			}
			continue
		}
		if unclear[toks[m.tok].Word] {
			continue
		}
		if k < p.subject {
			if !ahead(p, k) {
				continue
			}
			for i := m.from; i <= m.tok; i++ {
				lower(i, 0.15, saysOthers)
			}
			if p.subject == k+1 && m.tok+1 < len(toks) && stirs[toks[m.tok+1].Word] {
				continue // "that man makes her shudder"
			}
			lowerClause(toks, p, m.tok+1, 0.25, lower)
			continue
		}
		if m.from <= sub.tok {
			continue
		}
		for i := m.from; i < m.tok; i++ {
			if i > sub.tok {
				lower(i, 0.15, saysOthers)
			}
		}
		if m.from > 0 && actor(toks, p, m) {
			from := m.tok + 1
			if from+1 < len(toks) && toks[from].Word == "," && toks[from+1].Word == "who" {
				from++
			}
			lowerClause(toks, p, from, 0.25, lower)
		}
	}
}

// ahead tells whether mention k, before the subject, is somebody else and not
// the subject's owner or the writer.
func ahead(p *people, k int) bool {
	m := &p.mentions[k]
	return !m.pronoun && !m.speaker && !(k+1 <= p.subject && p.mentions[k+1].owned && p.mentions[k+1].from <= m.tok+2)
}

// actor tells whether mention m acts by itself: it opens a clause, stands
// behind a word that leads over to it, or a verb of watching.
func actor(toks []Token, p *people, m *mention) bool {
	at := m.from - 1
	lead := toks[at].Word
	if m.owned && (pronouns[lead] != 0 || speaker[lead]) && at > 0 {
		at--
		lead = toks[at].Word
	}
	next := ""
	if m.tok+1 < len(toks) {
		next = toks[m.tok+1].Word
	}
	if next == "," && m.tok+2 < len(toks) && toks[m.tok+2].Word == "who" {
		return true
	}
	switch {
	case leadsAway[lead], watching[lead], lead == "whose", lead == "as", lead == "because", lead == "when", lead == "where", lead == "since":
		return true
	case lead == "of" && at > 0 && toks[at-1].Word == "front", lead == "to" && at > 0 && (toks[at-1].Word == "next" || toks[at-1].Word == "close"):
		return true
	case next == "who" || next == "whose" || next == "that":
		return true
	case (lead == "at" || lead == "for" || lead == "from" || lead == "about") && len(next) > 4 && next[len(next)-3:] == "ing":
		return true
	case toks[at].Kind == Punct && (lead == "," || lead == ";" || lead == "." || lead == "-") || lead == "but":
		// A new clause about somebody else, with a verb or a participle.
		return m.tok+1 < len(toks) && toks[m.tok+1].Kind == Word || lead == "," && !m.again
	}
	return false
}

// watching are verbs whose object goes on doing something.
var watching = set(`watching watches watch sees seeing see saw hears hearing heard finds found notices comforting comforts calming holding
	holds hugging hugs consoling consoles leads leading follows following makes making lets letting filming films painting paints
	photographing interviewing opposite carrying rocking feeding tends ignoring ignores facing faces mocks mocking teases teasing scolding scolds`)

// lowerClause lowers the tokens from i to the end of the clause, or to where
// the subject is spoken of again.
func lowerClause(toks []Token, p *people, i int, f float32, lower func(int, float32, string)) {
	for from := i; i < len(toks); i++ {
		t := &toks[i]
		if t.Kind == Punct && t.Word != "-" && t.Word != "'" && t.Word != "\"" || t.Kind == Emoji || contrastWords[t.Word] {
			return
		}
		if t.Word == "and" && i > from {
			return
		}
		if g, ok := pronouns[t.Word]; ok && (t.Word == "he" || t.Word == "she") && i > from && (p.mentions[p.subject].role.gender == g) {
			return
		}
		lower(i, f, saysDeeds)
	}
}
