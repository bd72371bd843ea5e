package style

// Grain is what the network needs to vary its strokes where a picture is flat: a
// network of convolutions alone can only repeat one pattern there. It is added to
// the input, the same in training and painting, and depends on the position only,
// so that a picture is painted the same each time and in tiles as in whole.
const (
	grainFine   = .02 // amplitude of white noise, uniform in ±
	grainCoarse = .06 // amplitude of noise on a grid of grainCell pixels
	grainCell   = 4
)

// grain is the noise at pixel (x,y), the same for the three colours:
// fine·u(x,y) + coarse·(u at the corners of the cell, interpolated).
func grain(x, y int) float32 {
	cx, cy := x/grainCell, y/grainCell
	fx := (float32(x%grainCell) + .5) / grainCell
	fy := (float32(y%grainCell) + .5) / grainCell
	top := lattice(cx, cy, 1) + fx*(lattice(cx+1, cy, 1)-lattice(cx, cy, 1))
	low := lattice(cx, cy+1, 1) + fx*(lattice(cx+1, cy+1, 1)-lattice(cx, cy+1, 1))
	return grainFine*lattice(x, y, 0) + grainCoarse*(top+fy*(low-top))
}

// lattice is a number in [-1,1) that looks random: the mixing function of
// SplitMix64 (Steele, Lea and Flood, 2014) of the coordinates.
func lattice(x, y, layer int) float32 {
	z := uint64(uint32(x))<<32 | uint64(uint32(y))
	z += uint64(layer+1) * 0x9e3779b97f4a7c15
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	z ^= z >> 31
	return float32(z>>40)/(1<<23) - 1
}

// AddGrain writes src (h,w,3) with the grain of the window at (x,y) to dst.
func AddGrain(dst, src []float32, h, w, x, y int) {
	eachRow(h, func(j int) {
		for i := range w {
			g := grain(x+i, y+j)
			k := 3 * (j*w + i)
			dst[k], dst[k+1], dst[k+2] = src[k]+g, src[k+1]+g, src[k+2]+g
		}
	})
}
