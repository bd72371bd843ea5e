package faces

import "math"

// sharpness tells a crisp face from a blurred or an enlarged one: over the
// middle of a picture of side x side RGB bytes, with y its luma,
//
//	sqrt(mean (∇²y)²) / sqrt(variance of y)
//
// where ∇² is the discrete Laplacian of five points (the measure of Pech-Pacheco
// et al., 2000, made independent of contrast). A single-coloured picture has 0.
func sharpness(pix []byte, side int) float64 {
	luma := func(x, y int) float64 {
		p := pix[(y*side+x)*3:][:3]
		return 0.299*float64(p[0]) + 0.587*float64(p[1]) + 0.114*float64(p[2])
	}
	var n, sum, squares, edges float64
	for y := side / 5; y < side-side/5; y++ {
		for x := side / 5; x < side-side/5; x++ {
			c := luma(x, y)
			d := luma(x-1, y) + luma(x+1, y) + luma(x, y-1) + luma(x, y+1) - 4*c
			n, sum, squares, edges = n+1, sum+c, squares+c*c, edges+d*d
		}
	}
	variance := squares - sum*sum/n
	if !(variance > 1e-9*n) {
		return 0
	}
	return math.Sqrt(edges / variance)
}
