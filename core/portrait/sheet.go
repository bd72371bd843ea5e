package portrait

import (
	"github.com/atelier-engine/atelier/core/picture"
)

// ToPicture turns a network's output (side x side x 3 in [-1,1]) into a
// picture.
func ToPicture(x []float32, side int) *picture.Picture {
	p := &picture.Picture{W: side, H: side, Pix: make([]float32, side*side*3)}
	for i := range p.Pix {
		p.Pix[i] = max(0, min(1, x[i]*0.5+0.5))
	}
	return p
}
