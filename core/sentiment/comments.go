package sentiment

import (
	"math"
	"path/filepath"
	"slices"
)

// comments is a set of documents as features.
type comments struct {
	texts  []string
	labels []Labels
	x      sparse
	terms  []uint64 // of the first columns
	group  []uint8
	df     []int
	rates  *ratings
}

// columns after the terms: dense features, then categories, then categories denied.
func (c *comments) denseColumn(i int) int32 { return int32(len(c.terms) + i) }
func (c *comments) categoryColumn(i int, denied bool) int32 {
	return int32(len(c.terms) + denseCount + i + boolInt(denied)*len(c.rates.names))
}

// readComments reads GoEmotions and turns it into features.
func readComments(root string, cfg ekmanConfig) (*comments, error) {
	list, err := ReadList(filepath.Join(root, "goemotions", "train.tsv"), TaskEkman)
	if err != nil {
		return nil, err
	}
	c := &comments{}
	if c.rates, err = readRatings(root); err != nil {
		return nil, err
	}
	counts := map[uint64]int{}
	var ps []post
	var ts []term
	for _, x := range list {
		ps = posts(newSource(x.Text).norm, ps)
		ts = termsOf(ps, ts)
		for _, t := range ts {
			counts[t.key]++
		}
	}
	ids := map[uint64]int32{}
	n := len(list)
	c.x.start = []int{0}
	for _, x := range list {
		norm := newSource(x.Text).norm
		ps = posts(norm, ps)
		ts = termsOf(ps, ts)
		for _, t := range ts {
			if _, ok := ids[t.key]; !ok && counts[t.key] >= cfg.fewest {
				ids[t.key] = int32(len(c.terms))
				c.terms, c.group, c.df = append(c.terms, t.key), append(c.group, t.group), append(c.df, counts[t.key])
			}
		}
		var length [groups]float64
		from := len(c.x.ids)
		for _, t := range ts {
			if id, ok := ids[t.key]; ok {
				v := termValue(t.count, float32(rarity(n, counts[t.key]))/idfStep)
				length[t.group] += float64(v) * float64(v)
				c.x.ids, c.x.values = append(c.x.ids, id), append(c.x.values, v)
			}
		}
		for j := from; j < len(c.x.ids); j++ {
			g := c.group[c.x.ids[j]]
			c.x.values[j] *= float32(1 / math.Sqrt(length[g]))
		}
		c.x.start = append(c.x.start, len(c.x.ids))
		c.texts, c.labels = append(c.texts, norm), append(c.labels, x.Labels)
	}
	c.addDense()
	return c, nil
}

// rarity is a term's inverse document frequency in steps, as it is stored.
func rarity(n, df int) uint8 {
	return uint8(math.Round(min(255, idfStep*(1+math.Log(float64(1+n)/float64(1+df))))))
}

// addDense appends the dense features and the categories to each row.
func (c *comments) addDense() {
	old := c.x
	c.x = sparse{start: []int{0}, ids: make([]int32, 0, len(old.ids)*5/4), values: make([]float32, 0, len(old.ids)*5/4)}
	c.x.width = len(c.terms) + denseCount + 2*len(c.rates.names)
	var ps []post
	sums := map[int32]float32{}
	for i, text := range c.texts {
		ids, values := old.row(i)
		c.x.ids, c.x.values = append(c.x.ids, ids...), append(c.x.values, values...)
		ps = posts(text, ps)
		var dense [denseCount]float32
		shapeOf(text, ps, dense[:shapes])
		affectOf(ps, c.rates.of, dense[shapes:])
		for j, v := range dense {
			if v != 0 {
				c.x.ids, c.x.values = append(c.x.ids, c.denseColumn(j)), append(c.x.values, v)
			}
		}
		clear(sums)
		for k := range ps {
			if p := &ps[k]; p.letters {
				for _, g := range c.rates.categories[p.word] {
					sums[c.categoryColumn(g, p.negated)] += categoryShare
				}
			}
		}
		from := len(c.x.ids)
		for id := range sums {
			c.x.ids = append(c.x.ids, id)
		}
		slices.Sort(c.x.ids[from:])
		for _, id := range c.x.ids[from:] {
			c.x.values = append(c.x.values, sums[id])
		}
		c.x.start = append(c.x.start, len(c.x.ids))
	}
}

// gains says how much each feature counts for each class: its group's share,
// and more for a term that is tied to the class in the rows given.
func (c *comments) gains(rows []int, cfg ekmanConfig, tie float64) []column {
	gain := make([]column, c.x.width)
	held := make([]float64, len(c.terms))
	tied := make([][Count]float64, len(c.terms))
	var prior [Count]float64
	for _, i := range rows {
		ids, _ := c.x.row(i)
		for e := range Emotion(Count) {
			if c.labels[i].Has(e) {
				prior[e] += 1 / float64(len(rows))
			}
		}
		for _, f := range ids {
			if int(f) >= len(held) {
				break
			}
			held[f]++
			for e := range Emotion(Count) {
				if c.labels[i].Has(e) {
					tied[f][e]++
				}
			}
		}
	}
	for f := range gain {
		for e := range gain[f] {
			if f >= len(c.terms) {
				gain[f][e] = cfg.dense
				continue
			}
			p := max(prior[e], 1e-6)
			lift := math.Abs(math.Log((tied[f][e] + cfg.calm*p) / ((held[f] + cfg.calm) * p)))
			gain[f][e] = cfg.share[c.group[f]] * float32(1-tie+tie*lift)
		}
	}
	return gain
}
