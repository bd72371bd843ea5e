package training

import (
	"math"
	"math/rand/v2"

	"github.com/atelier-engine/atelier/core/picture"
	"github.com/atelier-engine/atelier/core/style"
)

// The places of the inks in style.Inks.
const (
	inkPaper, inkRed, inkYellow, inkBlue, inkLight  = 0, 1, 2, 3, 4
	inkPink, inkOrange, inkSkin, inkGreen, inkBlack = 5, 6, 7, 8, 9
)

// PopArt draws a page of comic panels: flat inks, Ben-Day dots, bold outlines,
// faces, bursts, rays and speech balloons. There is no free pop art to learn
// from, so the exemplar is drawn; the same seed and size give the same page.
func PopArt(seed uint64, w, h int) *picture.Picture {
	rng := rand.New(rand.NewPCG(seed, 0x9e3779b97f4a7c15))
	c := &canvas{pic: picture.Filled(w, h, 1, 1, 1), unit: float64(min(w, h)) / 100}
	whole := box(0, 0, float64(w), float64(h))
	c.fill(whole, flat(style.Inks[inkPaper]))
	gap := 1.6 * c.unit
	kinds := rng.Perm(len(panels))
	next, y := 0, 0.0
	rows := []float64{.56, .44}
	if rng.IntN(2) == 0 {
		rows = []float64{.44, .56}
	}
	for r, share := range rows {
		bottom := y + share*float64(h)
		split := float64(w) * (.38 + .24*rng.Float64())
		edges := []float64{0, split, float64(w)}
		if r == 1 && rng.IntN(2) == 0 {
			edges = []float64{0, float64(w) * .3, float64(w) * .68, float64(w)}
		}
		for i := range len(edges) - 1 {
			p := panel{c: c, rng: rng, x0: edges[i] + gap, y0: y + gap, x1: edges[i+1] - gap, y1: bottom - gap}
			c.clip = box(p.x0, p.y0, p.x1, p.y1)
			panels[kinds[next%len(kinds)]](p)
			next++
			c.clip = nil
			c.outline(box(p.x0, p.y0, p.x1, p.y1), 1.1*c.unit)
		}
		y = bottom
	}
	return c.pic
}

// panel is one frame of the page and what draws in it needs.
type panel struct {
	c              *canvas
	rng            *rand.Rand
	x0, y0, x1, y1 float64
}

func (p panel) at(u, v float64) point {
	return point{p.x0 + u*(p.x1-p.x0), p.y0 + v*(p.y1-p.y0)}
}
func (p panel) size() float64 { return min(p.x1-p.x0, p.y1-p.y0) }
func (p panel) pick(of ...int) ink {
	return style.Inks[of[p.rng.IntN(len(of))]]
}

var panels = []func(panel){face, burst, face, city, waves, face}

// backdrop fills the panel with dots, rays or a flat ink.
func (p panel) backdrop() {
	whole := box(p.x0, p.y0, p.x1, p.y1)
	u := p.c.unit
	switch p.rng.IntN(3) {
	case 0:
		p.c.fill(whole, dots(style.Inks[inkPaper], p.pick(inkBlue, inkRed, inkLight), 2.3*u, .35, func(point) float64 { return .62 }))
	case 1:
		p.c.fill(whole, flat(p.pick(inkYellow, inkLight, inkRed)))
		m := p.at(.3+.4*p.rng.Float64(), .3+.4*p.rng.Float64())
		n := 9 + p.rng.IntN(5)
		for i := range n {
			a := 2 * math.Pi * float64(i) / float64(n)
			far := 3 * (p.x1 - p.x0 + p.y1 - p.y0)
			ray := polygon(m, polar(m, far, a), polar(m, far, a+math.Pi/float64(n)))
			p.c.fill(ray, flat(style.Inks[inkPaper]))
		}
	default:
		y0, y1 := p.y0, p.y1
		p.c.fill(whole, dots(p.pick(inkYellow, inkPaper), p.pick(inkRed, inkBlue), 2.3*u, .35, func(q point) float64 {
			return .85 * (q.y - y0) / (y1 - y0)
		}))
	}
}

// face draws a head in flat ink with a dotted cheek, hair, eyes and lips.
func face(p panel) {
	p.backdrop()
	c, u, s := p.c, p.c.unit, p.size()
	m := p.at(.5, .55)
	line := 1.0 * u
	hair := p.pick(inkYellow, inkBlack, inkRed, inkOrange, inkBlue)
	back := blob(m.add(0, -.08*s), .47*s, .52*s, 5, .08, p.rng)
	c.draw(back, flat(hair), line)
	neck := polygon(m.add(-.14*s, .2*s), m.add(.14*s, .2*s), m.add(.2*s, .9*s), m.add(-.2*s, .9*s))
	skin := dots(style.Inks[inkPaper], style.Inks[inkRed], 1.9*u, .78, func(point) float64 { return .42 })
	if p.rng.IntN(3) == 0 {
		skin = flat(style.Inks[inkSkin])
	}
	c.draw(neck, skin, line)
	head := ellipse(m, .29*s, .38*s, .05)
	c.draw(head, skin, line)
	c.fill(meet(head, ellipse(m.add(.3*s, .1*s), .2*s, .5*s, .1)), dots(style.Inks[inkPaper], style.Inks[inkRed], 1.9*u, .78, func(point) float64 { return .75 }))
	c.outline(head, line)
	fringe := meet(ellipse(m, .33*s, .42*s, .05), ellipse(m.add(-.12*s, -.36*s), .42*s, .24*s, -.3))
	c.draw(fringe, flat(hair), line)
	iris := p.pick(inkBlue, inkBlack, inkGreen)
	for _, side := range []float64{-1, 1} {
		e := m.add(side*.125*s, -.03*s)
		c.draw(ellipse(e, .075*s, .042*s, 0), flat(style.Inks[inkPaper]), .8*u)
		c.fill(ellipse(e, .034*s, .04*s, 0), flat(iris))
		c.fill(ellipse(e, .016*s, .02*s, 0), flat(style.Inks[inkBlack]))
		brow := polygon(e.add(-.09*s, -.07*s), e.add(0, -.115*s), e.add(.09*s, -.07*s), e.add(0, -.09*s))
		c.fill(brow, flat(style.Inks[inkBlack]))
	}
	c.fill(polygon(m.add(0, .02*s), m.add(.04*s, .14*s), m.add(-.01*s, .145*s), m.add(.02*s, .125*s)), flat(style.Inks[inkBlack]))
	lips := union(ellipse(m.add(-.045*s, .215*s), .062*s, .028*s, -.2), ellipse(m.add(.045*s, .215*s), .062*s, .028*s, .2), ellipse(m.add(0, .24*s), .07*s, .032*s, 0))
	c.draw(lips, flat(style.Inks[inkRed]), .7*u)
	c.fill(ellipse(m.add(0, .222*s), .085*s, .006*s, 0), flat(style.Inks[inkBlack]))
	if p.rng.IntN(2) == 0 {
		balloon(p, p.at(.78, .16), .22*s)
	}
}

// balloon draws a speech balloon with dashes for its words.
func balloon(p panel, m point, r float64) {
	c, u := p.c, p.c.unit
	tail := polygon(m.add(-.3*r, .4*r), m.add(.2*r, .4*r), m.add(-.9*r, 1.3*r))
	c.draw(union(ellipse(m, 1.1*r, .75*r, 0), tail), flat(style.Inks[inkPaper]), u)
	for i := range 3 {
		y := (float64(i) - 1) * .36 * r
		c.fill(box(m.x-.65*r, m.y+y-.09*r, m.x+(.2+.4*p.rng.Float64())*r, m.y+y+.09*r), flat(style.Inks[inkBlack]))
	}
}

// burst draws an explosion: stars within stars.
func burst(p panel) {
	p.backdrop()
	c, s, m := p.c, p.size(), p.at(.5, .5)
	n := 11 + p.rng.IntN(4)
	turn := p.rng.Float64()
	for i, k := range []int{inkBlack, inkRed, inkYellow, inkPaper} {
		r := s * (.56 - .11*float64(i))
		c.draw(star(m.add(0, float64(i)*.01*s), r, .62*r, n, turn), flat(style.Inks[k]), c.unit)
	}
	for i := range 4 { // letters, or what looks like some
		x := (float64(i) - 1.5) * .09 * s
		c.draw(polygon(m.add(x-.04*s, -.07*s), m.add(x+.03*s, -.09*s), m.add(x+.04*s, .07*s), m.add(x-.03*s, .09*s)), flat(style.Inks[inkBlue]), .7*c.unit)
	}
}

// city draws houses with windows before a dotted sky.
func city(p panel) {
	p.backdrop()
	c, u := p.c, p.c.unit
	c.draw(ellipse(p.at(.72, .28), .16*p.size(), .16*p.size(), 0), flat(p.pick(inkRed, inkYellow)), u)
	for x := -.05; x < 1; {
		w, top := .14+.16*p.rng.Float64(), .3+.4*p.rng.Float64()
		a, b := p.at(x, top), p.at(x+w, 1.05)
		wall := p.pick(inkBlue, inkRed, inkYellow, inkPink, inkLight, inkBlack)
		c.draw(box(a.x, a.y, b.x, b.y), flat(wall), u)
		for y := a.y + 3*u; y < b.y; y += 6 * u {
			for wx := a.x + 2.5*u; wx+2.5*u < b.x; wx += 5 * u {
				c.fill(box(wx, y, wx+2.2*u, y+3*u), flat(p.pick(inkPaper, inkPaper, inkYellow, inkBlack)))
			}
		}
		x += w
	}
}

// waves draws bold curved bands under a flat sky.
func waves(p panel) {
	p.backdrop()
	c, s := p.c, p.size()
	for i := range 4 {
		v := .45 + .16*float64(i)
		paint := flat(p.pick(inkBlue, inkLight, inkPaper, inkGreen))
		if i%2 == 1 {
			paint = dots(style.Inks[inkPaper], style.Inks[inkBlue], 2.1*c.unit, .5, func(point) float64 { return .7 })
		}
		for k := -1; k < 4; k++ {
			c.draw(ellipse(p.at(.3*float64(k)+.15*float64(i%2), v+.2), .3*s, .26*s, .3), paint, 1.1*c.unit)
		}
	}
}
