package style

import (
	"math"

	"github.com/atelier-engine/atelier/core/kernel"
)

// A stroke of a brush or a pencil: a bent band with round ends. Places are in
// parts of the whole's width and height, lengths in parts of its shorter side.
type stroke struct {
	x, y       float64
	cos, sin   float64 // direction
	bend       float64 // curvature, per side: the band's middle is at bend·u²/2
	long, wide float64 // half the length, half the width
	colour     [3]float32
	cover      float32 // 0 to 1
	seed       int
	level      float32 // with a tone: drawn where that is darker
}

// brush is how strokes of one kind look.
type brush struct {
	bristle float64 // 0 smooth, 1 streaks that let through what lies below
	relief  float64 // how much light from the upper left models the paint
	amount  float64
	taper   bool      // ends are drawn lightly, as with a pencil
	tone    []float32 // nil, or the darkness of the window's pixels: strokes keep to their level
}

// draw paints the strokes in their order, later ones on top.
func (b brush) draw(w *Window, strokes []stroke) {
	p, side := w.Pic, w.Side()
	const band = rowGrain
	bands := make([][]int32, (p.H+band-1)/band)
	for i := range strokes {
		s := &strokes[i]
		reach := (s.long+s.wide)*side + 1
		cx, cy := s.x*float64(w.W)-float64(w.X), s.y*float64(w.H)-float64(w.Y)
		if cx+reach < 0 || cx-reach > float64(p.W) || cy+reach < 0 || cy-reach > float64(p.H) {
			continue
		}
		for k := max(int(cy-reach), 0) / band; k < len(bands) && float64(k*band) <= cy+reach; k++ {
			bands[k] = append(bands[k], int32(i))
		}
	}
	kernel.Parallel(len(bands), 1, func(_, lo, hi int) {
		for k := lo; k < hi; k++ {
			for _, i := range bands[k] {
				b.drawRows(w, &strokes[i], k*band, min((k+1)*band, p.H))
			}
		}
	})
}

// bristles is a smooth profile across a brush, of 64 numbers in [-1,1] for the
// width, a different one for each seed.
func bristles(seed int) *[65]float32 {
	return &bristleTable[seed&(len(bristleTable)-1)]
}

var bristleTable = func() (t [32][65]float32) {
	for k := range t {
		for i := range t[k] {
			x := float64(i)
			t[k][i] = float32(.6*wave(x/9, float64(k)*3.7, 40) + .4*wave(x/4, float64(k)*5.3, 41))
		}
	}
	return t
}()

// drawRows paints the part of one stroke in rows [y0,y1) of the window. With
// (u,v) along and across the stroke, in pixels, a point is covered where
//
//	hypot(max(|u|-(long-wide), 0), v - bend·u²/2) < wide
//
// and ends are ragged by the bristles. Light falls on the slope of the paint,
// which lies highest in the middle.
func (b brush) drawRows(w *Window, s *stroke, y0, y1 int) {
	p, side := w.Pic, w.Side()
	long, wide := s.long*side, max(s.wide*side, .35)
	straight := max(long-wide, 0)
	bend := s.bend / side / 2
	slack := math.Abs(bend)*long*long + wide + 1
	cx, cy := s.x*float64(w.W), s.y*float64(w.H)
	profile := bristles(s.seed)
	fine := smoothstep(1.2, 4, wide) // bristles thinner than pixels are left out
	streak := float32(b.bristle * fine)
	ragged := float32(.5 * b.bristle * fine * wide)
	relief := float32(b.relief * fine)
	// Light from the upper left: its part across the stroke.
	across := float32((s.sin - s.cos) * -math.Sqrt2 / 2)
	full := s.cover * float32(b.amount)
	inv := float32(1 / wide)
	slim := float32(1 / (long + wide))
	for y := y0; y < y1; y++ {
		dy := float64(w.Y+y) + .5 - cy
		from, to := -long-wide, long+wide
		narrow := func(k, c, limit float64) { // |k·dx + c| <= limit
			if math.Abs(k) < 1e-9 {
				if math.Abs(c) > limit {
					from, to = 1, 0
				}
				return
			}
			a, z := (-limit-c)/k, (limit-c)/k
			from, to = max(from, min(a, z)), min(to, max(a, z))
		}
		narrow(s.cos, dy*s.sin, long+1)
		narrow(-s.sin, dy*s.cos, slack)
		if from > to {
			continue
		}
		x0 := max(int(math.Ceil(from+cx-.5))-w.X, 0)
		x1 := min(int(math.Floor(to+cx-.5))-w.X, p.W-1)
		row := p.Pix[3*y*p.W:]
		for x := x0; x <= x1; x++ {
			dx := float64(w.X+x) + .5 - cx
			u, v := dx*s.cos+dy*s.sin, dy*s.cos-dx*s.sin
			v -= bend * u * u
			t := float32(v) * inv
			if t < -1.5 || t > 1.5 {
				continue
			}
			at := (min(max(t, -1), 1) + 1) * 31.99
			i := int(at)
			grain := profile[i] + (at-float32(i))*(profile[i+1]-profile[i])
			over := float32(math.Abs(u)-straight) + ragged*grain
			d := float32(math.Abs(v))
			if over > 0 {
				d = float32(math.Sqrt(float64(over*over + d*d)))
			}
			on := float32(wide) + .5 - d
			if on <= 0 {
				continue
			}
			on = min(on, 1) * full
			if b.taper {
				e := float32(u) * slim
				e *= e
				on *= max(1-e*e, 0)
			}
			if b.tone != nil {
				if on *= clamp01((b.tone[y*p.W+x]-s.level)*8 + .5); on == 0 {
					continue
				}
			}
			if streak > 0 {
				on *= 1 - streak*max(-grain, 0)
			}
			light := 1 + streak*.12*grain + relief*across*t*t*t
			c := row[3*x : 3*x+3 : 3*x+3]
			c[0] = clamp01(c[0] + on*(s.colour[0]*light-c[0]))
			c[1] = clamp01(c[1] + on*(s.colour[1]*light-c[1]))
			c[2] = clamp01(c[2] + on*(s.colour[2]*light-c[2]))
		}
	}
}
