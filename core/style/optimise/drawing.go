package optimise

import (
	"math"
	"math/rand/v2"

	"github.com/atelier-engine/atelier/core/picture"
)

// leaves is how many things lie on top of each other in a drawing.
const leaves = 260

// drawing is a picture of side x side pixels that shows nothing and is nobody's,
// with the edges, surfaces and colours of photographs: the dead leaves model of
// Lee, Mumford and Huang ("Occlusion models for natural images", 2001). Discs and
// bars fall on top of each other; there are few large and many small ones, so
// that all scales look alike. Each has a shade, light from one side and some grain.
func drawing(side int, rng *rand.Rand) *picture.Picture {
	p := picture.New(side, side)
	n := float64(side)
	colour := palette(rng)
	light := 2 * math.Pi * rng.Float64()
	lx, ly := math.Cos(light), math.Sin(light)
	back := leaf{cover: func(x, y float64) float64 { return 1 }, a: colour(), b: colour(), grain: waves(rng, 6, n), rough: .15,
		shade: func(x, y float64) float64 { return .5 + .7*((x-n/2)*lx+(y-n/2)*ly)/n }}
	back.draw(p, 0, 0, side, side)
	least, most := .012*n, (.2+.3*rng.Float64())*n
	for range leaves {
		// r has the density 1/r² between least and most: flatter than 1/r³, which
		// would take thousands of leaves to cover the ground.
		u := rng.Float64()
		r := 1 / ((1-u)/least + u/most)
		mx, my, flat, angle := n*rng.Float64(), n*rng.Float64(), .3+.7*rng.Float64(), 2*math.Pi*rng.Float64()
		cos, sin := math.Cos(angle), math.Sin(angle)
		soft, bar := 1+.3*r*max(0, rng.Float64()-.7), rng.IntN(3) == 0
		l := leaf{a: colour(), grain: waves(rng, 4, r), rough: .25 * rng.Float64(),
			shade: func(x, y float64) float64 { return .5 + .4*((x-mx)*lx+(y-my)*ly)/r }}
		l.b = l.a
		for i := range l.b {
			l.b[i] *= .35 + .3*rng.Float32()
		}
		l.cover = func(x, y float64) float64 {
			u, v := ((x-mx)*cos+(y-my)*sin)/r, ((y-my)*cos-(x-mx)*sin)/(r*flat)
			out := math.Hypot(u, v) - 1
			if bar {
				out = max(math.Abs(u), math.Abs(v)) - 1
			}
			return .5 - out*r*flat/soft
		}
		reach := 1.5*r + soft
		l.draw(p, int(mx-reach), int(my-reach), int(mx+reach)+1, int(my+reach)+1)
	}
	return p.Clamp()
}

// palette returns what draws colours that go together: most of them greyish,
// around two hues.
func palette(rng *rand.Rand) func() [3]float32 {
	var hues [2][3]float64
	for i := range hues {
		h := 2 * math.Pi * rng.Float64()
		for c := range 3 {
			hues[i][c] = math.Cos(h - 2*math.Pi*float64(c)/3)
		}
	}
	return func() (c [3]float32) {
		grey, much := .06+.88*rng.Float64(), .22*math.Abs(rng.NormFloat64())
		hue := hues[rng.IntN(2)]
		for i := range c {
			c[i] = float32(min(max(grey+much*hue[i]*min(grey, 1.15-grey), 0), 1))
		}
		return c
	}
}

// leaf is a thing in a drawing: between colours b, in the shade, and a, in the light.
type leaf struct {
	cover, shade, grain func(x, y float64) float64
	a, b                [3]float32
	rough               float64 // share of the grain in the shade
}

// draw lays the leaf over the pixels of a window, as far as it covers them.
func (l leaf) draw(p *picture.Picture, x0, y0, x1, y1 int) {
	for y := max(y0, 0); y < min(y1, p.H); y++ {
		for x := max(x0, 0); x < min(x1, p.W); x++ {
			fx, fy := float64(x)+.5, float64(y)+.5
			cover := float32(min(l.cover(fx, fy), 1))
			if cover <= 0 {
				continue
			}
			t := float32(min(max(l.shade(fx, fy)+l.rough*l.grain(fx, fy), 0), 1))
			px := p.Pix[3*(y*p.W+x):][:3]
			for i := range px {
				px[i] += cover * (l.b[i] + t*(l.a[i]-l.b[i]) - px[i])
			}
		}
	}
}

// waves is a sum of n sine waves with lengths from a sixteenth of reach, at least
// 3 pixels, up to reach, in [-1,1].
func waves(rng *rand.Rand, n int, reach float64) func(x, y float64) float64 {
	type wave struct{ x, y, phase float64 }
	ws := make([]wave, n)
	for i := range ws {
		angle, length := 2*math.Pi*rng.Float64(), max(3, reach*math.Exp2(-4*rng.Float64()))
		ws[i] = wave{2 * math.Pi * math.Cos(angle) / length, 2 * math.Pi * math.Sin(angle) / length, 2 * math.Pi * rng.Float64()}
	}
	return func(x, y float64) (sum float64) {
		for _, w := range ws {
			sum += math.Sin(w.x*x+w.y*y+w.phase) / float64(n)
		}
		return sum
	}
}
