package sentiment

// What a face shows when one feeling is denied and nothing else is said: who
// is "not angry" is calm, who is "not happy" is rather sad.
var denials = [Count][Count]float64{
	Neutral:   {Neutral: 0.7, Happy: 0.1, Sad: 0.1, Angry: 0.1},
	Happy:     {Neutral: 0.3, Sad: 0.55, Angry: 0.15},
	Sad:       {Neutral: 0.75, Happy: 0.25},
	Angry:     {Neutral: 0.85, Happy: 0.15},
	Fearful:   {Neutral: 0.8, Happy: 0.2},
	Disgusted: {Neutral: 0.85, Happy: 0.15},
	Surprised: {Neutral: 0.95, Happy: 0.05},
}

// settled is the weight from which the classifier's own opinion of a denial
// stands: it has learnt what is usual ("not amused").
const settled = 0.75

// denied reads a text that only denies: the opposite of what it would say
// without its negation.
func (a *English) denied(toks []Token, own [Count]float64) [Count]float64 {
	top := 0.0
	for _, v := range own {
		top = max(top, v)
	}
	if top >= settled {
		return own
	}
	plain := make([]Token, 0, len(toks))
	for _, t := range toks {
		if !negators[t.Word] {
			t.Negated = false
			plain = append(plain, t)
		}
	}
	p := softmax(a.model.logits(featurize(plain, nil)), a.model.temperature)
	var out [Count]float64
	for e, v := range p {
		for k, d := range denials[e] {
			out[k] += 0.8 * v * d
		}
		out[e] += 0.2 * own[e]
	}
	return out
}

// silent tells whether no word in the text can say what its person feels:
// all are function words, people, or speak of something else.
func silent(toks []Token) bool {
	for i := range toks {
		t := &toks[i]
		if t.Kind == Emoji && t.Weight > 0.5 || t.Kind == Punct && t.Word == "!" || t.Kind == Word && t.Weight > 0.4 && content(t) {
			return false
		}
	}
	return true
}
