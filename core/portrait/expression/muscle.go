package expression

import "math"

// pull moves the skin around a place, after Waters, "A muscle model for
// animating three-dimensional facial expression" (1987): the movement at p is
//
//	move * exp(-((p.x-at.x)/rx)² - ((p.y-at.y)/ry)²)
//
// with at already moved: pulls are evaluated backwards, from the warped face.
type pull struct {
	at, move point
	rx, ry   float64
}

func (m *pull) force(p point) point {
	d := p.minus(m.at)
	a, b := d.x/m.rx, d.y/m.ry
	e := a*a + b*b
	if e > 9 {
		return point{}
	}
	return m.move.times(math.Exp(-e) - 1.234e-4)
}

// brows is the movement of the forehead: a ridge along both brows.
type brows struct {
	line     curve // y of the moved brows over x
	up, side curve // movement over x: up, and to the right
	lid      float64
}

// force is the movement at p. It is whole at the brow, ends above the upper
// lid, and fades over the forehead.
func (b *brows) force(p point) point {
	d := b.line.at(p.x) - p.y // above the brow
	v := 0.0
	if d >= 0 {
		v = 1 - smooth(0.05, 0.62, d)
	} else {
		v = 1 - smooth(0.10, max(0.20, b.lid-b.line.at(p.x)), -d)
	}
	if v == 0 {
		return point{}
	}
	v *= 1 - smooth(0.85, 1.25, math.Abs(p.x))
	return point{b.side.at(p.x) * v, -b.up.at(p.x) * v}
}

// muscles turns action units into movements of the face.
type muscles struct {
	brows brows
	pulls []pull
	lids  [2]lids
	gape  gape
}

// browLift is how far each of a brow's five points, from the nose outwards,
// goes up for a unit of AU 1, 2, 4 and 9, and to the middle for AU 4.
var browLift = struct{ au1, au2, au4, au9, together [5]float64 }{
	au1:      [5]float64{0.13, 0.11, 0.055, 0.01, 0},
	au2:      [5]float64{0.02, 0.05, 0.09, 0.12, 0.09},
	au4:      [5]float64{-0.12, -0.125, -0.10, -0.045, -0.005},
	au9:      [5]float64{-0.06, -0.055, -0.03, -0.01, 0},
	together: [5]float64{0.07, 0.06, 0.035, 0.01, 0},
}

func (w *Warp) muscles(u *units) (m muscles) {
	w.moveBrows(&m, u)
	l := &w.points
	add := func(at point, x, y, rx, ry float64) {
		if x != 0 || y != 0 {
			m.pulls = append(m.pulls, pull{at, point{x, y}, rx, ry})
		}
	}
	for i, s := range []float64{-1, 1} { // s points outwards
		au := func(n int) float64 { return u.side(n, s) }
		// Lids. AU 43 lets the upper one droop; AU 6, 7 and 9 raise the lower one.
		m.lids[i] = lids{
			up:   0.058*au(5) - 0.022*au(7) - 0.045*au(43) - 0.012*au(6) - 0.018*au(9),
			down: 0.015*au(5) - 0.030*au(7) - 0.018*au(6) - 0.024*au(9),
		}
		corner, cheek := l[mouthL], point{-0.55, 0.55}
		wing, lip := l[nostrilL], l[mouthL+2].towards(l[innerL+1], 0.6)
		if i == 1 {
			corner, cheek = l[mouthR], point{0.55, 0.55}
			wing, lip = l[nostrilR], l[mouthR-2].towards(l[innerR-1], 0.6)
		}
		corner.y += mouthDrop // the landmarks sit high
		add(corner,
			s*(0.14*au(12)+0.12*au(20)-0.015*au(15)-0.035*au(23)-0.03*au(24)-0.09*au(27)-0.04*au(26)),
			-0.15*au(12)+0.135*au(15)+w.smile*min(1, au(15)+0.8*au(4)+0.8*au(20)+0.8*au(9))+0.02*au(20)+0.02*au(16)-0.05*au(10)+0.02*au(27)+0.015*au(26),
			0.26, 0.20)
		add(cheek, s*0.01*au(6), -0.05*au(6)-0.06*au(12)*0.6-0.045*au(9)-0.025*au(10), 0.28, 0.28)
		add(wing, s*0.02*au(10)+s*0.015*au(9), -0.05*au(9)-0.035*au(10)-0.01*au(11), 0.16, 0.15)
		add(lip, 0, -0.075*au(10)-0.02*au(11)-0.02*au(9), 0.28, 0.16)
	}
	mid := func(i int) point { p := l[i]; p.y += mouthDrop; return p }
	top, bottom, seam := mid(lipTop), mid(lipBottom), mid(innerTop).towards(mid(innerBottom), 0.5)
	thin := 0.055*u.both(24) + 0.03*u.both(23)
	add(top, 0, thin-0.03*u.both(10), 0.34, 0.10)
	add(bottom, 0, -thin+0.045*u.both(16)-0.05*u.both(17)-0.05*u.both(10), 0.34, 0.12)
	add(l[noseTip], 0, -0.055*u.both(9), 0.17, 0.22)
	add(seam, 0, -0.035*u.both(17)-0.02*u.both(15)-0.012*u.both(12), 0.22, 0.12)
	add(l[chin].towards(bottom, 0.45), 0, -0.07*u.both(17), 0.30, 0.20)
	m.gape = gape{
		part:  0.085*u.both(25) + 0.02*u.both(16) + 0.05*u.both(27),
		upper: min(0.65, 0.45-0.2*u.both(20)+0.3*u.both(10)+0.3*u.both(27)),
		round: 0.55 - 0.13*min(1.5, u.both(20)+u.both(16)+0.5*u.both(10)),
	}
	m.gape.bared = u.both(10) > 0.25
	m.gape.setJaw(&w.mouth, 0.17*u.both(26)+0.36*u.both(27))
	// The jaw carries what lies on it.
	for i := range m.pulls {
		p := &m.pulls[i]
		p.at.y += m.gape.drop(p.at)
		p.at = p.at.plus(p.move)
	}
	return m
}

func (w *Warp) moveBrows(m *muscles, u *units) {
	l := &w.points
	var line, up, side [10]point
	for i := range 10 { // from the left outer end to the right outer end
		s, k := -1.0, 4-i
		if i > 4 {
			s, k = 1, i-5
		}
		b, p := &browLift, l[browFirst+i]
		lift := b.au1[k]*u.side(1, s) + b.au2[k]*u.side(2, s) + b.au4[k]*u.side(4, s) + b.au9[k]*u.side(9, s)
		in := b.together[k] * (u.side(4, s) + 0.3*u.side(9, s))
		line[i] = point{p.x - s*in, p.y + 0.012 - lift}
		up[i] = point{p.x - s*in, lift}
		side[i] = point{p.x - s*in, -s * in}
	}
	m.brows.lid = -0.06
	var ok [3]bool
	m.brows.line, ok[0] = curveThrough(line[:]...)
	m.brows.up, ok[1] = curveThrough(up[:]...)
	m.brows.side, ok[2] = curveThrough(side[:]...)
	if !ok[0] || !ok[1] || !ok[2] { // brows too twisted to move
		m.brows.up, _ = curveThrough(point{-1, 0}, point{1, 0})
		m.brows.side, m.brows.line = m.brows.up, m.brows.up
	}
}

// force is the sum of all smooth movements at p, a place of the warped face.
func (m *muscles) force(p point) point {
	f := m.brows.force(p)
	for i := range m.pulls {
		f = f.plus(m.pulls[i].force(p))
	}
	return f
}
