package style

import "math"

// luma is the brightness of an sRGB colour: that of picture.Luma, BT.601, so
// that all steps of a chain judge alike.
func luma(c []float32) float32 { return .299*c[0] + .587*c[1] + .114*c[2] }

// eachColour calls f for every pixel's colour, to be changed in place.
func eachColour(w *Window, f func(c []float32)) {
	p := w.Pic
	eachRow(p.H, func(y int) {
		row := p.Pix[3*y*p.W : 3*(y+1)*p.W]
		for i := 0; i+3 <= len(row); i += 3 {
			f(row[i : i+3 : i+3])
		}
	})
}

var posteriseStep = StepKernel{
	Name: "posterise", Doc: "print in few flat inks",
	Params: []StepParam{
		{Name: "levels", Doc: "steps of brightness", Min: 2, Max: 16, Default: 4},
		{Name: "soft", Doc: "share of a step that stays gradual", Min: 0, Max: 1, Default: .15}},
	run: posterise,
}

// posterise moves brightness to the nearest of a few levels and keeps the
// colour's ratio to it. Around the middle between two levels a share, soft, of
// the step stays gradual, so that the borders are not jagged.
func posterise(w *Window, v values, _ any) {
	steps, soft := math.Round(v["levels"])-1, v["soft"]
	amount := float32(v["amount"])
	eachColour(w, func(c []float32) {
		l := float64(luma(c))
		low := math.Floor(l * steps)
		q := (low + smoothstep(.5-soft/2, .5+soft/2, l*steps-low)) / steps
		for i := range c {
			// Scaling keeps hue in the shadows, shifting keeps it in the lights.
			scaled := float64(c[i]) * q / max(l, .02)
			shifted := float64(c[i]) + q - l
			mix(&c[i], float32(min(scaled, max(shifted, float64(c[i])))), amount)
		}
	})
}

var saturateStep = StepKernel{
	Name: "saturate", Doc: "strengthen or weaken colours and contrast",
	Params: []StepParam{
		{Name: "colour", Doc: "factor of the colour", Min: 0, Max: 3, Default: 1.3},
		{Name: "contrast", Doc: "factor of the contrast around mid grey", Min: 0, Max: 3, Default: 1}},
	run: saturate,
}

// saturate scales colour around brightness and brightness around mid grey.
func saturate(w *Window, v values, _ any) {
	colour, contrast, amount := float32(v["colour"]), float32(v["contrast"]), float32(v["amount"])
	eachColour(w, func(c []float32) {
		l := luma(c)
		to := .5 + contrast*(l-.5)
		for i := range c {
			mix(&c[i], to+colour*(c[i]-l), amount)
		}
	})
}

var toneStep = StepKernel{
	Name: "tone", Doc: "tint shadows with one colour and lights with another",
	Params: append(colourParams("shadow-", "colour of the shadows", .05, .25, .35),
		append(colourParams("light-", "colour of the lights", 1, .82, .5),
			StepParam{Name: "lift", Doc: "how far black and white become these colours too", Max: 1})...),
	run: tone,
}

// tone gives every pixel the hue of a mix of two colours by its brightness l, which
// stays or, with lift, becomes that of the mix.
func tone(w *Window, v values, _ any) {
	shadow, light := v.colour("shadow-"), v.colour("light-")
	lift, amount := float32(v["lift"]), float32(v["amount"])
	eachColour(w, func(c []float32) {
		l := luma(c)
		t := l * l * (3 - 2*l)
		var to [3]float32
		for k := range to {
			to[k] = shadow[k] + t*(light[k]-shadow[k])
		}
		scale := l / max(luma(to[:]), .01)
		scale += lift * (1 - scale)
		for k := range to {
			mix(&c[k], min(to[k]*scale, 1), amount)
		}
	})
}
