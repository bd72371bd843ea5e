package sentiment

import (
	"encoding/csv"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// What the lexicons say of a comment, for the Ekman head: sums and extremes of
// the valence of its words (VADER, AFINN), the mean valence, arousal and
// dominance of the sentences in which its stems stand (EmoBank), and the
// categories of its words (Empath).

// affects is the number of dense features that affectOf gives.
const affects = 15

// rating is what the lexicons say of one word: its valence, -4 to 4, and
// its stem's valence, arousal and dominance from 0, -2 to 2.
type rating struct {
	valence float32
	vad     [3]float32
}

// affectOf sums up the ratings of a comment's words.
func affectOf(ps []post, rate func(*post) rating, out []float32) {
	var pos, neg, high, low float64
	var sum, least, most [3]float64
	n := 0.0
	for i := range ps {
		p := &ps[i]
		r := rate(p)
		v := float64(r.valence)
		if p.negated {
			v *= -0.7
		}
		pos, neg = pos+math.Max(v, 0), neg-math.Min(v, 0)
		if !p.letters {
			continue
		}
		n++
		high, low = math.Max(high, v), math.Min(low, v)
		for k, a := range r.vad {
			sum[k] += float64(a)
			least[k], most[k] = math.Min(least[k], float64(a)), math.Max(most[k], float64(a))
		}
	}
	mean := (pos - neg) / math.Sqrt((pos-neg)*(pos-neg)+15) // VADER's compound score
	for k, v := range []float64{math.Log1p(pos) / 3, math.Log1p(neg) / 3, high / 4, low / 4, math.Max(0, mean), math.Max(0, -mean)} {
		out[k] = float32(v)
	}
	for k := range sum {
		out[6+k] = float32(2 * sum[k] / math.Sqrt(n+1))
		out[9+k] = float32(least[k])
		out[12+k] = float32(most[k])
	}
}

// ratings holds the lexicons while the Ekman head is trained.
type ratings struct {
	valence    map[string]float32
	vad        map[string][3]float32 // by stem
	categories map[string][]int      // Empath's, by word, sorted
	names      []string              // of the categories
}

func (r *ratings) of(p *post) rating {
	x := rating{valence: r.valence[p.word]}
	if p.letters {
		x.vad = r.vad[p.stem]
	}
	return x
}

// readRatings reads the lexicons under root. The numbers are rounded as they
// are stored in the model.
func readRatings(root string) (*ratings, error) {
	r := &ratings{valence: map[string]float32{}, vad: map[string][3]float32{}, categories: map[string][]int{}}
	for _, x := range []struct {
		path  string
		scale float64
	}{{"afinn/AFINN-en-165.txt", 0.8}, {"vader/vader_lexicon.txt", 1}} {
		if err := lines(filepath.Join(root, filepath.FromSlash(x.path)), func(f []string) error {
			if len(f) < 2 {
				return fmt.Errorf("want word and valence")
			}
			v, err := strconv.ParseFloat(f[1], 64)
			r.valence[f[0]] = float32(math.Round(v*x.scale*valenceStep) / valenceStep)
			return err
		}); err != nil {
			return nil, err
		}
	}
	if err := lines(filepath.Join(root, "empath", "categories.tsv"), func(f []string) error {
		for _, w := range f[1:] {
			if c := r.categories[w]; len(c) == 0 || c[len(c)-1] != len(r.names) {
				r.categories[w] = append(c, len(r.names))
			}
		}
		r.names = append(r.names, f[0])
		return nil
	}); err != nil {
		return nil, err
	}
	return r, r.readBank(filepath.Join(root, "emobank", "emobank.csv"))
}

const (
	valenceStep = 30  // a rating's valence is stored in steps of 1/30
	vadStep     = 100 // and the rest in steps of 1/100
)

// readBank averages EmoBank's ratings of the sentences that hold a stem,
// drawn towards the middle where they are few.
func (r *ratings) readBank(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("sentiment: training data: %w", err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		return fmt.Errorf("sentiment: %s: %w", path, err)
	}
	type total struct {
		sum [3]float64
		n   float64
	}
	totals := map[string]*total{}
	var ps []post
	for n, row := range rows {
		if n == 0 || len(row) < 6 { // id, split, V, A, D, text
			continue
		}
		var v [3]float64
		for k := range v {
			if v[k], err = strconv.ParseFloat(row[2+k], 64); err != nil {
				return fmt.Errorf("sentiment: %s: row %d: %w", path, n+1, err)
			}
		}
		ps = posts(row[5], ps)
		var seen []string
		for i := range ps {
			s := strings.Clone(ps[i].stem)
			if slices.Contains(seen, s) {
				continue
			}
			seen = append(seen, s)
			t := totals[s]
			if t == nil {
				t = &total{}
				totals[s] = t
			}
			for k := range v {
				t.sum[k] += v[k] - 3
			}
			t.n++
		}
	}
	for s, t := range totals {
		if t.n < 2 {
			continue
		}
		var v [3]float32
		for k := range v {
			v[k] = float32(math.Round(t.sum[k]/(t.n+3)*vadStep) / vadStep)
		}
		r.vad[s] = v
	}
	return nil
}
