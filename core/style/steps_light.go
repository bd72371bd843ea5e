package style

import (
	"math"

	"github.com/atelier-engine/atelier/core/picture"
)

var reliefStep = StepKernel{
	Name: "relief", Doc: "light the paint from the upper left, as if it lay thick",
	Params: []StepParam{
		{Name: "size", Doc: "size of the ridges", Min: .0005, Max: .02, Default: .0016, Length: true},
		{Name: "depth", Doc: "how strong the light is", Min: 0, Max: 1, Default: .3}},
	margin: func(v values, side float64) float64 { return 2 + math.Ceil(reliefSigma(v, side)*3.2+4) },
	run:    relief,
}

func reliefSigma(v values, side float64) float64 { return max(v["size"]*side*.5, .5) }

// relief takes brightness for height: ridges of paint catch light on one side and
// lie in shadow on the other. The slope is that between two points one size apart
// on the line towards the light, of heights without what is smaller than that.
func relief(w *Window, v values, _ any) {
	p := w.Pic
	sigma := reliefSigma(v, w.Side())
	height := gauss(lumaPlane(p), p.W, p.H, sigma)
	reach := sigma * math.Sqrt2 / 2
	gain := float32(v["depth"] * v["amount"] * 2.2)
	r := int(math.Ceil(reach))
	t := float32(reach) / float32(r)
	eachRow(p.H, func(y int) {
		up, down := height[max(y-r, 0)*p.W:][:p.W], height[min(y+r, p.H-1)*p.W:][:p.W]
		row := p.Pix[3*y*p.W:]
		for x := range p.W {
			d := (down[min(x+r, p.W-1)] - up[max(x-r, 0)]) * t
			k := 1 + gain*float32(math.Tanh(float64(4*d)))
			c := row[3*x : 3*x+3 : 3*x+3]
			c[0], c[1], c[2] = clamp01(c[0]*k), clamp01(c[1]*k), clamp01(c[2]*k)
		}
	})
}

var glowStep = StepKernel{
	Name: "glow", Doc: "let light spread softly, as in a dream",
	Params: []StepParam{
		{Name: "size", Doc: "how far light spreads", Min: .005, Max: .2, Default: .04, Length: true},
		{Name: "light", Doc: "how strong it is", Min: 0, Max: 1, Default: .4}},
	survey: func(p *picture.Picture, v values) any {
		var blur [3][]float32
		for c := range blur {
			ch := plane(p, c)
			for i := range ch {
				ch[i] *= ch[i] // lights spread more than mid-tones
			}
			blur[c] = gauss(ch, p.W, p.H, max(pixels(p, v["size"]), .5))
		}
		return fieldOf(p.W, p.H, blur[:]...)
	},
	run: func(w *Window, v values, found any) {
		p := w.Pic
		light, amount := float32(v["light"]), float32(v["amount"])
		found.(*field).eachRow(w, func(y int, f []float32) {
			row := p.Pix[3*y*p.W : 3*(y+1)*p.W]
			for i, c := range row {
				mix(&row[i], 1-(1-c)*(1-light*clamp01(f[i])), amount)
			}
		})
	},
}

var bokashiStep = StepKernel{
	Name: "bokashi", Doc: "wipe a colour across the top, fading downwards, as on a woodblock",
	Params: append([]StepParam{
		{Name: "height", Doc: "how far down it reaches", Min: .01, Max: 1, Default: .3}},
		colourParams("", "colour of the ink", .16, .27, .5)...),
	run: func(w *Window, v values, _ any) {
		p, ink := w.Pic, v.colour("")
		eachRow(p.H, func(y int) {
			down := (float64(w.Y+y) + .5) / w.Side()
			k := float32(v["amount"] * (1 - smoothstep(0, v["height"], down)))
			if k == 0 {
				return
			}
			row := p.Pix[3*y*p.W : 3*(y+1)*p.W]
			for i := range row {
				row[i] = clamp01(row[i] * (1 + k*(ink[i%3]-1)))
			}
		})
	},
}

var warpStep = StepKernel{
	Name: "warp", Doc: "bend the picture in slow waves, as in a dream",
	Params: []StepParam{
		{Name: "size", Doc: "length of the waves", Min: .05, Max: 2, Default: .35, Length: true},
		{Name: "reach", Doc: "how far things are moved", Min: 0, Max: .05, Default: .02}},
	margin: func(v values, side float64) float64 { return 2 + v["reach"]*side },
	run: func(w *Window, v values, _ any) {
		p, side := w.Pic, w.Side()
		src := &picture.Picture{W: p.W, H: p.H, Pix: append([]float32(nil), p.Pix...)}
		reach := v["reach"] * v["amount"] * side
		eachRow(p.H, func(y int) {
			for x := range p.W {
				u, t := (float64(w.X+x)+.5)/side/v["size"], (float64(w.Y+y)+.5)/side/v["size"]
				dx, dy := wave(u, t, 80), wave(u, t, 81)
				c := sample(src, float64(x)+reach*dx, float64(y)+reach*dy)
				copy(p.Pix[3*(y*p.W+x):], c[:])
			}
		})
	},
}
