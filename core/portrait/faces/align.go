package faces

import (
	"math"

	"github.com/atelier-engine/atelier/core/portrait/expression"
)

// Where the eyes' centres and the mouth's centre lie in an aligned face, in
// parts of its side: the mean of the data, so that little falls outside the
// photographs.
var alignTo = [3][2]float64{{0.335, 0.31}, {0.665, 0.31}, {0.5, 0.71}}

// affine maps a point of the output to one of the source:
// x' = m[0]x + m[1]y + m[2], y' = m[3]x + m[4]y + m[5].
type affine [6]float64

func (a affine) apply(x, y float64) (float64, float64) {
	return a[0]*x + a[1]*y + a[2], a[3]*x + a[4]*y + a[5]
}

// then returns b∘a: first a, then b.
func (a affine) then(b affine) affine {
	x0, y0 := b.apply(a[2], a[5])
	return affine{
		b[0]*a[0] + b[1]*a[3], b[0]*a[1] + b[1]*a[4], x0,
		b[3]*a[0] + b[4]*a[3], b[3]*a[1] + b[4]*a[4], y0,
	}
}

// similarity is the least-squares rotation, scale and shift that takes the
// points from to the points to (Umeyama, 1991, in two dimensions).
func similarity(from, to [3][2]float64) affine {
	var fx, fy, tx, ty float64
	for i := range from {
		fx, fy, tx, ty = fx+from[i][0]/3, fy+from[i][1]/3, tx+to[i][0]/3, ty+to[i][1]/3
	}
	var a, b, n float64
	for i := range from {
		x, y, u, v := from[i][0]-fx, from[i][1]-fy, to[i][0]-tx, to[i][1]-ty
		a, b, n = a+x*u+y*v, b+x*v-y*u, n+x*x+y*y
	}
	a, b = a/n, b/n
	return affine{a, -b, tx - a*fx + b*fy, b, a, ty - b*fx - a*fy}
}

// inverse undoes a, which must not be singular.
func (a affine) inverse() affine {
	d := a[0]*a[4] - a[1]*a[3]
	b := affine{a[4] / d, -a[1] / d, 0, -a[3] / d, a[0] / d, 0}
	x, y := b.apply(a[2], a[5])
	b[2], b[5] = -x, -y
	return b
}

// minSpan is how many pixels of the photograph an aligned face must span: of
// less, enlarging makes no face.
const minSpan = 48

// place maps pixels of an aligned face of the given side to pixels of the
// photograph of w by h. Without landmarks the face is the largest square in
// the middle.
func (r *record) place(side, w, h int) (affine, error) {
	s := float64(side)
	if min(w, h) < minSpan {
		return affine{}, refusef(reasonSmall, "the photograph has %dx%d pixels: at least %d are needed", w, h, minSpan)
	}
	if r.points == nil {
		k := float64(min(w, h)) / s
		return affine{k, 0, (float64(w) - k*s) / 2, 0, k, (float64(h) - k*s) / 2}, nil
	}
	to := r.anchors()
	if r.frame[0] > 0 {
		for i := range to {
			to[i][0], to[i][1] = to[i][0]*float64(w)/r.frame[0], to[i][1]*float64(h)/r.frame[1]
		}
	}
	for _, p := range to {
		if !(p[0] >= 0 && p[1] >= 0 && p[0] <= float64(w) && p[1] <= float64(h)) {
			return affine{}, refusef(reasonLandmarks, "eyes or mouth at %.0f,%.0f lie outside the photograph of %dx%d pixels", p[0], p[1], w, h)
		}
	}
	from := alignTo
	for i := range from {
		from[i][0], from[i][1] = from[i][0]*s, from[i][1]*s
	}
	m := similarity(from, to)
	span := math.Hypot(m[0], m[3]) * s
	switch {
	case !(span >= minSpan):
		return m, refusef(reasonSmall, "the face spans %.0f pixels of the photograph: at least %d are needed", span, minSpan)
	case m[0] < 0.5*math.Hypot(m[0], m[3]):
		return m, refusef(reasonLandmarks, "the landmarks are turned by more than 60 degrees")
	}
	return m, nil
}

// anchors are the centres of the two eyes and of the mouth.
func (r *record) anchors() (to [3][2]float64) {
	spans := [3][2]int{{36, 42}, {42, 48}, {48, 68}}
	if len(r.points) == 5 {
		spans = [3][2]int{{0, 1}, {1, 2}, {3, 5}}
	}
	for i, span := range spans {
		n := float64(span[1] - span[0])
		for _, p := range r.points[span[0]:span[1]] {
			to[i][0] += p[0] / n
			to[i][1] += p[1] / n
		}
	}
	return to
}

// warp fills dst (side x side x 3) from src (h x w x 3): each output pixel is
// scale times the mean of bilinear samples at m, plus shift, with the edge
// repeated outside: four samples where m reduces to half or less, else one. An
// expression is made on the way, so that the photograph is sampled once.
func warp[T byte | float32](dst []float32, side int, src []T, w, h int, m affine, made *expression.Field, scale, shift float32) {
	taps := 1
	if math.Hypot(m[0], m[3]) > 1.9 {
		taps = 2
	}
	scale /= float32(taps * taps)
	step := 1 / float64(taps)
	for y := range side {
		for x := range side {
			var sum [3]float32
			for q := range taps * taps {
				u, v := m.apply(float64(x)+(float64(q%taps)+0.5)*step, float64(y)+(float64(q/taps)+0.5)*step)
				var c [3]float32
				if made != nil {
					x, y := made.Source(u, v)
					c = made.Shade(u, v, bilinear(src, w, h, x-0.5, y-0.5))
				} else {
					c = bilinear(src, w, h, u-0.5, v-0.5)
				}
				sum[0], sum[1], sum[2] = sum[0]+c[0], sum[1]+c[1], sum[2]+c[2]
			}
			for c, v := range sum {
				dst[(y*side+x)*3+c] = v*scale + shift
			}
		}
	}
}

// bilinear samples src (h x w x 3) at a point between the centres of pixels.
func bilinear[T byte | float32](src []T, w, h int, x, y float64) (c [3]float32) {
	x, y = max(0, min(x, float64(w-1))), max(0, min(y, float64(h-1)))
	x0, y0 := int(x), int(y)
	x1, y1 := min(x0+1, w-1), min(y0+1, h-1)
	fx, fy := float32(x)-float32(x0), float32(y)-float32(y0)
	a, b := src[(y0*w+x0)*3:][:3], src[(y0*w+x1)*3:][:3]
	d, e := src[(y1*w+x0)*3:][:3], src[(y1*w+x1)*3:][:3]
	for k := range c {
		top := float32(a[k]) + fx*(float32(b[k])-float32(a[k]))
		bottom := float32(d[k]) + fx*(float32(e[k])-float32(d[k]))
		c[k] = top + fy*(bottom-top)
	}
	return c
}
