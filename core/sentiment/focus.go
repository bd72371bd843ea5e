package sentiment

import "strings"

// Focus: words that describe something else than the person of the portrait
// count little: other people, things, what is printed on a shirt, titles and
// names.

// titles stand before a surname.
var titles = set("mr mrs ms miss dr mister madam madame sir lady lord uncle aunt auntie professor prof captain king queen prince princess sister brother father detective inspector sergeant general colonel major saint st judge president chef coach nurse")

// Words that lead over to another person.
var leadsAway = set("beside near with and while behind between against opposite alongside amid among before towards toward besides by after")

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
			toks[i].Rule = rule
		}
	}
	for k := range p.mentions {
		if m := &p.mentions[k]; m.name {
			for i := m.from; i <= m.tok; i++ {
				if _, ok := givenNames()[toks[i].Word]; ok {
					lower(i, 0, "a name")
				}
			}
		}
	}
	weighTitles(toks, lower)
	for i := range toks {
		if craft[toks[i].Word] {
			lower(i, 0.1, "speaks of the picture")
		}
		if thingNouns().printed[toks[i].Word] {
			maskPrinted(toks, i, lower)
		}
	}
	weighThings(toks, p, lower)
	if p.subject >= 0 {
		weighOthers(toks, p, lower)
	}
}

// weighTitles takes the weight from surnames, and from words that only name
// something: written with a capital inside a sentence ("the Happy Valley
// racecourse"), or in quotation marks with capitals ("'Some Like It Hot'").
func weighTitles(toks []Token, lower func(int, float32, string)) {
	capitals, words := 0, 0
	for i := range toks {
		if toks[i].Kind == Word && !functionWords[toks[i].Word] {
			words++
			capitals += boolInt(capital1(toks[i].Text) && !opensSentence(toks, i))
		}
	}
	headline := 2*capitals > words // every word has one: it tells nothing
	for i := 1; i < len(toks); i++ {
		if toks[i].Kind != Word || !capital(toks[i].Text) {
			continue
		}
		k := i - 1
		if toks[k].Word == "." && k > 0 {
			k--
		}
		prev := toks[k].Word
		if titles[prev] && (k != i-1 || prev != ".") || prev == "named" || prev == "called" || prev == "surnamed" {
			lower(i, 0, "a name")
			continue
		}
		if headline || opensSentence(toks, i) {
			continue
		}
		if i+1 < len(toks) && toks[i+1].Kind == Word && !capital1(toks[i+1].Text) {
			if _, ok := roleOf(toks[i+1].Word); ok && !capital1(toks[i-1].Text) {
				continue // "a Happy woman" is only oddly written
			}
		}
		lower(i, 0, "a name")
	}
	// Titles in quotation marks.
	for i := range toks {
		if !quotes[toks[i].Word] || toks[i].Kind != Punct {
			continue
		}
		n, caps, j := 0, 0, i+1
		for ; j < len(toks) && j < i+9 && !quotes[toks[j].Word] && toks[j].Kind != Emoji; j++ {
			if toks[j].Kind == Word && !functionWords[toks[j].Word] {
				n++
				caps += boolInt(capital1(toks[j].Text))
			}
		}
		if j >= len(toks) || !quotes[toks[j].Word] || n == 0 {
			continue
		}
		if written := j+1 < len(toks) && inscribed[toks[j+1].Word]; written || caps == n && (n > 1 || strings.ToUpper(toks[i+1].Text) != toks[i+1].Text) && toks[j-1].Kind == Word {
			for k := i + 1; k < j; k++ {
				lower(k, 0, "a title")
			}
		}
	}
}

var quotes = set("' \" “ ” « » „ `")

var inscribed = set("written printed painted embroidered tattooed engraved carved on stitched scrawled")

// opensSentence tells whether token i is the first word of a sentence, a
// line, a quotation or a tag.
func opensSentence(toks []Token, i int) bool {
	if i == 0 {
		return true
	}
	b := &toks[i-1]
	return b.Kind == Emoji || b.Kind == Punct && b.Word != "," && b.Word != "-" && b.Word != "'s" || b.Kind == Number && i == 1
}

// maskPrinted lowers what is printed on the thing at token i: "a shirt that
// says HAPPY", "a mug with the words 'so sad'".
func maskPrinted(toks []Token, i int, lower func(int, float32, string)) {
	for k := i + 1; k < len(toks) && k < i+5; k++ {
		switch toks[k].Word {
		case "says", "saying", "reads", "reading", "word", "words", "text", "\"", "'", "“", "lettered", "labelled", "labeled":
			if quotes[toks[k].Word] && k > i+3 {
				return
			}
			quoted := false
			for j := k + 1; j < len(toks) && j < k+9; j++ {
				if quotes[toks[j].Word] && toks[j].Kind == Punct {
					if quoted || quotes[toks[k].Word] {
						break
					}
					quoted = true
				}
				if !quoted && !quotes[toks[k].Word] && (toks[j].Kind == Punct && toks[j].Word != ":" || j > k+5) {
					break
				}
				lower(j, 0, "printed on the "+toks[i].Word)
			}
			return
		case ",", ".", ";":
			return
		}
	}
}

func capital(s string) bool { return s[0] >= 'A' && s[0] <= 'Z' && s != "I" && strings.ToUpper(s) != s }
