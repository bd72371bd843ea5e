package style

import (
	"math"

	"github.com/atelier-engine/atelier/core/kernel"
	"github.com/atelier-engine/atelier/core/picture"
)

// rowGrain is the number of rows one worker takes at a time.
const rowGrain = 16

// eachChunk calls f for rows [lo,hi) of h, some rows at a time, in parallel.
func eachChunk(h int, f func(lo, hi int)) {
	kernel.Parallel(h, rowGrain, func(_, lo, hi int) { f(lo, hi) })
}

// eachRow calls f for every row of the picture, rows in parallel.
func eachRow(h int, f func(y int)) {
	eachChunk(h, func(lo, hi int) {
		for y := lo; y < hi; y++ {
			f(y)
		}
	})
}

// pixels turns a length in parts of the shorter side into pixels.
func pixels(p *picture.Picture, part float64) float64 { return part * float64(min(p.W, p.H)) }

// plane takes channel c out of p.
func plane(p *picture.Picture, c int) []float32 {
	v := make([]float32, p.W*p.H)
	eachRow(p.H, func(y int) {
		for i := y * p.W; i < (y+1)*p.W; i++ {
			v[i] = p.Pix[3*i+c]
		}
	})
	return v
}

// lumaPlane is the brightness of p's pixels.
func lumaPlane(p *picture.Picture) []float32 {
	v := make([]float32, p.W*p.H)
	eachRow(p.H, func(y int) {
		for i := y * p.W; i < (y+1)*p.W; i++ {
			v[i] = luma(p.Pix[3*i : 3*i+3])
		}
	})
	return v
}

// boxBlur is the mean over a square that reaches radius pixels beyond its middle
// one, the border repeated: (h,w) to (h,w). The radius need not be whole: the
// outermost pixels count by its fraction. Running sums in float64: the cost is
// free of the radius.
func boxBlur(src []float32, w, h int, radius float64) []float32 {
	r := int(radius)
	part := radius - float64(r)
	scale := 1 / (2*radius + 1)
	mid, dst := make([]float32, len(src)), make([]float32, len(src))
	eachRow(h, func(y int) {
		in, out := src[y*w:(y+1)*w], mid[y*w:(y+1)*w]
		at := func(x int) float64 { return float64(in[min(max(x, 0), w-1)]) }
		var sum float64
		for x := -r; x <= r; x++ {
			sum += at(x)
		}
		for x := range out {
			out[x] = float32((sum + part*(at(x-r-1)+at(x+r+1))) * scale)
			sum += at(x+r+1) - at(x-r)
		}
	})
	const lane = 64 // columns that are summed together
	kernel.Parallel(w, lane, func(_, lo, hi int) {
		row := func(y int) []float32 { return mid[min(max(y, 0), h-1)*w:][lo:hi] }
		var sums [lane]float64
		for y := -r; y <= r; y++ {
			for i, v := range row(y) {
				sums[i] += float64(v)
			}
		}
		for y := range h {
			out, first, above, next := dst[y*w:][lo:hi], row(y-r), row(y-r-1), row(y+r+1)
			for i := range out {
				a, n := float64(above[i]), float64(next[i])
				out[i] = float32((sums[i] + part*(a+n)) * scale)
				sums[i] += n - float64(first[i])
			}
		}
	})
	return dst
}

// directSigma is the deviation up to which a normal kernel is summed directly.
const directSigma = 2.5

// gauss blurs (h,w) with a normal kernel of the given deviation in pixels, the
// border repeated. A wide kernel is three box blurs of the same variance
// (Gwosdek and others 2011, extended box filter).
func gauss(src []float32, w, h int, sigma float64) []float32 {
	if sigma > directSigma {
		s := sigma * sigma / 3
		r := math.Floor((math.Sqrt(12*s+1) - 1) / 2)
		part := (2*r + 1) * (s - r*(r+1)/3) / (2 * ((r+1)*(r+1) - s))
		return boxBlur(boxBlur(boxBlur(src, w, h, r+part), w, h, r+part), w, h, r+part)
	}
	r := max(1, int(math.Ceil(3*sigma)))
	k := make([]float32, 2*r+1)
	var sum float64
	for i := range k {
		sum += math.Exp(-float64((i-r)*(i-r)) / (2 * sigma * sigma))
	}
	for i := range k {
		k[i] = float32(math.Exp(-float64((i-r)*(i-r))/(2*sigma*sigma)) / sum)
	}
	mid, dst := make([]float32, len(src)), make([]float32, len(src))
	eachChunk(h, func(lo, hi int) {
		wide := make([]float32, w+2*r)
		for y := lo; y < hi; y++ {
			in, out := src[y*w:y*w+w], mid[y*w:y*w+w]
			copy(wide[r:], in)
			for i := range r {
				wide[i], wide[r+w+i] = in[0], in[w-1]
			}
			for i, v := range k {
				for x, m := range wide[i : i+w] {
					out[x] += v * m
				}
			}
		}
	})
	eachRow(h, func(y int) {
		out := dst[y*w : y*w+w]
		for i, v := range k {
			row := mid[min(max(y+i-r, 0), h-1)*w:][:w]
			for x, m := range row {
				out[x] += v * m
			}
		}
	})
	return dst
}

// smoothstep rises from 0 at a to 1 at b: t²(3-2t).
func smoothstep(a, b, x float64) float64 {
	if b <= a {
		if x < a {
			return 0
		}
		return 1
	}
	t := min(max((x-a)/(b-a), 0), 1)
	return t * t * (3 - 2*t)
}

// clamp01 brings v into [0,1] and leaves what is not a number. Comparisons are twice
// as fast as min and max, which mind the sign of zeros.
func clamp01(v float32) float32 {
	switch {
	case v > 1:
		return 1
	case v > 0 || v != v:
		return v
	}
	return 0
}

// mix sets dst to dst + amount·(v - dst), clamped.
func mix(dst *float32, v, amount float32) { *dst = clamp01(*dst + amount*(v-*dst)) }
