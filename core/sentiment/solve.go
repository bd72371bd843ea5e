package sentiment

import (
	"context"
	"math"
	"math/rand/v2"
)

// sparse is a matrix of features, one row a document, in compressed rows.
type sparse struct {
	start  []int // of each row in ids and values, and the end of the last
	ids    []int32
	values []float32
	width  int
}

func (x *sparse) row(i int) ([]int32, []float32) {
	a, b := x.start[i], x.start[i+1]
	return x.ids[a:b:b], x.values[a:b:b]
}

// column is the weights of a feature for each class.
type column [Count]float32

// logistic trains a logistic regression with L2 decay for each class, all in
// one pass over the documents: dual coordinate descent (Yu, Huang and Lin,
// "Dual coordinate descent methods for logistic regression and maximum entropy
// models", 2011), which minimises |w|²/2 + cost Σ log(1+exp(-y w·x)). labels
// holds the classes of each row of x, rows which of them to learn from. Feature
// f counts gain[f][e] times for class e: what counts more is decayed less. The
// last column is the bias. Context is looked at between epochs.
func logistic(ctx context.Context, x *sparse, rows []int, labels []Labels, gain []column, cost float64, epochs int, seed uint64) ([]column, error) {
	w := make([]column, x.width+1)
	alpha, square := make([]column, len(rows)), make([]column, len(rows))
	add := func(i int, d *column) {
		ids, values := x.row(i)
		for j, f := range ids {
			c, g, v := &w[f], &gain[f], values[j]
			for e := range c {
				c[e] += d[e] * v * g[e] * g[e]
			}
		}
		c := &w[x.width]
		for e := range c {
			c[e] += d[e]
		}
	}
	for r, i := range rows {
		ids, values := x.row(i)
		var d column
		for e := range d {
			square[r][e] = 1
		}
		for j, f := range ids {
			for e, g := range gain[f] {
				square[r][e] += values[j] * values[j] * g * g
			}
		}
		for e := range d {
			sign, a := float32(-1), 0.001*float32(cost)
			if labels[i].Has(Emotion(e)) {
				sign, a = 1, 0.05*float32(cost)
			}
			alpha[r][e], d[e] = a, a*sign
		}
		add(i, &d)
	}
	order := make([]int, len(rows))
	for i := range order {
		order[i] = i
	}
	rng := rand.New(rand.NewPCG(seed, 0xe3a4))
	for range epochs {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		rng.Shuffle(len(order), func(a, b int) { order[a], order[b] = order[b], order[a] })
		for _, r := range order {
			i := rows[r]
			z := w[x.width]
			ids, values := x.row(i)
			for j, f := range ids {
				c, v := &w[f], values[j]
				for e := range z {
					z[e] += c[e] * v
				}
			}
			var d column
			next := alpha[r]
			moved := false
			for e := range z {
				sign := float32(-1)
				if labels[i].Has(Emotion(e)) {
					sign = 1
				}
				next[e] = float32(dualStep(float64(alpha[r][e]), float64(square[r][e]), float64(sign*z[e]), cost))
				d[e] = (next[e] - alpha[r][e]) * sign
				moved = moved || math.Abs(float64(d[e])) > 2e-4*cost
			}
			if moved { // else the document has settled
				alpha[r] = next
				add(i, &d)
			}
		}
	}
	return w, nil
}

// dualStep solves for one dual variable by Newton's method: it minimises
// a log a + (c-a) log(c-a) + q(a-old)²/2 + b(a-old) on 0 < a < c.
func dualStep(old, q, b, c float64) float64 {
	a := old
	for range 4 {
		g := q*(a-old) + b + math.Log(a/(c-a))
		next := a - g/(q+c/(a*(c-a)))
		switch {
		case next <= 0:
			next = a * 0.1
		case next >= c:
			next = c - (c-a)*0.1
		}
		if math.Abs(next-a) < 1e-6*c {
			a = next
			break
		}
		a = next
	}
	return math.Min(math.Max(a, 1e-6*c), (1-1e-6)*c)
}

// dot gives the scores of row i.
func (x *sparse) dot(i int, w []column) column {
	z := w[x.width]
	ids, values := x.row(i)
	for j, f := range ids {
		c, v := &w[f], values[j]
		for e := range z {
			z[e] += c[e] * v
		}
	}
	return z
}
