package picture

import (
	"cmp"
	"slices"
)

// palette is a short list of colours that stand for those of a film. It is made
// as by Wan, Prusinkiewicz and Wong ("Variance-based color image quantization",
// 1988), in the manner of Heckbert's median cut (1982): the box of colours with
// the largest squared error is cut in two, where the error of both halves is
// least, until there are enough; then each colour goes to the nearest mean and
// the means follow, a few times (Lloyd, 1982). There is no quantizer in the
// standard library, and those around have no maintainer.
type palette struct {
	list   [][3]byte
	error  float64  // root mean square distance of the colours to the palette, in 1/255
	nearby []uint16 // by colours of 6 bits a channel: 1 + place in the list; 0: not looked for yet
}

// swatch is a small cube of colours that occur: their mean and number.
type swatch struct {
	c [3]float64
	n float64
}

// paletteSamples is how many pixels of a film are looked at.
const paletteSamples = 1 << 20

// paletteOf makes a palette of at most most colours, up to 256.
func paletteOf(f *Film, most int) *palette {
	all := swatches(f)
	boxes := []*box{newBox(all)}
	for len(boxes) < min(most, len(all)) {
		worst := slices.MaxFunc(boxes, func(a, b *box) int { return cmp.Compare(a.error, b.error) })
		if len(worst.in) < 2 || worst.error == 0 {
			break
		}
		boxes = append(boxes, worst.cut())
	}
	means := make([][3]float64, len(boxes))
	for i, b := range boxes {
		means[i] = b.mean
	}
	const rounds = 4
	p := &palette{nearby: make([]uint16, 1<<18)}
	for range rounds {
		sums, counts := make([][3]float64, len(means)), make([]float64, len(means))
		total, number := 0.0, 0.0
		for _, s := range all {
			at, d := nearest(means, s.c)
			for k := range 3 {
				sums[at][k] += s.n * s.c[k]
			}
			counts[at] += s.n
			total, number = total+s.n*d, number+s.n
		}
		for i, n := range counts {
			for k := 0; n > 0 && k < 3; k++ {
				means[i][k] = sums[i][k] / n
			}
		}
		p.error = total / number
	}
	p.error = sqrt(p.error)
	for _, m := range means {
		p.list = append(p.list, [3]byte{byte(m[0] + .5), byte(m[1] + .5), byte(m[2] + .5)})
	}
	return p
}

// swatches counts the colours of a film in cubes of 5 bits a channel.
func swatches(f *Film) []swatch {
	size := f.bounds().Size()
	step := max(1, len(f.Frames)*size.X*size.Y/paletteSamples)
	bins := make([]swatch, 1<<15)
	next := 0
	for i := range f.Frames {
		pix := f.pixels(i)
		for ; next < len(pix)/3; next += step {
			r, g, b := pix[3*next], pix[3*next+1], pix[3*next+2]
			s := &bins[int(r>>3)<<10|int(g>>3)<<5|int(b>>3)]
			s.c[0], s.c[1], s.c[2], s.n = s.c[0]+float64(r), s.c[1]+float64(g), s.c[2]+float64(b), s.n+1
		}
		next -= len(pix) / 3
	}
	used := slices.DeleteFunc(bins, func(s swatch) bool { return s.n == 0 })
	for i := range used {
		for k := range 3 {
			used[i].c[k] /= used[i].n
		}
	}
	return used
}

// box is a set of swatches.
type box struct {
	in    []swatch
	mean  [3]float64
	axis  int     // along which it spreads most
	error float64 // squared distances to the mean, by number
}

func newBox(in []swatch) *box {
	b := &box{in: in}
	var n float64
	var sum, squares [3]float64
	for _, s := range in {
		n += s.n
		for k := range 3 {
			sum[k] += s.n * s.c[k]
			squares[k] += s.n * s.c[k] * s.c[k]
		}
	}
	widest := -1.0
	for k := range 3 {
		b.mean[k] = sum[k] / n
		e := max(0, squares[k]-sum[k]*sum[k]/n)
		b.error += e
		if e > widest {
			b.axis, widest = k, e
		}
	}
	return b
}

// cut takes a part of the box away and gives it as another. Along the axis the
// squared errors left of a cut and right of it add to the whole less
// (sum l)²/n l + (sum r)²/n r, which is made as large as can be.
func (b *box) cut() *box {
	slices.SortStableFunc(b.in, func(x, y swatch) int { return cmp.Compare(x.c[b.axis], y.c[b.axis]) })
	var n, sum, nl, suml float64
	for _, s := range b.in {
		n, sum = n+s.n, sum+s.n*s.c[b.axis]
	}
	best, at := -1.0, 1
	for i, s := range b.in[:len(b.in)-1] {
		nl, suml = nl+s.n, suml+s.n*s.c[b.axis]
		if v := suml*suml/nl + (sum-suml)*(sum-suml)/(n-nl); v > best {
			best, at = v, i+1
		}
	}
	other := newBox(b.in[at:])
	*b = *newBox(b.in[:at:at])
	return other
}

// nearest finds the colour of a list that is nearest to c, and the squared
// distance.
func nearest(list [][3]float64, c [3]float64) (at int, distance float64) {
	for i, m := range list {
		r, g, b := m[0]-c[0], m[1]-c[1], m[2]-c[2]
		if d := r*r + g*g + b*b; i == 0 || d < distance {
			at, distance = i, d
		}
	}
	return at, distance
}
