package training

import (
	"math"
	"math/rand/v2"

	"github.com/atelier-engine/atelier/core/picture"
	"github.com/atelier-engine/atelier/core/style"
)

// tiny is a network small enough to train in a test.
var tiny = style.Architecture{Channels: [3]int{4, 6, 8}, Blocks: 1, Kernel: 5}

// scene is a picture with a gradient, an edge and a coloured disc.
func scene(w, h int) *picture.Picture {
	p := picture.New(w, h)
	for y := range h {
		for x := range w {
			u, v := float64(x)/float64(w), float64(y)/float64(h)
			c := [3]float32{float32(u), float32(.2 + .6*v), .5}
			if math.Hypot(u-.5, v-.5) < .25 {
				c = [3]float32{.9, .3, .2}
			}
			copy(p.Pix[3*(y*w+x):], c[:])
		}
	}
	return p
}

func noisy(w, h int, seed uint64) *picture.Picture {
	p, rng := picture.New(w, h), rand.New(rand.NewPCG(seed, 0))
	for i := range p.Pix {
		p.Pix[i] = rng.Float32()
	}
	return p
}
