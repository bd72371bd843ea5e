package sentiment

import (
	"fmt"
	"strings"
)

// role is what a noun says about a person.
type role struct {
	gender int8 // -1 woman, 1 man, 0 not said
	lo, hi float64
	best   float64 // age in years; 0: not said
}

// roles maps nouns for one person to what they say; nouns with no gender and
// no age still mark where a person is mentioned. plurals are those for several.
var roles, plurals = loadRoles()

// loadRoles reads lexicon/people.txt.
func loadRoles() (one, many map[string]role) {
	text, err := lexiconFiles.ReadFile("lexicon/people.txt")
	if err != nil {
		panic(err) // the file is part of the program
	}
	one, many = make(map[string]role, 2048), make(map[string]role, 128)
	sexes := map[string]int8{"m": 1, "w": -1}
	section := ""
	for _, line := range strings.Split(string(text), "\n") {
		switch {
		case line == "" || line[0] == '#':
			continue
		case line[0] == '[':
			section = strings.Trim(line, "[]")
			continue
		}
		for _, f := range strings.Fields(line) {
			w, rest, _ := strings.Cut(f, ":")
			sex, ages, _ := strings.Cut(rest, ":")
			r := role{gender: sexes[sex]}
			if ages != "" {
				if _, err := fmt.Sscanf(ages, "%f-%f:%f", &r.lo, &r.hi, &r.best); err != nil {
					panic(fmt.Sprintf("lexicon/people.txt: %q: %v", f, err))
				}
			}
			switch section {
			case "aged":
				one[w] = r
			case "plural":
				many[w] = r
			default:
				if _, ok := one[w]; !ok {
					one[w] = role{gender: sexes[section]}
				}
			}
		}
	}
	for w, like := range map[string]string{":man:": "man", ":woman:": "woman", ":boy:": "boy", ":girl:": "girl", ":baby:": "baby"} {
		one[w] = one[like]
	}
	return one, many
}

// roleOf gives what a noun says about a person: from the list, or from the
// end of a compound ("camerawoman", "lighthouse-keeper", "pianist").
func roleOf(w string) (role, bool) {
	if r, ok := roles[w]; ok {
		return r, true
	}
	if len(w) < 6 || noPeople[w] {
		return role{}, false
	}
	for _, e := range compoundEnds {
		if strings.HasSuffix(w, e.end) {
			return role{gender: e.gender}, true
		}
	}
	return role{}, false
}

var compoundEnds = []struct {
	end    string
	gender int8
}{
	{"woman", -1}, {"man", 1}, {"girl", -1}, {"boy", 1}, {"lady", -1}, {"wife", -1}, {"mother", -1}, {"father", 1},
	{"sister", -1}, {"brother", 1}, {"mistress", -1}, {"daughter", -1},
	{"keeper", 0}, {"maker", 0}, {"smith", 0}, {"worker", 0}, {"player", 0}, {"monger", 0}, {"seller", 0}, {"catcher", 0},
	{"ologist", 0}, {"ographer", 0}, {"ician", 0}, {"person", 0}, {"holder", 0}, {"singer", 0}, {"goer", 0},
	{"cutter", 0}, {"builder", 0}, {"hunter", 0}, {"teacher", 0}, {"driver", 0}, {"dancer", 0}, {"nist", 0}, {"rist", 0}, {"tist", 0},
}

// noPeople end like people and are none.
var noPeople = set(`snowman german roman norman ottoman talisman doberman ladyboy human woman pinafore forefather screwdriver
	placeholder consist persist resist insist assist exist wrist twist mist grist motherfucker walkman pacman
	ballboy insist enlist pacemaker coffeemaker noisemaker peculiar firstborn overtwist heist zeitgeist`)

var pronouns = map[string]int8{
	"he": 1, "him": 1, "his": 1, "himself": 1,
	"she": -1, "her": -1, "hers": -1, "herself": -1,
}

var speaker = set("i me my mine myself we us our")

// Adjectives and signs that tell the sex without a noun.
var sexed = map[string]float64{
	"male": 1, "masculine": 1, "female": -1, "feminine": -1, "pregnant": -1, "bearded": 0.9, "moustached": 0.9,
	"mustached": 0.9, "beard": 0.8, "moustache": 0.8, "mustache": 0.8, "manly": 0.9, "womanly": -0.9, "ladylike": -0.9,
	"hijab": -0.9, "hijabi": -0.9, "niqab": -0.9, "sari": -0.9, "saree": -0.9, "goatee": 0.8, "sideburns": 0.7, "stubble": 0.8, "stubbly": 0.8,
}

// neutralSex are words that say outright that neither is meant.
var neutralSex = set("androgynous nonbinary genderless genderfluid genderqueer agender enby")

// alsoAdjective are nouns that describe another one further on: "a senior
// Asian lady", "a teen goth girl".
var alsoAdjective = set("senior junior adult teen expert veteran rookie trainee apprentice twin baby rebel amateur elf android cyborg goblin human newlywed refugee hipster hippie")

// samePhrase tells whether tokens from..to are one or two adjectives.
func samePhrase(toks []Token, from, to int) bool {
	for i := from; i < to; i++ {
		if toks[i].Kind != Word || phraseStop[toks[i].Word] || determiners[toks[i].Word] || toks[i].Word == "and" || strings.HasSuffix(toks[i].Word, "ing") || strings.HasSuffix(toks[i].Word, "s") {
			return false
		}
	}
	return to-from <= 2
}
