package training

import (
	"math/rand/v2"
	"slices"

	"github.com/atelier-engine/atelier/core/style"
)

// master is whom a photograph of a step is painted after.
type master uint8

const (
	preset master = iota
	anyone        // the predictor's
	nobody        // the identity
)

// masters are those of the photographs of a training, in turn.
var masters = []master{preset, preset, anyone, preset, anyone, preset, nobody, preset, anyone, preset}

// fill makes the inputs of step k. A photograph depends on the seed, the step and
// its place alone.
func (l *lesson) fill(k int, in map[string][]float32) error {
	n := l.cfg.Batch
	for _, name := range []string{"choice", "sight", "predicted", "exact"} {
		clear(in[name])
	}
	for i, name := range l.judge.layers {
		if l.judge.content[i] {
			clear(in["content "+name])
		}
		if i < len(l.cfg.Loss.Layers) {
			clear(in["weight "+name])
		}
	}
	for s := range n {
		rng := rand.New(rand.NewPCG(l.cfg.Seed, uint64(k)<<24|uint64(s)<<1))
		if err := l.seat(in, s, masters[(k*n+s)%len(masters)], k, rng); err != nil {
			return err
		}
	}
	return nil
}

// seat gives photograph s of step k its master.
func (l *lesson) seat(in map[string][]float32, s int, m master, k int, rng *rand.Rand) error {
	size, rows := l.cfg.Size, len(l.pupils)+1
	one := size * size * 3
	photo := in["photo"][s*one : (s+1)*one]
	if err := l.photos.Crop(photo, size, rng); err != nil {
		return err
	}
	style.AddGrain(in["canvas"][s*one:(s+1)*one], photo, size, size, rng.IntN(1<<20), rng.IntN(1<<20))
	in["art"][s] = 1
	var to target
	switch m {
	case preset:
		which := draw(l.turns, rng)
		in["choice"][s*rows+which] = vectorRate
		to = l.pupils[which].target
	case anyone:
		ref, err := l.refs.Window(rng)
		if err != nil {
			return err
		}
		if to, err = l.judge.targetOf(ref); err != nil {
			return err
		}
		p := &l.cfg.Predictor
		to = to.weighed(p.Content, p.Weight, p.Layers)
		in["predicted"][s] = predictedRate
		w := len(l.sight.mean)
		if err := l.sight.look(in["sight"][s*w:(s+1)*w], ref); err != nil {
			return err
		}
	case nobody:
		in["choice"][s*rows+rows-1] = vectorRate
		in["exact"][s], in["art"][s] = float32(l.cfg.Loss.Exact), 0
		to = l.judge.identity
	}
	ramp := float32(min(1, .2+.8*float64(k)/float64(max(l.cfg.Ramp, 1))))
	for i, name := range l.cfg.Loss.Layers {
		if to.moments != nil {
			copy(in["moments "+name][s*len(to.moments[i]):], to.moments[i])
			in["weight "+name][2*s], in["weight "+name][2*s+1] = ramp*to.weights[i][0], ramp*to.weights[i][1]
		}
	}
	in["content "+to.content][s] = 1
	return nil
}

// draw picks an index with a probability in proportion to shares.
func draw(shares []float64, rng *rand.Rand) int {
	var sum float64
	for _, s := range shares {
		sum += s
	}
	u := rng.Float64() * sum
	i := slices.IndexFunc(shares, func(s float64) bool { u -= s; return u < 0 })
	return max(i, 0)
}
