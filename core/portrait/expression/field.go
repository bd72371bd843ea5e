package expression

import (
	"math"
	"math/rand/v2"
)

// Field is one version of one emotion on one face.
type Field struct {
	side  int
	cells []cell // side x side, nil: the identity
}

// cell is what happens at the centre of a pixel.
type cell struct {
	dx, dy float32    // source minus place, pixels
	light  float32    // factor of the colour
	cover  float32    // how much paint hides the photograph
	paint  [3]float32 // 0 to 255
}

// gridStep is the spacing in pixels of the grid on which the smooth movements
// are computed; between its points they are interpolated.
const gridStep = 4

// Field draws a version of an emotion: 0 to 6 as in portrait.Emotions, strength
// from 0, the identity, to 1 (more exaggerates). It is determined by r. Neutral
// is the identity.
func (w *Warp) Field(emotion int, strength float64, r *rand.Rand) *Field {
	u := draw(emotion, max(0, strength), r)
	f := &Field{side: w.side}
	if emotion == 0 || !(strength > 0) {
		return f
	}
	look := drawLook(r)
	m := w.muscles(&u)
	f.cells = make([]cell, w.side*w.side)
	grid, n := w.grid(&m)
	lines := w.creases(&u, &look)
	still := point{}
	for y := range w.side {
		gy := (float64(y) + 0.5) / gridStep
		j := int(gy)
		fy := gy - float64(j)
		for x := range w.side {
			gx := (float64(x) + 0.5) / gridStep
			i := int(gx)
			fx := gx - float64(i)
			a, b, c, d := grid[j*n+i], grid[j*n+i+1], grid[(j+1)*n+i], grid[(j+1)*n+i+1]
			if p := w.frame.in(float64(x)+0.5, float64(y)+0.5); a == still && b == still && c == still && d == still && (math.Abs(p.x) > 0.9 && p.y < m.gape.first || p.y < -0.5) {
				f.cells[y*w.side+x].light = 1 // outside the face
				continue
			}
			move := a.towards(b, fx).towards(c.towards(d, fx), fy)
			p := w.frame.in(float64(x)+0.5, float64(y)+0.5).minus(move)
			f.cells[y*w.side+x] = w.cell(p, float64(x)+0.5, float64(y)+0.5, &m, lines, &look)
		}
	}
	return f
}

// cell finishes one pixel: p is its place before the smooth movements.
func (w *Warp) cell(p point, x, y float64, m *muscles, lines []crease, look *look) (c cell) {
	c.light = 1
	q := p
	for i := range w.eyes {
		var bared float64
		q, bared = w.eyes[i].source(q, m.lids[i], w.iris(i))
		if bared > 0 && w.sight.known {
			w.paintWhite(&c, i, p, bared)
		}
	}
	var inside, v float64
	q, inside, v = w.openSource(q, &m.gape)
	if inside > 0 {
		w.paintMouth(&c, q, inside, v, &m.gape, look)
	}
	sum := 0.0
	for i := range lines {
		sum += lines[i].at(q)
	}
	if sum != 0 {
		c.light *= float32(math.Exp(sum))
	}
	sx, sy := w.frame.out(q)
	c.dx, c.dy = float32(sx-x), float32(sy-y)
	return c
}

// grid computes the smooth movements, in frame units, at the corners of squares
// of gridStep pixels. Where they would fold the picture all of them are made
// smaller.
func (w *Warp) grid(m *muscles) (grid []point, n int) {
	n = w.side/gridStep + 2
	grid = make([]point, n*n)
	for j := range n {
		for i := range n {
			x, y := float64(i*gridStep), float64(j*gridStep)
			p := w.frame.in(x, y)
			k := w.mask(p, &m.gape) * w.border(x, y)
			if k > 0 {
				grid[j*n+i] = m.force(p).times(k)
			}
		}
	}
	// det(1 - s D) > 0 for the difference quotients D of each square.
	h := gridStep / w.frame.unit
	s := 1.0
	for ; s > 0.05; s *= 0.9 {
		least := math.Inf(1)
		for j := range n - 1 {
			for i := range n - 1 {
				a, b, c, d := grid[j*n+i], grid[j*n+i+1], grid[(j+1)*n+i], grid[(j+1)*n+i+1]
				if a == (point{}) && b == a && c == a && d == a {
					continue
				}
				for _, e := range [4][2]point{{b.minus(a), c.minus(a)}, {b.minus(a), d.minus(b)}, {d.minus(c), c.minus(a)}, {d.minus(c), d.minus(b)}} {
					// The pixels' axes are turned against the frame's; a determinant is not.
					ex := point{w.frame.cos * h, -w.frame.sin * h}.minus(e[0].times(s))
					ey := point{w.frame.sin * h, w.frame.cos * h}.minus(e[1].times(s))
					least = min(least, (ex.x*ey.y-ex.y*ey.x)/(h*h))
				}
			}
		}
		if least > 0.15 {
			break
		}
	}
	if s < 1 {
		for i := range grid {
			grid[i] = grid[i].times(s)
		}
	}
	return grid, n
}

// mask is 1 on the face and falls to 0 outside its contour and over the
// forehead, where the hair begins.
func (w *Warp) mask(p point, g *gape) float64 {
	top := 1 - smooth(0.75, 1.15, -p.y)
	y := p.y
	if y > w.mouth.nose {
		y -= g.jaw * smooth(w.mouth.nose, w.mouth.bottom+g.jaw, y)
	}
	d := math.Abs(p.x-w.mouth.middle.at(y)) / w.mouth.contour.at(y)
	low := 1 - smooth(w.points[chin].y+g.jaw, w.points[chin].y+g.jaw+0.35, p.y)
	return top * low * (1 - smooth(0.8, 1.2, d))
}

// border is 0 at the edge of the picture.
func (w *Warp) border(x, y float64) float64 {
	s := float64(w.side)
	return smooth(0, 0.07*s, min(x, y, s-x, s-y))
}

// Source is the place in the photograph, in pixels, that is seen at (x, y).
func (f *Field) Source(x, y float64) (sx, sy float64) {
	if f.cells == nil {
		return x, y
	}
	u, v := max(0, min(x-0.5, float64(f.side-1))), max(0, min(y-0.5, float64(f.side-1)))
	x0, y0 := int(u), int(v)
	x1, y1 := min(x0+1, f.side-1), min(y0+1, f.side-1)
	fx, fy := float32(u)-float32(x0), float32(v)-float32(y0)
	a, b := &f.cells[y0*f.side+x0], &f.cells[y0*f.side+x1]
	c, d := &f.cells[y1*f.side+x0], &f.cells[y1*f.side+x1]
	dx, ex := a.dx+fx*(b.dx-a.dx), c.dx+fx*(d.dx-c.dx)
	dy, ey := a.dy+fx*(b.dy-a.dy), c.dy+fx*(d.dy-c.dy)
	return x + float64(dx+fy*(ex-dx)), y + float64(dy+fy*(ey-dy))
}

// Shade is the colour at (x, y), 0 to 255, of what the photograph shows there.
func (f *Field) Shade(x, y float64, c [3]float32) [3]float32 {
	if f.cells == nil {
		return c
	}
	i, j := int(x), int(y)
	if x < 0 || y < 0 || i >= f.side || j >= f.side {
		return c
	}
	e := &f.cells[j*f.side+i]
	for k := range c {
		v := c[k] * e.light
		c[k] = min(255, v+e.cover*(e.paint[k]-v))
	}
	return c
}
