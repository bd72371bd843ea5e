package sentiment

// The scope of words: which clause counts, and how much. "He used to be
// cheerful, but today he is in tears" speaks of tears; "despite the bad news
// she smiles" of a smile. Each token's Weight says how much it counts for the
// classifier, and Rule by which rule.

type clauseFlag uint8

const (
	past     clauseFlag = 1 << iota // "used to", "once", "usually"
	present                         // "now", "today", "suddenly"
	concede                         // "although", "despite"
	contrast                        // "but", "yet"
)

type clause struct {
	from, to int
	flags    clauseFlag
	sentence int
}

var (
	contrastWords = set("but yet however nevertheless nonetheless still")
	concedeWords  = set("although though despite notwithstanding regardless unlike")
	presentWords  = set("now today suddenly finally tonight nowadays currently")
	pastWords     = set("once formerly previously earlier yesterday usually normally originally before typically")
)

// clauses cuts the tokens at punctuation and at the words that join clauses.
func clauses(toks []Token) []clause {
	var cs []clause
	start, sentence := 0, 0
	end := func(i int) {
		if i > start {
			cs = append(cs, clause{from: start, to: i, sentence: sentence})
		}
		start = i
	}
	for i := range toks {
		w := toks[i].Word
		next := ""
		if i+1 < len(toks) {
			next = toks[i+1].Word
		}
		switch {
		case toks[i].Kind == Punct && (w == "." || w == "!" || w == "?"):
			end(i + 1)
			sentence++
		case toks[i].Kind == Punct && (w == "," || w == ";" || w == ":" || w == "(" || w == ")" || w == "..."):
			end(i + 1)
		case w == "still" && start != i: // "the man who is still laughing"
		case w == "though" && i > 0 && toks[i-1].Word == "as": // "as though she had seen a ghost"
		case w == "but" && i > 0 && (toks[i-1].Word == "anything" || toks[i-1].Word == "nothing" || toks[i-1].Word == "everything"):
		case w == "instead" && next != "of", contrastWords[w] || concedeWords[w] || w == "whereas" || w == "until" || w == "then":
			end(i)
		case (w == "he" || w == "she" || w == "they") && i > start+2 && concedeWords[toks[start].Word]:
			end(i) // "regardless of his past he is a jolly fellow"
		case w == "in" && next == "spite", w == "even" && (next == "if" || next == "though"):
			end(i)
		case (w == "and" || w == "right") && (presentWords[next] || w == "and" && next == "still"):
			end(i)
		case w == "and" && (next == "then" || pronouns[next] != 0 && next != "his" && next != "her"):
			end(i)
		case presentWords[w] && i > start && !(i == start+1 && (contrastWords[toks[start].Word] || toks[start].Word == "and" || toks[start].Word == "right")) && next != "." && next != "":
			end(i)
		}
	}
	end(len(toks))
	for k := range cs {
		cs[k].flags = flagsOf(toks, cs[k].from, cs[k].to)
	}
	return cs
}

func flagsOf(toks []Token, from, to int) (f clauseFlag) {
	for i := from; i < to; i++ {
		w := toks[i].Word
		head := i-from < 2
		next := ""
		if i+1 < to {
			next = toks[i+1].Word
		}
		switch {
		case w == "though" && i > 0 && toks[i-1].Word == "as":
		case w == "however" && i == from && i+1 < to && toks[i+1].Kind == Word && (i == 0 || toks[i-1].Word != ",") && !pronounOrArticle(next): // "however sad the film was"
			f |= concede
		case contrastWords[w] && head, w == "instead" && next != "of" && head:
			f |= contrast
		case w == "while" && i == 0, w == "as" && i == 0 && next != "a" && next != "an" && next != "if" && next != "though":
			f |= concede
		case w == "only" && i == from && from > 0 && i+1 < to && capital1(toks[i+1].Text):
			f |= contrast // "The others danced. Only Ann stood by the wall."
		case concedeWords[w] && i > 0 && i+2 < to && toks[i+2].Word == "could":
			// "she comforts him although she could weep herself"
		case concedeWords[w] && head, w == "spite" && i > from && i-from < 3 && toks[i-1].Word == "in":
			f |= concede
		case w == "then" && head && i > from && toks[i-1].Word == "and" && from > 0:
			f |= present // "she laughed and then remembered"
		case presentWords[w], w == "moment" && i > from && toks[i-1].Word == "this":
			f |= present
		case w == "used" && next == "to" && !(i > from && (toks[i-1].Word == "is" || toks[i-1].Word == "get" || toks[i-1].Word == "am")):
			f |= past
		case pastWords[w] && !(w == "once" && (i+1 >= to || next == "again" || next == "more")) && !(w == "before" && !(i+1 >= to || toks[i+1].Kind == Punct)):
			f |= past
		case w == "ago", w == "morning" && i > from && toks[i-1].Word == "this":
			f |= past
		}
	}
	return f
}

// pronounOrArticle tells whether a word opens a clause of its own, so that an
// "however" before it is no degree.
func pronounOrArticle(w string) bool { return determiners[w] || pronouns[w] != 0 || speaker[w] }

// weighClauses applies the rules of past and present, concession and contrast.
func weighClauses(toks []Token) {
	cs := clauses(toks)
	weighConditions(toks, cs)
	if len(cs) < 2 {
		for _, c := range cs {
			if c.flags&past != 0 && c.flags&present == 0 {
				markUsedTo(toks, c)
			}
		}
		return
	}
	scale := func(k int, f float32, rule string) {
		for i := cs[k].from; i < cs[k].to; i++ {
			toks[i].Weight *= f
			if f < 1 {
				toks[i].Rule = rule
			}
		}
	}
	for k := range cs {
		c := cs[k]
		if c.flags&past != 0 && c.flags&present == 0 {
			switch {
			case k+1 < len(cs) && cs[k+1].sentence <= c.sentence+1:
				scale(k, 0.1, "it was so before")
			default:
				markUsedTo(toks, c)
			}
		}
		if c.flags&concede != 0 {
			// The clause itself, and what a comma cuts off its end stays with it.
			scale(k, 0.25, "conceded")
		}
		if c.flags&contrast != 0 || c.flags&present != 0 && k > 0 {
			f, rule := float32(0.3), "outweighed by what comes after \"but\""
			if c.flags&contrast == 0 {
				f, rule = 0.45, "outweighed by what is so now"
			}
			for j := 0; j < k; j++ {
				if cs[j].sentence >= c.sentence-1 {
					scale(j, f, rule)
				}
			}
		}
	}
}

// markUsedTo turns what stands after "used to" into its negation where no
// other clause says how it is now.
func markUsedTo(toks []Token, c clause) {
	for i := c.from; i+1 < c.to; i++ {
		if toks[i].Word == "used" && toks[i+1].Word == "to" {
			for k := i + 2; k < c.to; k++ {
				toks[k].Negated = !toks[k].Negated
			}
			return
		}
	}
}

// weighConditions lowers an unreal condition where a "but" tells how it is:
// "if he won he would cheer, but he does not play".
func weighConditions(toks []Token, cs []clause) {
	would, start := false, -1
	for _, c := range cs {
		if start < 0 || cs[0].sentence != c.sentence {
			for i := c.from; i < c.to; i++ {
				if toks[i].Word == "if" && start < 0 {
					start = i
				}
			}
		}
		if start >= 0 && c.flags&contrast != 0 && would {
			for i := start; i < c.from; i++ {
				toks[i].Weight *= 0.12
				toks[i].Rule = "only a condition"
			}
			return
		}
		for i := max(c.from, start); start >= 0 && i < c.to; i++ {
			would = would || toks[i].Word == "would"
		}
	}
}
