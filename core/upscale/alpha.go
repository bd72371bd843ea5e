package upscale

import "github.com/atelier-engine/atelier/core/picture"

// bleed is how far colours spread under what is transparent, in pixels.
const bleed = 4

// cover gives transparent pixels the colours of what is seen beside them, so that
// the network does not draw an edge towards whatever the file holds there. In
// each of bleed rounds a pixel takes the mean of its neighbours by their weights,
// as far as it is transparent:
//
//	c ← a·c + (1-a)·Σ w·c / Σ w,   w ← max(w, mean of w),   w = a at first
//
// What is farther from anything seen becomes grey.
func cover(p *picture.Picture) {
	opaque := true
	for _, a := range p.Alpha {
		opaque = opaque && a >= 1
	}
	if opaque {
		return
	}
	n := p.W * p.H
	weight, next := append([]float32(nil), p.Alpha...), make([]float32, n)
	colour, mixed := make([]float32, 3*n), make([]float32, 3*n)
	for i, a := range p.Alpha {
		for c := range 3 {
			colour[3*i+c] = a*p.Pix[3*i+c] + (1-a)/2
		}
	}
	for range bleed {
		for y := range p.H {
			for x := range p.W {
				i := y*p.W + x
				var sum, count float32
				var mean [3]float32
				for v := max(y-1, 0); v <= min(y+1, p.H-1); v++ {
					for u := max(x-1, 0); u <= min(x+1, p.W-1); u++ {
						j := v*p.W + u
						sum, count = sum+weight[j], count+1
						for c := range 3 {
							mean[c] += weight[j] * colour[3*j+c]
						}
					}
				}
				a := p.Alpha[i]
				next[i] = max(weight[i], sum/count)
				for c := range 3 {
					mixed[3*i+c] = colour[3*i+c]
					if sum > 0 {
						mixed[3*i+c] = a*p.Pix[3*i+c] + (1-a)*mean[c]/sum
					}
				}
			}
		}
		weight, next, colour, mixed = next, weight, mixed, colour
	}
	copy(p.Pix, colour)
}

// enlargedAlpha enlarges the transparency of a window by cubic interpolation and
// gives the part that belongs to w by h pixels at (x,y).
func enlargedAlpha(s *picture.Picture, x, y, w, h, factor int) ([]float32, error) {
	grey := picture.New(s.W, s.H)
	for i, a := range s.Alpha {
		grey.Pix[3*i], grey.Pix[3*i+1], grey.Pix[3*i+2] = a, a, a
	}
	large, err := grey.Resize(factor*s.W, factor*s.H)
	if err != nil {
		return nil, err
	}
	out := make([]float32, factor*w*factor*h)
	for r := range factor * h {
		for c := range factor * w {
			out[r*factor*w+c] = large.Pix[3*((factor*y+r)*large.W+factor*x+c)]
		}
	}
	return out, nil
}
