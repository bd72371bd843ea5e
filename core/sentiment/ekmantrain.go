package sentiment

import (
	"context"
	"math"
	"math/rand/v2"
	"path/filepath"
	"runtime"
	"slices"
)

// How the Ekman head is trained: GoEmotions' comments become terms and dense
// features; a logistic regression for each class is fitted to all of them.
// Before that, the comments are cut into parts and each is scored by a
// regression that was fitted to the others: from these scores come the
// probabilities (Platt, 1999) and the thresholds with the best F1.

// ekmanConfig holds what was chosen by that cross-validation on the training
// split.
type ekmanConfig struct {
	parts  int
	epochs int
	cost   float64
	fewest int // comments that hold a term, below which it is left out
	share  [groups]float32
	dense  float32 // of the dense features
	lift   float64 // what a term's tie to a class adds to its gain
	calm   float64 // comments without a tie that every term is thought to have had
	slots  int     // of the table
	seed   uint64
}

var ekmanDefault = ekmanConfig{parts: 3, epochs: 8, cost: 0.5, fewest: 2, share: [groups]float32{1, 1, 1, 1}, dense: 1, lift: 0.5, calm: 5, slots: 1 << 18}

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
func (c *comments) gains(rows []int, cfg ekmanConfig) []column {
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
			gain[f][e] = cfg.share[c.group[f]] * float32(1-cfg.lift+cfg.lift*lift)
		}
	}
	return gain
}

// trainEkman trains the head; it returns the F1 of each class by
// cross-validation as well. progress is told when another fit is done, of how
// many.
func trainEkman(ctx context.Context, root string, cfg ekmanConfig, progress func(done, of int)) (*ekman, [Count]float64, error) {
	var f1 [Count]float64
	c, err := readComments(root, cfg)
	if err != nil {
		return nil, f1, err
	}
	n := len(c.labels)
	parts := min(cfg.parts, max(2, n/10))
	part := make([]int, n)
	for i := range part {
		part[i] = i % parts
	}
	rand.New(rand.NewPCG(cfg.seed, 0xf01d)).Shuffle(n, func(a, b int) { part[a], part[b] = part[b], part[a] })
	held := make([]column, n)
	var all []column
	// The fits are independent of each other: one a part, and that to all.
	jobs := make(chan int, parts+1)
	ends := make(chan error, parts+1)
	for p := range parts + 1 {
		jobs <- p
	}
	close(jobs)
	for range min(parts+1, runtime.GOMAXPROCS(0)) {
		go func() {
			for p := range jobs {
				var rows []int
				for i := range part {
					if part[i] != p {
						rows = append(rows, i)
					}
				}
				w, err := logistic(ctx, &c.x, rows, c.labels, c.gains(rows, cfg), cfg.cost, cfg.epochs, cfg.seed)
				if err == nil && p == parts {
					all = w
				} else if err == nil {
					for i := range part {
						if part[i] == p {
							held[i] = c.x.dot(i, w)
						}
					}
				}
				ends <- err
			}
		}()
	}
	for done := range parts + 1 {
		if e := <-ends; e != nil {
			err = e
		} else if err == nil {
			progress(done+1, parts+1)
		}
	}
	if err != nil {
		return nil, f1, err
	}
	k, err := c.pack(all, cfg)
	if err != nil {
		return nil, f1, err
	}
	k.calibrate(held, c.labels)
	return k, crossF1(held, c.labels), nil
}

// pack rounds the weights to bytes and puts them into the table.
func (c *comments) pack(w []column, cfg ekmanConfig) (*ekman, error) {
	k := &ekman{table: termTable{keys: make([]uint32, cfg.slots), rows: make([][8]int8, cfg.slots)}}
	k.bias = w[c.x.width]
	for i := range k.dense {
		k.dense[i] = w[c.denseColumn(i)]
	}
	// What the categories of a word say together.
	words := map[uint64]column{}
	for word, list := range c.rates.categories {
		for _, denied := range []bool{false, true} {
			var sum column
			for _, g := range list {
				for e, v := range w[c.categoryColumn(g, denied)] {
					sum[e] += v
				}
			}
			words[categoryKey(word, denied)] = sum
		}
	}
	// The scale of the bytes: but for one weight in a thousand, which is cut.
	for e := range k.scale {
		all := make([]float32, 0, len(c.terms))
		for f := range c.terms {
			all = append(all, abs32(w[f][e]))
		}
		slices.Sort(all)
		top := float32(1e-6)
		if len(all) > 0 {
			top = max(top, all[len(all)-1-len(all)/2000])
		}
		k.scale[e] = top / 127
	}
	round := func(v column) (row [8]int8) {
		for e := range v {
			row[e] = int8(min(127, max(-127, math.Round(float64(v[e]/k.scale[e])))))
		}
		return row
	}
	// Terms that say most come first; those for which there is no place, and
	// those that say nothing, are left out.
	order := make([]int, len(c.terms))
	says := make([]float32, len(c.terms))
	for f := range order {
		order[f] = f
		for _, v := range w[f] {
			says[f] = max(says[f], abs32(v))
		}
		says[f] *= float32(math.Sqrt(float64(c.df[f])))
	}
	slices.SortStableFunc(order, func(a, b int) int {
		switch {
		case says[a] > says[b]:
			return -1
		case says[a] < says[b]:
			return 1
		}
		return 0
	})
	room := cfg.slots * 7 / 10
	put := func(key uint64, row [8]int8) error {
		if room--; room < 0 {
			return nil
		}
		return k.table.add(key, row)
	}
	for word, v := range c.rates.valence {
		if err := put(valenceKey(word), [8]int8{int8(math.Round(float64(v * valenceStep)))}); err != nil {
			return nil, err
		}
	}
	for stem, v := range c.rates.vad {
		row := [8]int8{}
		for i := range v {
			row[i] = int8(max(-127, min(127, math.Round(float64(v[i]*vadStep)))))
		}
		if err := put(vadKey(stem), row); err != nil {
			return nil, err
		}
	}
	for key, v := range words {
		if err := put(key, round(v)); err != nil {
			return nil, err
		}
	}
	for _, f := range order {
		row := round(w[f])
		row[7] = int8(rarity(len(c.labels), c.df[f]))
		if err := put(c.terms[f], row); err != nil {
			return nil, err
		}
	}
	return k, k.table.check()
}

func abs32(v float32) float32 { return float32(math.Abs(float64(v))) }

// calibrate fits the probabilities and the thresholds to scores of comments
// that were not learnt from.
func (k *ekman) calibrate(held []column, labels []Labels) {
	for e := range Emotion(Count) {
		k.slope[e], k.shift[e] = platt(held, labels, e)
		score, _ := bestThreshold(held, labels, e, func(int) bool { return true })
		p := 1 / (1 + math.Exp(-float64(k.slope[e]*score+k.shift[e])))
		k.threshold[e] = float32(min(max(p, 0.001), 0.999))
	}
}

// platt fits p = sigmoid(a*score + b) by Newton's method.
func platt(held []column, labels []Labels, e Emotion) (slope, shift float32) {
	a, b := 1.0, 0.0
	for range 30 {
		var ga, gb, haa, hab, hbb float64
		for i := range held {
			z := float64(held[i][e])
			p := 1 / (1 + math.Exp(-(a*z + b)))
			d, h := p-float64(boolInt(labels[i].Has(e))), p*(1-p)+1e-9
			ga, gb = ga+d*z, gb+d
			haa, hab, hbb = haa+h*z*z, hab+h*z, hbb+h
		}
		haa, hbb = haa+1e-6, hbb+1e-6
		det := haa*hbb - hab*hab
		if !(math.Abs(det) > 1e-12) {
			break
		}
		a, b = a-(hbb*ga-hab*gb)/det, b-(haa*gb-hab*ga)/det
	}
	if !(a > 0.01 && a < 100) || math.IsNaN(b) || math.Abs(b) > 100 {
		return 1, 0
	}
	return float32(a), float32(b)
}

// bestThreshold finds the score from which a class is best found, among the
// comments that use tells, and the F1 there.
func bestThreshold(held []column, labels []Labels, e Emotion, use func(int) bool) (float32, float64) {
	var order []int
	all := 0
	for i := range held {
		if use(i) {
			order = append(order, i)
			all += boolInt(labels[i].Has(e))
		}
	}
	slices.SortFunc(order, func(a, b int) int {
		switch {
		case held[a][e] > held[b][e]:
			return -1
		case held[a][e] < held[b][e]:
			return 1
		}
		return a - b
	})
	hit, best, at := 0, 0.0, float32(0)
	for n, i := range order {
		hit += boolInt(labels[i].Has(e))
		if f := ratio(2*hit, all+n+1); f > best {
			best, at = f, held[i][e]
			if n+1 < len(order) {
				at = (at + held[order[n+1]][e]) / 2
			}
		}
	}
	return at, best
}

// crossF1 is the F1 of each class with thresholds from the other half.
func crossF1(held []column, labels []Labels) (f [Count]float64) {
	for e := range Emotion(Count) {
		hit, read, all := 0, 0, 0
		for half := range 2 {
			at, _ := bestThreshold(held, labels, e, func(i int) bool { return i%2 != half })
			for i := half; i < len(held); i += 2 {
				is, said := labels[i].Has(e), held[i][e] >= at
				hit, read, all = hit+boolInt(is && said), read+boolInt(said), all+boolInt(is)
			}
		}
		f[e] = ratio(2*hit, read+all)
	}
	return f
}
