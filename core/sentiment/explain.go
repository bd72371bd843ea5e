package sentiment

import (
	"fmt"
	"sort"
	"strings"
)

// Explanation is how a reading came about, stage by stage.
type Explanation struct {
	Text       string         `json:"text"`
	Normalised string         `json:"normalised"` // NFKC, without control characters
	Language   string         `json:"language"`
	Tokens     []TokenView    `json:"tokens"`
	People     []PersonView   `json:"people,omitempty"`
	Cues       []CueView      `json:"cues,omitempty"`
	Features   []FeatureView  `json:"features,omitempty"` // what moved the classifier most, strongest first
	Rules      []RuleView     `json:"rules,omitempty"`
	Before     [Count]float64 `json:"before"`   // the classifier by itself
	Evidence   [Count]float64 `json:"evidence"` // what the cues add to the log of it
	After      [Count]float64 `json:"after"`    // the reading's emotions
	Reading    Reading        `json:"reading"`
}

// TokenView is a token as it came out of the preprocessing. Start and End are
// bytes of the original text, as everywhere.
type TokenView struct {
	Start  int      `json:"start"`
	End    int      `json:"end"`
	Text   string   `json:"text"`
	Word   string   `json:"word"`
	Stem   string   `json:"stem,omitempty"`
	Kind   string   `json:"kind"`            // word, number, punctuation, emoji
	Marks  []string `json:"marks,omitempty"` // stop word, negator, denied, elongated, mended, booster, downtoner
	Weight float64  `json:"weight"`          // how much it counts, 1 in full
	Rule   string   `json:"rule,omitempty"`  // why it counts less
}

// PersonView is somebody whom the text names.
type PersonView struct {
	Start   int    `json:"start"`
	End     int    `json:"end"`
	Text    string `json:"text"`
	Subject bool   `json:"subject"` // whom the portrait shows
}

// CueView is a pattern of the lexicon that was found.
type CueView struct {
	Start    int     `json:"start"`
	End      int     `json:"end"`
	Text     string  `json:"text"`
	Pattern  string  `json:"pattern"`
	Emotion  string  `json:"emotion"`
	Strength float64 `json:"strength"`
	Weight   float64 `json:"weight"` // of its words
	Denied   bool    `json:"denied,omitempty"`
	Score    float64 `json:"score"` // what it adds
}

// FeatureView is what a word adds to the classifier's score of the emotion
// that won, above the mean of the others.
type FeatureView struct {
	Start   int     `json:"start"`
	End     int     `json:"end"`
	Text    string  `json:"text"`
	Emotion string  `json:"emotion"`
	Weight  float64 `json:"weight"`
}

// RuleView is a rule that fired, with the words it touched.
type RuleView struct {
	Rule  string `json:"rule"`
	Start int    `json:"start"`
	End   int    `json:"end"`
	Text  string `json:"text"`
}

var kindNames = [...]string{Word: "word", Number: "number", Punct: "punctuation", Emoji: "emoji"}

// Explain reads one text and tells how. Its errors are those of Read.
func (a *English) Explain(text string) (*Explanation, error) {
	st, err := a.read(text)
	if err != nil {
		return nil, err
	}
	x := &Explanation{Text: text, Normalised: st.src.norm, Language: st.reading.Language, Before: st.before,
		Evidence: st.evidence.score, After: st.reading.Emotions, Reading: st.reading}
	for i := range st.toks {
		t := &st.toks[i]
		x.Tokens = append(x.Tokens, TokenView{t.Start, t.End, t.Text, t.Word, t.Stem, kindNames[t.Kind], marksOf(t), round3(float64(t.Weight)), t.Rule})
	}
	for k, m := range st.people.mentions {
		from, to := st.toks[m.from].Start, st.toks[m.tok].End
		x.People = append(x.People, PersonView{from, to, text[from:to], k == st.people.subject})
	}
	for _, m := range st.evidence.matches {
		from, to := st.toks[m.toks[0]].Start, st.toks[m.toks[len(m.toks)-1]].End
		x.Cues = append(x.Cues, CueView{from, to, text[from:to], m.cue.text, m.cue.emotion.String(), round3(float64(m.cue.strength)),
			round3(float64(m.weight)), m.negated, round3(float64(m.score))})
	}
	top, _ := st.reading.Emotion()
	for i, c := range a.model.contributions(st.features, len(st.toks)) {
		if w := above(c, top); w > 0.02 || w < -0.02 {
			t := &st.toks[i]
			x.Features = append(x.Features, FeatureView{t.Start, t.End, text[t.Start:t.End], top.String(), round3(w)})
		}
	}
	sort.SliceStable(x.Features, func(i, j int) bool { return abs(x.Features[i].Weight) > abs(x.Features[j].Weight) })
	x.Features = x.Features[:min(20, len(x.Features))]
	x.Rules = rulesOf(st.toks, text)
	return x, nil
}

func abs(v float64) float64 {
	if v < 0 {
		return -v
	}
	return v
}

// above is what c holds for emotion e above the mean of the others.
func above(c [Count]float64, e Emotion) float64 {
	w := c[e]
	for k, v := range c {
		if Emotion(k) != e {
			w -= v / (Count - 1)
		}
	}
	return w
}

// marksOf names what the preprocessing noticed about a token.
func marksOf(t *Token) (m []string) {
	if t.Kind != Word {
		return nil
	}
	for _, x := range []struct {
		is   bool
		name string
	}{{functionWords[t.Word], "stop word"}, {negators[t.Word], "negator"}, {t.Negated, "denied"}, {t.Long, "elongated"},
		{boosters[t.Word], "booster"}, {downtoners[t.Word], "downtoner"}, {t.Mended, "mended"}} {
		if x.is {
			m = append(m, x.name)
		}
	}
	return m
}

// rulesOf joins neighbouring tokens that the same rule touched.
func rulesOf(toks []Token, text string) (out []RuleView) {
	add := func(rule string, from, to int) {
		start, end := toks[from].Start, toks[to].End
		out = append(out, RuleView{rule, start, end, text[start:end]})
	}
	for i := 0; i < len(toks); {
		j := i
		for j+1 < len(toks) && toks[j+1].Rule == toks[i].Rule {
			j++
		}
		if toks[i].Rule != "" {
			add(toks[i].Rule, i, j)
		}
		i = j + 1
	}
	for i := 0; i < len(toks); {
		j := i
		for j+1 < len(toks) && toks[j+1].Negated == toks[i].Negated {
			j++
		}
		if toks[i].Negated {
			add("in the scope of a negation", i, j)
		}
		i = j + 1
	}
	return out
}

// String prints the explanation as plain text, one stage below the other.
func (x *Explanation) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "text        %q\nnormalised  %q\nlanguage    %s\n\ntokens\n", x.Text, x.Normalised, x.Language)
	for _, t := range x.Tokens {
		fmt.Fprintf(&b, "  %4d-%-4d %-16s %-14s %-12s %.2f  %s  %s\n", t.Start, t.End, t.Text, t.Word, t.Stem, t.Weight, strings.Join(t.Marks, ", "), t.Rule)
	}
	b.WriteString("people\n")
	for _, p := range x.People {
		fmt.Fprintf(&b, "  %4d-%-4d %s%s\n", p.Start, p.End, p.Text, map[bool]string{true: "  <- the portrait"}[p.Subject])
	}
	b.WriteString("cues\n")
	for _, c := range x.Cues {
		fmt.Fprintf(&b, "  %4d-%-4d %-24q %-28q %-10s strength %.1f weight %.2f score %+.2f denied %v\n", c.Start, c.End, c.Text, c.Pattern, c.Emotion, c.Strength, c.Weight, c.Score, c.Denied)
	}
	b.WriteString("features of the classifier\n")
	for _, f := range x.Features {
		fmt.Fprintf(&b, "  %4d-%-4d %-16q %-10s %+.2f\n", f.Start, f.End, f.Text, f.Emotion, f.Weight)
	}
	b.WriteString("rules\n")
	for _, r := range x.Rules {
		fmt.Fprintf(&b, "  %4d-%-4d %-24q %s\n", r.Start, r.End, r.Text, r.Rule)
	}
	fmt.Fprintf(&b, "%-12s %10s %10s %10s\n", "scores", "classifier", "cues", "final")
	for e, n := range names {
		fmt.Fprintf(&b, "  %-10s %10.3f %+10.2f %10.3f\n", n, x.Before[e], x.Evidence[e], x.After[e])
	}
	return b.String()
}
