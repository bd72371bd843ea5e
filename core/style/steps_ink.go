package style

import (
	"math"

	"github.com/atelier-engine/atelier/core/picture"
)

// luma is the brightness of an sRGB colour: that of picture.Luma, BT.601, so
// that all steps of a chain judge alike.
func luma(c []float32) float32 { return .299*c[0] + .587*c[1] + .114*c[2] }

// flatten is the guided filter of He, Sun and Tang (2010) with the brightness
// as its guide: in every window a channel is a linear function of brightness,
// with slope cov/(var+ε). Where brightness varies less than edge, it is a mean.
func flatten(p *picture.Picture, v values) {
	r := max(1, int(pixels(p, v["radius"])+.5))
	eps := float32(v["edge"] * v["edge"])
	guide := p.Luma()
	n := len(guide)
	square := make([]float32, n)
	for i, g := range guide {
		square[i] = g * g
	}
	mean := boxBlur(guide, p.W, p.H, r)
	meanSq := boxBlur(square, p.W, p.H, r)
	for c := range 3 {
		ch := plane(p, c)
		cross := make([]float32, n)
		for i := range cross {
			cross[i] = guide[i] * ch[i]
		}
		meanC, meanX := boxBlur(ch, p.W, p.H, r), boxBlur(cross, p.W, p.H, r)
		slope, base := cross, make([]float32, n)
		for i := range slope {
			variance := meanSq[i] - mean[i]*mean[i]
			slope[i] = (meanX[i] - mean[i]*meanC[i]) / (max(variance, 0) + eps)
			base[i] = meanC[i] - slope[i]*mean[i]
		}
		slope, base = boxBlur(slope, p.W, p.H, r), boxBlur(base, p.W, p.H, r)
		for i := range n {
			mix(&p.Pix[3*i+c], slope[i]*guide[i]+base[i], float32(v["amount"]))
		}
	}
}

// posterise moves brightness to the nearest of a few levels and keeps the
// colour's ratio to it. Around the middle between two levels a share, soft, of
// the step stays gradual, so that the borders are not jagged.
func posterise(p *picture.Picture, v values) {
	steps, soft := math.Round(v["levels"])-1, v["soft"]
	eachRow(p.H, func(y int) {
		for x := range p.W {
			c := p.Pix[3*(y*p.W+x):][:3]
			l := float64(luma(c))
			low := math.Floor(l * steps)
			q := (low + smoothstep(.5-soft/2, .5+soft/2, l*steps-low)) / steps
			for i := range c {
				// Scaling keeps hue in the shadows, shifting keeps it in the lights.
				scaled := float64(c[i]) * q / max(l, .02)
				shifted := float64(c[i]) + q - l
				mix(&c[i], float32(min(scaled, max(shifted, float64(c[i])))), float32(v["amount"]))
			}
		}
	})
}

// saturate scales colour around brightness and brightness around mid grey.
func saturate(p *picture.Picture, v values) {
	colour, contrast := float32(v["colour"]), float32(v["contrast"])
	eachRow(p.H, func(y int) {
		for x := range p.W {
			c := p.Pix[3*(y*p.W+x):][:3]
			l := luma(c)
			to := .5 + contrast*(l-.5)
			for i := range c {
				mix(&c[i], to+colour*(c[i]-l), float32(v["amount"]))
			}
		}
	})
}

// printInks moves every colour towards the nearest inks of a cheap press. An ink
// weighs exp(-(d² - d₀²)/soft²), d being its distance and d₀ that of the nearest,
// in brightness and twice in colour, so that borders between inks are smooth.
func printInks(p *picture.Picture, v values) {
	soft := 1 / (v["soft"] * v["soft"])
	vivid := float32(v["colour"])
	distance := func(c [3]float32, k Ink) float64 {
		lc, lk := luma(c[:]), luma(k[:])
		d := float64(lc-lk) * float64(lc-lk)
		for i := range c {
			e := float64(vivid*(c[i]-lc) - (k[i] - lk))
			d += 2 * e * e / 3
		}
		return d
	}
	eachRow(p.H, func(y int) {
		for x := range p.W {
			c := p.Pix[3*(y*p.W+x):][:3]
			var d [16]float64
			best := math.Inf(1)
			for i, k := range Inks {
				d[i] = distance([3]float32(c), k)
				best = min(best, d[i])
			}
			var sum float64
			var to [3]float64
			for i, k := range Inks {
				w := math.Exp((best - d[i]) * soft)
				sum += w
				for j := range to {
					to[j] += w * float64(k[j])
				}
			}
			for j := range to {
				mix(&c[j], float32(to[j]/sum), float32(v["amount"]))
			}
		}
	})
}
