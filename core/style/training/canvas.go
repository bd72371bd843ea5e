package training

import (
	"math"
	"math/rand/v2"

	"github.com/atelier-engine/atelier/core/picture"
	"github.com/atelier-engine/atelier/core/style"
)

// ink is an sRGB colour in [0,1].
type ink = style.Ink

type point struct{ x, y float64 }

func (p point) add(x, y float64) point { return point{p.x + x, p.y + y} }

func polar(m point, r, a float64) point { return m.add(r*math.Cos(a), r*math.Sin(a)) }

// shape is the signed distance to an outline in pixels, negative inside. It
// need not be exact, but near the outline its slope must be close to 1.
type shape func(point) float64

// paint is the colour of a shape at a point.
type paint func(point) ink

// canvas draws shapes with soft edges of one pixel.
type canvas struct {
	pic  *picture.Picture
	clip shape   // nil: the whole canvas
	unit float64 // one hundredth of the shorter side, in pixels
}

// draw fills a shape and draws its outline in black.
func (c *canvas) draw(s shape, p paint, width float64) {
	c.fill(s, p)
	c.outline(s, width)
}

func (c *canvas) outline(s shape, width float64) {
	c.fill(func(q point) float64 { return math.Abs(s(q)) - width/2 }, flat(style.Inks[inkBlack]))
}

func (c *canvas) fill(s shape, p paint) {
	for y := range c.pic.H {
		for x := range c.pic.W {
			q := point{float64(x) + .5, float64(y) + .5}
			d := s(q)
			if d >= .5 {
				continue
			}
			if c.clip != nil {
				if d = max(d, c.clip(q)); d >= .5 {
					continue
				}
			}
			a, col := float32(min(.5-d, 1)), p(q)
			px := c.pic.Pix[3*(y*c.pic.W+x):][:3]
			for i := range px {
				px[i] += a * (col[i] - px[i])
			}
		}
	}
}

func flat(c ink) paint { return func(point) ink { return c } }

// dots prints ink on paper as a turned grid of round dots, pitch pixels apart;
// size in [0,1] says how much of the pitch a dot's diameter takes.
func dots(paper, on ink, pitch, angle float64, size func(point) float64) paint {
	cos, sin := math.Cos(angle), math.Sin(angle)
	return func(q point) ink {
		u, v := (q.x*cos+q.y*sin)/pitch, (q.y*cos-q.x*sin)/pitch
		d := pitch * (math.Hypot(u-math.Round(u), v-math.Round(v)) - size(q)/2)
		a := float32(min(max(.5-d, 0), 1))
		var c ink
		for i := range c {
			c[i] = paper[i] + a*(on[i]-paper[i])
		}
		return c
	}
}

func box(x0, y0, x1, y1 float64) shape {
	return func(q point) float64 { return max(x0-q.x, q.x-x1, y0-q.y, q.y-y1) }
}

// ellipse is exact on the axes of a circle and close enough elsewhere:
// d ≈ (|q/r| - 1)·|q/r| / |q/r²|.
func ellipse(m point, rx, ry, angle float64) shape {
	cos, sin := math.Cos(angle), math.Sin(angle)
	return func(q point) float64 {
		x, y := q.x-m.x, q.y-m.y
		x, y = x*cos+y*sin, y*cos-x*sin
		k := math.Hypot(x/rx, y/ry)
		if k == 0 {
			return -min(rx, ry)
		}
		return (k - 1) * k / math.Hypot(x/(rx*rx), y/(ry*ry))
	}
}

// polygon is the exact signed distance to a closed polygon.
func polygon(v ...point) shape {
	return func(q point) float64 {
		best, inside := math.Inf(1), false
		for i, a := range v {
			b := v[(i+1)%len(v)]
			ex, ey, wx, wy := b.x-a.x, b.y-a.y, q.x-a.x, q.y-a.y
			t := min(max((wx*ex+wy*ey)/(ex*ex+ey*ey+1e-12), 0), 1)
			best = min(best, math.Hypot(wx-t*ex, wy-t*ey))
			if (a.y > q.y) != (b.y > q.y) && q.x < a.x+(q.y-a.y)/(b.y-a.y)*(b.x-a.x) {
				inside = !inside
			}
		}
		if inside {
			return -best
		}
		return best
	}
}

func star(m point, outer, inner float64, n int, turn float64) shape {
	var v []point
	for i := range 2 * n {
		r := outer
		if i%2 == 1 {
			r = inner
		}
		v = append(v, polar(m, r, turn+math.Pi*float64(i)/float64(n)))
	}
	return polygon(v...)
}

// blob is an ellipse whose outline swings n times by the given share.
func blob(m point, rx, ry float64, n int, swing float64, rng *rand.Rand) shape {
	phase := 2 * math.Pi * rng.Float64()
	e := ellipse(m, rx, ry, 0)
	return func(q point) float64 {
		return e(q) + swing*min(rx, ry)*math.Sin(float64(n)*math.Atan2(q.y-m.y, q.x-m.x)+phase)
	}
}

func union(s ...shape) shape {
	return func(q point) float64 {
		d := math.Inf(1)
		for _, f := range s {
			d = min(d, f(q))
		}
		return d
	}
}

func meet(s ...shape) shape {
	return func(q point) float64 {
		d := math.Inf(-1)
		for _, f := range s {
			d = max(d, f(q))
		}
		return d
	}
}
