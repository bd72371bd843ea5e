package style

import (
	"math"
	"sort"

	"github.com/atelier-engine/atelier/core/picture"
)

var hatchStep = StepKernel{
	Name: "hatch", Doc: "draw with a pencil or chalk: lines along the contours and hatching for the tone",
	Params: append(append([]StepParam{
		{Name: "pitch", Doc: "distance of the strokes", Min: .002, Max: .05, Default: .0045, Length: true},
		{Name: "width", Doc: "width of the strokes", Min: .0005, Max: .02, Default: .0018, Length: true},
		{Name: "length", Doc: "length of the strokes, in distances", Min: 2, Max: 40, Default: 12},
		{Name: "angle", Doc: "direction of the first strokes, radians", Min: -3.15, Max: 3.15, Default: -.8},
		{Name: "follow", Doc: "how much strokes follow the contours", Min: 0, Max: 1, Default: .5},
		{Name: "dark", Doc: "how dark shadows become", Min: 0, Max: 2, Default: 1},
		{Name: "line", Doc: "strength of the lines", Min: 0, Max: 1, Default: .8},
		{Name: "smudge", Doc: "share of the tone that is rubbed on evenly", Min: 0, Max: 1, Default: .3},
		{Name: "grain", Doc: "how much the paper's grain breaks the strokes", Min: 0, Max: 1, Default: .5},
		{Name: "colour", Doc: "share of the picture's own colours in the strokes", Min: 0, Max: 1, Default: 0}},
		colourParams("", "colour of the pencil", .17, .16, .18)...),
		colourParams("paper-", "colour of the paper", .97, .955, .92)...),
	survey: surveyHatch,
	run:    hatch,
}

// hatching is what a pencil has to draw.
type hatching struct {
	strokes []stroke
	tone    *field // darkness and line, both in [0,1]
}

// The layers of hatching: each covers what is darker than from, fully from to on,
// turned by the angle against the first.
var hatchLayers = []struct{ from, to, turn float64 }{
	{.10, .55, 0}, {.38, .80, 1.15}, {.62, 1.0, .55},
}

// surveyHatch measures the darkness, a little stronger where it differs from its
// surroundings, and the lines of a picture, and lays strokes in layers. Each
// stroke has a level of darkness from which on it is drawn, so that the density
// of strokes makes the tone.
func surveyHatch(p *picture.Picture, v values) any {
	side := float64(min(p.W, p.H))
	l := lumaPlane(p)
	near := gauss(l, p.W, p.H, max(v["pitch"]*side*.35, .5))
	wide := gauss(l, p.W, p.H, .06*side)
	dark, line := make([]float32, len(l)), surveyLines(p, v["width"]*1.6, 4).v
	for i := range dark {
		light := near[i] + .45*(near[i]-wide[i])
		dark[i] = clamp01((1 - light) * float32(v["dark"]))
		line[i] = float32(math.Tanh(max(0, -28*float64(line[i])-.28)))
	}
	way := contours(near, p.W, p.H, max(v["pitch"]*side*1.5, 1))
	f := &hatching{tone: fieldOf(p.W, p.H, dark, line)}
	pencil := v.colour("")
	var order []float32
	across, along := v["pitch"], v["pitch"]*v["length"]
	for n, layer := range hatchLayers {
		base := v["angle"] + layer.turn
		sin, cos := math.Sincos(base)
		reach := math.Hypot(float64(p.W), float64(p.H)) / side / 2
		rows, cols := int(reach/across)+1, int(reach/(.5*along))+1
		for j := -rows; j <= rows; j++ {
			for i := -cols; i <= cols; i++ {
				noise := func(k int) float64 { return float64(lattice(i, j, 70+10*n+k)) }
				a, b := (float64(i)+.5*noise(0))*along*.5, (float64(j)+.3*noise(1))*across
				x, y := float64(p.W)/side/2+a*cos-b*sin, float64(p.H)/side/2+a*sin+b*cos
				px, py := int(x*side), int(y*side)
				if px < 0 || py < 0 || px >= p.W || py >= p.H {
					continue
				}
				level := layer.from + (layer.to-layer.from)*(.5+.5*noise(2))
				if float64(dark[py*p.W+px]) < level-.15 {
					continue
				}
				s := stroke{x: x * side / float64(p.W), y: y * side / float64(p.H), seed: i*7 + j*13 + n,
					long: along * .5 * (1 + .3*noise(3)), wide: v["width"] * .5 * (1 + .3*noise(4)),
					cover: float32(.5 + .2*noise(5)), level: float32(level)}
				s.sin, s.cos = math.Sincos(hatchDirection(way, x*side, y*side, base, v["follow"]) + .05*noise(6))
				s.bend = .6 * noise(7) / s.long * .25
				s.colour = pencil
				if v["colour"] > 0 {
					c := p.Pix[3*(py*p.W+px):][:3]
					for k := range s.colour {
						s.colour[k] += float32(v["colour"]) * (c[k]*.85 - s.colour[k])
					}
				}
				f.strokes = append(f.strokes, s)
				order = append(order, float32(noise(8)))
			}
		}
	}
	sort.Sort(&byOrder{f.strokes, order})
	return f
}

// hatchDirection turns a base direction towards that of the contours where those are
// clear.
func hatchDirection(way *flow, x, y, base, follow float64) float64 {
	angle, strength := way.angle(x, y)
	k := follow * strength / (strength + 2e-4)
	s0, c0 := math.Sincos(2 * base)
	s1, c1 := math.Sincos(2 * angle)
	return math.Atan2(s0+k/(1.0001-k)*s1, c0+k/(1.0001-k)*c1) / 2
}

// hatch draws strokes and lines on paper, broken by its grain, and mixes that into
// the picture.
func hatch(w *Window, v values, found any) {
	f := found.(*hatching)
	p := w.Pic
	sheet := &picture.Picture{W: p.W, H: p.H, Pix: make([]float32, len(p.Pix))}
	dark := make([]float32, p.W*p.H)
	line := make([]float32, p.W*p.H)
	paper, pencil := v.colour("paper-"), v.colour("")
	rub, own := float32(v["smudge"]), float32(v["colour"])
	f.tone.eachRow(w, func(y int, t []float32) {
		for x := range p.W {
			i := y*p.W + x
			dark[i], line[i] = t[2*x], t[2*x+1]
			k := rub * clamp01(t[2*x])
			for c := range 3 {
				sheet.Pix[3*i+c] = paper[c] + k*(pencil[c]+own*(p.Pix[3*i+c]-pencil[c])-paper[c])
			}
		}
	})
	b := brush{amount: 1, tone: dark, taper: true, soft: .9}
	b.draw(&Window{Pic: sheet, X: w.X, Y: w.Y, W: w.W, H: w.H}, f.strokes)
	grain, ink, amount := float32(v["grain"]), float32(v["line"]), float32(v["amount"])
	rough := newTexture(w, .0007, 1)
	eachChunk(p.H, func(lo, hi int) {
		height := make([]float32, p.W)
		for y := lo; y < hi; y++ {
			rough.row(y, height)
			for x := range p.W {
				i := y*p.W + x
				c, s := p.Pix[3*i:3*i+3:3*i+3], sheet.Pix[3*i:3*i+3:3*i+3]
				// Hills of the paper take more of the pencil, hollows less.
				take := 1 + grain*height[x]*.7
				on := clamp01(ink * line[i] * take)
				for k := range c {
					drawn := paper[k] + (s[k]-paper[k])*take
					lead := pencil[k] + own*.6*(c[k]-pencil[k])
					mix(&c[k], drawn+on*(lead-drawn), amount)
				}
			}
		}
	})
}
