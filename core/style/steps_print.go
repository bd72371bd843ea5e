package style

import (
	"math"

	"github.com/atelier-engine/atelier/core/picture"
)

// benDay prints mid-tones as a grid of round dots on lighter paper. The darker
// the area, the larger its dots, so that the mean brightness stays: a dot of
// radius r pitches covers πr² of its cell, in an ink darker by 1/coverage.
// The brightness is that of the cell's middle, so that dots stay round.
func benDay(p *picture.Picture, v values) {
	pitch := max(pixels(p, v["pitch"]), 2.5)
	cos, sin := math.Cos(v["angle"]), math.Sin(v["angle"])
	dark, light := v["dark"], v["light"]
	edge := max((light-dark)*.12, 1e-6)
	tone := gauss(p.Luma(), p.W, p.H, pitch*.35)
	eachRow(p.H, func(y int) {
		for x := range p.W {
			fx, fy := float64(x)+.5, float64(y)+.5
			u, w := (fx*cos+fy*sin)/pitch, (fy*cos-fx*sin)/pitch
			cu, cw := math.Round(u), math.Round(w)
			mx, my := (cu*cos-cw*sin)*pitch, (cu*sin+cw*cos)*pitch
			l := float64(tone[min(max(int(my), 0), p.H-1)*p.W+min(max(int(mx), 0), p.W-1)])
			here := smoothstep(dark, dark+edge, l) * (1 - smoothstep(light-edge, light, l))
			if here == 0 {
				continue
			}
			cover := .2 + .55*(light-l)/max(light-dark, 1e-6)
			radius := pitch * math.Sqrt(cover/math.Pi)
			d := pitch*math.Hypot(u-cu, w-cw) - radius
			on := min(max(.5-d, 0), 1)
			c := p.Pix[3*(y*p.W+x):][:3]
			for i := range c {
				k := float64(c[i])
				paper := k + .6*(1-k)
				ink := max(k-(paper-k)*(1-cover)/cover, 0)
				mix(&c[i], float32(paper+on*(ink-paper)), float32(here*v["amount"]))
			}
		}
	})
}

// outline darkens where the brightness lies below its surroundings: the
// extended difference of Gaussians of Winnemöller, Kyprianidis and Olsen (2012),
// D = G(σ) - τ·G(1.6σ), a line where D < -threshold.
func outline(p *picture.Picture, v values) {
	sigma := max(pixels(p, v["width"])/2, .4)
	l := p.Luma()
	fine, wide := gauss(l, p.W, p.H, sigma), gauss(l, p.W, p.H, 1.6*sigma)
	amount := v["amount"]
	eachRow(p.H, func(y int) {
		for x := range p.W {
			i := y*p.W + x
			d := float64(fine[i]-wide[i]) + v["threshold"]
			if d >= 0 {
				continue
			}
			line := float32(amount * math.Tanh(-v["sharp"]*d))
			for c := range 3 {
				p.Pix[3*i+c] *= 1 - line
			}
		}
	})
}
