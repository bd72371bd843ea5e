package expression

import "math"

// eye is the opening between two lids. Only its edges move: what lies between
// them stays where it is, so that the iris keeps its shape. A lid that comes
// down covers the eye, one that goes up bares it.
type eye struct {
	mid, half  float64 // x of the centre, half of the width
	upper, low curve   // y of the lids' edges over x
	height     float64
}

// lidInset lies inside the landmarks' edge of the eye: the lashes belong to the
// lid and move with it. Left behind by a lid that opens they would be seen twice.
const lidInset, lashes = 0.010, 0.022

func eyeOf(l *[68]point, first int) (e eye, ok bool) {
	p := l[first : first+6]
	e.mid, e.half = (p[0].x+p[3].x)/2, (p[3].x-p[0].x)/2
	ok1, ok2 := false, false
	e.upper, ok1 = curveThrough(p[0], p[1], p[2], p[3])
	e.low, ok2 = curveThrough(p[0], p[5], p[4], p[3])
	e.height = (p[4].y + p[5].y - p[1].y - p[2].y) / 2
	return e, ok1 && ok2 && e.height > 0.02
}

// at is the place at t half widths from the centre, dy below the middle line.
func (e *eye) at(t, dy float64) point {
	x := e.mid + t*e.half
	return point{x, (e.upper.at(x)+e.low.at(x))/2 + dy}
}

// lids is how far the edges move apart at the eye's centre, each for itself;
// negative closes.
type lids struct{ up, down float64 }

// reach is how far above and below an edge the skin moves with it.
const lidReach = 0.2

// source is the inverse map: where the skin at p lay before the lids moved.
// bared is how much of the eye white must be painted at p, before the iris is
// cut out of it; iris is its centre.
func (e *eye) source(p point, l lids, iris point) (q point, bared float64) {
	t := (p.x - e.mid) / (1.08 * e.half)
	if t <= -1 || t >= 1 || l == (lids{}) {
		return p, 0
	}
	k := (1 - t*t)
	up, down := l.up*k, l.down*k
	yu, yl := e.upper.at(p.x), e.low.at(p.x)
	inset := lidInset
	if up > 0 {
		inset = lashes
	}
	if room := 0.3 * (yl - yu); room > 0 {
		yu, yl = yu+min(inset, room), yl-min(lidInset, room)
	}
	gap := yl - yu
	if gap < 0.02 { // the corner: nothing to bare or to cover
		s := max(0, gap/0.02)
		up, down = up*s, down*s
	}
	up, down = min(up, 0.5*gap), min(down, 0.3*gap)
	// The lids never meet, and leave the pupil free.
	up = max(up, min(0, max(-0.32*gap, yu-iris.y+0.03*k)))
	down = max(down, min(0, max(-0.32*gap, iris.y+0.035*k-yl)))
	top, bottom := yu-up, yl+down
	q = p
	switch {
	case p.y < top:
		q.y += up * (1 - smooth(0.04, lidReach+max(0, up), top-p.y))
	case p.y > bottom:
		q.y -= down * (1 - smooth(0.02, lidReach+max(0, down), p.y-bottom))
	default:
		// The bared part is stretched out of a narrow strip under the lid.
		if m := mix(yu, yl, 0.3); up > 0 && p.y < m {
			q.y = mix(yu, m, (p.y-top)/(m-top))
			bared = smooth(0, 0.02, up) * smooth(top, top+0.03, p.y) * (1 - smooth(0.55, 0.9, math.Abs(t))) * (1 - smooth(yu+0.01, yu+0.05, p.y))
		}
		if m := mix(yu, yl, 0.7); down > 0 && p.y > m {
			q.y = mix(m, yl, (p.y-m)/(bottom-m))
		}
	}
	return q, bared
}

// outsideIris is 1 where the white is seen and 0 on the iris.
func outsideIris(p, iris point) float64 {
	d := p.minus(iris)
	return smooth(irisRadius-0.004, irisRadius+0.014, math.Hypot(d.x, d.y))
}

// iris is where the photograph shows an iris, or the middle of the eye.
func (w *Warp) iris(i int) point {
	if w.sight.known {
		return w.sight.iris[i]
	}
	return w.eyes[i].at(0, 0)
}
