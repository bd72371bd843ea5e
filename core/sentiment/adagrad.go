package sentiment

import "math"

// trainer holds the state of AdaGrad.
type trainer struct {
	m       *Model
	squares []float32 // sums of squared gradients, as weights
	bias    [domains][Count]float32
	squareB [domains][Count]float32
	decay   float32
}

func newTrainer(m *Model, cfg TrainConfig) *trainer {
	return &trainer{m: m, squares: make([]float32, len(m.weights)), decay: float32(cfg.Decay)}
}

// epoch passes over the examples once and returns the mean loss.
func (t *trainer) epoch(examples []example, rate float64) float64 {
	sum, weights := 0.0, 0.0
	w, sq, lr := t.m.weights, t.squares, float32(rate)
	for i := range examples {
		x := &examples[i]
		t.m.bias = t.bias[x.domain]
		p := softmax(t.m.logits(x.features), 1)
		var g [Count]float32
		for e := range g {
			g[e] = (float32(p[e]) - x.target[e]) * x.weight
			if x.target[e] > 0 {
				sum -= float64(x.weight*x.target[e]) * math.Log(math.Max(p[e], 1e-12))
			}
			b := &t.squareB[x.domain][e]
			*b += g[e] * g[e]
			t.bias[x.domain][e] -= 0.3 * lr * g[e] / (sqrt32(*b) + 1e-3)
		}
		weights += float64(x.weight)
		for _, f := range x.features {
			at := int(f.bucket) * Count
			for e := range Count {
				d := g[e]*f.value + t.decay*w[at+e]
				sq[at+e] += d * d
				w[at+e] -= lr * d / (sqrt32(sq[at+e]) + 0.02)
			}
		}
	}
	return sum / math.Max(weights, 1e-9)
}

func sqrt32(x float32) float32 { return float32(math.Sqrt(float64(x))) }

func orInt(v, d int) int {
	if v == 0 {
		return d
	}
	return v
}

func orFloat(v, d float64) float64 {
	if v == 0 {
		return d
	}
	return v
}
