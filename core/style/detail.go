package style

import (
	"math"

	"github.com/atelier-engine/atelier/core/device"
	"github.com/atelier-engine/atelier/core/picture"
)

// A detail pass paints a level of a picture from the painting G of the level
// below. Let R be the reduction of this level to that one (area averages) and E
// the enlargement with a normal kernel of detailSigma samples. What the network
// sees is the photograph C moved to the tones of G, and so is what it answers:
//
//	content = C + E(G - R C)
//	D = network(content),  level = D + E(G - R D)
//
// which is a step of back-projection (Irani and Peleg, "Improving resolution by
// image registration", 1991). Of frequencies f, in cycles a sample of G, the part
// exp(-2π²σ²f²) is G's, so its composition, its tones and its strokes of more than
// a few samples; the rest is painted anew with the photograph's detail. With a
// smaller σ the level, reduced, is nearer to G, but what the network prints at
// single samples, which nobody sees in the ground, is then enlarged into streaks.
// The normalisations have the statistics of the ground, which is the whole
// picture.
//
// With strokes larger than trained, C is mixed with the enlarged G, at twice the
// size replaced by it: else the network would fill the large strokes with the
// photograph's detail in small ones.
const (
	detailSigma = 1
	// projectionReach is how far a projection sees, in samples of the level
	// below: four for E, one for R.
	projectionReach = 5
)

// tileWindow is the most that the network sees at once of a level, pixels a
// side with the halo. Levels of as many pixels are painted as one tile.
const tileWindow = 1152

// halo is how far beyond a tile of a detail pass the picture is looked at, a
// multiple of 4: the reach of the network and of the projections.
func (a Architecture) halo() int {
	reach := 2 * math.Ceil(projectionReach*levelRatio)
	return (a.margin() + int(reach) + 3) / 4 * 4
}

// tiler paints windows with the network. Its memory is used again for every tile.
type tiler struct {
	prog   device.Program
	style  device.Tensor
	reach  int     // halo of a detail pass
	window int     // what the network sees at most, pixels a side
	photo  float32 // share of the photograph in what a detail pass sees, see photoShare

	in, out            device.Tensor
	content, low, kept picture.Picture
	under, large       []float32
	up, down           [2]taps // across, down
	rows               []filterRow
}

// detail paints the tile of w x h pixels at (x,y) of a level into dst. below is
// the painting of the level below, photo the photograph at this level.
func (t *tiler) detail(dst, photo, below *picture.Raster, full extent, x, y, w, h int) error {
	x0, y0 := max(x-t.reach, 0), max(y-t.reach, 0)
	x1, y1 := min(x+w+t.reach, full.w), min(y+h+t.reach, full.h)
	cw, ch := below.Size()
	lx, hx := covered(cw, full.w, x0, x1)
	ly, hy := covered(ch, full.h, y0, y1)
	if err := below.ReadInto(&t.low, lx, ly, hx-lx, hy-ly); err != nil {
		return err
	}
	if t.photo > 0 {
		if err := photo.ReadInto(&t.content, x0, y0, x1-x0, y1-y0); err != nil {
			return err
		}
	} else {
		t.content.W, t.content.H, t.content.Alpha = x1-x0, y1-y0, nil
		t.content.Pix = sized(t.content.Pix, 3*(x1-x0)*(y1-y0))
	}
	pix := t.content.Pix
	if t.photo < 1 {
		t.up[0].enlarge(cw, full.w, x0, x1, lx, hx)
		t.up[1].enlarge(ch, full.h, y0, y1, ly, hy)
		t.large = sized(t.large, len(pix))
		filter(t.large, t.low.Pix, t.low.W, &t.up[0], &t.up[1], false, &t.rows)
		for i, v := range t.large {
			if t.photo > 0 {
				v += t.photo * (pix[i] - v)
			}
			pix[i] = v
		}
	}
	t.down[0].reduce(full.w, cw, lx, hx, x0, x1)
	t.down[1].reduce(full.h, ch, ly, hy, y0, y1)
	t.up[0].smooth(cw, full.w, x0, x1, lx, hx, detailSigma)
	t.up[1].smooth(ch, full.h, y0, y1, ly, hy, detailSigma)
	t.project(pix, x1-x0)
	if err := t.run(pix, x1-x0, y1-y0, x0, y0); err != nil {
		return err
	}
	t.project(pix, x1-x0)
	return t.keep(dst, x0, y0, x, y, w, h)
}

// project adds E(G - R x) to x, a window w pixels wide.
func (t *tiler) project(x []float32, w int) {
	t.under = sized(t.under, len(t.low.Pix))
	under := t.under
	filter(under, x, w, &t.down[0], &t.down[1], false, &t.rows)
	for i, v := range t.low.Pix {
		under[i] = v - under[i]
	}
	filter(x, under, t.low.W, &t.up[0], &t.up[1], true, &t.rows)
}

// keep writes the tile at (x,y) out of the window at (x0,y0) in content to dst.
func (t *tiler) keep(dst *picture.Raster, x0, y0, x, y, w, h int) error {
	crop(&t.kept, &t.content, x-x0, y-y0, w, h)
	return dst.Write(x, y, &t.kept)
}

// run replaces a window (h,w,3) by what the network makes of it. The window is
// at (x,y) of the picture, both multiples of 4 so that all tiles fall on one
// grid; it has the picture's grain and is padded by reflection to multiples of 4
// of at least 16.
func (t *tiler) run(pix []float32, w, h, x, y int) error {
	tw, th := padded(w), padded(h)
	t.in = device.Tensor{Data: sized(t.in.Data, 3*tw*th), N: 1, H: th, W: tw, C: 3}
	eachRow(th, func(j int) {
		row, src := t.in.Data[3*j*tw:][:3*tw], pix[3*w*mirror(j, h):][:3*w]
		copy(row, src)
		for i := w; i < tw; i++ {
			copy(row[3*i:][:3], src[3*mirror(i, w):])
		}
	})
	AddGrain(t.in.Data, t.in.Data, th, tw, x, y)
	out := []device.Tensor{t.out}
	if err := t.prog.Run(out, []device.Tensor{t.in, t.style}); err != nil {
		return err
	}
	t.out = out[0]
	eachRow(h, func(j int) { copy(pix[3*j*w:][:3*w], t.out.Data[3*j*tw:]) })
	return nil
}

// sized is v with n values, in its own memory where that suffices.
func sized(v []float32, n int) []float32 {
	if cap(v) < n {
		return make([]float32, n)
	}
	return v[:n]
}

// photoShare is the share of the photograph in what detail passes see: 1 up to
// the trained size of strokes, 0 from twice that on.
func photoShare(stroke float64) float32 {
	return float32(min(max(1-math.Log2(stroke), 0), 1))
}

func padded(n int) int { return max((n+3)/4*4, 16) }

// mirror maps i to 0..n-1 by reflection without repeating the border.
func mirror(i, n int) int {
	if n == 1 {
		return 0
	}
	period := 2 * (n - 1)
	if i %= period; i < 0 {
		i += period
	}
	return min(i, period-i)
}
