package evaluation

import (
	"math"
	"math/rand/v2"

	"github.com/atelier-engine/atelier/core/portrait/faces"
)

// moved is how far a face is moved before the judge learns from it: more than
// the generator's pictures are, so that little hangs on where a face lies.
var moved = faces.Augment{Flip: true, Rotate: 0.15, Scale: 0.12, Shift: 0.06}

// recolour changes a face (side,side,3) in [-1,1] as cameras do: exposure,
// contrast, white balance, saturation, now and then no colour at all. A judge
// that learns from such faces looks at shapes rather than at tones.
func recolour(x []float32, r *rand.Rand) {
	spread := func(by float64) float32 { return float32(math.Exp(by * (2*r.Float64() - 1))) }
	contrast, saturation, light := spread(0.3), spread(0.5), float32(0.3*(2*r.Float64()-1))
	gain := [3]float32{spread(0.12), spread(0.12), spread(0.12)}
	if r.IntN(8) == 0 {
		saturation = 0
	}
	for i := 0; i < len(x); i += 3 {
		grey := (x[i] + x[i+1] + x[i+2]) / 3
		for c := range 3 {
			v := (grey+saturation*(x[i+c]-grey)+1)*gain[c] - 1
			x[i+c] = max(-1, min(1, v*contrast+light))
		}
	}
}

// soften blurs a face by the kernel (1 2 1)/4 along rows and columns: portraits
// may be softer than photographs, and that says nothing about the person.
func soften(x []float32, side int, tmp []float32) {
	pass := func(dst, src []float32, step, line int) {
		for i := range side {
			for j := range side {
				at := i*line + j*step
				before, after := i*line+max(j-1, 0)*step, i*line+min(j+1, side-1)*step
				for c := range 3 {
					dst[at+c] = (src[before+c] + 2*src[at+c] + src[after+c]) / 4
				}
			}
		}
	}
	pass(tmp, x, 3, 3*side)
	pass(x, tmp, 3*side, 3)
}
