package sentiment

import (
	"strconv"
	"strings"
)

var units = map[string]int{
	"one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10,
	"eleven": 11, "twelve": 12, "thirteen": 13, "fourteen": 14, "fifteen": 15, "sixteen": 16, "seventeen": 17,
	"eighteen": 18, "nineteen": 19,
}

var tens = map[string]int{
	"twenty": 20, "thirty": 30, "forty": 40, "fourty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90,
	"hundred": 100,
}

var decades = map[string]int{
	"teens": 10, "twenties": 20, "thirties": 30, "forties": 40, "fourties": 40, "fifties": 50, "sixties": 60,
	"seventies": 70, "eighties": 80, "nineties": 90,
	"twentys": 20, "thirtys": 30, "fortys": 40, "fourtys": 40, "fiftys": 50, "sixtys": 60, "seventys": 70, "eightys": 80, "ninetys": 90,
}

var ordinals = map[string]int{
	"first": 1, "second": 2, "third": 3, "fourth": 4, "fifth": 5, "sixth": 6, "seventh": 7, "eighth": 8, "ninth": 9, "tenth": 10,
	"eleventh": 11, "twelfth": 12, "thirteenth": 13, "fourteenth": 14, "fifteenth": 15, "sixteenth": 16, "seventeenth": 17,
	"eighteenth": 18, "nineteenth": 19, "twentieth": 20, "thirtieth": 30, "fortieth": 40, "fiftieth": 50, "sixtieth": 60,
	"seventieth": 70, "eightieth": 80, "ninetieth": 90, "hundredth": 100,
}

// numberAt reads the number that begins at token i, in digits or in words
// ("seventy-two"); next is the token after it, i where there is none.
func numberAt(toks []Token, i int) (n int, next int) {
	if i >= len(toks) {
		return 0, i
	}
	t := &toks[i]
	if t.Kind == Number {
		v, err := strconv.Atoi(strings.TrimSuffix(t.Word, "."))
		if err != nil || v < 0 || v > 999 {
			return 0, i
		}
		return v, i + 1
	}
	if t.Kind != Word {
		return 0, i
	}
	if v, ok := units[t.Word]; ok {
		return v, i + 1
	}
	if t.Word == "a" && i+1 < len(toks) && toks[i+1].Word == "hundred" {
		return 100, i + 2
	}
	v, ok := tens[t.Word]
	if !ok {
		return 0, i
	}
	k := i + 1
	if k+1 < len(toks) && toks[k].Word == "-" {
		k++
	}
	if k < len(toks) && v < 100 {
		if u, ok := units[toks[k].Word]; ok && u < 10 {
			return v + u, k + 1
		}
	}
	return v, i + 1
}

// ordinalAt reads "80th", "eightieth" or "eighty-first" at token i.
func ordinalAt(toks []Token, i int) (n int, next int) {
	if i >= len(toks) {
		return 0, i
	}
	if n, ok := ordinals[toks[i].Word]; ok {
		return n, i + 1
	}
	if v, ok := tens[toks[i].Word]; ok && i+2 < len(toks) && toks[i+1].Word == "-" {
		if u, ok := ordinals[toks[i+2].Word]; ok && u < 10 {
			return v + u, i + 3
		}
	}
	if v, k := numberAt(toks, i); k == i+1 && toks[i].Kind == Number && k < len(toks) && toks[k].Glued {
		switch toks[k].Word {
		case "st", "nd", "rd", "th":
			return v, k + 1
		}
	}
	return 0, i
}

// yearsOld matches what follows a number in an age: "years old", "-year-old",
// "yo", "y/o", "years of age". scale is in years (months: 1/12). bare is true
// where no "old" was there ("72 yrs").
func yearsOld(toks []Token, i int) (next int, scale float64, bare bool) {
	word := func(k int) string {
		if k < len(toks) {
			return toks[k].Word
		}
		return ""
	}
	k := i
	if word(k) == "-" {
		k++
	}
	switch word(k) {
	case "yo", "yr-old", "yrold":
		return k + 1, 1, false
	case "y":
		if s := word(k + 1); (s == "/" || s == ".") && word(k+2) == "o" {
			return k + 3, 1, false
		}
		if word(k+1) == "o" {
			return k + 2, 1, false
		}
		return k + 1, 1, true
	case "y.o":
		return k + 1, 1, false
	case "year", "years", "yr", "yrs", "yers", "yeas", "yaer", "yaers":
		scale = 1
	case "winters", "summers", "springs":
		return k + 1, 1, true
	case "month", "months":
		scale = 1.0 / 12
	case "week", "weeks":
		scale = 1.0 / 52
	case "day", "days":
		scale = 1.0 / 365
	default:
		return i, 0, false
	}
	short := word(k) == "yr" || word(k) == "yrs"
	k++
	if word(k) == "-" {
		k++
	}
	switch word(k) {
	case "old", "young":
		return k + 1, scale, false
	case "of":
		if word(k+1) == "age" {
			return k + 2, scale, false
		}
	}
	if short {
		return k, scale, true
	}
	return i, 0, false
}

// headlessAge recognises "an 80-year-old" where no noun follows: it stands
// for a person. It returns the token of its head, or i.
func headlessAge(toks []Token, i int) int {
	if i > 0 && toks[i-1].Kind == Word && !determiners[toks[i-1].Word] {
		return i
	}
	if i == 0 || toks[i-1].Kind == Punct {
		return i
	}
	n, k := numberAt(toks, i)
	if k == i || n > 110 {
		return i
	}
	e, _, bare := yearsOld(toks, k)
	if e == k || bare {
		return i
	}
	for j := e; j < len(toks) && j < e+4; j++ {
		w := toks[j].Word
		if _, ok := roleOf(w); ok {
			return i
		}
		if _, ok := plurals[w]; ok || things[w] {
			return i
		}
		if toks[j].Kind == Punct && w != "," && w != "-" || phraseStop[w] {
			break
		}
	}
	return e - 1
}

// things that have an age and are no person.
var things = set(`whisky whiskey wine scotch car house tree oak dog cat horse building bottle photo photograph picture coat jacket
	boat ship marriage church bridge book guitar piano violin bike truck milk bread cheese puppy kitten sweater shirt shoes
	furniture beard stubble bruise tattoo scar haircut sofa chair table clock watch company firm tradition recipe rum cognac brandy painting tortoise turtle`)
