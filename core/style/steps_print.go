package style

import (
	"math"

	"github.com/atelier-engine/atelier/core/picture"
)

var dotsStep = StepKernel{
	Name: "dots", Doc: "print mid-tones as Ben-Day dots",
	Params: []StepParam{
		{Name: "pitch", Doc: "distance of the dots", Min: .004, Max: .1, Default: .014, Length: true},
		{Name: "angle", Doc: "direction of the rows, radians", Min: -3.15, Max: 3.15, Default: .35},
		{Name: "dark", Doc: "brightness below which no dots are printed", Min: 0, Max: 1, Default: .35},
		{Name: "light", Doc: "brightness above which no dots are printed", Min: 0, Max: 1, Default: .95}},
	survey: surveyDots,
	run:    benDay,
}

// surveyDots measures the strongest ink, the brightness and the colourfulness
// around each point.
func surveyDots(p *picture.Picture, v values) any {
	strongest, chroma := make([]float32, p.W*p.H), make([]float32, p.W*p.H)
	eachRow(p.H, func(y int) {
		for i := y * p.W; i < (y+1)*p.W; i++ {
			c := p.Pix[3*i:][:3]
			low, high := min(c[0], c[1], c[2]), max(c[0], c[1], c[2])
			strongest[i], chroma[i] = 1-low, high-low
		}
	})
	blur := func(v2 []float32) []float32 { return gauss(v2, p.W, p.H, max(pixels(p, v["pitch"])*.35, .5)) }
	return fieldOf(p.W, p.H, blur(strongest), blur(lumaPlane(p)), blur(chroma))
}

// benDay prints mid-tones as a grid of round dots of full ink on white paper. A
// colour k is the mean of paper 1 and ink 1-(1-k)/a when dots cover the share
// a = max(1-k), the strongest of its three inks: so a light red becomes small
// red dots. The share is that of the cell's middle, so that dots stay round; the
// colour is the pixel's own. Where dots would touch (a > 0.7) and where there is
// hardly a colour (greys) the area stays flat. So do lines, which are much
// darker than what is around them. Where the grid is too fine for the
// pixels it fades.
func benDay(w *Window, v values, found any) {
	f := found.(*field)
	p := w.Pic
	pitch := v["pitch"] * w.Side()
	cos, sin := math.Cos(v["angle"]), math.Sin(v["angle"])
	dark, light := v["dark"], v["light"]
	edge := max((light-dark)*.12, 1e-6)
	amount := v["amount"] * smoothstep(1.8, 3, pitch)
	if amount == 0 {
		return
	}
	eachRow(p.H, func(y int) {
		lastU, lastW := math.NaN(), 0.0
		var m [3]float32
		var cover, radius, here float64
		for x := range p.W {
			fx, fy := float64(w.X+x)+.5, float64(w.Y+y)+.5
			a, b := (fx*cos+fy*sin)/pitch, (fy*cos-fx*sin)/pitch
			ca, cb := math.Round(a), math.Round(b)
			if ca != lastU || cb != lastW {
				lastU, lastW = ca, cb
				f.at((ca*cos-cb*sin)*pitch/float64(w.W), (ca*sin+cb*cos)*pitch/float64(w.H), m[:])
				cover = float64(m[0])
				l := float64(m[1])
				here = smoothstep(dark, dark+edge, l) * (1 - smoothstep(light-edge, light, l)) * (1 - smoothstep(.6, .75, cover))
				here *= smoothstep(.06, .16, float64(m[2]))
				radius = math.Sqrt(max(cover, 0) / math.Pi)
			}
			if here == 0 {
				continue
			}
			d := pitch * (math.Hypot(a-ca, b-cb) - radius)
			on := float32(1 - smoothstep(-.7, .7, d))
			c := p.Pix[3*(y*p.W+x):][:3]
			share := float32(here * amount * smoothstep(.45, .7, float64(luma(c))/max(float64(m[1]), .01)))
			for i := range c {
				ink := 1 - (1-c[i])/float32(max(cover, .05))
				mix(&c[i], 1+on*(ink-1), share)
			}
		}
	})
}
