package sentiment

import "testing"

func TestAgeAndGender(t *testing.T) {
	const no = -1
	for _, c := range []struct {
		text   string
		age    float64 // best; no: not said
		gender float64 // 2: not said
	}{
		{"a joyful old man who just met his grandchild", 70, 1},
		{"an angry young woman", 24, -1},
		{"72 yo man, tired", 72, 1},
		{"a 72-year-old widow", 72, -1},
		{"woman in her forties", 45, -1},
		{"a man in his mid-30s", 35, 1},
		{"a man in his late fifties laughing", 58, 1},
		{"early twenties female barista", 22, -1},
		{"a teenager", 16, 2},
		{"middle-aged man", 48, 1},
		{"middle aged lady in a blue coat", 48, -1},
		{"an elderly couple's dog", 75, 2},
		{"grandmother baking", 70, -1},
		{"a widower at the sea", no, 1},
		{"a bride", no, -1},
		{"a doctor", no, 2},
		{"a doctor who lost her patient", no, -1},
		{"a teacher whose wife left him", no, 1},
		{"a nurse holding the hand of an old man", no, 2},
		{"a nurse holding the hand of an old man; she is crying", no, -1},
		{"a mother with her 5-year-old son", no, -1},
		{"my grandmother smiling", 70, -1},
		{"I miss my husband", no, 2},
		{"my dog died and I can't stop crying", no, 2},
		{"my grandmother died and I am devastated", no, 2},
		{"a man's wife crying", no, -1},
		{"an old friend", no, 2},
		{"two old friends", no, 2},
		{"so proud of my little sister", no, 2},
		{"portrait of my old father", 70, 1},
		{"a man in front of an old house", no, 1},
		{"she wears an old coat", no, -1},
		{"he is old and tired", 70, 1},
		{"old, male, happy", 70, 1},
		{"seventy-two years old woman", 72, -1},
		{"Maria, 34, laughing", 34, -1},
		{"maria, 34, laughing", 34, -1},
		{"a girl of 17", 17, -1},
		{"a man of about fifty", 50, 1},
		{"portrait of John on his 80th birthday", 80, 1},
		{"a woman celebrating her ninetieth birthday", 90, -1},
		{"an octogenarian", 84, 2},
		{"a boy", 16, 1}, // the nearest that the portrait model makes
		{"a little girl with a balloon", 16, -1},
		{"an 8 year old boy", 16, 1},
		{"a very old woman", 84, -1},
		{"a 30 year old whisky in the hand of a man", no, 1},
		{"a man who has worked here for 20 years", no, 1},
		{"1970s style portrait of a woman", no, -1},
		{"70s disco dancer", no, 2},
		{"a mother of two boys", no, -1},
		{"an 80-year-old smoking a pipe", 80, 2},
		{"retired sailor", 69, 2},
		{"great-grandmother knitting", 86, -1},
		{"between 30 and 40 years old, male", 35, 1},
		{"young mother", 24, -1},
		{"a pregnant teacher", no, -1},
		{"bearded guy", no, 1},
		{"age 45, female", 45, -1},
		{"aged 19", 19, 2},
		{"he just turned thirty", 30, 1},
		{"a policeman, 40ish", 40, 1},
		{"university student", 21, 2},
		{"a young man and an old woman", 24, 1},
		{"the old man's daughter", no, -1},
		{"happy people", no, 2},
		{"Joy fills the room", no, 2},
		{"an androgynous model", no, 0},
		{"nothing to see", no, 2},
		{"his wife is angry", no, -1},
		{"a girl who used to cry", 16, -1},
		{"milk is three weeks old", no, 2},
		{"a 40-year-old", 40, 2},
		{"the teenage son of a farmer", 16, 1},
		{"a woman over 60", 67, -1},
		{"25yo guy", 25, 1},
		{"72 y/o male", 72, 1},
		{"👵 smiling", no, -1},
		{"Mrs. Brown, 55, a teacher", 55, -1},
		{"a lonely sixty-year-old man with a 3 year old dog", 60, 1},
		{"baby", 16, 2},
		{"female, twenties, scared", 25, -1},
		{"male, 60s, beard", 65, 1},
		{"f/34, laughing", 34, -1},
		{"M, 52, tired", 52, 1},
		{"I'm 25F and scared", 25, -1},
		{"34m here", 34, 1},
		{"a chap pushing fifty", 48, 1},
		{"a lady not yet thirty", 26.5, -1},
		{"a sixtyish professor", 60, 2},
		{"a woman between 35 and 45", 40, -1},
		{"a man in his golden years", 72, 1},
		{"a mother at 19", 19, -1},
		{"I'm a dad of three", no, 1},
		{"an old-fashioned young man", 24, 1},
		{"I want a portrait of my grandmother", 70, -1},
		{"draw me a pirate", no, 2},
		{"my name is Peter", no, 1},
		{"a barista called Joy", no, -1},
		{"unlike his brother, Maria laughs", no, -1},
		{"as the baby screams, the tired father stares", no, 1},
		{"a non-binary teenager", 16, 0},
		{"he used to be a grumpy old man", 70, 1},
		{"a woman carrying 50 eggs", no, -1},
		{"her son was killed in the war", no, -1},
		{"his neighbour drills at night", no, 1},
	} {
		toks, p := parse(c.text)
		r, _ := settleAge(agesOf(toks, &p), &p)
		r, _ = nearestAdult(r)
		g, said, _ := genderOf(toks, &p)
		if !said {
			g = 2
		}
		age := r.Best
		if !r.Said {
			age = no
		}
		if age != c.age || g != c.gender && !(g > 0.7 && g < 1 && c.gender == 1) {
			t.Errorf("%q: age %v (%v) gender %v, want %v %v; mentions %+v", c.text, age, r, g, c.age, c.gender, p)
		}
	}
}

func parse(text string) ([]Token, people) {
	toks := tokenize(newSource(text), nil)
	return toks, findPeople(toks)
}
