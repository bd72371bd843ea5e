package style

import (
	"math"

	"github.com/atelier-engine/atelier/core/picture"
)

// benDay prints mid-tones as a grid of round dots of full ink on white paper. A
// colour k is the mean of paper 1 and ink 1-(1-k)/a when dots cover the share
// a = max(1-k), the strongest of its three inks: so a light red becomes small
// red dots. The share is that of the cell's middle, so that dots stay round; the
// colour is the pixel's own. Where dots would touch (a > 0.7) and where there is
// hardly a colour (greys) the area stays flat.
func benDay(p *picture.Picture, v values) {
	pitch := max(pixels(p, v["pitch"]), 2.5)
	cos, sin := math.Cos(v["angle"]), math.Sin(v["angle"])
	dark, light := v["dark"], v["light"]
	edge := max((light-dark)*.12, 1e-6)
	strongest, chroma := make([]float32, p.W*p.H), make([]float32, p.W*p.H)
	for i := range strongest {
		c := p.Pix[3*i:][:3]
		strongest[i] = 1 - min(c[0], c[1], c[2])
		chroma[i] = max(c[0], c[1], c[2]) - min(c[0], c[1], c[2])
	}
	share := gauss(strongest, p.W, p.H, pitch*.35)
	tone := gauss(p.Luma(), p.W, p.H, pitch*.35)
	chroma = gauss(chroma, p.W, p.H, pitch*.35)
	eachRow(p.H, func(y int) {
		for x := range p.W {
			fx, fy := float64(x)+.5, float64(y)+.5
			u, w := (fx*cos+fy*sin)/pitch, (fy*cos-fx*sin)/pitch
			cu, cw := math.Round(u), math.Round(w)
			mx, my := (cu*cos-cw*sin)*pitch, (cu*sin+cw*cos)*pitch
			m := min(max(int(my), 0), p.H-1)*p.W + min(max(int(mx), 0), p.W-1)
			cover, l := float64(share[m]), float64(tone[m])
			here := smoothstep(dark, dark+edge, l) * (1 - smoothstep(light-edge, light, l)) * (1 - smoothstep(.6, .75, cover))
			here *= smoothstep(.06, .16, float64(chroma[m]))
			if here == 0 {
				continue
			}
			d := pitch * (math.Hypot(u-cu, w-cw) - math.Sqrt(cover/math.Pi))
			on := min(max(.5-d, 0), 1)
			c := p.Pix[3*(y*p.W+x):][:3]
			for i := range c {
				ink := 1 - (1-float64(c[i]))/max(cover, .05)
				mix(&c[i], float32(1+on*(ink-1)), float32(here*v["amount"]))
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
