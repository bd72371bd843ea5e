package style

// Grain is what the network needs to vary its strokes where a picture is flat: a
// network of convolutions alone can only repeat one pattern there. It is added to
// the input, the same in training and painting, and depends on the position only,
// so that a picture is painted the same each time and in tiles as in whole.
//
// It has three scales: single pixels, specks of the width of a stroke, and, in
// colour only, patches of its length. No cell is a multiple of the 4 pixels at
// which the network works, else grain and network together would print a weave.
var grains = []grainField{
	{cell: 1, layer: 0, colour: [3]float32{.02, .02, .02}},
	{cell: 5, layer: 1, colour: [3]float32{.05, .05, .05}},
	{cell: 17, layer: 2, colour: [3]float32{.04, -.02, -.02}},
	{cell: 17, layer: 3, colour: [3]float32{0, .035, -.035}},
}

// grainLimit bounds the grain of each colour: the sum of the amplitudes.
const grainLimit = .145

// grainField is noise on a grid of cell pixels, interpolated, uniform in ±colour
// at the corners of the grid.
type grainField struct {
	cell, layer int
	colour      [3]float32
}

// row writes the field's noise at (x..x+len(dst), y), in [-1,1), to dst.
func (f grainField) row(dst []float32, x, y int) {
	cy := y / f.cell
	fy := (float32(y%f.cell) + .5) / float32(f.cell)
	corner := func(cx int) float32 {
		top := lattice(cx, cy, f.layer)
		if f.cell == 1 {
			return top
		}
		return top + fy*(lattice(cx, cy+1, f.layer)-top)
	}
	if f.cell == 1 {
		for i := range dst {
			dst[i] = corner(x + i)
		}
		return
	}
	cx := x / f.cell
	left, right := corner(cx), corner(cx+1)
	for i := range dst {
		if at := (x + i) / f.cell; at != cx {
			cx, left, right = at, right, corner(at+1)
		}
		fx := (float32((x+i)%f.cell) + .5) / float32(f.cell)
		dst[i] = left + fx*(right-left)
	}
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
	eachChunk(h, func(lo, hi int) {
		noise := make([]float32, w)
		for j := lo; j < hi; j++ {
			d, s := dst[3*j*w:][:3*w], src[3*j*w:][:3*w]
			copy(d, s)
			for _, f := range grains {
				f.row(noise, x, y+j)
				for i, v := range noise {
					d[3*i] += v * f.colour[0]
					d[3*i+1] += v * f.colour[1]
					d[3*i+2] += v * f.colour[2]
				}
			}
		}
	})
}
