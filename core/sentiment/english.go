package sentiment

import (
	"context"
	"fmt"
	"math"
	"sort"
	"sync"
)

// English is the shipped analyzer: a Model over the words, with rules for
// negation, reversal, contrast, other people and things. It is safe for
// concurrent use.
type English struct {
	model *Model
	pool  sync.Pool // of *[]feature
}

// Name is how readings of this analyzer are signed.
const Name = "sentiment-english"

// NewEnglish makes an analyzer from a model.
func NewEnglish(m *Model) *English {
	return &English{model: m, pool: sync.Pool{New: func() any { return new([]feature) }}}
}

// LoadEnglish loads the analyzer from a model's folder.
func LoadEnglish(dir string) (*English, error) {
	m, err := LoadModel(dir)
	if err != nil {
		return nil, err
	}
	return NewEnglish(m), nil
}

// Analyze reads each text. A text with nothing to read gives ErrEmpty, with
// the text's index where there are several; ctx is looked at between texts.
func (a *English) Analyze(ctx context.Context, texts []string) ([]Reading, error) {
	rs := make([]Reading, 0, len(texts))
	for i, t := range texts {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		r, err := a.Read(t)
		if err != nil {
			if len(texts) > 1 {
				return nil, fmt.Errorf("text %d: %w", i+1, err)
			}
			return nil, err
		}
		rs = append(rs, r)
	}
	return rs, nil
}

// Stages are a text's tokens with what each stage of the preprocessing made
// of them: spelling, stem, negation, weight and the rule that set it.
func (a *English) Stages(text string) []Token {
	toks, _ := a.parse(newSource(text))
	return toks
}

// parse runs every stage of the preprocessing.
func (a *English) parse(s *source) ([]Token, people) {
	var known func(string) bool
	if a != nil && a.model != nil {
		known = a.model.vocabulary.has
	}
	return prepare(s, known)
}

// prepare is what training and reading share: tokens, people, scope.
func prepare(s *source, known func(string) bool) ([]Token, people) {
	toks := tokenize(s, known)
	p := findPeople(toks)
	markNegation(toks)
	markWishes(toks)
	weighClauses(toks)
	weighChanges(toks)
	weighQuestions(toks)
	weighComparisons(toks)
	weighFocus(toks, &p)
	weighNegated(toks)
	return toks, p
}

// steps is a reading with what it was made from.
type steps struct {
	src      *source
	toks     []Token
	people   people
	features []feature
	evidence evidence
	before   [Count]float64 // the classifier's opinion
	reading  Reading
}

// Read reads one text.
func (a *English) Read(text string) (Reading, error) {
	st, err := a.read(text)
	if err != nil {
		return Reading{}, err
	}
	a.pool.Put(&st.features)
	return st.reading, nil
}

func (a *English) read(text string) (*steps, error) {
	st := &steps{src: newSource(text)}
	st.toks, st.people = a.parse(st.src)
	if len(st.toks) == 0 {
		return nil, ErrEmpty
	}
	toks := st.toks
	r := Reading{Text: text, Analyzer: Name, Language: "en", Age: DefaultAge}
	if st.src.cut {
		r.Notes = append(r.Notes, fmt.Sprintf("the text is long: only its first %d bytes were read", longest))
	}
	if st.src.bad {
		r.Notes = append(r.Notes, "the text holds bytes that are no UTF-8: they were left out")
	}
	sure := a.language(toks, &r)

	ms := cues().find(toks)
	maskThings(toks, ms)
	if praise := ironic(toks, ms); praise != nil {
		for _, i := range praise {
			toks[i].Weight, toks[i].Rule = 0.05, "meant ironically"
		}
	}
	st.evidence = weighCues(toks, ms)
	st.features = featurize(toks, *a.pool.Get().(*[]feature))
	st.before = a.classifier(toks, st.features)
	r.Emotions = st.evidence.join(st.before)
	soften(toks, &r)
	if sure < 0.5 {
		// What cannot be read is not guessed at: mostly a neutral face.
		for e := range r.Emotions {
			r.Emotions[e] *= sure
		}
		r.Emotions[Neutral] += 1 - sure
	}
	top, weight := r.Emotion()
	r.Confidence = sure * weight
	a.explain(&r, toks, st.features, &st.evidence, top)
	r.affect(toks, &st.evidence)
	r.person(toks, &st.people)
	st.reading = r
	return st, nil
}

// classifier is the model's opinion: that of the opposite where a text only
// denies, and little where no word can say what its person feels.
func (a *English) classifier(toks []Token, fs []feature) [Count]float64 {
	p := softmax(a.model.logits(fs), a.model.temperature)
	if loneDenial(toks) >= 0 {
		return a.denied(toks, p)
	}
	if silent(toks) {
		for e := range p {
			p[e] *= 0.3
		}
		p[Neutral] += 0.7
	}
	return p
}

// soften gives a neutral face its share where the feeling is called slight
// ("slightly annoyed"), and takes it away where it is called extreme.
func soften(toks []Token, r *Reading) {
	degree := degreeOf(toks)
	if degree == 0 {
		return
	}
	top, _ := r.Emotion()
	if top == Neutral {
		return
	}
	for e := range r.Emotions {
		switch {
		case Emotion(e) == top || Emotion(e) == Neutral:
		case degree > 0:
			r.Emotions[e] *= 0.6
		}
	}
	if degree < 0 {
		give := 0.35 * r.Emotions[top]
		if r.Emotions[Neutral]+give > r.Emotions[top]-give {
			give = max(0, (r.Emotions[top]-r.Emotions[Neutral])/2.2)
		}
		r.Emotions[top] -= give
		r.Emotions[Neutral] += give
	} else {
		r.Emotions[Neutral] *= 0.5
	}
	sum := 0.0
	for _, v := range r.Emotions {
		sum += v
	}
	for e := range r.Emotions {
		r.Emotions[e] /= sum
	}
}

// circumplex is where each emotion lies in Russell's circumplex ("A circumplex
// model of affect", 1980): valence and arousal.
var circumplex = [Count][2]float64{{0, 0.2}, {0.85, 0.6}, {-0.75, 0.3}, {-0.65, 0.85}, {-0.65, 0.8}, {-0.65, 0.5}, {0.1, 0.85}}

// affect sets valence and arousal from the emotions: the mean of their places
// in the circumplex. Strong words ("livid"), degree words and exclamation
// marks raise the arousal, faint ones ("miffed", "slightly") lower it.
func (r *Reading) affect(toks []Token, ev *evidence) {
	r.Valence, r.Arousal = 0, 0
	for e, v := range r.Emotions {
		r.Valence += v * circumplex[e][0]
		r.Arousal += v * circumplex[e][1]
	}
	reason := func(from, to int, of string, w float64) {
		if math.Abs(w) >= 0.01 {
			r.Reasons = append(r.Reasons, Reason{from, to, r.Text[from:to], of, round3(w)})
		}
	}
	for k := 0; k < len(ev.matches) && k < 4; k++ {
		m := &ev.matches[k]
		if m.negated || m.weight < 0.5 || m.cue.emotion == Neutral {
			continue
		}
		from, to := toks[m.toks[0]].Start, toks[m.toks[len(m.toks)-1]].End
		share := r.Emotions[m.cue.emotion]
		reason(from, to, "valence", share*circumplex[m.cue.emotion][0])
		reason(from, to, "arousal", share*circumplex[m.cue.emotion][1])
	}
	if r.Emotions[Neutral] < 0.6 {
		change, last := 0.0, -1
		for i := range toks {
			w := 0.0
			switch t := &toks[i]; {
			case strongWords[t.Word] && t.Weight > 0.5 && !t.Negated, t.Long:
				w = 0.1
			case faintWords[t.Word] && t.Weight > 0.4 && !t.Negated, downtoners[t.Word]:
				w = -0.1
			case boosters[t.Word] && t.Word != "so", t.Word == "!" && last != i-1:
				w = 0.06
			}
			if toks[i].Word == "!" {
				last = i
			}
			if w != 0 && math.Abs(change+w) <= 0.2 {
				change += w
				reason(toks[i].Start, toks[i].End, "arousal", w)
			}
		}
		r.Arousal += change
	}
	r.Valence = math.Max(-1, math.Min(1, r.Valence))
	r.Arousal = math.Max(0, math.Min(1, r.Arousal))
}

// explain lists the cues and words that decided the winning emotion: what
// each adds to its score, for words above the mean of the others.
func (a *English) explain(r *Reading, toks []Token, fs []feature, ev *evidence, top Emotion) {
	var out []Reason
	covered := make([]bool, len(toks))
	for _, m := range ev.matches {
		if m.cue.emotion != top {
			continue
		}
		from, to := toks[m.toks[0]].Start, toks[m.toks[len(m.toks)-1]].End
		out = append(out, Reason{from, to, r.Text[from:to], top.String(), round3(float64(m.score))})
		for _, i := range m.toks {
			covered[i] = true
		}
	}
	for i, c := range a.model.contributions(fs, len(toks)) {
		w := above(c, top)
		t := &toks[i]
		if covered[i] || t.Kind == Punct && t.Word != "!" || t.Kind == Word && functionWords[t.Word] && !t.Negated || math.Abs(w) < 0.08 {
			continue
		}
		out = append(out, Reason{t.Start, t.End, r.Text[t.Start:t.End], top.String(), round3(w)})
	}
	sort.SliceStable(out, func(i, j int) bool { return math.Abs(out[i].Weight) > math.Abs(out[j].Weight) })
	r.Reasons = append(r.Reasons, out[:min(8, len(out))]...)
}

func round3(x float64) float64 { return math.Round(x*1000) / 1000 }

// person fills in age and gender with their reasons.
func (r *Reading) person(toks []Token, p *people) {
	age, clues := settleAge(agesOf(toks, p), p)
	for _, c := range clues {
		from, to := toks[c.from].Start, toks[c.to-1].End
		r.Reasons = append(r.Reasons, Reason{from, to, r.Text[from:to], "age", c.best})
	}
	var note string
	if r.Age, note = nearestAdult(age); note != "" {
		r.Notes = append(r.Notes, note)
	}
	g, said, signs := genderOf(toks, p)
	r.Gender, r.GenderSaid = g, said
	for _, s := range signs {
		t := &toks[s.tok]
		r.Reasons = append(r.Reasons, Reason{t.Start, t.End, r.Text[t.Start:t.End], "gender", s.weight})
	}
}
