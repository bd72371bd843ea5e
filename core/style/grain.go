package style

// Grain is what the network needs to vary its strokes where a picture is flat: a
// network of convolutions alone can only repeat one pattern there. It is added to
// the input, the same in training and painting, and depends on the position only,
// so that a picture is painted the same each time and in tiles as in whole.
//
// It has three scales: single pixels, specks of the width of a stroke, and, in
// colour only, patches of its length. No cell is a multiple of the 4 pixels at
// which the network works, else grain and network together would print a weave.
var grains = [4]grainField{
	{cell: 1, layer: 0, colour: [3]float32{.02, .02, .02}},
	{cell: 5, layer: 1, colour: [3]float32{.05, .05, .05}},
	{cell: 17, layer: 2, colour: [3]float32{.04, -.02, -.02}},
	{cell: 17, layer: 3, colour: [3]float32{0, .035, -.035}},
}

// grainLimit bounds the grain of each colour: the sum of the amplitudes.
const grainLimit = .145

// maxCell is the largest cell of a field.
const maxCell = 17

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
		return top + fy*(lattice(cx, cy+1, f.layer)-top)
	}
	if f.cell == 1 {
		for i := range dst {
			dst[i] = lattice(x+i, cy, f.layer)
		}
		return
	}
	var at [maxCell]float32 // where between the corners
	for i := range f.cell {
		at[i] = (float32(i) + .5) / float32(f.cell)
	}
	cx, first := x/f.cell, x%f.cell
	left, right := corner(cx), corner(cx+1)
	for len(dst) > 0 {
		run := dst[:min(f.cell-first, len(dst))]
		for i := range run {
			run[i] = left + at[first+i]*(right-left)
		}
		dst, first, cx = dst[len(run):], 0, cx+1
		left, right = right, corner(cx+1)
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

// AddGrain writes src (h,w,3) with the grain of the window at (x,y) to dst, which
// may be src.
func AddGrain(dst, src []float32, h, w, x, y int) {
	eachChunk(h, func(lo, hi int) {
		noise := make([]float32, len(grains)*w)
		a, b, c, d := noise[:w], noise[w:2*w], noise[2*w:3*w], noise[3*w:]
		fa, fb, fc, fd := grains[0].colour, grains[1].colour, grains[2].colour, grains[3].colour
		for j := lo; j < hi; j++ {
			for i, f := range grains {
				f.row(noise[i*w:][:w], x, y+j)
			}
			to, from := dst[3*j*w:][:3*w], src[3*j*w:][:3*w]
			for i, va := range a {
				vb, vc, vd := b[i], c[i], d[i]
				t, s := to[3*i:3*i+3:3*i+3], from[3*i:3*i+3:3*i+3]
				t[0] = s[0] + va*fa[0] + vb*fb[0] + vc*fc[0] + vd*fd[0]
				t[1] = s[1] + va*fa[1] + vb*fb[1] + vc*fc[1] + vd*fd[1]
				t[2] = s[2] + va*fa[2] + vb*fb[2] + vc*fc[2] + vd*fd[2]
			}
		}
	})
}
