package sentiment

import (
	"math"
	"sort"
)

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
