package style

import (
	"math"

	"github.com/atelier-engine/atelier/core/picture"
)

var facetsStep = StepKernel{
	Name: "facets", Doc: "break the picture into shaded planes",
	Params: []StepParam{
		{Name: "size", Doc: "size of the planes", Min: .01, Max: .3, Default: .06, Length: true},
		{Name: "edge", Doc: "how closely planes follow the colours", Min: 0, Max: 10, Default: 1.5},
		{Name: "shade", Doc: "difference of light across a plane", Min: 0, Max: 1, Default: .3},
		{Name: "line", Doc: "darkness of the borders between planes", Min: 0, Max: 1, Default: 0}},
	survey: surveyFacets,
	run:    facets,
}

// cell is one of the planes. Places and sizes are in parts of the shorter side.
type cell struct {
	x, y     float64
	cos, sin float64    // direction of the plane
	seen     [3]float32 // colour of the blurred picture at its middle
	mean     [3]float32 // mean colour of what it covers
}

// cells cut a picture into planes. A point belongs to the cell with the least
// distance, a Voronoi diagram whose metric is stretched along each cell's
// direction and knows colour:
//
//	d² = (u/long)² + (v·long)² + edge²·|c - c_cell|²
//
// u and v being the offset along and across the direction, in sizes, and c the
// blurred picture: so borders follow it and are smooth at any resolution.
type cells struct {
	size, edge float64
	all        []cell
	blur       *field
	owner      []int32 // cell of each point of the survey
}

const cellLong = 1.3

func surveyFacets(p *picture.Picture, v values) any {
	side := float64(min(p.W, p.H))
	c := &cells{size: v["size"], edge: v["edge"], owner: make([]int32, p.W*p.H)}
	sigma := max(c.size*side*.12, .6)
	c.blur = fieldOf(p.W, p.H, gauss(plane(p, 0), p.W, p.H, sigma), gauss(plane(p, 1), p.W, p.H, sigma), gauss(plane(p, 2), p.W, p.H, sigma))
	cols, rows := int(float64(p.W)/side/c.size)+3, int(float64(p.H)/side/c.size)+3
	for j := range rows {
		for i := range cols {
			s := cell{x: (float64(i-1) + .5 + .45*float64(lattice(i, j, 10))) * c.size, y: (float64(j-1) + .5 + .45*float64(lattice(i, j, 11))) * c.size}
			s.sin, s.cos = math.Sincos(math.Pi * float64(lattice(i, j, 12)))
			c.blur.at(s.x*side/float64(p.W), s.y*side/float64(p.H), s.seen[:])
			c.all = append(c.all, s)
		}
	}
	// Every few pixels all cells around are tried, between them only those that
	// the corners have.
	const step = 4
	coarseW, coarseH := (p.W+step-1)/step+1, (p.H+step-1)/step+1
	coarse := make([]int32, coarseW*coarseH)
	eachRow(coarseH, func(j int) {
		for i := range coarseW {
			x, y := min(i*step, p.W-1), min(j*step, p.H-1)
			fx, fy := (float64(x)+.5)/side, (float64(y)+.5)/side
			i0, j0 := int(fx/c.size)+1, int(fy/c.size)+1
			best := math.Inf(1)
			for b := max(j0-2, 0); b <= min(j0+2, rows-1); b++ {
				for a := max(i0-2, 0); a <= min(i0+2, cols-1); a++ {
					if d := c.distance(b*cols+a, fx, fy, c.blur.v[3*(y*p.W+x):]); d < best {
						best, coarse[j*coarseW+i] = d, int32(b*cols+a)
					}
				}
			}
		}
	})
	eachRow(p.H, func(y int) {
		for x := range p.W {
			k := y/step*coarseW + x/step
			of := [4]int32{coarse[k], coarse[k+1], coarse[k+coarseW], coarse[k+coarseW+1]}
			who := of[0]
			if of[1] != who || of[2] != who || of[3] != who {
				best := math.Inf(1)
				for _, m := range of {
					if d := c.distance(int(m), (float64(x)+.5)/side, (float64(y)+.5)/side, c.blur.v[3*(y*p.W+x):]); d < best {
						best, who = d, m
					}
				}
			}
			c.owner[y*p.W+x] = who
		}
	})
	c.average(p)
	return c
}

// average fills in the mean colour of the cells.
func (c *cells) average(p *picture.Picture) {
	sum, count := make([][3]float64, len(c.all)), make([]float64, len(c.all))
	for i, who := range c.owner {
		for k := range 3 {
			sum[who][k] += float64(p.Pix[3*i+k])
		}
		count[who]++
	}
	for i := range c.all {
		c.all[i].mean = c.all[i].seen
		if count[i] > 0 {
			for k := range 3 {
				c.all[i].mean[k] = float32(sum[i][k] / count[i])
			}
		}
	}
}

// distance of a point (in sides) of the given blurred colour from a cell.
func (c *cells) distance(who int, x, y float64, colour []float32) float64 {
	s := &c.all[who]
	dx, dy := (x-s.x)/c.size, (y-s.y)/c.size
	u, v := (dx*s.cos+dy*s.sin)/cellLong, (dy*s.cos-dx*s.sin)*cellLong
	e0, e1, e2 := colour[0]-s.seen[0], colour[1]-s.seen[1], colour[2]-s.seen[2]
	return u*u + v*v + c.edge*c.edge*float64(e0*e0+e1*e1+e2*e2)
}

// slope is the gradient of distance by place, that of colour left out.
func (c *cells) slope(who int, x, y float64) (gx, gy float64) {
	s := &c.all[who]
	dx, dy := (x-s.x)/c.size, (y-s.y)/c.size
	u, v := (dx*s.cos+dy*s.sin)/(cellLong*cellLong), (dy*s.cos-dx*s.sin)*cellLong*cellLong
	return 2 * (u*s.cos - v*s.sin) / c.size, 2 * (u*s.sin + v*s.cos) / c.size
}

// facets draws the planes, each of one colour that is shaded from one of its
// sides to the other.
func facets(w *Window, v values, found any) {
	c := found.(*cells)
	p, side := w.Pic, w.Side()
	shade, amount, ink := v["shade"], float32(v["amount"]), v["line"]
	thick := max(.035*c.size*side, .7)
	eachRow(p.H, func(y int) {
		fy := float64(w.Y+y) + .5
		sy := int(fy*float64(c.blur.h)/float64(w.H) - .5)
		y0, y1 := max(sy, 0)*c.blur.w, min(sy+1, c.blur.h-1)*c.blur.w
		fine := fy / side
		for x := range p.W {
			fx := float64(w.X+x) + .5
			sx := int(fx*float64(c.blur.w)/float64(w.W) - .5)
			x0, x1 := max(sx, 0), min(sx+1, c.blur.w-1)
			of := [4]int32{c.owner[y0+x0], c.owner[y0+x1], c.owner[y1+x0], c.owner[y1+x1]}
			who := int(of[0])
			px, py := fx/side, fine
			colour := c.lit(who, px, py, shade)
			if of[0] != of[1] || of[0] != of[2] || of[0] != of[3] {
				first, second, inside := c.border(of, fx, fy, w)
				colour = c.lit(first, px, py, shade)
				if second >= 0 {
					if share := float32(min(.5+inside, 1)); share < 1 {
						other := c.lit(second, px, py, shade)
						for k := range colour {
							colour[k] = other[k] + share*(colour[k]-other[k])
						}
					}
					dark := 1 - float32(ink*(1-smoothstep(thick*.5, thick, inside)))
					for k := range colour {
						colour[k] *= dark
					}
				}
			}
			px3 := p.Pix[3*(y*p.W+x):][:3]
			for k := range px3 {
				mix(&px3[k], colour[k], amount)
			}
		}
	})
}

// lit is the colour of a plane at a point in sides.
func (c *cells) lit(who int, x, y, shade float64) [3]float32 {
	s := &c.all[who]
	t := ((x-s.x)*s.cos + (y-s.y)*s.sin) / c.size
	k := float32(1 + shade*min(max(t, -1), 1))
	return [3]float32{s.mean[0] * k, s.mean[1] * k, s.mean[2] * k}
}

// border finds which two of four cells are nearest to a pixel, and how many pixels
// it lies inside the first; second is -1 if they are all one.
func (c *cells) border(of [4]int32, fx, fy float64, w *Window) (first, second int, inside float64) {
	var colour [3]float32
	c.blur.at(fx/float64(w.W), fy/float64(w.H), colour[:])
	side := w.Side()
	px, py := fx/side, fy/side
	d1, d2 := math.Inf(1), math.Inf(1)
	first, second = -1, -1
	for i, m := range of {
		who := int(m)
		if who == first || who == second || (i == 3 && m == of[0]) {
			continue
		}
		switch d := c.distance(who, px, py, colour[:]); {
		case d < d1:
			first, second, d1, d2 = who, first, d, d1
		case d < d2:
			second, d2 = who, d
		}
	}
	if second < 0 {
		return first, -1, 0
	}
	ax, ay := c.slope(first, px, py)
	bx, by := c.slope(second, px, py)
	return first, second, (d2 - d1) / max(math.Hypot(bx-ax, by-ay), 1e-9) * side
}
