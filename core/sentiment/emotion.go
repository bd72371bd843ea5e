package sentiment

import (
	"fmt"
	"slices"
	"strings"
)

// Emotion is one of the seven faces that a portrait can wear. The order is
// fixed: it is the order of every vector of emotion weights in the program.
type Emotion int

// The seven emotions: Ekman's six and a neutral face.
const (
	Neutral Emotion = iota
	Happy
	Sad
	Angry
	Fearful
	Disgusted
	Surprised
)

// Count is the number of emotions.
const Count = 7

var names = [Count]string{"neutral", "happy", "sad", "angry", "fearful", "disgusted", "surprised"}

// nouns and close words that a person may write for an emotion.
var aliases = map[string]Emotion{
	"none": Neutral, "calm": Neutral,
	"happiness": Happy, "joy": Happy, "joyful": Happy, "glad": Happy,
	"sadness": Sad, "sorrow": Sad, "unhappy": Sad,
	"anger": Angry, "furious": Angry, "mad": Angry,
	"fear": Fearful, "afraid": Fearful, "scared": Fearful,
	"disgust": Disgusted, "surprise": Surprised, "astonished": Surprised,
}

// Names returns the seven names in their fixed order.
func Names() []string { return slices.Clone(names[:]) }

// String returns the emotion's name.
func (e Emotion) String() string {
	if e < 0 || int(e) >= Count {
		return fmt.Sprintf("emotion(%d)", int(e))
	}
	return names[e]
}

// ParseEmotion reads a name ("happy") or a close noun ("joy"), in any case.
// An unknown name is an error that suggests the nearest one.
func ParseEmotion(s string) (Emotion, error) {
	w := strings.ToLower(strings.TrimSpace(s))
	if i := slices.Index(names[:], w); i >= 0 {
		return Emotion(i), nil
	}
	if e, ok := aliases[w]; ok {
		return e, nil
	}
	all := strings.Join(names[:], ", ")
	if near, ok := nearest(w); ok {
		return 0, fmt.Errorf("emotion: unknown name %q: did you mean %q? (one of %s)", s, near, all)
	}
	return 0, fmt.Errorf("emotion: unknown name %q: use one of %s", s, all)
}

// nearest finds the known name that is fewest edits away, at most a third of
// the word's length.
func nearest(w string) (string, bool) {
	if len(w) < 2 || len(w) > 24 {
		return "", false
	}
	best, name := len(w)/3+2, ""
	for _, n := range names {
		if d := edits(w, n); d < best {
			best, name = d, n
		}
	}
	for n, e := range aliases {
		d := edits(w, n)
		if d < best || d == best && name != "" && e.String() < name && !slices.Contains(names[:], name) {
			best, name = d, e.String()
		}
	}
	return name, name != ""
}

// edits is the Damerau-Levenshtein distance (optimal string alignment):
// insertions, deletions, substitutions and swaps of neighbours.
func edits(a, b string) int {
	before, prev, cur := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range prev {
		prev[j] = j
	}
	for i := 1; i <= len(a); i++ {
		cur[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			cur[j] = min(prev[j]+1, cur[j-1]+1, prev[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				cur[j] = min(cur[j], before[j-2]+1)
			}
		}
		before, prev, cur = prev, cur, before
	}
	return prev[len(b)]
}

// MarshalText writes the emotion's name, so that JSON and TOML hold names.
func (e Emotion) MarshalText() ([]byte, error) {
	if e < 0 || int(e) >= Count {
		return nil, fmt.Errorf("emotion: %d is not one of the %d emotions", int(e), Count)
	}
	return []byte(names[e]), nil
}

// UnmarshalText reads a name with ParseEmotion.
func (e *Emotion) UnmarshalText(b []byte) error {
	v, err := ParseEmotion(string(b))
	if err == nil {
		*e = v
	}
	return err
}
