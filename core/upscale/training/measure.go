package training

import (
	"math"

	"github.com/atelier-engine/atelier/core/picture"
	"github.com/atelier-engine/atelier/core/upscale"
)

// lumas are the lights of two pictures of one size without a border of Factor
// pixels, where methods differ in what they take to lie outside.
func lumas(a, b *picture.Picture) (x, y []float32, w, h int) {
	const border = upscale.Factor
	w, h = a.W-2*border, a.H-2*border
	la, lb := a.Luma(), b.Luma()
	for r := range h {
		from := (r+border)*a.W + border
		x, y = append(x, la[from:from+w]...), append(y, lb[from:from+w]...)
	}
	return x, y, w, h
}

// psnr is the peak signal-to-noise ratio of two lights in decibels:
// 10 log10(1 / mean (x-y)²).
func psnr(x, y []float32) float64 {
	sum := 0.0
	for i := range x {
		d := float64(x[i]) - float64(y[i])
		sum += d * d
	}
	return -10 * math.Log10(max(sum/float64(len(x)), 1e-10))
}

// ssim is the mean structural similarity of two lights (Wang et al., "Image
// quality assessment: from error visibility to structural similarity", 2004):
//
//	(2·mx·my + C1)(2·sxy + C2) / ((mx² + my² + C1)(sx² + sy² + C2))
//
// in Gaussian windows of 11x11 pixels, σ 1.5, C1 = 0.01², C2 = 0.03².
func ssim(x, y []float32, w, h int) float64 {
	first, second := picture.New(w, h), picture.New(w, h)
	for i := range x {
		copy(first.Pix[3*i:], []float32{x[i], y[i], 0})
		copy(second.Pix[3*i:], []float32{x[i] * x[i], y[i] * y[i], x[i] * y[i]})
	}
	first, second = blurred(first, 1.5), blurred(second, 1.5)
	const c1, c2 = .01 * .01, .03 * .03
	sum := 0.0
	for i := range x {
		mx, my := float64(first.Pix[3*i]), float64(first.Pix[3*i+1])
		sx, sy, sxy := float64(second.Pix[3*i])-mx*mx, float64(second.Pix[3*i+1])-my*my, float64(second.Pix[3*i+2])-mx*my
		sum += (2*mx*my + c1) * (2*sxy + c2) / ((mx*mx + my*my + c1) * (sx + sy + c2))
	}
	return sum / float64(len(x))
}

// roughness is the mean size of the second differences of a light, across and
// down: edges count little, grain counts much. An enlargement without it looks
// like plastic.
func roughness(x []float32, w, h int) float64 {
	sum, n := 0.0, 0
	for r := 1; r < h-1; r++ {
		for c := 1; c < w-1; c++ {
			i := r*w + c
			sum += math.Abs(float64(4*x[i] - x[i-1] - x[i+1] - x[i-w] - x[i+w]))
			n++
		}
	}
	return sum / float64(max(n, 1))
}

// lanczos enlarges a picture by Factor with the windowed sinc of radius 3
// (Duchon, 1979), borders mirrored: the best that is usual without a network.
func lanczos(p *picture.Picture) *picture.Picture {
	const k, radius = upscale.Factor, 3
	var taps [k][2 * radius]float32 // by phase; the first lies radius-1 or radius pixels before
	var start [k]int
	for phase := range k {
		centre := (float64(phase)+.5)/k - .5
		start[phase] = int(math.Floor(centre)) - radius + 1
		sum := 0.0
		for j := range taps[phase] {
			sum += sinc(centre - float64(start[phase]+j))
		}
		for j := range taps[phase] {
			taps[phase][j] = float32(sinc(centre-float64(start[phase]+j)) / sum)
		}
	}
	across, out := picture.New(k*p.W, p.H), picture.New(k*p.W, k*p.H)
	for y := range p.H {
		for x := range across.W {
			for j, f := range taps[x%k] {
				from := 3 * (y*p.W + mirrored(x/k+start[x%k]+j, p.W))
				for c := range 3 {
					across.Pix[3*(y*across.W+x)+c] += f * p.Pix[from+c]
				}
			}
		}
	}
	for y := range out.H {
		for j, f := range taps[y%k] {
			from := 3 * out.W * mirrored(y/k+start[y%k]+j, p.H)
			for i := range 3 * out.W {
				out.Pix[3*out.W*y+i] += f * across.Pix[from+i]
			}
		}
	}
	return out.Clamp()
}

// sinc is the Lanczos window of radius 3 at x.
func sinc(x float64) float64 {
	if x == 0 {
		return 1
	}
	if math.Abs(x) >= 3 {
		return 0
	}
	a := math.Pi * x
	return 3 * math.Sin(a) * math.Sin(a/3) / (a * a)
}
