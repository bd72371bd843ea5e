package expression

import "math"

// mouth is the line between the lips and what the lower jaw carries.
type mouth struct {
	mid, half    float64 // x of the centre, half of the width
	seam         curve   // y of the line between the lips over x
	nose, bottom float64 // y of the nose's base and of the lower lip's edge
	rest, chin   float64 // y of the middle of the lips' line, and of the chin
	lip          float64 // thickness of the upper lip
	contour      curve   // half width of the face over y
	middle       curve   // x of the face's middle over y
}

// mouthDrop lowers the landmarks of the mouth, which sit high.
const mouthDrop = 0.012

func mouthOf(l *[68]point) (m mouth, ok bool) {
	m.mid, m.half = (l[mouthL].x+l[mouthR].x)/2, (l[mouthR].x-l[mouthL].x)/2
	m.nose, m.bottom = l[noseBase].y, l[lipBottom].y
	m.chin = l[chin].y
	m.lip = l[innerTop].y - l[lipTop].y
	ps := []point{l[mouthL], l[61].towards(l[67], 0.5), l[62].towards(l[66], 0.5), l[63].towards(l[65], 0.5), l[mouthR]}
	for i := range ps {
		ps[i].y += mouthDrop
	}
	ok1, ok2, ok3 := false, false, false
	m.seam, ok1 = curveThrough(ps...)
	var widths, middles []point
	width := math.Inf(1) // never wider further down: that would be no jaw
	for _, i := range []int{0, 2, 4, 5, 6, 7} {
		a, b := l[i], l[jawLast-i]
		width = max(0.05, min(width, (b.x-a.x)/2))
		widths = append(widths, point{(a.y + b.y) / 2, width})
		middles = append(middles, point{(a.y + b.y) / 2, (a.x + b.x) / 2})
	}
	m.contour, ok2 = curveThrough(widths...)
	m.middle, ok3 = curveThrough(middles...)
	m.rest = m.seam.at(m.mid)
	return m, ok1 && ok2 && ok3 && m.half > 0.1 && m.nose+0.05 < m.rest && m.bottom > m.rest && m.chin > m.bottom+0.15
}

// at is the place on the landmarks' seam, t half widths from the centre.
func (m *mouth) at(t float64) point {
	x := m.mid + t*m.half
	return point{x, m.seam.at(x)}
}

// shape is the part of the full gap that opens at x, and the y of the lips'
// line there.
func (w *Warp) shape(x float64, g *gape) (k, seam float64) {
	m := &w.mouth
	t := (x - m.mid) / (0.97 * m.half)
	seam = m.seam.at(x)
	if w.sight.known {
		c := (t*0.97/0.92 + 1) / 2 * (seamKnots - 1)
		i := max(0, min(seamKnots-2, int(c)))
		f := max(0, min(1, c-float64(i)))
		// Beyond the ends what the photograph showed fades out.
		seam += mix(w.sight.seam[i], w.sight.seam[i+1], f) * (1 - smooth(0.95, 1.3, math.Abs(t)))
	}
	if t <= -1 || t >= 1 {
		return 0, seam
	}
	return math.Pow(1-t*t, g.round), seam
}

// pinch is half the height of the line that a gap shows under its paint.
const pinch = 0.002

// openSource is the inverse map of the mouth's opening: where p lay before.
// inside is how deep p lies between the lips, in frame units, 0 outside; v runs
// from 0 at the upper lip to 1 at the lower.
//
// In a column of the face the movement is drop + k jaw (H - carried), H the
// step at the line between the lips and k the shape of the gap: under the
// middle of the mouth the skin goes down in one piece and nothing is stretched;
// at its corners and beside them the step is gone and the skin stretches.
func (w *Warp) openSource(p point, g *gape) (q point, inside, v float64) {
	m := &w.mouth
	q = p
	if !g.opens() || p.y < m.nose {
		return q, 0, 0
	}
	k, seam := w.shape(p.x, g)
	if k == 0 {
		q.y -= g.drop(p)
		return q, 0, 0
	}
	jaw, up, down := k*g.jaw, k*g.part*g.upper, k*g.part*(1-g.upper)
	rest := func(y float64) float64 { return g.drop(point{p.x, y}) - jaw*g.level(y).carried }
	top := seam - up
	bottom := seam + jaw + down
	for range 3 {
		top, bottom = seam-up+rest(top), seam+jaw+down+rest(bottom)
	}
	bottom = max(top, bottom)
	switch {
	case p.y <= top:
		reach := max(0.1, 0.95*(seam-m.nose))
		q.y = min(seam-pinch, p.y-rest(p.y)+up*(1-smooth(0.3*m.lip, reach, top-p.y)))
	case p.y >= bottom:
		q.y = max(seam+pinch, p.y-rest(p.y)-jaw-down*(1-smooth(0.1, 0.35+down, p.y-bottom)))
	default:
		v = (p.y - top) / (bottom - top)
		q.y = seam + pinch*(2*v-1)
		inside = min(p.y-top, bottom-p.y)
	}
	return q, inside, v
}
