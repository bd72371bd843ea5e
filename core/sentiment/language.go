package sentiment

import (
	"unicode"
	"unicode/utf8"
)

// Frequent short words of other languages in Latin letters that are no
// English words.
var foreign = set(`el los las una unos esta este con por para pero muy está que qué como más hombre mujer niño feliz triste
	le les des une est dans sur avec pour qui très vieil homme femme heureux heureuse il elle nous vous mais et au aux du
	der die das und ist nicht ein eine einen mit auf für sehr ich wir sie mann frau glücklich traurig alter alte zu im
	il lo gli della che è uomo donna felice molto vecchio di per non sono
	o os um uma com não muito homem mulher velho
	een het van en niet met voor oude vrouw gelukkig zijn
	och är inte en ett med för gammal på som det kvinna lycklig`)

// Words of the list above that are English as well, or often stand in English.
var shared = set("die des en het con per met o il as man do no non im um")

// language judges whether the text is English that the model can read: the
// share of its words that are known to it. It returns 1 for plain English and
// little for anything else, and leaves a note where it is little.
func (a *English) language(toks []Token, r *Reading) float64 {
	words, known, other, letters := 0, 0, 0, 0
	english := 0
	for i := range toks {
		t := &toks[i]
		if t.Kind == Emoji {
			if t.Word[0] == ':' {
				known, words = known+1, words+1
			}
			continue
		}
		if t.Kind != Word {
			continue
		}
		words++
		if c, _ := utf8.DecodeRuneInString(t.Word); c > 0x24f && unicode.IsLetter(c) {
			letters++
			continue
		}
		if a.model.vocabulary.has(t.Word) {
			known++
		}
		if functionWords[t.Word] && !foreign[t.Word] {
			english++
		}
		if foreign[t.Word] && !shared[t.Word] {
			other++
		}
	}
	switch {
	case words == 0:
		r.Language = "und"
		r.Notes = append(r.Notes, "there are no words in the text: a neutral face is the best guess")
		return 0.2
	case letters*2 > words, other >= 2 && other > english, other >= 1 && english == 0 && known*2 <= words+1:
		r.Language = "und"
		r.Notes = append(r.Notes, "the text does not seem to be English: what was read from it is a guess")
		return 0.15
	case known == 0 || known*3 < words:
		r.Language = "und"
		r.Notes = append(r.Notes, "most words of the text are unknown: what was read from it is a guess")
		return 0.3
	}
	return 0.6 + 0.4*float64(known)/float64(words)
}
