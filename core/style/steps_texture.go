package style

import (
	"math"
	"sync"
)

// tooth is the height of a sheet's surface in [-1,1], on a periodic lattice of
// toothSide points: hills of one and of three points.
const toothSide = 256

var tooth = sync.OnceValue(func() *[toothSide][toothSide]float32 {
	var white, t [toothSide][toothSide]float32
	for j := range white {
		for i := range white[j] {
			white[j][i] = lattice(i, j, 60)
		}
	}
	const m = toothSide - 1
	for j := range t {
		for i := range t[j] {
			var wide float32
			for b := -2; b <= 2; b++ {
				for a := -2; a <= 2; a++ {
					wide += white[(j+b)&m][(i+a)&m] * float32(3-max(a, -a)) * float32(3-max(b, -b))
				}
			}
			t[j][i] = min(max(.45*white[j][i]+wide/14, -1), 1)
		}
	}
	return &t
})

// texture is the height of a sheet at the pixels of one row of a window: its
// points are size apart, in parts of the shorter side; stretch makes fibres along
// x. It fades where its points are finer than pixels, as it would from afar.
type texture struct {
	w             *Window
	px, py, scale float64
	t             *[toothSide][toothSide]float32
	fine          float32
}

func newTexture(w *Window, size, stretch float64) *texture {
	pitch := size * w.Side()
	return &texture{w: w, px: 1 / (pitch * stretch), py: 1 / pitch, t: tooth(), fine: float32(smoothstep(.35, 1.6, pitch))}
}

// row writes the heights for row y to out.
func (t *texture) row(y int, out []float32) {
	const m = toothSide - 1
	fy := (float64(t.w.Y+y) + .5) * t.py
	j := int(fy)
	b := float32(fy - float64(j))
	top, low := &t.t[j&m], &t.t[(j+1)&m]
	for x := range out {
		fx := (float64(t.w.X+x) + .5) * t.px
		i := int(fx)
		a := float32(fx - float64(i))
		p := top[i&m] + a*(top[(i+1)&m]-top[i&m])
		q := low[i&m] + a*(low[(i+1)&m]-low[i&m])
		out[x] = t.fine * (p + b*(q-p))
	}
}

// colourParams are the three numbers of a colour, named with a prefix.
func colourParams(prefix, doc string, r, g, b float64) []StepParam {
	return []StepParam{
		{Name: prefix + "red", Doc: doc + ": red", Max: 1, Default: r},
		{Name: prefix + "green", Doc: doc + ": green", Max: 1, Default: g},
		{Name: prefix + "blue", Doc: doc + ": blue", Max: 1, Default: b},
	}
}

func (v values) colour(prefix string) [3]float32 {
	return [3]float32{float32(v[prefix+"red"]), float32(v[prefix+"green"]), float32(v[prefix+"blue"])}
}

var paperStep = StepKernel{
	Name: "paper", Doc: "lay the picture on toned paper with a grain",
	Params: append([]StepParam{
		{Name: "size", Doc: "size of the grain", Min: .0005, Max: .02, Default: .002, Length: true},
		{Name: "grain", Doc: "strength of the grain", Min: 0, Max: 1, Default: .1},
		{Name: "fibre", Doc: "strength of long fibres, as in wood and handmade paper", Min: 0, Max: 1, Default: 0}},
		colourParams("", "colour of the paper", .98, .96, .91)...),
	run: func(w *Window, v values, _ any) {
		p, sheet := w.Pic, v.colour("")
		amount, grain, fibre := float32(v["amount"]), float32(v["grain"]), float32(v["fibre"])
		fine, long := newTexture(w, v["size"], 1), newTexture(w, v["size"]*1.7, 24)
		eachChunk(p.H, func(lo, hi int) {
			a, b := make([]float32, p.W), make([]float32, p.W)
			for y := lo; y < hi; y++ {
				fine.row(y, a)
				if fibre > 0 {
					long.row(y, b)
				}
				row := p.Pix[3*y*p.W:]
				for x := range p.W {
					k := 1 + .5*(grain*a[x]+fibre*b[x])
					c := row[3*x : 3*x+3 : 3*x+3]
					mix(&c[0], c[0]*sheet[0]*k, amount)
					mix(&c[1], c[1]*sheet[1]*k, amount)
					mix(&c[2], c[2]*sheet[2]*k, amount)
				}
			}
		})
	},
}

var canvasStep = StepKernel{
	Name: "canvas", Doc: "let the weave of a canvas show",
	Params: []StepParam{
		{Name: "size", Doc: "distance of the threads", Min: .001, Max: .03, Default: .004, Length: true},
		{Name: "depth", Doc: "how much the threads show", Min: 0, Max: 1, Default: .15}},
	run: canvas,
}

// canvas lights a plain weave: warp and weft are half waves that lie on top in
// turn, uneven by the tooth. It fades where threads are finer than pixels.
func canvas(w *Window, v values, _ any) {
	p := w.Pic
	pitch := v["size"] * w.Side()
	depth := float32(v["depth"] * v["amount"] * smoothstep(.6, 1.8, pitch))
	if depth == 0 {
		return
	}
	rough := newTexture(w, v["size"]*.9, 1)
	eachChunk(p.H, func(lo, hi int) {
		a := make([]float32, p.W)
		for y := lo; y < hi; y++ {
			rough.row(y, a)
			fy := (float64(w.Y+y) + .5) / pitch
			j := math.Floor(fy)
			weft := 4 * (fy - j) * (1 - (fy - j))
			row := p.Pix[3*y*p.W:]
			for x := range p.W {
				fx := (float64(w.X+x) + .5) / pitch
				i := math.Floor(fx)
				height := 4 * (fx - i) * (1 - (fx - i))
				if (int(i)+int(j))&1 == 0 {
					height = weft
				}
				k := 1 + depth*(float32(height)-.667+.35*a[x])
				c := row[3*x : 3*x+3 : 3*x+3]
				c[0], c[1], c[2] = clamp01(c[0]*k), clamp01(c[1]*k), clamp01(c[2]*k)
			}
		}
	})
}
