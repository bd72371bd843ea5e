package sentiment

import "strings"

// Whose feeling is told: the first who is named, or whom the text comes to.

// settle goes on from mention s to the one whose feeling is told: from the
// words of a speech to who speaks them, from "that man makes her shudder" to
// her, from an unnamed "the doctor" to the Tom of the next clause.
func (p *people) settle(toks []Token, s int) int {
	ms := p.mentions
	if k := p.speaks(toks, s); k >= 0 {
		return k
	}
	m := &ms[s]
	if s+1 < len(ms) && !m.speaker {
		n := &ms[s+1]
		w := toks[n.tok].Word
		if (w == "her" || w == "him") && n.tok == m.tok+2 && stirs[toks[m.tok+1].Word] && n.role.gender != m.role.gender && !m.name {
			return s + 1
		}
	}
	if m.role.gender != 0 || m.pronoun || m.name || m.plural && m.role.best == 0 || toks[m.from].Word != "the" {
		if !m.plural {
			return s
		}
	}
	for k := s + 1; k < len(ms); k++ {
		n := &ms[k]
		if !n.name || n.tok == 0 || n.tok+1 >= len(toks) {
			continue
		}
		b := toks[n.tok-1].Word
		v := toks[n.tok+1].Word
		verb := strings.HasSuffix(v, "ed") || strings.HasSuffix(v, "s") && v != "'s" || copulas[v] || v == "could" || v == "had" || v == "held" || v == "kept" || v == "stood" || v == "sat"
		if verb && (b == "and" && !m.plural || b == "." || b == "only") {
			return k
		}
	}
	return s
}

// speaks gives the mention that speaks the quotation in which mention s
// stands: in "'Take it from me,' says the countess" that is the countess; -1
// where there is none.
func (p *people) speaks(toks []Token, s int) int {
	open, close := -1, -1
	for i := range toks {
		if toks[i].Kind != Punct || toks[i].Word != "\"" && toks[i].Word != "“" && toks[i].Word != "”" {
			continue
		}
		if open < 0 {
			open = i
			continue
		}
		close = i
		break
	}
	if open < 0 && p.mentions[s].speaker {
		// "don't hurt me ... whispers the thief"
		for k := s + 1; k < len(p.mentions); k++ {
			if m := &p.mentions[k]; !m.pronoun && m.from > 0 && (toks[m.from].Word == "the" || m.name) && says[toks[m.from-1].Word] {
				return k
			}
		}
	}
	if close < open+3 || p.mentions[s].tok < open || p.mentions[s].tok > close || !p.mentions[s].pronoun {
		return -1
	}
	for k := s + 1; k < len(p.mentions); k++ {
		if m := &p.mentions[k]; m.tok > close && m.from <= close+4 {
			return k
		}
	}
	return -1
}

// says are verbs that name the speaker behind a speech.
var says = set("says said whispers whispered cries cried shouts shouted mutters muttered asks asked thinks thought sighs sighed sobs sobbed mumbles mumbled yells yelled replies replied roars roared snaps snapped hisses")

// stirs are verbs that tell what somebody makes another one feel.
var stirs = set(`makes made frightens frightened scares scared disgusts disgusted revolts revolted sickens sickened terrifies terrified startles startled
	surprises surprised amuses amused annoys annoyed infuriates infuriated delights delighted saddens saddened upsets upset angers angered shocks
	shocked drives enrages creeps horrifies bores thrills repulses`)
