package sentiment

import (
	"context"
	"fmt"
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
	top, _ := r.Emotion()
	if top == Neutral {
		return
	}
	if degree == 0 {
		if faintly(toks) { // "annoyed" is less than "angry"
			give := min(0.2*r.Emotions[top], max(0, (r.Emotions[top]-r.Emotions[Neutral])/2.2))
			r.Emotions[top] -= give
			r.Emotions[Neutral] += give
		}
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
