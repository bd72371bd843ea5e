package sentiment

import (
	"maps"
	"math"
	"slices"
)

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
	for f := range c.terms {
		for e, v := range w[f] {
			k.scale[e] = max(k.scale[e], abs32(v), 1e-6)
		}
	}
	for _, sum := range words {
		for e, v := range sum {
			k.scale[e] = max(k.scale[e], abs32(v))
		}
	}
	round := func(v column) (row [8]int8) {
		for e := range v {
			row[e] = level(v[e] / k.scale[e])
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
	// In a fixed order, so that the same training gives the same file.
	for _, word := range slices.Sorted(maps.Keys(c.rates.valence)) {
		if err := put(valenceKey(word), [8]int8{int8(math.Round(float64(c.rates.valence[word] * valenceStep)))}); err != nil {
			return nil, err
		}
	}
	for _, stem := range slices.Sorted(maps.Keys(c.rates.vad)) {
		row, v := [8]int8{}, c.rates.vad[stem]
		for i := range v {
			row[i] = int8(max(-127, min(127, math.Round(float64(v[i]*vadStep)))))
		}
		if err := put(vadKey(stem), row); err != nil {
			return nil, err
		}
	}
	for _, key := range slices.Sorted(maps.Keys(words)) {
		if err := put(key, round(words[key])); err != nil {
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
