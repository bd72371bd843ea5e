package sentiment

// Plain irony: praise that opens a sentence, and then something bad. "Great,
// another parking ticket", "how lovely, someone puked on my shoes", and "/s".

var praises = set(`great wonderful brilliant fantastic lovely perfect marvellous marvelous super terrific awesome splendid nice fabulous charming
	excellent delightful love thanks bravo congratulations joy fun amazing beautiful`)

// ironic finds the words of praise that mean the opposite: bad tells whether
// the rest of the text holds a feeling against them.
func ironic(toks []Token, ms []match) (praise []int) {
	bad, good := false, false
	for k := range ms {
		m := &ms[k]
		if m.cue.mask || m.negated {
			continue
		}
		switch m.cue.emotion {
		case Angry, Disgusted, Sad:
			bad = bad || m.cue.strength >= 3
		case Happy:
			if len(m.toks) > 1 || !praises[toks[m.toks[0]].Word] {
				good = true
			}
		}
	}
	marked := false
	for i := range toks {
		if toks[i].Word == "s" && i > 0 && toks[i-1].Word == "/" && i == len(toks)-1 || toks[i].Word == "sarcasm" || toks[i].Word == "sarcastically" {
			marked = true
		}
	}
	if !marked && (!bad || good) {
		return nil
	}
	for i := range toks {
		if !praises[toks[i].Word] || toks[i].Negated {
			continue
		}
		if marked || opensWith(toks, i) {
			praise = append(praise, i)
		}
	}
	return praise
}

// opensWith tells whether the praise at token i opens a sentence, perhaps
// after "oh", "how", "just" and the like, and stands apart from what follows.
func opensWith(toks []Token, i int) bool {
	k := i
	for k > 0 && (toks[k-1].Word == "oh" || toks[k-1].Word == "how" || toks[k-1].Word == "just" || toks[k-1].Word == "well" || toks[k-1].Word == "so" ||
		toks[k-1].Word == "," || toks[k-1].Word == "simply" || toks[k-1].Word == "really" || toks[k-1].Word == "because" || toks[k-1].Word == "i" || toks[k-1].Word == "right" || toks[k-1].Word == "yeah" || praises[toks[k-1].Word]) {
		k--
	}
	if k > 0 && (toks[k-1].Kind != Punct || toks[k-1].Word == ",") {
		return false
	}
	if i+1 == len(toks) {
		return true
	}
	next := toks[i+1].Word
	return toks[i+1].Kind == Punct || next == "another" || next == "now" || next == "for" || next == "that" || next == "being" || k < i && next != "to"
}
