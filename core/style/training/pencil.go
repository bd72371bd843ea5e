package training

import (
	"math"
	"math/rand/v2"

	"github.com/atelier-engine/atelier/core/picture"
)

// Pencil draws a sheet of shaded bodies in graphite on paper: contours, and
// hatching in up to four directions, the denser the darker. The same seed and
// size give the same sheet.
func Pencil(seed uint64, w, h int) *picture.Picture {
	rng := rand.New(rand.NewPCG(seed, 0xd1b54a32d192ed03))
	d := &drawing{w: w, h: h, unit: float64(min(w, h)) / 100, dark: make([]float32, w*h), rng: rng}
	for range 16 {
		d.bodies = append(d.bodies, body{x: rng.Float64() * float64(w), y: rng.Float64() * float64(h),
			rx: d.unit * (9 + 16*rng.Float64()), ry: d.unit * (9 + 16*rng.Float64()),
			tone: .1 + .85*rng.Float64(), light: 2 * math.Pi * rng.Float64(), square: rng.IntN(3) == 0})
	}
	for layer, angle := range []float64{-.9, .5, -1.35, 1.1} {
		d.hatch(angle+.25*(rng.Float64()-.5), .04+.19*float64(layer))
	}
	for _, b := range d.bodies {
		d.contour(b)
	}
	p := picture.New(w, h)
	for i, v := range d.dark {
		// Paper has a tooth: the pencil leaves out what lies deep.
		tooth := .8 + .35*rng.Float64()
		k := min(float64(v)*tooth, .88)
		paper := 1 - .03*rng.Float64()
		for c, tint := range [3]float64{.965, .95, .92} {
			ink := [3]float64{.17, .17, .19}[c]
			p.Pix[3*i+c] = float32(tint*paper + k*(ink-tint*paper))
		}
	}
	return p
}

// drawing is a sheet with the darkness laid on it so far.
type drawing struct {
	w, h   int
	unit   float64 // one hundredth of the shorter side, pixels
	dark   []float32
	bodies []body
	rng    *rand.Rand
}

// body is something with a light and a dark side.
type body struct {
	x, y, rx, ry, tone, light float64
	square                    bool
}

// at is below 1 inside the body.
func (b body) at(x, y float64) float64 {
	u, v := (x-b.x)/b.rx, (y-b.y)/b.ry
	if b.square {
		return max(math.Abs(u), math.Abs(v))
	}
	return math.Hypot(u, v)
}

// tone is how dark the sheet should be at a point: that of the uppermost body.
func (d *drawing) tone(x, y float64) float64 {
	t := .05 + .1*y/float64(d.h)
	for _, b := range d.bodies {
		if b.at(x, y) < 1 {
			u, v := (x-b.x)/b.rx, (y-b.y)/b.ry
			t = b.tone * (.55 + .75*(u*math.Cos(b.light)+v*math.Sin(b.light)))
		}
	}
	return t
}

// hatch lays one direction of strokes wherever the tone is above least.
func (d *drawing) hatch(angle, least float64) {
	cos, sin := math.Cos(angle), math.Sin(angle)
	far := math.Hypot(float64(d.w), float64(d.h))
	for off := -far; off < far; off += d.unit * (.85 + .3*d.rng.Float64()) {
		bend := .0012 * d.rng.NormFloat64() / d.unit
		for s := -far; s < far; {
			long := d.unit * (6 + 9*d.rng.Float64())
			press, drift := .75+.4*d.rng.Float64(), d.unit*.35*d.rng.NormFloat64()
			d.stroke(long, func(r float64) (x, y, dark float64) {
				l := s + r*long
				o := off + drift + bend*(r-.5)*(r-.5)*long*long
				x, y = float64(d.w)/2+l*cos-o*sin, float64(d.h)/2+l*sin+o*cos
				over := d.tone(x, y) - least
				if over <= 0 {
					return x, y, 0
				}
				return x, y, press * min(.15+2.2*over, .62) * math.Sqrt(math.Sin(math.Pi*min(max(r, .03), .97)))
			})
			s += long * (.8 + .25*d.rng.Float64())
		}
	}
}

// contour goes round a body twice, as a searching hand does.
func (d *drawing) contour(b body) {
	for range 2 {
		dx, dy := .4*d.unit*d.rng.NormFloat64(), .4*d.unit*d.rng.NormFloat64()
		press, phase := .5+.3*d.rng.Float64(), 2*math.Pi*d.rng.Float64()
		d.stroke(2*math.Pi*math.Max(b.rx, b.ry), func(r float64) (x, y, dark float64) {
			a := 2 * math.Pi * r
			u, v := math.Cos(a), math.Sin(a)
			if b.square {
				m := max(math.Abs(u), math.Abs(v))
				u, v = u/m, v/m
			}
			return b.x + dx + u*b.rx, b.y + dy + v*b.ry, press * (.7 + .3*math.Sin(3*a+phase))
		})
	}
}

// stroke draws a line of the given length, at(0) to at(1), with a soft point.
func (d *drawing) stroke(long float64, at func(r float64) (x, y, dark float64)) {
	width := max(.3*d.unit, .7)
	steps := int(long*1.5) + 1
	for i := range steps {
		x, y, dark := at(float64(i) / float64(steps))
		if dark <= 0 || x < -2 || y < -2 || x > float64(d.w)+2 || y > float64(d.h)+2 {
			continue
		}
		reach := int(2*width) + 1
		for py := max(int(y)-reach, 0); py <= min(int(y)+reach, d.h-1); py++ {
			for px := max(int(x)-reach, 0); px <= min(int(x)+reach, d.w-1); px++ {
				e := math.Hypot(float64(px)+.5-x, float64(py)+.5-y) / width
				if a := dark * math.Exp(-e*e); a > .01 {
					to := &d.dark[py*d.w+px]
					*to = max(*to, float32(a)+*to*.15*float32(a))
				}
			}
		}
	}
}
