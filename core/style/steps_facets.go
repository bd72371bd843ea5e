package style

import (
	"math"

	"github.com/atelier-engine/atelier/core/picture"
)

var facetsStep = StepKernel{
	Name: "facets", Doc: "break the picture into shaded planes with straight borders",
	Params: []StepParam{
		{Name: "size", Doc: "size of the planes", Min: .01, Max: .3, Default: .06, Length: true},
		{Name: "edge", Doc: "how closely planes follow the colours", Min: 0, Max: 10, Default: 3},
		{Name: "shade", Doc: "difference of light across a plane", Min: 0, Max: 1, Default: .3},
		{Name: "flat", Doc: "share of one colour in a plane, the rest is the picture", Min: 0, Max: 1, Default: 1},
		{Name: "shift", Doc: "how far the picture is moved behind each plane, as if seen from elsewhere", Min: 0, Max: .03, Default: 0, Length: true},
		{Name: "line", Doc: "darkness of the borders between planes", Min: 0, Max: 1, Default: 0}},
	margin: func(v values, side float64) float64 { return v["shift"]*side*1.2 + 2 },
	survey: func(p *picture.Picture, v values) any { return breakUp(p, v["size"], v["edge"]) },
	run:    facets,
}

// A shard is a node of a tree of straight cuts: a point (x,y), in parts of the
// shorter side, lies on side a of the cut where nx·x + ny·y < d, else on side b.
// Leaves, whose a is 0, are the planes.
type shard struct {
	nx, ny, d float64
	a, b      int32

	colour [3]float32 // mean of the plane
	// The plane is lit from lit to lit+span along its last cut's normal, and the
	// picture behind it moved by (dx,dy) of the shift.
	ux, uy, lit, span float64
	dx, dy            float64
}

// facets draws the planes: each a mix of its own colour, shaded from one side to
// the other, and the picture moved a little. Planes are as sharp as the window:
// near a cut the planes on both sides are mixed by the share of the pixel.
func facets(w *Window, v values, found any) {
	tree := found.([]shard)
	p, side := w.Pic, w.Side()
	src := p
	if v["shift"] > 0 {
		src = &picture.Picture{W: p.W, H: p.H, Pix: append([]float32(nil), p.Pix...)}
	}
	shade, flat, shift := v["shade"], float32(v["flat"]), v["shift"]*side
	amount, ink := float32(v["amount"]), v["line"]
	thick := max(.0022*side, .6)
	eachRow(p.H, func(y int) {
		for x := range p.W {
			px, py := (float64(w.X+x)+.5)/side, (float64(w.Y+y)+.5)/side
			who, near, cut := find(tree, px, py)
			colour := planeColour(tree, who, src, x, y, px, py, shade, shift, flat)
			if near *= side; near < .5 && cut >= 0 {
				s := &tree[cut]
				over := s.nx*px + s.ny*py - s.d
				step := (math.Abs(over) + 1e-6) * 2
				if over > 0 {
					step = -step
				}
				other, _, _ := find(tree, px+step*s.nx, py+step*s.ny)
				beyond := planeColour(tree, other, src, x, y, px, py, shade, shift, flat)
				share := float32(.5 + near)
				for k := range colour {
					colour[k] = beyond[k] + share*(colour[k]-beyond[k])
				}
			}
			if ink > 0 && near < thick {
				dark := 1 - float32(ink*(1-smoothstep(thick-max(.8, thick*.4), thick, near)))
				for k := range colour {
					colour[k] *= dark
				}
			}
			c := p.Pix[3*(y*p.W+x):][:3]
			for k := range c {
				mix(&c[k], colour[k], amount)
			}
		}
	})
}

// find is the plane at a point, how far its border is, in sides, and the cut
// there, -1 for none: a plane is the meeting of half-planes, so its border is the
// nearest of the cuts on the way to it.
func find(tree []shard, x, y float64) (who int, near float64, cut int) {
	near, cut = math.Inf(1), -1
	for tree[who].a != 0 {
		s := &tree[who]
		d := s.nx*x + s.ny*y - s.d
		if a := math.Abs(d); a < near {
			near, cut = a, who
		}
		if d < 0 {
			who = int(s.a)
		} else {
			who = int(s.b)
		}
	}
	return who, near, cut
}

// planeColour is the colour of a plane at pixel (x,y) of the window.
func planeColour(tree []shard, who int, src *picture.Picture, x, y int, px, py, shade, shift float64, flat float32) [3]float32 {
	s := &tree[who]
	t := min(max((s.ux*px+s.uy*py-s.lit)/s.span, 0), 1)
	light := float32(1 + shade*(1-2*t))
	var behind [3]float32
	if shift == 0 || flat == 1 {
		copy(behind[:], src.Pix[3*(y*src.W+x):][:3])
	} else {
		behind = sample(src, float64(x)+s.dx*shift, float64(y)+s.dy*shift)
	}
	var c [3]float32
	for k := range c {
		c[k] = (behind[k] + flat*(s.colour[k]-behind[k])) * light
	}
	return c
}

// sample is the colour at (x,y), pixels with whole numbers at their middles,
// interpolated linearly, the border repeated.
func sample(p *picture.Picture, x, y float64) (c [3]float32) {
	x, y = min(max(x, 0), float64(p.W-1)), min(max(y, 0), float64(p.H-1))
	i, j := int(x), int(y)
	a, b := float32(x-float64(i)), float32(y-float64(j))
	i1, j1 := min(i+1, p.W-1), min(j+1, p.H-1)
	p0, p1 := p.Pix[3*(j*p.W+i):], p.Pix[3*(j*p.W+i1):]
	p2, p3 := p.Pix[3*(j1*p.W+i):], p.Pix[3*(j1*p.W+i1):]
	for k := range c {
		top, low := p0[k]+a*(p1[k]-p0[k]), p2[k]+a*(p3[k]-p2[k])
		c[k] = top + b*(low-top)
	}
	return c
}
