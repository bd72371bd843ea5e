package expression

import (
	"math"
	"math/rand/v2"
)

// look is what differs from person to person beside the action units.
type look struct {
	depth        float64 // of creases
	upper, lower float64 // how much of the teeth is seen
	tongue       float64
	dark         float64 // of the mouth
	line         [4]float64
}

func drawLook(r *rand.Rand) (k look) {
	k.depth = mix(0.4, 1.1, r.Float64())
	if r.Float64() < 0.75 {
		k.upper = mix(0.4, 1, r.Float64())
	}
	if r.Float64() < 0.15 {
		k.lower = mix(0.3, 0.8, r.Float64())
	}
	k.tongue = r.Float64()
	k.dark = mix(0.1, 0.22, r.Float64())
	for i := range k.line {
		k.line[i] = r.NormFloat64()
	}
	return k
}

// crease is a fold of the skin along a line: a dark valley, and a ridge beside
// it that catches the light. The darkness is that of a Gaussian valley.
type crease struct {
	line     []point
	depth    float64 // of the logarithm of the light
	width    float64
	ridge    float64 // height of the ridge, on the left of the line's direction
	min, max point
}

func newCrease(depth, width, ridge float64, line ...point) crease {
	c := crease{line: line, depth: depth, width: width, ridge: ridge, min: line[0], max: line[0]}
	for _, p := range line {
		c.min = point{min(c.min.x, p.x), min(c.min.y, p.y)}
		c.max = point{max(c.max.x, p.x), max(c.max.y, p.y)}
	}
	pad := 4.5 * width
	c.min, c.max = c.min.minus(point{pad, pad}), c.max.plus(point{pad, pad})
	return c
}

// at is the logarithm of the light's factor at p.
func (c *crease) at(p point) float64 {
	if p.x < c.min.x || p.x > c.max.x || p.y < c.min.y || p.y > c.max.y {
		return 0
	}
	// The nearest place on the line, and how far along it lies.
	best, signed, along := math.Inf(1), 0.0, 0.0
	n := float64(len(c.line) - 1)
	for i := range len(c.line) - 1 {
		a, d := c.line[i], c.line[i+1].minus(c.line[i])
		q := p.minus(a)
		l := d.x*d.x + d.y*d.y
		if l == 0 {
			continue
		}
		t := max(0, min(1, (q.x*d.x+q.y*d.y)/l))
		e := q.minus(d.times(t))
		if dist := e.x*e.x + e.y*e.y; dist < best {
			best = dist
			signed = math.Copysign(math.Sqrt(dist), d.y*q.x-d.x*q.y)
			along = (float64(i) + t) / n
		}
	}
	taper := 4 * along * (1 - along)
	a, b := signed/c.width, (signed-1.8*c.width)/(1.2*c.width)
	return taper * (c.ridge*math.Exp(-b*b) - c.depth*(0.7*math.Exp(-a*a)+0.3*math.Exp(-6*a*a)))
}

// arc samples the parabola through a and b that rises by h in its middle.
func arc(a, b point, h float64) []point {
	ps := make([]point, 7)
	d := b.minus(a)
	for i := range ps {
		t := float64(i) / 6
		ps[i] = a.towards(b, t).plus(point{d.y, -d.x}.times(h * 4 * t * (1 - t)))
	}
	return ps
}

// creases are the folds that the action units press into the skin.
func (w *Warp) creases(u *units, k *look) (all []crease) {
	l := &w.points
	add := func(amount, depth, width, ridge float64, line ...point) {
		if amount = amount * k.depth; amount > 0.05 {
			soft := 1 + 0.6*(1-w.sight.sharp)
			all = append(all, newCrease(amount*depth*mix(0.55, 1, w.sight.sharp), width*soft, amount*ridge, line...))
		}
	}
	inner := l[browInnerL].towards(l[browInnerR], 0.5)
	between := l[browInnerR].x - l[browInnerL].x
	// AU 1 and 2: lines over the forehead.
	lift := u.both(1)*0.6 + u.both(2)*0.5
	wide := 0.25 + 0.4*min(1, u.both(2))
	for i := range 3 {
		y := l[19].y - 0.17 - 0.13*float64(i) + 0.015*k.line[i]
		h := 0.04 * (u.both(2) - u.both(1)*0.3 + 0.3*k.line[3])
		add(lift*(1-0.2*float64(i)), 0.12, 0.032, 0.05, arc(point{inner.x - wide, y}, point{inner.x + wide, y}, h)...)
	}
	// AU 4: upright furrows between the brows.
	for i, s := range []float64{-1, 1} {
		x := inner.x + s*between*(0.22+0.03*k.line[i])
		add(u.side(4, s), 0.32, 0.036, 0.08, point{x + s*0.015, inner.y - 0.06}, point{x, inner.y + 0.02}, point{x + s*0.01, inner.y + 0.12})
	}
	// The lowered brows shade the eyes.
	for i, s := range []float64{-1, 1} {
		in, out := l[browInnerL], l[browFirst+1]
		if i == 1 {
			in, out = l[browInnerR], l[browLast-1]
		}
		add(u.side(4, s)-u.side(1, s), 0.22, 0.11, 0, point{in.x - s*0.05, in.y + 0.16}, point{(in.x + out.x) / 2, in.y + 0.13}, point{out.x, out.y + 0.12})
	}
	// AU 9: folds over the bridge of the nose, and beside it.
	nose := u.both(9)
	top := l[noseTop]
	for i := range 3 {
		y := top.y - 0.06 + 0.085*float64(i) + 0.01*k.line[i]
		add(nose, 0.26, 0.03, 0.1, arc(point{top.x - 0.12, y}, point{top.x + 0.12, y}, 0.1)...)
	}
	for i, s := range []float64{-1, 1} {
		wing, corner := l[nostrilL], l[mouthL]
		in, out := l[39], l[36]
		if i == 1 {
			wing, corner = l[nostrilR], l[mouthR]
			in, out = l[42], l[45]
		}
		add(u.side(9, s), 0.2, 0.036, 0.06, point{in.x + s*0.02, in.y + 0.02}, point{in.x - s*0.06, in.y + 0.15}, point{in.x - s*0.02, in.y + 0.28})
		// AU 6, 7: the lower lid bulges.
		add(0.6*u.side(6, s)+0.6*u.side(7, s)+0.6*u.side(9, s), 0.14, 0.03, 0, arc(point{in.x, in.y + 0.09}, point{out.x, out.y + 0.10}, -s*-0.12)...)
		// AU 9, 10, 11, 12, 15, 20: the fold from nose to mouth.
		fold := 0.6*u.side(9, s) + 0.8*u.side(10, s) + 0.5*u.side(11, s) + 0.8*u.side(12, s) + 0.3*u.side(15, s) + 0.25*u.side(20, s)
		a := point{wing.x + s*0.06, wing.y - 0.08}
		b := point{corner.x + s*0.10, corner.y + 0.0}
		line := arc(a, b, s*0.08)
		ridge := 0.035
		if i == 1 { // the cheek is on the other side of the line
			line = arc(b, a, -s*0.08)
		}
		add(fold, 0.22, 0.045, ridge, line...)
		// AU 15: the shadow under the corners.
		add(u.side(15, s), 0.22, 0.05, 0, point{corner.x - s*0.02, corner.y + 0.02}, point{corner.x + s*0.03, corner.y + 0.08}, point{corner.x + s*0.05, corner.y + 0.2})
	}
	// AU 17: the hollow over the raised chin.
	bottom := l[lipBottom]
	add(u.both(17), 0.22, 0.055, 0.05, arc(point{bottom.x - 0.2, bottom.y + 0.09}, point{bottom.x + 0.2, bottom.y + 0.09}, 0.1)...)
	return all
}

// paintWhite covers the part of an eye that its lid bared, but for the iris.
func (w *Warp) paintWhite(c *cell, i int, p point, bared float64) {
	a := bared * outsideIris(p, w.sight.iris[i])
	if a <= 0 {
		return
	}
	c.cover = float32(a * 0.75)
	for k := range c.paint {
		c.paint[k] = w.sight.sclera[i][k] * 0.93
	}
}

// paintMouth paints what is seen between parted lips: darkness, teeth under the
// upper lip, the tongue on the floor. q is the place on the lips' line.
func (w *Warp) paintMouth(c *cell, q point, inside, v float64, g *gape, k *look) {
	shape, _ := w.shape(q.x, g)
	gap := shape * (g.jaw + g.part)
	t := (q.x - w.mouth.mid) / w.mouth.half
	skin := w.sight.skin
	if !w.sight.known {
		skin = [3]float32{170, 125, 105}
	}
	light := luma(skin)
	c.cover = float32(smooth(0, mix(0.07, 0.03, w.sight.sharp), inside))
	// The hollow: nearly black in the middle, flesh near the lips.
	depth := k.dark + 0.35*math.Exp(-inside/0.03)
	colour := [3]float64{float64(skin[0]) * depth, float64(skin[1]) * depth * 0.55, float64(skin[2]) * depth * 0.55}
	over := func(a float64, to [3]float64) {
		for i := range colour {
			colour[i] = mix(colour[i], to[i], a)
		}
	}
	if deep := gap - 0.12; deep > 0 {
		a := k.tongue * smooth(0.55, 0.8, v) * smooth(0, 0.12, deep) * (1 - smooth(0.3, 0.7, math.Abs(t)))
		over(0.7*a, [3]float64{0.62 * float64(skin[0]), 0.36 * float64(skin[1]), 0.40 * float64(skin[2])})
	}
	tooth := func(length, from float64) {
		// Teeth of 8.5 mm, over a distance of the pupils of 63 mm.
		x := math.Abs(q.x-w.mouth.mid) / 0.125
		cut := 1 - 0.12*math.Exp(-math.Pow((x-math.Round(x))/0.09, 2))
		lit := (0.55 + 0.35*(1-t*t)) * cut * (0.75 + 0.25*smooth(0, 0.04, from))
		white := lit * min(235, 1.1*light+20)
		a := (1 - smooth(length-0.02, length+0.005, from)) * smooth(0.95, 0.6, math.Abs(t)) * smooth(0.004, 0.02, inside)
		over(a, [3]float64{white, white * 0.95, white * 0.87})
	}
	upper := k.upper
	if g.bared {
		upper = max(upper, 0.85)
	}
	if length := upper * min(0.10, 0.4*gap); length > 0.015 {
		tooth(length, v*gap)
	}
	if length := k.lower * min(0.07, 0.25*gap); length > 0.015 {
		tooth(length, (1-v)*gap)
	}
	pale := max(0, 0.5*w.sight.dark-(0.299*colour[0]+0.587*colour[1]+0.114*colour[2]))
	for i := range colour {
		c.paint[i] = float32(colour[i] + pale*[3]float64{1.3, 0.9, 0.85}[i])
	}
}
