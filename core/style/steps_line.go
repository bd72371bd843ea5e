package style

import (
	"math"

	"github.com/atelier-engine/atelier/core/picture"
)

var outlineStep = StepKernel{
	Name: "outline", Doc: "draw dark lines along edges",
	Params: []StepParam{
		{Name: "width", Doc: "width of the lines", Min: .0005, Max: .03, Default: .004, Length: true},
		{Name: "threshold", Doc: "how clear an edge must be", Min: 0, Max: .5, Default: .02},
		{Name: "sharp", Doc: "how suddenly a line starts", Min: 1, Max: 500, Default: 60},
		{Name: "flow", Doc: "how far lines are joined along the contour, in widths", Min: 0, Max: 12, Default: 3}},
	survey: func(p *picture.Picture, v values) any { return surveyLines(p, v["width"], v["flow"]) },
	run:    outline,
}

// surveyLines is how much darker each point is than its surroundings: the
// difference of Gaussians G(σ) - G(1.6σ) of the brightness, averaged along the
// contours so that lines hold together (Kang, Lee and Chui 2007; Winnemöller,
// Kyprianidis and Olsen 2012). Negative on the dark side of an edge.
func surveyLines(p *picture.Picture, width, join float64) *field {
	sigma := max(pixels(p, width)/2, .5)
	l := lumaPlane(p)
	fine, wide := gauss(l, p.W, p.H, sigma), gauss(l, p.W, p.H, 1.6*sigma)
	for i := range fine {
		fine[i] -= wide[i]
	}
	if reach := 2 * sigma * join; reach >= 1 {
		fine = contours(gauss(l, p.W, p.H, max(sigma*.7, .5)), p.W, p.H, 2*sigma).along(fine, reach)
	}
	return fieldOf(p.W, p.H, fine)
}

// outline darkens where the difference lies below -threshold.
func outline(w *Window, v values, found any) {
	amount, threshold, sharp := v["amount"], v["threshold"], v["sharp"]
	p := w.Pic
	found.(*field).eachRow(w, func(y int, line []float32) {
		row := p.Pix[3*y*p.W : 3*(y+1)*p.W]
		for x, d := range line {
			e := float64(d) + threshold
			if e >= 0 {
				continue
			}
			k := 1 - float32(amount*math.Tanh(-sharp*e))
			c := row[3*x : 3*x+3 : 3*x+3]
			c[0], c[1], c[2] = c[0]*k, c[1]*k, c[2]*k
		}
	})
}
