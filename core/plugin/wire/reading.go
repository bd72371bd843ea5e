package wire

import (
	"fmt"

	"github.com/atelier-engine/atelier/core/plugin/proto"
	"github.com/atelier-engine/atelier/core/sentiment"
)

// ReadingProto translates a reading. The text itself does not travel back:
// the host has it.
func ReadingProto(r *sentiment.Reading) *proto.Reading {
	m := &proto.Reading{
		Analyzer: valid(r.Analyzer), Language: valid(r.Language),
		Confidence: r.Confidence, Emotions: r.Emotions[:],
		Valence: r.Valence, Arousal: r.Arousal,
		Age:    &proto.Range{Min: r.Age.Min, Max: r.Age.Max, Best: r.Age.Best, Said: r.Age.Said},
		Gender: r.Gender, GenderSaid: r.GenderSaid, Notes: allValid(r.Notes),
	}
	for _, w := range r.Reasons {
		m.Reasons = append(m.Reasons, &proto.Reason{
			Start: int64(w.Start), End: int64(w.End), Word: valid(w.Word), For: valid(w.For), Weight: w.Weight,
		})
	}
	return m
}

// ReadingFrom translates an answer about text and checks it: a plugin may
// not bring the host to slice a text out of its bounds or to draw a face
// with a NaN.
func ReadingFrom(text string, m *proto.Reading) (sentiment.Reading, error) {
	r := sentiment.Reading{
		Text: text, Analyzer: m.GetAnalyzer(), Language: m.GetLanguage(),
		Confidence: m.GetConfidence(), Valence: m.GetValence(), Arousal: m.GetArousal(),
		Age: sentiment.Range{
			Min: m.GetAge().GetMin(), Max: m.GetAge().GetMax(), Best: m.GetAge().GetBest(), Said: m.GetAge().GetSaid(),
		},
		Gender: m.GetGender(), GenderSaid: m.GetGenderSaid(), Notes: m.GetNotes(),
	}
	if n := len(m.GetEmotions()); n != sentiment.Count {
		return r, fmt.Errorf("reading: %d emotion weights: want %d", n, sentiment.Count)
	}
	copy(r.Emotions[:], m.GetEmotions())
	for i, w := range m.GetReasons() {
		if !finite(w.GetWeight()) {
			return r, fmt.Errorf("reading: weight of reason %d is %g: want a finite number", i, w.GetWeight())
		}
		r.Reasons = append(r.Reasons, sentiment.Reason{
			Start: int(w.GetStart()), End: int(w.GetEnd()), Word: w.GetWord(), For: w.GetFor(), Weight: w.GetWeight(),
		})
	}
	return r, r.Check()
}
