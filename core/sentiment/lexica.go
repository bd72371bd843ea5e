package sentiment

import (
	"fmt"
	"path/filepath"
	"strconv"
	"strings"
)

// Word lexicons become short pseudo-sentences with soft targets, so that the
// classifier knows words that no training sentence holds.

// empathOf maps Empath's categories to emotions.
var empathOf = map[string]Emotion{
	"joy": Happy, "cheerfulness": Happy, "contentment": Happy, "optimism": Happy, "celebration": Happy, "affection": Happy,
	"sadness": Sad, "disappointment": Sad, "suffering": Sad, "shame": Sad, "neglect": Sad,
	"anger": Angry, "rage": Angry, "irritability": Angry, "hate": Angry, "aggression": Angry,
	"fear": Fearful, "nervousness": Fearful, "horror": Fearful, "timidity": Fearful,
	"disgust": Disgusted, "ugliness": Disgusted, "hygiene": Neutral, "smell": Disgusted,
	"surprise": Surprised, "confusion": Surprised,
	"office": Neutral, "furniture": Neutral, "shopping": Neutral, "clothing": Neutral, "tool": Neutral, "banking": Neutral,
	"vehicle": Neutral, "driving": Neutral, "science": Neutral, "fabric": Neutral, "domestic_work": Neutral, "reading": Neutral,
	"home": Neutral, "internet": Neutral, "computer": Neutral, "shape_and_size": Neutral, "appearance": Neutral,
}

// readLexica reads VADER, AFINN and Empath under root.
func readLexica(root string) ([]sample, error) {
	valence := map[string]float64{}
	var out []sample
	err := lines(filepath.Join(root, "vader", "vader_lexicon.txt"), func(f []string) error {
		if len(f) < 2 {
			return fmt.Errorf("want word and valence")
		}
		v, err := strconv.ParseFloat(f[1], 64)
		valence[f[0]] = v
		return err
	})
	if err != nil {
		return nil, err
	}
	err = lines(filepath.Join(root, "afinn", "AFINN-en-165.txt"), func(f []string) error {
		if len(f) < 2 {
			return fmt.Errorf("want word and valence")
		}
		v, err := strconv.ParseFloat(f[1], 64)
		if _, ok := valence[f[0]]; !ok {
			valence[f[0]] = v * 0.8
		}
		return err
	})
	if err != nil {
		return nil, err
	}

	// A word's share of each emotion, by the categories that hold it.
	shares := map[string]*[Count]float32{}
	var order []string
	err = lines(filepath.Join(root, "empath", "categories.tsv"), func(f []string) error {
		e, ok := empathOf[f[0]]
		if !ok {
			return nil
		}
		for _, w := range f[1:] {
			w = strings.ReplaceAll(w, "_", " ")
			if shares[w] == nil {
				shares[w] = new([Count]float32)
				order = append(order, w)
			}
			shares[w][e]++
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	for _, w := range order {
		t := *shares[w]
		sum := float32(0)
		v, rated := valence[w]
		for e := range t {
			// The categories were grown by a machine: those whose sign the
			// rated lexicons deny are dropped.
			good := Emotion(e) == Happy
			bad := Emotion(e) == Sad || Emotion(e) == Angry || Emotion(e) == Fearful || Emotion(e) == Disgusted
			if rated && (good && v < 0.3 || bad && v > -0.3) || Emotion(e) == Neutral && rated {
				t[e] = 0
			}
			t[e] *= t[e]
			sum += t[e]
		}
		top := float32(0)
		for e := range t {
			if sum > 0 {
				t[e] /= sum
			}
			top = max(top, t[e])
		}
		if top < 0.55 {
			continue
		}
		out = append(out, pseudo(w, t, 0.5)...)
	}
	for w, v := range valence {
		if shares[w] != nil {
			continue
		}
		switch {
		case v >= 1.3:
			out = append(out, pseudo(w, [Count]float32{Happy: 0.75, Neutral: 0.25}, 0.35)...)
		case v <= -1.3:
			out = append(out, pseudo(w, [Count]float32{Sad: 0.27, Angry: 0.27, Fearful: 0.2, Disgusted: 0.16, Neutral: 0.1}, 0.35)...)
		}
	}
	return out, nil
}

// pseudo gives a word by itself, in a small phrase, and denied.
func pseudo(w string, t [Count]float32, weight float32) []sample {
	out := []sample{
		{text: w, target: t, weight: weight, domain: lexicon},
		{text: "a person, " + w, target: t, weight: weight, domain: lexicon},
	}
	denied := [Count]float32{Neutral: 0.5, Happy: 0.3, Angry: 0.1, Sad: 0.1}
	if t[Happy] > 0.5 {
		denied = [Count]float32{Neutral: 0.3, Sad: 0.5, Angry: 0.2}
	}
	return append(out, sample{text: "not " + w, target: denied, weight: weight * 0.6, domain: lexicon})
}
