package sentiment

import "strings"

// Focus: words that describe something else than the person of the portrait
// count little: other people, the weather, what is printed on a shirt, names.

// Things whose adjectives are no feelings of a person.
var scenery = set(`sky skies weather cloud clouds sea ocean sun storm wind rain landscape colours colors wallpaper shirt tshirt
	sweater poster mask tattoo logo balloon cartoon mug sticker costume hat cap dress socks tie badge pattern music tune light
	lighting background backdrop sunset sunrise fog mist waves forest mountains`)

// Times of day take an adjective of weather unless they are somebody's own
// ("her happiest day", "my sad day").
var timesOfDay = set("day morning afternoon evening night sunday monday tuesday wednesday thursday friday saturday winter autumn")

// Two words that together mean something without a feeling.
var fixedPairs = map[string]string{
	"happy": "hour meal feet", "angry": "birds bird", "grim": "reaper", "joy": "division stick", "fear": "factor",
	"sad": "song songs", "blue": "sky eyes shirt dress hair coat", "mad": "max hatter", "shock": "absorber",
	"dead": "poets sea", "cry": "wolf", "surprise": "party", "jolly": "roger", "panic": "room", "scary": "movie",
	"terror": "management", "rage": "room", "comedy": "club", "smiley": "face",
}

// titles stand before a surname.
var titles = set("mr mrs ms miss dr mister madam sir lady lord uncle aunt professor prof captain king queen prince princess sister brother father")

// Words that lead over to another person.
var leadsAway = set("beside near with and while behind between against opposite alongside amid among before towards toward")

// printed are things that carry words.
var printed = set("shirt tshirt poster sign mug tattoo badge cap hat sticker sweater hoodie letters banner")

// craft are words of photographers and painters that say nothing of the face.
var craft = set(`studio lighting bokeh detailed cinematic dramatic hyperrealistic photorealistic realistic photography photorealism
	render rendered octane unreal trending artstation masterpiece quality resolution lens mm 4k 8k hd uhd grain kodak canon nikon leica
	aperture shallow depth field sharp focus intricate digital watercolor watercolour oil sketch illustration concept artwork style
	monochrome sepia vintage polaroid blurred blurry symmetrical composition`)

// weighFocus lowers the weight of words that speak of something else.
func weighFocus(toks []Token, p *people) {
	lower := func(i int, f float32, rule string) {
		if toks[i].Weight > f {
			toks[i].Weight = f
		}
		toks[i].Rule = rule
	}
	for i := range toks {
		w := toks[i].Word
		// names
		if i > 0 && toks[i].Kind == Word && capital(toks[i].Text) {
			k := i - 1
			if toks[k].Word == "." && k > 0 {
				k--
			}
			if titles[toks[k].Word] && (k != i-1 || toks[k].Word != ".") || toks[k].Word == "named" || toks[k].Word == "called" {
				lower(i, 0, "a name")
			}
		}
		if _, ok := nameAt(toks, i, false); ok {
			lower(i, 0, "a name")
		}
		if craft[w] {
			lower(i, 0.1, "speaks of the picture")
		}
		// fixed pairs
		if list, ok := fixedPairs[w]; ok {
			k := i + 1
			if k < len(toks) && toks[k].Word == "-" {
				k++
			}
			if k < len(toks) && hasWord(list, toks[k].Word) && !(w == "scary" || w == "surprise") {
				lower(i, 0, "not a feeling here")
				lower(k, 0, "not a feeling here")
			}
		}
		// scenery and clothes
		thing := scenery[w] && !(w == "mask" || w == "light") || scenery[w] && i > 0 && toks[i].Kind == Word
		if timesOfDay[w] {
			thing = true
		}
		if thing {
			maskPhrase(toks, i, timesOfDay[w], lower)
		}
		if printed[w] {
			maskQuoted(toks, i, lower)
		}
	}
	if p.subject >= 0 {
		weighOthers(toks, p, lower)
	}
}

// maskPhrase lowers the adjectives before the thing at token i.
func maskPhrase(toks []Token, i int, time bool, lower func(int, float32, string)) {
	from := i
	for from > 0 && i-from < 7 {
		b := &toks[from-1]
		if b.Kind == Punct && b.Word != "-" && b.Word != "," || phraseStop[b.Word] && b.Word != "and" {
			break
		}
		if (b.Word == "," || b.Word == "and") && !startsPhrase(toks, from-2) {
			break
		}
		if _, ok := roleOf(b.Word); ok {
			break
		}
		from--
		if determiners[b.Word] {
			if time && (pronouns[b.Word] != 0 || speaker[b.Word]) {
				return
			}
			break
		}
	}
	if from == i || !determiners[toks[from].Word] && !phraseBefore(toks, from) {
		return
	}
	for k := from; k < i; k++ {
		if time && (strings.HasSuffix(toks[k].Word, "est") || toks[k].Word == "worst" || toks[k].Word == "bad" || toks[k].Word == "first" || toks[k].Word == "last") {
			return
		}
	}
	for k := from; k < i; k++ {
		lower(k, 0.12, "describes the "+toks[i].Word)
	}
	lower(i, 0.4, "a thing")
}

// phraseBefore tells whether a preposition leads into token from ("in stormy
// weather"): only then are words without an article an adjective phrase.
func phraseBefore(toks []Token, from int) bool {
	switch {
	case from == 0:
		return false
	}
	switch toks[from-1].Word {
	case "in", "under", "on", "with", "wearing", "against", "by", "of":
		return true
	}
	return false
}

// maskQuoted lowers what is printed on the thing at token i: "a shirt that
// says HAPPY", "a mug with the words 'so sad'".
func maskQuoted(toks []Token, i int, lower func(int, float32, string)) {
	for k := i + 1; k < len(toks) && k < i+5; k++ {
		switch toks[k].Word {
		case "says", "saying", "reads", "reading", "word", "words", "text", "\"", "'", "“":
			for j := k + 1; j < len(toks) && j < k+6 && toks[j].Word != ","; j++ {
				lower(j, 0, "printed on the "+toks[i].Word)
			}
			return
		}
	}
}

// weighOthers lowers adjectives of people other than the subject, and what
// such people do where the text leads over to them ("beside a laughing thief").
func weighOthers(toks []Token, p *people, lower func(int, float32, string)) {
	for k := range p.mentions {
		m := &p.mentions[k]
		if k == p.subject || m.pronoun || k < p.subject || m.from <= p.mentions[p.subject].tok {
			continue
		}
		if appositive(toks, p, k) && !m.owned {
			continue
		}
		rule := "describes somebody else"
		for i := m.from; i < m.tok; i++ {
			lower(i, 0.15, rule)
		}
		if m.from == 0 {
			continue
		}
		lead := toks[m.from-1].Word
		if m.owned && m.from > 0 && (pronouns[lead] != 0 || speaker[lead]) && m.from > 1 {
			lead = toks[m.from-2].Word
		}
		if !leadsAway[lead] && lead != "of" && lead != "to" || lead == "of" && toks[max(0, m.from-2)].Word != "front" || lead == "to" && toks[max(0, m.from-2)].Word != "next" {
			continue
		}
		for i := m.tok + 1; i < len(toks) && toks[i].Kind != Punct && !contrastWords[toks[i].Word] && toks[i].Word != "and"; i++ {
			lower(i, 0.25, rule)
		}
	}
}

func capital(s string) bool { return s[0] >= 'A' && s[0] <= 'Z' && s != "I" && strings.ToUpper(s) != s }

func hasWord(list, w string) bool {
	for _, f := range strings.Fields(list) {
		if f == w {
			return true
		}
	}
	return false
}
