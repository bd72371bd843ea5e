package sentiment

import (
	"context"
	"fmt"
	"math"
)

// Classes is what the Ekman head finds in a text: a probability for each
// class by itself, and the classes whose probability reaches its threshold
// (at least the strongest, so that it is never empty).
type Classes struct {
	Labels  Labels         `json:"labels"`
	Weights [Count]float64 `json:"weights"`
}

// Classifier finds the Ekman classes of texts, one answer for each and in the
// same order.
type Classifier interface {
	Classify(ctx context.Context, texts []string) ([]Classes, error)
}

// Miss is an example that was read wrongly. Want and Got are its label and
// what was read; with several labels they are the first of them, and All and
// Found hold the sets.
type Miss struct {
	Text       string
	Want, Got  Emotion
	All, Found Labels
}

// Score is how well an analyzer did on a list.
type Score struct {
	Task                  Task
	Lines                 int
	Accuracy              float64 // lines that are right; for TaskEkman those whose whole set is
	MacroF1, MicroF1      float64 // macro: the mean over the classes that the list holds
	Precision, Recall, F1 [Count]float64
	Labelled, Read        [Count]int
	// Confusion counts [label][read]. For TaskEkman a label that was found is
	// on the diagonal; one that was missed is in the column of the strongest
	// class that was read wrongly, or not there if none was.
	Confusion [Count][Count]int
	Loss      float64 // mean -log of the label's weight, nats; for TaskEkman the binary cross-entropy of a class
	Misses    []Miss
}

// Evaluate reads every line of a list with an analyzer and compares. A line
// with several labels is right where one of them is read.
func Evaluate(ctx context.Context, a Analyzer, list []Example) (*Score, error) {
	rs, err := a.Analyze(ctx, textsOf(list))
	if err != nil {
		return nil, err
	}
	if len(rs) != len(list) {
		return nil, fmt.Errorf("sentiment: evaluate: the analyzer gave %d readings of %d lines", len(rs), len(list))
	}
	s := &Score{Task: TaskFace, Lines: len(list)}
	hits := [Count]int{}
	for i := range rs {
		got, _ := rs[i].Emotion()
		x := list[i]
		want, all := x.Label, x.Labels|1<<x.Label
		if all.Has(got) {
			want = got
			hits[got]++
		} else {
			s.Misses = append(s.Misses, Miss{x.Text, want, got, all, LabelsOf(got)})
		}
		s.Labelled[want]++
		s.Read[got]++
		s.Confusion[want][got]++
		s.Loss -= math.Log(math.Max(rs[i].Emotions[want], 1e-9)) / float64(len(list))
	}
	s.finish(hits)
	return s, nil
}

// EvaluateEkman classifies every line of a list, read with ReadList for
// TaskEkman, and compares the sets of labels class by class.
func EvaluateEkman(ctx context.Context, c Classifier, list []Example) (*Score, error) {
	rs, err := c.Classify(ctx, textsOf(list))
	if err != nil {
		return nil, err
	}
	if len(rs) != len(list) {
		return nil, fmt.Errorf("sentiment: evaluate: the classifier gave %d answers for %d lines", len(rs), len(list))
	}
	s := &Score{Task: TaskEkman, Lines: len(list)}
	hits := [Count]int{}
	for i := range rs {
		want, got := list[i].Labels, rs[i].Labels
		if want == 0 {
			want = LabelsOf(list[i].Label)
		}
		wrong, top := Emotion(-1), -1.0
		for e := range Emotion(Count) {
			p := math.Min(math.Max(rs[i].Weights[e], 1e-9), 1-1e-9)
			if want.Has(e) {
				s.Labelled[e]++
				s.Loss -= math.Log(p) / float64(Count*len(list))
			} else {
				s.Loss -= math.Log(1-p) / float64(Count*len(list))
			}
			if !got.Has(e) {
				continue
			}
			s.Read[e]++
			if want.Has(e) {
				hits[e]++
				s.Confusion[e][e]++
			} else if p > top {
				wrong, top = e, p
			}
		}
		if want == got {
			continue
		}
		miss := Miss{list[i].Text, (want &^ got).First(), (got &^ want).First(), want, got}
		for e := range Emotion(Count) {
			if want.Has(e) && !got.Has(e) && wrong >= 0 {
				s.Confusion[e][wrong]++
			}
		}
		s.Misses = append(s.Misses, miss)
	}
	s.finish(hits)
	return s, nil
}

// finish works out the rates from the counts.
func (s *Score) finish(hits [Count]int) {
	s.Accuracy = float64(s.Lines-len(s.Misses)) / float64(max(1, s.Lines))
	classes, hit, all := 0, 0, 0
	for e := range Count {
		s.Precision[e] = ratio(hits[e], s.Read[e])
		s.Recall[e] = ratio(hits[e], s.Labelled[e])
		s.F1[e] = ratio(2*hits[e], s.Labelled[e]+s.Read[e])
		hit += hits[e]
		all += s.Labelled[e] + s.Read[e]
		if s.Labelled[e] > 0 {
			classes++
			s.MacroF1 += s.F1[e]
		}
	}
	s.MicroF1 = ratio(2*hit, all)
	if classes > 0 {
		s.MacroF1 /= float64(classes)
	}
}

func textsOf(list []Example) []string {
	texts := make([]string, len(list))
	for i, x := range list {
		texts[i] = x.Text
	}
	return texts
}

func ratio(a, b int) float64 {
	if b == 0 {
		return 0
	}
	return float64(a) / float64(b)
}
