package style

import (
	"math"
	"sort"

	"github.com/atelier-engine/atelier/core/picture"
)

var dabsStep = StepKernel{
	Name: "dabs", Doc: "paint with dabs of a brush along the contours",
	Params: []StepParam{
		{Name: "size", Doc: "distance of the dabs", Min: .004, Max: .1, Default: .014, Length: true},
		{Name: "length", Doc: "how long a dab is, in distances", Min: 1, Max: 12, Default: 2.2},
		{Name: "vary", Doc: "difference of light and warmth between dabs", Min: 0, Max: .5, Default: .06},
		{Name: "detail", Doc: "share of finer dabs where there is detail", Min: 0, Max: 1, Default: 1},
		{Name: "swirl", Doc: "how much dabs turn in waves where nothing leads them", Min: 0, Max: 1, Default: .5},
		{Name: "bristle", Doc: "how much the bristles show", Min: 0, Max: 1, Default: .5},
		{Name: "relief", Doc: "how thick the paint looks", Min: 0, Max: 1, Default: .15}},
	survey: surveyDabs,
	run: func(w *Window, v values, found any) {
		b := brush{bristle: v["bristle"], relief: v["relief"], amount: v["amount"]}
		b.draw(w, found.([]stroke))
	},
}

// surveyDabs lays dabs as painters do (Hertzmann 1998): a layer of broad ones
// everywhere, then finer ones where the picture has detail that they would lose.
// Each has the colour under its middle, a little lighter or darker, warmer or
// colder than that, lies along the contours and bends with them.
func surveyDabs(p *picture.Picture, v values) any {
	side := float64(min(p.W, p.H))
	size := v["size"]
	l := lumaPlane(p)
	var all []stroke
	way := contours(gauss(l, p.W, p.H, max(size*side*.15, .6)), p.W, p.H, max(size*side*.8, 1))
	way.fill(.25, v["swirl"]*4e-5)
	for layer, scale := range []float64{1.35, 1, .5} {
		if layer == 2 && v["detail"] == 0 {
			break
		}
		at := dabLayer{p: p, way: way, layer: layer, size: size * scale, v: v}
		all = append(all, at.lay()...)
	}
	return all
}

// dabLayer makes the dabs of one size.
type dabLayer struct {
	p     *picture.Picture
	way   *flow
	layer int
	size  float64
	v     values
}

func (d *dabLayer) lay() []stroke {
	p, v := d.p, d.v
	side := float64(min(p.W, p.H))
	// Long dabs lie further apart, so that as much paint covers each place.
	pitch := d.size * math.Sqrt(max(v["length"]/1.8, 1))
	cols, rows := int(float64(p.W)/side/pitch)+1, int(float64(p.H)/side/pitch)+1
	reach := max(int(d.size*side*.33+.5), 1)
	var out []stroke
	var order []float32
	for j := range rows {
		for i := range cols {
			noise := func(k int) float64 { return float64(lattice(i, j, 10+10*d.layer+k)) }
			x, y := (float64(i)+.5+.5*noise(0))*pitch*side, (float64(j)+.5+.5*noise(1))*pitch*side
			if x > float64(p.W)+side*pitch || y > float64(p.H)+side*pitch {
				continue
			}
			colour, lost := around(p, int(x), int(y), reach)
			if d.layer == 2 && lost < .035*(2-v["detail"])*(1+.4*noise(6)) {
				continue
			}
			s := stroke{x: x / float64(p.W), y: y / float64(p.H), cover: 1, seed: i*31 + j*17 + d.layer,
				long: .5 * d.size * v["length"] * (1 + .25*noise(2)), wide: .62 * d.size * (1 + .2*noise(3))}
			s.long = max(s.long, s.wide)
			angle, _ := d.way.angle(x, y)
			angle += .12 * noise(4)
			s.sin, s.cos = math.Sincos(angle)
			ahead, _ := d.way.angle(x+s.cos*s.long*side*.7, y+s.sin*s.long*side*.7)
			back, _ := d.way.angle(x-s.cos*s.long*side*.7, y-s.sin*s.long*side*.7)
			s.bend = turn(ahead-back) / (1.4 * s.long)
			s.bend = min(max(s.bend, -.9/s.long), .9/s.long)
			light, warm := v["vary"]*noise(5), v["vary"]*noise(7)
			for k, tint := range [3]float64{1, 0, -1} {
				s.colour[k] = colour[k] + float32(light+.7*warm*tint)
			}
			out = append(out, s)
			order = append(order, float32(noise(8)))
		}
	}
	sort.Sort(&byOrder{out, order})
	return out
}

// around is the mean colour of the square that reaches so far from pixel (x,y),
// and the deviation of its brightness: the detail that one colour would lose.
func around(p *picture.Picture, x, y, reach int) (mean [3]float32, deviation float64) {
	x, y = min(max(x, 0), p.W-1), min(max(y, 0), p.H-1)
	var sum [3]float32
	var l1, l2 float64
	n := 0
	for j := max(y-reach, 0); j <= min(y+reach, p.H-1); j++ {
		for i := max(x-reach, 0); i <= min(x+reach, p.W-1); i++ {
			c := p.Pix[3*(j*p.W+i):][:3]
			for k := range sum {
				sum[k] += c[k]
			}
			l := float64(luma(c))
			l1, l2 = l1+l, l2+l*l
			n++
		}
	}
	for k := range mean {
		mean[k] = sum[k] / float32(n)
	}
	l1 /= float64(n)
	return mean, math.Sqrt(max(l2/float64(n)-l1*l1, 0))
}

// turn brings a difference of directions into [-π/2, π/2].
func turn(a float64) float64 { return a - math.Pi*math.Round(a/math.Pi) }

// byOrder sorts strokes by a number of each.
type byOrder struct {
	s []stroke
	o []float32
}

func (b *byOrder) Len() int           { return len(b.s) }
func (b *byOrder) Less(i, j int) bool { return b.o[i] < b.o[j] }
func (b *byOrder) Swap(i, j int) {
	b.s[i], b.s[j] = b.s[j], b.s[i]
	b.o[i], b.o[j] = b.o[j], b.o[i]
}
