package sentiment

import "strings"

// shorten cuts runs of three or more equal letters: to two where the result
// is a known word ("goood"), else to one ("sooo").
func shorten(w string, known func(string) bool) (string, bool) {
	run, long := 1, false
	for i := 1; i < len(w); i++ {
		if w[i] == w[i-1] && w[i] >= 'a' && w[i] <= 'z' {
			if run++; run >= 3 {
				long = true
			}
		} else {
			run = 1
		}
	}
	if !long {
		return w, false
	}
	two, one := collapse(w, 2), collapse(w, 1)
	if doubled[two] || known != nil && known(two) && !known(one) {
		return two, true
	}
	return one, true
}

// collapse shortens every run of three or more equal letters to n letters;
// shorter runs stay.
func collapse(w string, n int) string {
	var b strings.Builder
	for i := 0; i < len(w); {
		j := i + 1
		for j < len(w) && w[j] == w[i] {
			j++
		}
		keep := j - i
		if keep >= 3 && w[i] >= 'a' && w[i] <= 'z' {
			keep = n
		}
		b.WriteString(w[i : i+keep])
		i = j
	}
	return b.String()
}

// Frequent words with a double letter, where a vocabulary is not at hand.
var doubled = set(`good cool too see feel feeling soon mood happy angry sorry terrible aww eww ugh boo woo yay
	grr brr hmm all well tell kill sweet been week seen need keep really fell hell yell full pretty silly funny
	horrible scream creep creepy weep freak off miss kiss bliss loss boss mess pass guess less`)

// contraction opens "isn't" into "is" and "not", "she's" into "she" and "is",
// and the same words written without their apostrophe. at is where in w the
// second part begins.
func contraction(w string) (head, tail string, at int) {
	if c, ok := bare[w]; ok {
		h, t, _ := strings.Cut(c, " ")
		return h, t, max(1, len(w)-2-boolInt(strings.HasSuffix(w, "'t")))
	}
	i := strings.LastIndexByte(w, '\'')
	if i <= 0 {
		return w, "", 0
	}
	switch w[i+1:] {
	case "t":
		if strings.HasSuffix(w[:i], "n") && i > 1 {
			return w[:i-1], "not", i - 1
		}
	case "s":
		return w[:i], "'s", i
	case "m":
		return w[:i], "am", i
	case "re":
		return w[:i], "are", i
	case "ll":
		return w[:i], "will", i
	case "ve":
		return w[:i], "have", i
	case "d":
		return w[:i], "would", i
	}
	return w, "", 0
}

func boolInt(b bool) int {
	if b {
		return 1
	}
	return 0
}

// Irregular contractions, and those that people write without an apostrophe.
var bare = map[string]string{
	"can't": "can not", "won't": "will not", "shan't": "shall not", "ain't": "is not",
	"cannot": "can not", "cant": "can not", "wont": "will not", "dont": "do not", "doesnt": "does not",
	"didnt": "did not", "isnt": "is not", "wasnt": "was not", "arent": "are not", "werent": "were not",
	"couldnt": "could not", "wouldnt": "would not", "shouldnt": "should not", "hasnt": "has not",
	"havent": "have not", "hadnt": "had not", "aint": "is not", "im": "i am", "ive": "i have",
	"youre": "you are", "theyre": "they are", "shes": "she 's", "hes": "he 's",
}

// Frequent misspellings of words that matter here.
var misspelt = pairs(`wmoan=woman wmaon=woman womon=woman gril=girl mna=man beutiful=beautiful potrait=portrait protrait=portrait portait=portrait yeras=years yers=years beared=beard hansome=handsome eldery=elderly eldely=elderly elderley=elderly midle=middle midel=middle agged=aged teenge=teenage teenag=teenage yong=young mann=man yung=young dogg=dog womam=woman womn=woman wman=woman oldd=old suprised=surprised suprise=surprise surprized=surprised surpised=surprised surprisd=surprised
	suprized=surprised suprising=surprising angery=angry angrey=angry angy=angry anrgy=angry agnry=angry hungrey=hungry
	happpy=happy hapy=happy hapyy=happy haapy=happy happyness=happiness joyfull=joyful joyfullly=joyfully joyus=joyous
	beautifull=beautiful greatful=grateful cheerfull=cheerful chearful=cheerful delightfull=delightful exited=excited
	exicted=excited excitd=excited exstatic=ecstatic extatic=ecstatic estatic=ecstatic smilling=smiling smileing=smiling
	laghing=laughing laughin=laughing lauging=laughing laughting=laughing greif=grief greiving=grieving
	depresed=depressed deppressed=depressed depresssed=depressed miserible=miserable miserabel=miserable lonley=lonely
	lonly=lonely cring=crying cryng=crying criyng=crying weaping=weeping dissapointed=disappointed
	disapointed=disappointed dissappointed=disappointed heartbrocken=heartbroken hartbroken=heartbroken
	furius=furious furios=furious furyous=furious enragd=enraged anoyed=annoyed annoyd=annoyed irritatd=irritated
	iritated=irritated outragd=outraged frustated=frustrated fustrated=frustrated frusterated=frustrated
	terified=terrified terrifed=terrified terriefied=terrified terrorfied=terrified scard=scared
	affraid=afraid afriad=afraid frightend=frightened frigtened=frightened frightned=frightened fritened=frightened
	nervus=nervous nervious=nervous anxiuos=anxious anxius=anxious panicing=panicking panicy=panicky horified=horrified
	worryed=worried woried=worried disgustd=disgusted disgused=disgusted discusted=disgusted
	digusted=disgusted discusting=disgusting nauseus=nauseous nautious=nauseous
	astonishd=astonished astonised=astonished shoked=shocked shockd=shocked amazd=amazed stuned=stunned
	flabergasted=flabbergasted flabbergastd=flabbergasted speachless=speechless embarassed=embarrassed
	embarased=embarrassed realy=really definately=definitely vey=very verry=very becuase=because becasue=because
	wierd=weird womem=women womna=woman womans=woman teh=the thier=their freind=friend grandfater=grandfather
	granfather=grandfather granmother=grandmother grandmoter=grandmother`)

// set makes a set of the words of a text.
func set(s string) map[string]bool {
	m := map[string]bool{}
	for _, w := range strings.Fields(s) {
		m[w] = true
	}
	return m
}

// pairs makes a map of "key=value" words.
func pairs(s string) map[string]string {
	m := map[string]string{}
	for _, w := range strings.Fields(s) {
		k, v, _ := strings.Cut(w, "=")
		m[k] = v
	}
	return m
}
