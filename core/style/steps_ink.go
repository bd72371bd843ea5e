package style

import (
	"math"

	"github.com/atelier-engine/atelier/core/picture"
)

// pressInks are the colours of a cheap four-colour press, paper first, black last.
var pressInks = [][3]float32{
	{.98, .96, .90}, // paper
	{.90, .13, .15}, // red
	{1.0, .85, .10}, // yellow
	{.10, .33, .74}, // blue
	{.38, .74, .90}, // light blue
	{.96, .47, .60}, // pink
	{.98, .57, .13}, // orange
	{.99, .80, .66}, // skin
	{.16, .62, .36}, // green
	{.06, .05, .07}, // black
}

// maxInks is the most that one printing takes.
const maxInks = 16

// inkSpace places a colour so that the square of a distance is that in brightness
// and twice that in colour: (l, √⅔·vivid·(c-l)).
func inkSpace(c []float32, vivid float32) [4]float32 {
	const twice = .81649658
	l := luma(c)
	return [4]float32{l, twice * vivid * (c[0] - l), twice * vivid * (c[1] - l), twice * vivid * (c[2] - l)}
}

// printing moves every colour towards the nearest inks. An ink weighs
// exp(-(d² - d₀²)/soft²), d being its distance and d₀ that of the nearest, so that
// borders between inks are smooth. vivid strengthens colours before.
func printing(w *Window, inks [][3]float32, vivid, soft, amount float64) {
	var place [maxInks][4]float32
	for i := range inks {
		place[i] = inkSpace(inks[i][:], 1)
	}
	sharp, strong, share := float32(1/(soft*soft)), float32(vivid), float32(amount)
	eachColour(w, func(c []float32) {
		e := inkSpace(c, strong)
		var d [maxInks]float32
		best := float32(math.Inf(1))
		for i := range inks {
			k := &place[i]
			a, b, g, h := e[0]-k[0], e[1]-k[1], e[2]-k[2], e[3]-k[3]
			d[i] = a*a + b*b + g*g + h*h
			best = min(best, d[i])
		}
		var sum float32
		var to [3]float32
		for i := range inks {
			x := (d[i] - best) * sharp
			if x > 12 { // less than a hundred-thousandth
				continue
			}
			weight := float32(1)
			if x > 0 {
				weight = float32(math.Exp(float64(-x)))
			}
			sum += weight
			for j := range to {
				to[j] += weight * inks[i][j]
			}
		}
		for j := range to {
			mix(&c[j], to[j]/sum, share)
		}
	})
}

var inkParams = []StepParam{
	{Name: "colour", Doc: "how much colours are strengthened before", Min: 0, Max: 3, Default: 1.6},
	{Name: "soft", Doc: "softness of the borders between inks", Min: .02, Max: 1, Default: .12},
}

var inksStep = StepKernel{
	Name: "inks", Doc: "print in the flat inks of a comic", Params: inkParams,
	run: func(w *Window, v values, _ any) { printing(w, pressInks, v["colour"], v["soft"], v["amount"]) },
}

var paletteStep = StepKernel{
	Name: "palette", Doc: "print in the few colours that the picture has most of",
	Params: []StepParam{
		{Name: "colours", Doc: "how many colours", Min: 2, Max: maxInks, Default: 8},
		{Name: "soft", Doc: "softness of the borders between colours, in their distance", Min: .02, Max: 2, Default: .5}},
	survey: func(p *picture.Picture, v values) any { return choosePalette(p, int(math.Round(v["colours"]))) },
	run: func(w *Window, v values, found any) {
		inks := found.([][3]float32)
		printing(w, inks, 1, max(v["soft"]*spacing(inks), .01), v["amount"])
	},
}

// choosePalette finds n colours of a picture: k-means in inkSpace, begun with the
// colours that are furthest from those before them, which keeps small vivid things.
func choosePalette(p *picture.Picture, n int) [][3]float32 {
	const samples = 4096
	step := max(1, p.W*p.H/samples) | 1
	var colours [][3]float32
	var places [][4]float32
	for i := 0; i < p.W*p.H; i += step {
		c := [3]float32(p.Pix[3*i : 3*i+3])
		colours, places = append(colours, c), append(places, inkSpace(c[:], 1))
	}
	mean := [4]float32{}
	for _, e := range places {
		for k := range mean {
			mean[k] += e[k] / float32(len(places))
		}
	}
	// Each next centre maximises distance to the centres times the number of
	// samples near it, so that a single odd pixel does not become a colour.
	near := make([]float64, len(places))
	centres := [][4]float32{}
	for i := range places {
		near[i] = inkDistance(places[i], mean) + 1e-9
	}
	for len(centres) < n {
		best, who := -1.0, 0
		for i := 0; i < len(places); i += 7 {
			if near[i] <= best/float64(len(places)) {
				continue
			}
			score := 0.0
			for j := 0; j < len(places); j += 31 {
				score += math.Exp(-inkDistance(places[i], places[j]) / .01)
			}
			if score = near[i] * math.Sqrt(score); score > best {
				best, who = score, i
			}
		}
		centres = append(centres, places[who])
		for i := range places {
			if d := inkDistance(places[i], places[who]); len(centres) == 1 || d < near[i] {
				near[i] = d
			}
		}
	}
	palette := make([][3]float32, n)
	var used []float64
	for range 8 {
		sum, count := make([][7]float64, n), make([]float64, n)
		used = count
		for i, e := range places {
			best, who := math.Inf(1), 0
			for k, c := range centres {
				if d := inkDistance(e, c); d < best {
					best, who = d, k
				}
			}
			count[who]++
			for k := range e {
				sum[who][k] += float64(e[k])
			}
			for k := range 3 {
				sum[who][4+k] += float64(colours[i][k])
			}
		}
		for k := range centres {
			if count[k] == 0 {
				continue
			}
			for j := range centres[k] {
				centres[k][j] = float32(sum[k][j] / count[k])
			}
			for j := range 3 {
				palette[k][j] = float32(sum[k][4+j] / count[k])
			}
		}
	}
	kept := palette[:0]
	for k, c := range palette {
		if used[k] > 0 {
			kept = append(kept, c)
		}
	}
	return kept
}

// spacing is how far inks are from their nearest neighbours, in the mean.
func spacing(inks [][3]float32) float64 {
	var sum float64
	for i := range inks {
		near := 1.0
		for j := range inks {
			if i != j {
				near = min(near, inkDistance(inkSpace(inks[i][:], 1), inkSpace(inks[j][:], 1)))
			}
		}
		sum += math.Sqrt(near) / float64(len(inks))
	}
	return sum
}

// inkDistance is the square of the distance of two places in inkSpace.
func inkDistance(a, b [4]float32) (d float64) {
	for k := range a {
		d += float64(a[k]-b[k]) * float64(a[k]-b[k])
	}
	return d
}
