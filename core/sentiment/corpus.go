package sentiment

import (
	"bufio"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// source of training sentences; each has a bias of its own, because film
// subtitles and forum posts are neutral far more often than lines that are
// typed into an image tool.
type domain uint8

const (
	ours domain = iota
	forum
	film
	lexicon
	domains
)

// sample is one training sentence with the emotions that it should give.
type sample struct {
	text   string
	target [Count]float32 // sums to 1
	weight float32
	domain domain
}

// forumLabels maps the 28 labels of GoEmotions, in their order, to faces. A
// label of the mind that shows little in a face is partly neutral; only
// "surprise" is a surprised face, confusion and curiosity are not.
var forumLabels = [28]map[Emotion]float32{
	0:  {Happy: 1},                 // admiration
	1:  {Happy: 1},                 // amusement
	2:  {Angry: 1},                 // anger
	3:  {Angry: 1},                 // annoyance
	4:  {Happy: 0.4, Neutral: 0.6}, // approval
	5:  {Happy: 0.6, Neutral: 0.4}, // caring
	6:  {Neutral: 0.8, Surprised: 0.2},
	7:  {Neutral: 0.9, Surprised: 0.1}, // curiosity
	8:  {Happy: 0.4, Neutral: 0.6},     // desire
	9:  {Sad: 1},                       // disappointment
	10: {Angry: 0.6, Neutral: 0.4},     // disapproval
	11: {Disgusted: 1},
	12: {Sad: 0.7, Fearful: 0.3}, // embarrassment
	13: {Happy: 1},               // excitement
	14: {Fearful: 1},
	15: {Happy: 1}, // gratitude
	16: {Sad: 1},   // grief
	17: {Happy: 1},
	18: {Happy: 1},                 // love
	19: {Fearful: 1},               // nervousness
	20: {Happy: 0.8, Neutral: 0.2}, // optimism
	21: {Happy: 1},                 // pride
	22: {Neutral: 0.8, Surprised: 0.2},
	23: {Happy: 1}, // relief
	24: {Sad: 1},   // remorse
	25: {Sad: 1},
	26: {Surprised: 1},
	27: {Neutral: 1},
}

// filmLabels maps XED's numbers; anticipation and trust are no faces.
var filmLabels = map[int]Emotion{1: Angry, 3: Disgusted, 4: Fearful, 5: Happy, 6: Sad, 7: Surprised}

// readForum reads GoEmotions: text, label numbers joined by commas, id.
func readForum(path string) ([]sample, error) {
	var out []sample
	return out, lines(path, func(f []string) error {
		if len(f) < 2 {
			return fmt.Errorf("want text, labels, id")
		}
		s := sample{text: strings.NewReplacer("[NAME]", "", "[RELIGION]", "").Replace(f[0]), domain: forum, weight: 1}
		n := strings.Split(f[1], ",")
		for _, l := range n {
			k, err := strconv.Atoi(l)
			if err != nil || k < 0 || k >= len(forumLabels) {
				return fmt.Errorf("label %q is not a number from 0 to 27", l)
			}
			for e, v := range forumLabels[k] {
				s.target[e] += v / float32(len(n))
			}
		}
		out = append(out, s)
		return nil
	})
}

// readFilm reads XED's annotated lines (text, numbers) and its neutral ones
// (number, text).
func readFilm(dir string) ([]sample, error) {
	var out []sample
	err := lines(filepath.Join(dir, "en-annotated.tsv"), func(f []string) error {
		if len(f) < 2 {
			return fmt.Errorf("want text and labels")
		}
		s := sample{text: f[0], domain: film, weight: 1}
		n := float32(0)
		for _, l := range strings.Split(f[1], ",") {
			k, err := strconv.Atoi(strings.TrimSpace(l))
			if err != nil {
				return fmt.Errorf("label %q is no number", l)
			}
			if e, ok := filmLabels[k]; ok {
				s.target[e]++
				n++
			}
		}
		if n == 0 {
			return nil
		}
		for e := range s.target {
			s.target[e] /= n
		}
		out = append(out, s)
		return nil
	})
	if err != nil {
		return nil, err
	}
	err = lines(filepath.Join(dir, "neu_en.txt"), func(f []string) error {
		if len(f) == 2 {
			out = append(out, sample{text: f[1], domain: film, weight: 0.6, target: [Count]float32{Neutral: 1}})
		}
		return nil
	})
	return out, err
}

// lines calls f with the tab-separated fields of each line that is not blank.
func lines(path string, f func([]string) error) error {
	file, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("sentiment: training data: %w", err)
	}
	defer file.Close()
	sc := bufio.NewScanner(file)
	sc.Buffer(nil, 1<<20)
	for n := 1; sc.Scan(); n++ {
		line := strings.TrimRight(sc.Text(), "\r\n")
		if strings.TrimSpace(line) == "" {
			continue
		}
		if err := f(strings.Split(line, "\t")); err != nil {
			return fmt.Errorf("sentiment: %s:%d: %w", path, n, err)
		}
	}
	if err := sc.Err(); err != nil {
		return fmt.Errorf("sentiment: %s: %w", path, err)
	}
	return nil
}
