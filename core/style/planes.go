package style

import (
	"math"

	"github.com/atelier-engine/atelier/core/kernel"
	"github.com/atelier-engine/atelier/core/picture"
)

// rowGrain is the number of rows one worker takes at a time.
const rowGrain = 16

// eachRow calls f for every row of the picture, rows in parallel.
func eachRow(h int, f func(y int)) {
	kernel.Parallel(h, rowGrain, func(_, lo, hi int) {
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
	for i := range v {
		v[i] = p.Pix[3*i+c]
	}
	return v
}

// boxBlur is the mean over a square of the given radius, cut at the border:
// (h,w) to (h,w). Running sums in float64: the cost is free of the radius.
func boxBlur(src []float32, w, h, radius int) []float32 {
	mid, dst := make([]float32, len(src)), make([]float32, len(src))
	runningMean := func(dst, src []float32, n, stride int) {
		var sum float64
		for i := range min(radius, n) {
			sum += float64(src[i*stride])
		}
		for i := range n {
			if j := i + radius; j < n {
				sum += float64(src[j*stride])
			}
			if j := i - radius - 1; j >= 0 {
				sum -= float64(src[j*stride])
			}
			dst[i*stride] = float32(sum / float64(min(i+radius, n-1)-max(i-radius, 0)+1))
		}
	}
	eachRow(h, func(y int) { runningMean(mid[y*w:], src[y*w:], w, 1) })
	kernel.Parallel(w, 64, func(_, lo, hi int) {
		for x := lo; x < hi; x++ {
			runningMean(dst[x:], mid[x:], h, w)
		}
	})
	return dst
}

// gauss blurs (h,w) with a normal kernel of the given deviation in pixels, the
// border repeated.
func gauss(src []float32, w, h int, sigma float64) []float32 {
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
	eachRow(h, func(y int) {
		row, out := src[y*w:y*w+w], mid[y*w:y*w+w]
		for x := range out {
			var s float32
			for i, v := range k {
				s += v * row[min(max(x+i-r, 0), w-1)]
			}
			out[x] = s
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

func clamp01(v float32) float32 { return min(max(v, 0), 1) }

// mix sets dst to dst + amount·(v - dst), clamped.
func mix(dst *float32, v, amount float32) { *dst = clamp01(*dst + amount*(v-*dst)) }
