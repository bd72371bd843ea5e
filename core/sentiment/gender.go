package sentiment

// signOf is one word that says something about the sex of the subject.
type signOf struct {
	tok    int
	weight float64
}

// genderOf finds the sex of the person whom a portrait would show: from the
// noun or the name, else from an adjective of that phrase, else from the
// first pronoun that can stand for that person. said is false where the text
// tells nothing: nothing is guessed from a trade.
func genderOf(toks []Token, p *people) (gender float64, said bool, signs []signOf) {
	if p.subject < 0 {
		for i := range toks {
			if g, ok := sexed[toks[i].Word]; ok && !toks[i].Negated {
				return g, true, []signOf{{i, g}}
			}
			if neutralSex[toks[i].Word] {
				return 0, true, []signOf{{i, 0}}
			}
		}
		return 0, false, nil
	}
	for i := range toks {
		if neutralAt(toks, i) {
			return 0, true, []signOf{{i, 0}}
		}
	}
	s := &p.mentions[p.subject]
	for i := s.from; i < s.tok; i++ {
		if neutralSex[toks[i].Word] {
			return 0, true, []signOf{{i, 0}}
		}
	}
	if s.role.gender != 0 && !s.speaker {
		g := float64(s.role.gender)
		signs = append(signs, signOf{s.tok, g})
		for i := s.from; i < s.tok; i++ {
			if _, ok := sexed[toks[i].Word]; ok {
				signs = append(signs, signOf{i, g})
			} else if r, ok := roleOf(toks[i].Word); ok && r.gender == s.role.gender {
				signs = append(signs, signOf{i, g})
			}
		}
		return g, true, signs
	}
	// An adjective in the phrase, or a sign anywhere before somebody else comes.
	limit := len(toks)
	for k := p.subject + 1; k < len(p.mentions); k++ {
		if m := &p.mentions[k]; !m.pronoun {
			limit = m.from
			break
		}
	}
	for i := s.from; i < limit; i++ {
		if g, ok := sexed[toks[i].Word]; ok && !toks[i].Negated {
			return g, true, []signOf{{i, g}}
		}
		if neutralSex[toks[i].Word] {
			return 0, true, []signOf{{i, 0}}
		}
	}
	for i := 0; p.subject == 0 && i < s.from; i++ {
		if g, ok := sexed[toks[i].Word]; ok && !toks[i].Negated {
			return g, true, []signOf{{i, g}} // "hijab wearing engineer"
		}
	}
	for k := p.subject + 1; k < len(p.mentions); k++ {
		if m := &p.mentions[k]; m.again && m.role.gender != 0 {
			g := float64(m.role.gender)
			return g, true, []signOf{{m.tok, g}}
		}
	}
	if s.speaker {
		return speakerGender(toks, p)
	}
	others := map[int8]bool{}
	for k := p.subject + 1; k < len(p.mentions); k++ {
		m := &p.mentions[k]
		switch {
		case m.pronoun && !m.speaker && !others[m.role.gender]:
			g := float64(m.role.gender)
			return g, true, []signOf{{m.tok, g}}
		case !m.pronoun && m.role.gender != 0:
			others[m.role.gender] = true
		case !m.pronoun && m.role.gender == 0 && !m.owned && !m.plural && !unclear[toks[m.tok].Word] && toks[m.tok].Word != "child":
			// Somebody of whom nothing is known either: the pronoun may be theirs.
			if !appositive(toks, p, k) {
				return 0, false, nil
			}
		}
	}
	return 0, false, nil
}

// neutralAt tells whether "non-binary" or "gender-neutral" ends at token i.
func neutralAt(toks []Token, i int) bool {
	k := i - 1
	if k > 0 && toks[k].Word == "-" {
		k--
	}
	if k < 0 {
		return false
	}
	w, b := toks[i].Word, toks[k].Word
	return w == "binary" && b == "non" || b == "gender" && (w == "neutral" || w == "fluid" || w == "queer")
}

// appositive tells whether mention k only names the subject once more: "he
// is a doctor", "Kim, a doctor".
func appositive(toks []Token, p *people, k int) bool {
	m := &p.mentions[k]
	if m.from == 0 {
		return true
	}
	w := toks[m.from-1].Word
	return copulas[w] || w == "as" || w == "," && m.from < m.tok
}

// speakerGender reads the few things by which a writer tells: "I am a
// mother", "as a man". Kin ("my husband") tell nothing of the writer.
func speakerGender(toks []Token, p *people) (float64, bool, []signOf) {
	for k := p.subject + 1; k < len(p.mentions); k++ {
		m := &p.mentions[k]
		if m.pronoun || m.role.gender == 0 || m.owned || m.from < 1 {
			continue
		}
		if w := toks[m.from-1].Word; w == "am" || w == "as" || m.from > 1 && toks[m.from-2].Word == "i" && (w == "'m" || w == "was") {
			g := float64(m.role.gender)
			return g, true, []signOf{{m.tok, g}}
		}
	}
	return 0, false, nil
}
