package sentiment

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Task is what a text is judged for: the model has a head for each.
type Task string

// The two tasks.
const (
	// TaskFace asks which one of the seven faces the person of a description
	// wears; surprise is a surprised face.
	TaskFace Task = "face"
	// TaskEkman asks which of the seven Ekman classes of GoEmotions a comment
	// carries, any number of them; surprise holds confusion, curiosity and
	// realization as well.
	TaskEkman Task = "ekman"
)

// ParseTask reads the name of a task; "" is TaskFace.
func ParseTask(s string) (Task, error) {
	switch t := Task(strings.ToLower(strings.TrimSpace(s))); t {
	case "":
		return TaskFace, nil
	case TaskFace, TaskEkman:
		return t, nil
	}
	return "", fmt.Errorf("sentiment: unknown task %q: use %s or %s", s, TaskFace, TaskEkman)
}

// Labels is a set of emotions.
type Labels uint8

// LabelsOf makes a set.
func LabelsOf(es ...Emotion) (l Labels) {
	for _, e := range es {
		l |= 1 << e
	}
	return l
}

// Has tells whether an emotion is in the set.
func (l Labels) Has(e Emotion) bool { return l>>e&1 == 1 }

// Len is the number of emotions in the set.
func (l Labels) Len() (n int) {
	for ; l != 0; l &= l - 1 {
		n++
	}
	return n
}

// First is the emotion of the set that comes first in the fixed order;
// Neutral where it is empty.
func (l Labels) First() Emotion {
	for e := range Emotion(Count) {
		if l.Has(e) {
			return e
		}
	}
	return Neutral
}

// String joins the names by commas: "happy,surprised"; "none" where the set
// is empty.
func (l Labels) String() string {
	var s []string
	for e := range Emotion(Count) {
		if l.Has(e) {
			s = append(s, e.String())
		}
	}
	if s == nil {
		return "none"
	}
	return strings.Join(s, ",")
}

// fineNames are the 28 labels of GoEmotions (Demszky et al., "GoEmotions: A
// Dataset of Fine-Grained Emotions", ACL 2020), in the order of its numbers.
var fineNames = strings.Fields(`admiration amusement anger annoyance approval caring confusion curiosity desire disappointment
	disapproval disgust embarrassment excitement fear gratitude grief joy love nervousness optimism pride realization relief
	remorse sadness surprise neutral`)

// fineCount is the number of labels of GoEmotions.
const fineCount = 28

// ekmanOf is the official mapping of the 28 labels to the Ekman classes.
var ekmanOf = [fineCount]Emotion{
	Happy, Happy, Angry, Angry, Happy, Happy, Surprised, Surprised, Happy, Sad,
	Angry, Disgusted, Sad, Happy, Fearful, Happy, Sad, Happy, Happy, Fearful, Happy, Happy, Surprised, Happy,
	Sad, Sad, Surprised, Neutral,
}

// faceOf gives the face of each of the 28 labels: the strongest that
// forumLabels, which training uses, gives it.
var faceOf = func() (f [fineCount]Emotion) {
	for k, m := range forumLabels {
		top := float32(0)
		for e := range Emotion(Count) {
			if m[e] > top {
				f[k], top = e, m[e]
			}
		}
	}
	return f
}()

// parseLabels reads the labels of a list: names of the seven emotions, names
// or numbers of GoEmotions' 28, several of them joined by commas or bars.
func parseLabels(s string, task Task) (l Labels, err error) {
	of := faceOf
	if task == TaskEkman {
		of = ekmanOf
	}
	for _, w := range strings.FieldsFunc(s+" ", func(r rune) bool { return r == ',' || r == '|' }) {
		w = strings.ToLower(strings.TrimSpace(w))
		if k, err := strconv.Atoi(w); err == nil {
			if k < 0 || k >= fineCount {
				return 0, fmt.Errorf("label %d is none of GoEmotions: use 0 to %d", k, fineCount-1)
			}
			l |= 1 << of[k]
			continue
		}
		if i := slices.Index(names[:], w); i >= 0 {
			l |= 1 << i
			continue
		}
		if k := slices.Index(fineNames, w); k >= 0 {
			l |= 1 << of[k]
			continue
		}
		e, err := ParseEmotion(w)
		if err != nil {
			return 0, err
		}
		l |= 1 << e
	}
	return l, nil
}
