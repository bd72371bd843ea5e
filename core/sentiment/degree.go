package sentiment

var boosters = set(`very really extremely absolutely utterly totally completely so incredibly deeply terribly insanely overwhelmingly
	thoroughly truly hugely immensely wildly madly beyond`)

var downtoners = set(`slightly mildly somewhat vaguely faintly lightly moderately marginally`)

// Words of a strong feeling and of a faint one, for the arousal.
var (
	strongWords = set(`livid furious enraged outraged apoplectic irate seething raging fuming incensed ecstatic euphoric elated jubilant overjoyed thrilled
		exhilarated terrified petrified horrified panicking hysterical hysterically devastated inconsolable distraught bawling sobbing wailing revolted
		repulsed flabbergasted astounded thunderstruck dumbfounded gobsmacked screaming shrieking shouting yelling roaring howling bursting exploding`)
	faintWords = set(`annoyed irritated miffed peeved irked displeased grumpy cross uneasy apprehensive wary concerned content contented pleased
		satisfied serene glum wistful pensive downcast melancholy melancholic gloomy disappointed queasy averse surprised puzzled smiling smile amused`)
)

// faintly tells whether the text names a feeling by a faint word and by no
// strong one.
func faintly(toks []Token) (faint bool) {
	for i := range toks {
		t := &toks[i]
		switch {
		case t.Negated || t.Weight < 0.4:
		case t.Long || strongWords[t.Word] || t.Kind == Punct && t.Word == "!":
			return false
		case faintWords[t.Word]:
			faint = true
		}
	}
	return faint
}

// degreeOf tells how strong the text calls the feeling: -1 slight, 1 extreme,
// 0 neither.
func degreeOf(toks []Token) int {
	d := 0
	for i := range toks {
		w := toks[i].Word
		if toks[i].Kind != Word || toks[i].Weight < 0.5 || i+1 >= len(toks) || functionWords[toks[i+1].Word] && toks[i+1].Word != "of" {
			continue
		}
		prev, prev2 := "", ""
		if i > 0 {
			prev = toks[i-1].Word
		}
		if i > 1 {
			prev2 = toks[i-2].Word
		}
		next := toks[i+1].Word
		switch {
		case downtoners[w] && !toks[i].Negated:
			d = -1
		case (w == "bit" || w == "little") && prev == "a" && prev2 != "than" && prev2 != "not" && !noun(toks, i+1):
			d = -1
		case (w == "kind" || w == "sort") && next == "of" && prev != "a" && prev != "the":
			d = -1
		case boosters[w] && !toks[i].Negated && toks[i+1].Kind == Word:
			d = 1
		}
	}
	return d
}

// noun tells whether a person is named within two words, so that "a little"
// means size.
func noun(toks []Token, i int) bool {
	for k := i; k < len(toks) && k < i+3; k++ {
		if _, ok := roleOf(toks[k].Word); ok {
			return true
		}
	}
	return false
}
