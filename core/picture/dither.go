package picture

import "math"

// Dither says how the colours between those of a palette are shown.
type Dither string

// The ways to dither.
const (
	// DitherOrdered adds a fixed pattern (Bayer, 1973), which stays where it is
	// from frame to frame.
	DitherOrdered Dither = "ordered"
	// DitherDiffusion hands the error of a pixel on to its neighbours (Floyd and
	// Steinberg, 1976): finer in one picture, but its grain moves in a film.
	DitherDiffusion Dither = "diffusion"
	// DitherNone takes the nearest colour: flat areas, and the smallest file.
	DitherNone Dither = "none"
)

// Dithers are the names of the ways, the usual one first.
func Dithers() []string {
	return []string{string(DitherOrdered), string(DitherDiffusion), string(DitherNone)}
}

// bayer is Bayer's matrix of 8x8, its 64 thresholds spread over -1/2 to 1/2.
var bayer = func() (m [64]float64) {
	for i := range m {
		x, y, v := i%8, i/8, 0
		for bit := range 3 { // the bits of x xor y and of y, interleaved, the last one first
			v = v<<2 | (x^y)>>bit&1<<1 | y>>bit&1
		}
		m[i] = (float64(v)+.5)/64 - .5
	}
	return m
}()

func sqrt(v float64) float64 { return math.Sqrt(max(v, 0)) }

// find gives the place of the colour nearest to one whose channels are brought
// into 0 to 255.
func (p *palette) find(r, g, b float64) byte {
	in := func(v float64) int { return int(min(max(v+.5, 0), 255)) }
	ir, ig, ib := in(r), in(g), in(b)
	cell := ir>>2<<12 | ig>>2<<6 | ib>>2
	if known := p.nearby[cell]; known > 0 {
		return byte(known - 1)
	}
	// What is nearest to the middle of the cell serves all of it.
	mr, mg, mb := ir&^3+2, ig&^3+2, ib&^3+2
	at, least := 0, math.MaxInt
	for i, c := range p.list {
		dr, dg, db := int(c[0])-mr, int(c[1])-mg, int(c[2])-mb
		if d := dr*dr + dg*dg + db*db; d < least {
			at, least = i, d
		}
	}
	p.nearby[cell] = uint16(at + 1)
	return byte(at)
}

// dither writes the place in the palette of each pixel of a picture w pixels
// wide, given as 3 bytes a pixel.
func (p *palette) dither(out, pix []byte, w int, how Dither) {
	switch how {
	case DitherDiffusion:
		p.diffuse(out, pix, w)
		return
	case DitherNone:
		for i := range out {
			out[i] = p.find(float64(pix[3*i]), float64(pix[3*i+1]), float64(pix[3*i+2]))
		}
		return
	}
	spread := 2 * p.error // from one colour of the palette about to the next
	for i := range out {
		d := spread * bayer[i/w%8*8+i%w%8]
		out[i] = p.find(float64(pix[3*i])+d, float64(pix[3*i+1])+d, float64(pix[3*i+2])+d)
	}
}

// diffuse hands 7/16 of a pixel's error on to the next one, and 3/16, 5/16 and
// 1/16 to those below.
func (p *palette) diffuse(out, pix []byte, w int) {
	now, next := make([][3]float64, w+2), make([][3]float64, w+2)
	for y := range len(out) / w {
		for x := range w {
			i := y*w + x
			var c [3]float64
			for k := range 3 {
				c[k] = float64(pix[3*i+k]) + now[x+1][k]/16
			}
			out[i] = p.find(c[0], c[1], c[2])
			for k, v := range p.list[out[i]] {
				e := c[k] - float64(v)
				now[x+2][k] += 7 * e
				next[x][k] += 3 * e
				next[x+1][k] += 5 * e
				next[x+2][k] += e
			}
		}
		now, next = next, now
		clear(next)
	}
}
