package sentiment

import (
	_ "embed"
	"fmt"
	"math"
	"strings"
)

// tuning is a list of lines with their emotion, written one by one and kept
// out of the training sentences: the softmax temperature is fitted to it.
//
//go:embed grammar/tuning.tsv
var tuning string

// calibrate sets the temperature that gives the tuning lines the smallest
// mean cross-entropy (Guo et al., "On calibration of modern neural networks",
// 2017).
func (m *Model) calibrate() error {
	type line struct {
		z    [Count]float64
		want Emotion
	}
	var ls []line
	for n, l := range strings.Split(strings.TrimSpace(tuning), "\n") {
		text, label, _ := strings.Cut(l, "\t")
		e, err := ParseEmotion(label)
		if err != nil {
			return fmt.Errorf("sentiment: tuning.tsv:%d: %w", n+1, err)
		}
		toks, _ := prepare(newSource(text), m.vocabulary.has)
		ls = append(ls, line{m.logits(featurize(toks, nil)), e})
	}
	best := math.Inf(1)
	for t := 0.3; t < 4; t *= 1.03 {
		loss := 0.0
		for _, l := range ls {
			loss -= math.Log(math.Max(softmax(l.z, t)[l.want], 1e-9))
		}
		if loss < best {
			best, m.temperature = loss, t
		}
	}
	return nil
}
