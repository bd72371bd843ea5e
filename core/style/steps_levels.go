package style

import (
	"math"

	"github.com/atelier-engine/atelier/core/picture"
)

var levelsStep = StepKernel{
	Name: "levels", Doc: "spread brightness from black to white, and bring its middle to a place, so that nothing is washed out or blackened",
	Params: []StepParam{
		{Name: "black", Doc: "brightness of the darkest", Min: 0, Max: .5, Default: .06},
		{Name: "white", Doc: "brightness of the lightest", Min: .5, Max: 1, Default: .95},
		{Name: "middle", Doc: "brightness of the mean", Min: .1, Max: .9, Default: .48},
		{Name: "colour", Doc: "most that a colour is strengthened with its brightness", Min: 0, Max: 4, Default: 1.5}},
	survey: surveyLevels,
	run:    levels,
}

// surveyLevels is the table of what becomes of 256 brightnesses. The darkest and
// the lightest hundredth go to black and white; between them a power brings the
// mean to the middle, as far as 1.8 does.
func surveyLevels(p *picture.Picture, v values) any {
	var count [256]float64
	for i := 0; i < len(p.Pix); i += 3 {
		count[int(clamp01(luma(p.Pix[i:i+3]))*255)]++
	}
	n := float64(p.W * p.H)
	quantile := func(q float64) float64 {
		var sum float64
		for i, c := range count {
			if sum += c; sum >= q*n {
				return float64(i) / 255
			}
		}
		return 1
	}
	lo, hi := quantile(.01), quantile(.99)
	if hi-lo < .05 { // hardly a picture: leave it as it is
		lo, hi = 0, 1
	}
	black, white := v["black"], v["white"]
	at := func(l, power float64) float64 {
		return black + (white-black)*math.Pow(min(max((l-lo)/(hi-lo), 0), 1), power)
	}
	least, most := 1/1.8, 1.8
	for range 20 { // the mean falls as the power grows
		power := math.Sqrt(least * most)
		var mean float64
		for i, c := range count {
			mean += c / n * at(float64(i)/255, power)
		}
		if mean > v["middle"] {
			least = power
		} else {
			most = power
		}
	}
	var table [257]float32
	for i := range table {
		table[i] = float32(at(float64(min(i, 255))/255, math.Sqrt(least*most)))
	}
	return &table
}

// levels moves each brightness as the table says; colour goes with it in
// proportion, up to a limit.
func levels(w *Window, v values, found any) {
	table := found.(*[257]float32)
	amount, most := float32(v["amount"]), float32(v["colour"])
	eachColour(w, func(c []float32) {
		l := clamp01(luma(c))
		x := l * 255
		i := int(x)
		to := table[i] + (x-float32(i))*(table[i+1]-table[i])
		k := min(to/max(l, .01), most)
		for j := range c {
			mix(&c[j], to+k*(c[j]-l), amount)
		}
	})
}
