package sentiment

import (
	"errors"
	"fmt"
	"math"
	"sync"
)

// ekman is the head that finds the Ekman classes of GoEmotions: a logistic
// regression for each class over the terms of a comment, weighed by how rare
// they are (TF-IDF), with what its shape and the lexicons say. Its weights are
// bytes in a table of terms; see ekmantrain.go for how they are made.
type ekman struct {
	table     termTable
	scale     [Count]float32 // the largest weight of each class
	bias      [Count]float32 // of each class
	dense     [denseCount][Count]float32
	slope     [Count]float32 // probability = sigmoid(slope*score + shift)
	shift     [Count]float32
	threshold [Count]float32 // probability from which a class is found

	scratch sync.Pool // of *ekmanScratch
}

// denseCount is how many features are no terms: shape and ratings.
const denseCount = shapes + affects

// categoryShare is what a word adds to the feature of each of its categories.
const categoryShare = 0.17

type ekmanScratch struct {
	posts []post
	terms []term
	found []found
}

// found is a term that the table knows.
type found struct {
	row   *[8]int8
	value float32
	group uint8
}

// idfStep is the number of steps of a stored rarity per unit.
const idfStep = 20

// levels are the weights that a byte stands for, in parts of the largest: the
// squares of -127/127 to 127/127 with their sign, closer together near nought,
// where most weights are.
var levels = func() (l [256]float32) {
	for i := range l {
		v := float32(int8(i)) / 127
		l[i] = v * abs32(v)
	}
	return l
}()

// level gives the byte of a weight in parts of the largest.
func level(v float32) int8 {
	q := math.Round(127 * math.Sqrt(math.Abs(float64(v))))
	return int8(math.Copysign(min(q, 127), float64(v)))
}

// termTable holds a row of 8 bytes for each term: the weights of the seven
// classes and the rarity. It is an open-addressed hash table: the slot comes
// from the high bits of a term's hash, the 32 low bits tell terms apart. Its
// length is a power of two, an empty slot has key 0.
type termTable struct {
	keys []uint32
	rows [][8]int8
}

func (t *termTable) find(key uint64) *[8]int8 {
	mask, k := uint64(len(t.keys)-1), uint32(key)|1
	for i := key >> 32 & mask; ; i = (i + 1) & mask {
		switch t.keys[i] {
		case k:
			return &t.rows[i]
		case 0:
			return nil
		}
	}
}

// add puts a row into the table; it fails where the table is nearly full.
func (t *termTable) add(key uint64, row [8]int8) error {
	mask, k := uint64(len(t.keys)-1), uint32(key)|1
	i := key >> 32 & mask
	for n := 0; t.keys[i] != 0 && t.keys[i] != k; n++ {
		if n > 1000 {
			return errors.New("sentiment: the table of terms is full")
		}
		i = (i + 1) & mask
	}
	t.keys[i], t.rows[i] = k, row
	return nil
}

// check makes sure that a search always ends.
func (t *termTable) check() error {
	empty := 0
	for _, k := range t.keys {
		empty += boolInt(k == 0)
	}
	if n := len(t.keys); n == 0 || n&(n-1) != 0 || len(t.rows) != n || empty < n/16+1 {
		return fmt.Errorf("table of %d terms with %d free places: want a power of two, a sixteenth of it free", n, empty)
	}
	return nil
}

// Keys of the rows that hold what the lexicons say of a word.
func categoryKey(word string, denied bool) uint64 { return hash('L', word, denied) }
func valenceKey(word string) uint64               { return hash('A', word, false) }
func vadKey(stem string) uint64                   { return hash('V', stem, false) }

// rate gives the ratings of a token from the table.
func (k *ekman) rate(p *post) (r rating) {
	if row := k.table.find(valenceKey(p.word)); row != nil {
		r.valence = float32(row[0]) / valenceStep
	}
	if p.letters {
		if row := k.table.find(vadKey(p.stem)); row != nil {
			for i := range r.vad {
				r.vad[i] = float32(row[i]) / vadStep
			}
		}
	}
	return r
}

// scores gives the score of each class; false where there is nothing to read.
func (k *ekman) scores(text string) (z [Count]float32, ok bool) {
	s, _ := k.scratch.Get().(*ekmanScratch)
	if s == nil {
		s = &ekmanScratch{}
	}
	defer k.scratch.Put(s)
	norm := newSource(text).norm
	s.posts = posts(norm, s.posts)
	if len(s.posts) == 0 {
		return z, false
	}
	s.terms = termsOf(s.posts, s.terms)
	s.found = s.found[:0]
	var length [groups]float64
	for _, t := range s.terms {
		if row := k.table.find(t.key); row != nil {
			v := termValue(t.count, float32(uint8(row[7]))/idfStep)
			length[t.group] += float64(v) * float64(v)
			s.found = append(s.found, found{row, v, t.group})
		}
	}
	var by [groups]float32
	for g, l := range length {
		if l > 0 {
			by[g] = float32(1 / math.Sqrt(l))
		}
	}
	for _, f := range s.found {
		v := f.value * by[f.group]
		for e := range z {
			z[e] += v * levels[uint8(f.row[e])]
		}
	}
	for i := range s.posts {
		if p := &s.posts[i]; p.letters {
			if row := k.table.find(categoryKey(p.word, p.negated)); row != nil {
				for e := range z {
					z[e] += categoryShare * levels[uint8(row[e])]
				}
			}
		}
	}
	var dense [denseCount]float32
	shapeOf(norm, s.posts, dense[:shapes])
	affectOf(s.posts, k.rate, dense[shapes:])
	for e := range z {
		z[e] = z[e]*k.scale[e] + k.bias[e]
	}
	for i, v := range dense {
		for e := range z {
			z[e] += v * k.dense[i][e]
		}
	}
	return z, true
}

// termValue is the sublinear frequency of a term times its rarity.
func termValue(count, idf float32) float32 {
	if count > 1 {
		count = 1 + float32(math.Log(float64(count)))
	}
	return count * idf
}

// classify gives the classes of a comment.
func (k *ekman) classify(text string) (Classes, error) {
	z, ok := k.scores(text)
	if !ok {
		return Classes{}, ErrEmpty
	}
	return k.decide(z), nil
}

// decide turns scores into probabilities and classes.
func (k *ekman) decide(z [Count]float32) (c Classes) {
	var p [Count]float32
	for e := range z {
		c.Weights[e] = 1 / (1 + math.Exp(-float64(k.slope[e]*z[e]+k.shift[e])))
		p[e] = float32(c.Weights[e])
	}
	c.Labels = reachClasses(&p, &k.threshold)
	return c
}
