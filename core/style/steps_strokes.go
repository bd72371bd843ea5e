package style

import (
	"math"
	"sync"

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
	soft    float64   // share of the width over which the sides fade
	tone    []float32 // nil, or the darkness of the window's pixels: strokes keep to their level
}

// draw paints the strokes in their order, later ones on top. Bands of rows are
// done in parallel, each from the topmost stroke down, so that what is covered
// costs little.
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
	amount := float32(b.amount)
	kernel.Parallel(len(bands), 1, func(_, lo, hi int) {
		mem, _ := paints.Get().(*[]float32)
		if mem == nil {
			mem = new([]float32)
		}
		defer paints.Put(mem)
		*mem = sized(*mem, 4*band*p.W)
		paint := *mem
		for k := lo; k < hi; k++ {
			y0, y1 := k*band, min((k+1)*band, p.H)
			clear(paint)
			for i := 3; i < len(paint); i += 4 {
				paint[i] = 1 // all visible
			}
			for i := len(bands[k]) - 1; i >= 0; i-- {
				b.drawRows(w, &strokes[bands[k][i]], paint, y0, y1)
			}
			for i := range (y1 - y0) * p.W {
				c, a := p.Pix[3*(y0*p.W+i):][:3], paint[4*i:4*i+4]
				for j := range c {
					mix(&c[j], a[j]+a[3]*c[j], amount)
				}
			}
		}
	})
}

// paints is the memory of brushes, kept for the next ones.
var paints sync.Pool // of *[]float32

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

// drawRows puts the part of one stroke in rows [y0,y1) of the window below what
// is painted there: red, green, blue and the share of what lies below that is
// still visible. With (u,v) along and across the stroke, in pixels, a point is
// covered where
//
//	hypot(max(|u|-(long-wide), 0), v - bend·u²/2) < wide
//
// and ends are ragged by the bristles. Light falls on the slope of the paint,
// which lies highest in the middle.
func (b brush) drawRows(w *Window, s *stroke, paint []float32, y0, y1 int) {
	p, side := w.Pic, w.Side()
	long, wide := s.long*side, max(s.wide*side, .35)
	cx, cy := s.x*float64(w.W), s.y*float64(w.H)
	slack := math.Abs(s.bend)/side/2*long*long + wide + max(b.soft*wide/2, 1)
	profile := bristles(s.seed)
	fine := smoothstep(1.2, 4, wide) // bristles thinner than pixels are left out
	streak := float32(b.bristle * fine)
	ragged := float32(.5 * b.bristle * fine * wide)
	// Light from the upper left: its part across the stroke.
	relief := float32(b.relief * fine * (s.cos - s.sin) * math.Sqrt2 / 2)
	cos, sin, bend := float32(s.cos), float32(s.sin), float32(s.bend/side/2)
	fade := max(b.soft*wide, 1) // pixels over which the side fades
	edge, steep := float32(wide+fade/2), float32(1/fade)
	straight, inv, slim := float32(max(long-wide, 0)), float32(1/wide), float32(1/(long+wide))
	for y := y0; y < y1; y++ {
		dy := float64(w.Y+y) + .5 - cy
		from, to := reachOf(s, dy, long, wide, slack)
		if from > to {
			continue
		}
		x0 := max(int(math.Ceil(from+cx-.5))-w.X, 0)
		x1 := min(int(math.Floor(to+cx-.5))-w.X, p.W-1)
		row := paint[4*(y-y0)*p.W:]
		left, down := float64(w.X)+.5-cx, float32(dy)
		for x := x0; x <= x1; x++ {
			c := row[4*x : 4*x+4 : 4*x+4]
			if c[3] < .004 {
				continue
			}
			dx := float32(left + float64(x))
			u, v := dx*cos+down*sin, down*cos-dx*sin
			v -= bend * u * u
			d := max(v, -v)
			if d >= edge {
				continue
			}
			shown := s.cover
			if b.tone != nil {
				if shown *= clamp01((b.tone[y*p.W+x]-s.level)*8 + .5); shown == 0 {
					continue
				}
			}
			t, grain := min(max(v*inv, -1), 1), float32(0)
			if streak > 0 {
				at := (t + 1) * 31.99
				i := int(at)
				grain = profile[i] + (at-float32(i))*(profile[i+1]-profile[i])
			}
			if over := max(u, -u) - straight + ragged*grain; over > 0 {
				if d = float32(math.Sqrt(float64(over*over + d*d))); d >= edge {
					continue
				}
			}
			on := min((edge-d)*steep, 1) * shown
			if b.taper {
				e := u * slim
				e *= e
				on *= max(1-e*e, 0)
			}
			on *= c[3] * (1 - streak*max(-grain, 0))
			light := 1 + streak*.12*grain + relief*t*t*t
			c[0] += on * clamp01(s.colour[0]*light)
			c[1] += on * clamp01(s.colour[1]*light)
			c[2] += on * clamp01(s.colour[2]*light)
			c[3] -= on
		}
	}
}

// reachOf is where a row dy pixels below a stroke's middle can meet it, against
// that middle: nowhere if from > to.
func reachOf(s *stroke, dy, long, wide, slack float64) (from, to float64) {
	from, to = -long-wide, long+wide
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
	return from, to
}
