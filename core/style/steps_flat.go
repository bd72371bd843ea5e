package style

import "github.com/atelier-engine/atelier/core/picture"

var flattenStep = StepKernel{
	Name: "flatten", Doc: "smooth areas, keep edges",
	Params: []StepParam{
		{Name: "radius", Doc: "size of the areas", Min: .001, Max: .1, Default: .01, Length: true},
		{Name: "edge", Doc: "difference of brightness that counts as an edge", Min: .005, Max: .5, Default: .08}},
	survey: surveyFlat,
	run:    flatten,
}

// surveyFlat is the guided filter of He, Sun and Tang (2010) with the brightness
// as its guide: in every square a channel is a linear function of brightness, with
// slope cov/(var+ε). Where brightness varies less than edge, it is a mean. The
// field has the slope and the base of the three channels.
func surveyFlat(p *picture.Picture, v values) any {
	w, h := p.W, p.H
	r := max(.7, pixels(p, v["radius"]))
	eps := float32(v["edge"] * v["edge"])
	guide := lumaPlane(p)
	times := func(a, b []float32) []float32 {
		out := make([]float32, len(a))
		eachRow(h, func(y int) {
			for i := y * w; i < (y+1)*w; i++ {
				out[i] = a[i] * b[i]
			}
		})
		return out
	}
	mean, square := boxBlur(guide, w, h, r), boxBlur(times(guide, guide), w, h, r)
	var planes [6][]float32
	for c := range 3 {
		ch := plane(p, c)
		slope, base := boxBlur(times(guide, ch), w, h, r), boxBlur(ch, w, h, r)
		eachRow(h, func(y int) {
			for i := y * w; i < (y+1)*w; i++ {
				m := mean[i]
				k := (slope[i] - m*base[i]) / (max(square[i]-m*m, 0) + eps)
				slope[i], base[i] = k, base[i]-k*m
			}
		})
		planes[c], planes[3+c] = boxBlur(slope, w, h, r), boxBlur(base, w, h, r)
	}
	return fieldOf(w, h, planes[:]...)
}

// flatten applies slope and base to the pixels' own brightness, so that edges are
// as sharp as the window has them (He and Sun 2015, fast guided filter).
func flatten(w *Window, v values, found any) {
	amount := float32(v["amount"])
	p := w.Pic
	found.(*field).eachRow(w, func(y int, line []float32) {
		row := p.Pix[3*y*p.W : 3*(y+1)*p.W]
		for i, k := 0, 0; i+3 <= len(row); i, k = i+3, k+6 {
			c, f := row[i:i+3:i+3], line[k:k+6:k+6]
			l := luma(c)
			mix(&c[0], f[0]*l+f[3], amount)
			mix(&c[1], f[1]*l+f[4], amount)
			mix(&c[2], f[2]*l+f[5], amount)
		}
	})
}
