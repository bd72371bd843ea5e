package expression

import (
	"math"
	"slices"
)

// sight is what the photograph tells beyond its landmarks: the landmarks are
// exact to about two pixels, which is more than a lip's or an eyelid's edge
// can bear.
type sight struct {
	known  bool
	seam   [seamKnots]float64 // added to the y of the landmarks' lip seam, frame units
	iris   [2]point
	sclera [2][3]float32
	skin   [3]float32 // mean of the cheeks
	dark   float64    // luma of the darkest part of the face: no painted hollow is darker
	sharp  float64    // 0 blurred to 1 sharp
}

// seamKnots columns from one corner of the mouth to the other.
const seamKnots = 25

// irisRadius is half the diameter of the human iris, 11.7 mm, over the distance
// of the pupils, 63 mm.
const irisRadius = 0.093

// See looks at the photograph that the landmarks belong to, side x side RGB:
// it finds the line between the lips, the irises, and the colours of skin and
// eye whites. Without it the landmarks alone are used, and eyes are opened
// without more white.
func (w *Warp) See(pix []byte) {
	if len(pix) < w.side*w.side*3 {
		return
	}
	w.sight = sight{known: true}
	at := func(p point) [3]float32 {
		x, y := w.frame.out(p)
		return pixel(pix, w.side, x, y)
	}
	w.seeSeam(at)
	n := 0
	for _, s := range []float64{-1, 1} {
		for i := range 5 {
			for k := range 5 {
				c := at(point{s * mix(0.35, 0.55, float64(i)/4), mix(0.4, 0.65, float64(k)/4)})
				for j := range c {
					w.sight.skin[j] += c[j]
				}
				n++
			}
		}
	}
	for j := range w.sight.skin {
		w.sight.skin[j] /= float32(n)
	}
	for i := range 2 {
		w.seeEye(i, at)
	}
	w.seeDetail(at)
}

// seeDetail measures how sharp the photograph is, by the mean difference of
// neighbours in relation to the contrast, and how dark its darkest part.
func (w *Warp) seeDetail(at func(point) [3]float32) {
	const n = 20
	lumas := make([]float64, 0, n*n)
	fine, sum, square := 0.0, 0.0, 0.0
	for i := range n {
		for j := range n {
			p := point{mix(-0.65, 0.65, float64(i)/(n-1)), mix(-0.35, 1.45, float64(j)/(n-1))}
			c := luma(at(p))
			const d = 0.025
			around := luma(at(p.plus(point{d, 0}))) + luma(at(p.plus(point{-d, 0}))) + luma(at(p.plus(point{0, d}))) + luma(at(p.plus(point{0, -d})))
			fine += math.Abs(c - around/4)
			sum, square = sum+c, square+c*c
			lumas = append(lumas, c)
		}
	}
	sum /= n * n
	deviation := math.Sqrt(max(0, square/(n*n)-sum*sum))
	slices.Sort(lumas)
	w.sight.dark = lumas[n*n/100]
	w.sight.sharp = smooth(0.01, 0.07, fine/(n*n)/max(deviation, 1))
}

// seeSeam finds the darkest smooth path between the corners of the mouth by
// dynamic programming.
func (w *Warp) seeSeam(at func(point) [3]float32) {
	const rows = 21
	const reach = 0.08
	var cost, best [seamKnots][rows]float64
	var from [seamKnots][rows]int
	offset := func(r int) float64 { return mix(-reach, reach, float64(r)/(rows-1)) }
	for c := range seamKnots {
		t := mix(-0.92, 0.92, float64(c)/(seamKnots-1))
		p := w.mouth.at(t)
		mean := 0.0
		for r := range rows {
			cost[c][r] = luma(at(point{p.x, p.y + offset(r)}))
			mean += cost[c][r] / rows
		}
		for r := range rows {
			o := (offset(r) - 0.012) / reach
			cost[c][r] = (cost[c][r]-mean)/(mean+8) + 0.25*o*o
		}
	}
	best[0] = cost[0]
	for c := 1; c < seamKnots; c++ {
		for r := range rows {
			best[c][r] = math.Inf(1)
			for d := max(0, r-2); d <= min(rows-1, r+2); d++ {
				if v := best[c-1][d] + 0.05*float64((r-d)*(r-d)); v < best[c][r] {
					best[c][r], from[c][r] = v, d
				}
			}
			best[c][r] += cost[c][r]
		}
	}
	r := 0
	for k := range rows {
		if best[seamKnots-1][k] < best[seamKnots-1][r] {
			r = k
		}
	}
	var path [seamKnots]float64
	for c := seamKnots - 1; c >= 0; c-- {
		path[c] = offset(r)
		r = from[c][r]
	}
	for c := range path { // a little smoother
		sum, n := 0.0, 0.0
		for d := max(0, c-2); d <= min(seamKnots-1, c+2); d++ {
			k := 3 - math.Abs(float64(d-c))
			sum, n = sum+k*path[d], n+k
		}
		w.sight.seam[c] = sum / n
	}
}

// seeEye finds the iris as the darkest disc between the lids and takes the
// white's colour from the brighter part of what lies beside it.
func (w *Warp) seeEye(i int, at func(point) [3]float32) {
	e := &w.eyes[i]
	least := math.Inf(1)
	found := e.at(0, 0)
	for _, tx := range []float64{-0.45, -0.3, -0.2, -0.1, 0, 0.1, 0.2, 0.3, 0.45} {
		for _, ty := range []float64{-0.025, -0.01, 0.005, 0.02} {
			c := e.at(tx, ty)
			sum := 0.0
			for a := range 8 {
				s, co := math.Sincos(float64(a) * math.Pi / 4)
				sum += luma(at(c.plus(point{co, s}.times(0.05)))) - 0.5*luma(at(c.plus(point{co, 0.3 * s}.times(1.5*irisRadius))))
			}
			if sum += 12 * (math.Abs(tx) + math.Abs(ty)*4) * 4; sum < least {
				least, found = sum, c
			}
		}
	}
	w.sight.iris[i] = found
	// The brightest of the points between the lids and outside the iris.
	var sum [3]float64
	total := 0.0
	for _, t := range []float64{-0.75, -0.65, -0.55, -0.45, 0.45, 0.55, 0.65, 0.75} {
		for _, o := range []float64{-0.015, 0, 0.015} {
			p := e.at(t, o)
			if d := p.minus(found); math.Hypot(d.x, d.y) < 1.1*irisRadius {
				continue
			}
			c := at(p)
			k := math.Exp(luma(c) / 18)
			for j := range sum {
				sum[j] += k * float64(c[j])
			}
			total += k
		}
	}
	skin := luma(w.sight.skin)
	for j := range sum {
		v := 0.0
		if total > 0 {
			v = sum[j] / total
		}
		grey := (sum[0] + sum[1] + sum[2]) / 3 / max(total, 1e-9)
		v = mix(v, grey, 0.45)
		w.sight.sclera[i][j] = float32(v)
	}
	// Never brighter than the light allows, never as dark as a shadow.
	l := luma(w.sight.sclera[i])
	want := max(0.55*skin, min(l, 1.15*skin+15))
	for j := range w.sight.sclera[i] {
		w.sight.sclera[i][j] = float32(min(250, float64(w.sight.sclera[i][j])*want/max(l, 1)))
	}
}

func luma(c [3]float32) float64 {
	return 0.299*float64(c[0]) + 0.587*float64(c[1]) + 0.114*float64(c[2])
}

// pixel samples pix (side x side x 3) bilinearly; centres lie at halves.
func pixel(pix []byte, side int, x, y float64) (c [3]float32) {
	x, y = max(0, min(x-0.5, float64(side-1))), max(0, min(y-0.5, float64(side-1)))
	x0, y0 := int(x), int(y)
	x1, y1 := min(x0+1, side-1), min(y0+1, side-1)
	fx, fy := float32(x)-float32(x0), float32(y)-float32(y0)
	a, b := pix[(y0*side+x0)*3:][:3], pix[(y0*side+x1)*3:][:3]
	d, e := pix[(y1*side+x0)*3:][:3], pix[(y1*side+x1)*3:][:3]
	for k := range c {
		top := float32(a[k]) + fx*(float32(b[k])-float32(a[k]))
		bottom := float32(d[k]) + fx*(float32(e[k])-float32(d[k]))
		c[k] = top + fy*(bottom-top)
	}
	return c
}
