package sentiment

// Feelings that are not there: wished for, pretended, asked about. "She wants
// to be happy" denies that she is; "he pretends to smile" too.

// wishing are the verbs of feelings that are only wished for, acting those of
// feelings that are only shown.
var (
	wishing = set(`want wants wanted wanting wish wishes wished wishing hope hopes hoped hoping long longs longed longing yearn yearns yearning
		dream dreams dreamt dreaming try tries trying tried struggles struggling attempts attempting need needs expected supposed ought should
		prays praying promised`)
	acting = set(`pretend pretends pretended pretending feign feigns feigned feigning fake fakes faked faking act acts acted acting play plays played playing`)
	// what a wish has to be for to deny the feeling
	states = set(`be feel look seem appear smile laugh stay become get have cheer grin find being feeling smiling laughing was were could`)
)

// markWishes negates what is wished for or pretended.
func markWishes(toks []Token) {
	book := cues()
	for i := range toks {
		w := toks[i].Word
		if toks[i].Kind != Word || toks[i].Negated {
			continue
		}
		wish, act := wishing[w], acting[w]
		if !wish && !act {
			continue
		}
		k := i + 1
		word := func(k int) string {
			if k < len(toks) {
				return toks[k].Word
			}
			return ""
		}
		rule := "only wished for"
		if act {
			rule = "only pretended"
		}
		switch {
		case wish && (word(k) == "to" || word(k) == "of" || word(k) == "for"):
			if word(k+1) == "not" || !states[word(k+1)] && word(k) == "to" {
				continue // "wants to cry" cries in his heart
			}
			k++
		case wish && (w == "wish" || w == "wishes" || w == "wished" || w == "wishing") && (pronouns[word(k)] != 0 || speaker[word(k)]):
			k++
		case wish && (w == "should" || w == "ought") && word(k) == "be":
		case act && (word(k) == "to" || word(k) == "that" || word(k) == "being"):
		case act && k < len(toks) && (book.feeling(&toks[k]) || (word(k) == "as" || word(k) == "a" || word(k) == "so" || word(k) == "all") && k+1 < len(toks) && book.feeling(&toks[k+1])):
			if (word(k) == "a" || word(k) == "all") && w[0] == 'p' && w[1] == 'l' { // "plays a happy tune"
				continue
			}
		default:
			continue
		}
		for ; k < len(toks) && k < i+9; k++ {
			t := &toks[k]
			if t.Kind == Punct && t.Word != "-" || t.Kind == Emoji || negationEnds[t.Word] || t.Word == "and" || t.Word == "as" {
				break
			}
			t.Negated = true
			t.Rule = rule
		}
	}
}

// weighComparisons lowers the smaller part of a comparison: "more angry than
// sad", "less sad than angry", "not so much scared as furious".
func weighComparisons(toks []Token) {
	lower := func(from, to int) {
		for i := max(0, from); i < min(to, len(toks)); i++ {
			if toks[i].Weight > 0.2 {
				toks[i].Weight, toks[i].Rule = 0.2, "the smaller part of a comparison"
			}
		}
	}
	book := cues()
	for i := range toks {
		switch toks[i].Word {
		case "more", "rather", "less":
			for k := i + 2; k < len(toks) && k < i+7 && toks[k].Kind != Punct; k++ {
				if toks[k].Word != "than" {
					continue
				}
				far := k + 1
				for far < len(toks) && far < k+4 && !book.feeling(&toks[far]) {
					far++
				}
				if far < len(toks) && far < k+4 {
					if toks[i].Word == "less" {
						lower(i+1, k)
					} else {
						lower(k+1, far+1)
					}
				}
				break
			}
		case "much":
			if i > 1 && toks[i-1].Word == "so" && toks[i-2].Word == "not" {
				for k := i + 2; k < len(toks) && k < i+6; k++ {
					if toks[k].Word == "as" {
						for j := k + 1; j < len(toks); j++ {
							toks[j].Negated = false
						}
					}
				}
			}
		}
	}
	weighShares(toks, book)
}

// Words that call a feeling the main one, and those that call it a small one.
var (
	mainly = set("mostly mainly chiefly primarily predominantly overwhelmingly foremost above especially essentially")
	traces = set("touch hint trace tinge pinch undertone shade flicker suggestion whiff dash twinge")
)

// weighShares weighs parts of a mixed feeling: "a hint of fear, but mainly
// amazement". Where nothing else is felt a trace counts in full.
func weighShares(toks []Token, book *cueBook) {
	n := 0
	for i := range toks {
		if book.feeling(&toks[i]) && !toks[i].Negated && toks[i].Weight > 0.5 {
			n++
		}
	}
	if n < 2 {
		return
	}
	for i := range toks {
		w := toks[i].Word
		switch {
		case mainly[w] && (w != "above" || i+1 < len(toks) && toks[i+1].Word == "all"):
			for k := i + 1; k < len(toks) && k < i+7 && toks[k].Kind != Punct; k++ {
				toks[k].Weight *= 1.3
			}
		case traces[w] && i+1 < len(toks) && toks[i+1].Word == "of", downtoners[w], w == "bit" && i > 0 && toks[i-1].Word == "a":
			for k := i + 1; k < len(toks) && k < i+4 && toks[k].Kind != Punct; k++ {
				if toks[k].Word == "and" || contrastWords[toks[k].Word] {
					break
				}
				toks[k].Weight *= 0.5
				toks[k].Rule = "only a little of it"
			}
		}
	}
}

// weighQuestions lowers a question that the text itself denies: "Scared? No,
// she is laughing."
func weighQuestions(toks []Token) {
	start := 0
	for i := range toks {
		if toks[i].Kind != Punct {
			continue
		}
		if w := toks[i].Word; w == "?" && i+1 < len(toks) {
			switch toks[i+1].Word {
			case "no", "nope", "never", "not", "hardly", "nah", "wrong":
				for k := start; k < i; k++ {
					if toks[k].Weight > 0.12 {
						toks[k].Weight, toks[k].Rule = 0.12, "asked and denied"
					}
				}
			}
			start = i + 1
		} else if w == "." || w == "!" {
			start = i + 1
		}
	}
}
