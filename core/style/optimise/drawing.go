package optimise

import (
	"math"
	"math/rand/v2"

	"github.com/atelier-engine/atelier/core/picture"
)

// drawing is a picture of side x side pixels that is nobody's: a slope between two
// colours with clouds, before which stand discs and bars with soft or hard edges
// and shading, like things in light.
func drawing(side int, rng *rand.Rand) *picture.Picture {
	p := picture.New(side, side)
	colour := func() [3]float32 {
		grey, much := rng.Float32(), .2+.8*rng.Float32()
		var c [3]float32
		for i := range c {
			c[i] = grey + much*(rng.Float32()-grey)
		}
		return c
	}
	n := float64(side)
	a, b, turn := colour(), colour(), 2*math.Pi*rng.Float64()
	clouds := waves(rng, 5, n)
	fill(p, func(x, y float64) ([3]float32, float32) {
		t := .5 + ((x-n/2)*math.Cos(turn)+(y-n/2)*math.Sin(turn))/n*.7 + .25*clouds(x, y)
		return mix(a, b, t), 1
	})
	for range 6 + rng.IntN(10) {
		c, d := colour(), colour()
		mx, my, r, flat := n*rng.Float64(), n*rng.Float64(), n*(.03+.25*rng.Float64()*rng.Float64()), .3+.7*rng.Float64()
		angle, soft, bar := 2*math.Pi*rng.Float64(), 1+n*.02*rng.Float64()*float64(rng.IntN(2)), rng.IntN(2) == 0
		cos, sin := math.Cos(angle), math.Sin(angle)
		grain := waves(rng, 4, r)
		fill(p, func(x, y float64) ([3]float32, float32) {
			u, v := ((x-mx)*cos+(y-my)*sin)/r, ((y-my)*cos-(x-mx)*sin)/(r*flat)
			out := math.Hypot(u, v) - 1
			if bar {
				out = max(math.Abs(u), math.Abs(v)) - 1
			}
			cover := min(max(.5-out*r*flat/soft, 0), 1)
			return mix(c, d, .5+.5*u*cos-.4*v*sin+.2*grain(x, y)), float32(cover)
		})
	}
	return p.Clamp()
}

// waves is a sum of n sine waves with lengths up to reach, in [-1,1].
func waves(rng *rand.Rand, n int, reach float64) func(x, y float64) float64 {
	type wave struct{ x, y, phase float64 }
	ws := make([]wave, n)
	for i := range ws {
		angle, length := 2*math.Pi*rng.Float64(), max(4, reach*math.Exp2(-3*rng.Float64()))
		ws[i] = wave{2 * math.Pi * math.Cos(angle) / length, 2 * math.Pi * math.Sin(angle) / length, 2 * math.Pi * rng.Float64()}
	}
	return func(x, y float64) (sum float64) {
		for _, w := range ws {
			sum += math.Sin(w.x*x+w.y*y+w.phase) / float64(n)
		}
		return sum
	}
}

func mix(a, b [3]float32, t float64) (c [3]float32) {
	s := float32(min(max(t, 0), 1))
	for i := range c {
		c[i] = a[i] + s*(b[i]-a[i])
	}
	return c
}

// fill lays a colour over each pixel by its cover.
func fill(p *picture.Picture, f func(x, y float64) ([3]float32, float32)) {
	for y := range p.H {
		for x := range p.W {
			c, cover := f(float64(x)+.5, float64(y)+.5)
			if cover <= 0 {
				continue
			}
			px := p.Pix[3*(y*p.W+x):][:3]
			for i := range px {
				px[i] += cover * (c[i] - px[i])
			}
		}
	}
}
