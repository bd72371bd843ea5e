package style

import (
	"math"

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

// halo is how far beyond a tile of a detail pass the picture is looked at, a
// multiple of 4: the reach of the network and of the projections.
func (a Architecture) halo() int {
	reach := 2 * math.Ceil(projectionReach*levelRatio)
	return (a.margin() + int(reach) + 3) / 4 * 4
}

// prepare makes what the network is to see of the tile of w x h pixels at (x,y)
// of a level. below is the painting of the level below, photo the photograph at
// this level.
func (t *tiler) prepare(l *tile, photo, below *picture.Raster, full extent, x, y, w, h int) error {
	x0, y0 := max(x-t.reach, 0), max(y-t.reach, 0)
	x1, y1 := min(x+w+t.reach, full.w), min(y+h+t.reach, full.h)
	l.x, l.y, l.w, l.h, l.x0, l.y0 = x, y, w, h, x0, y0
	cw, ch := below.Size()
	lx, hx := covered(cw, full.w, x0, x1)
	ly, hy := covered(ch, full.h, y0, y1)
	if err := below.ReadInto(&l.low, lx, ly, hx-lx, hy-ly); err != nil {
		return err
	}
	if t.photo > 0 {
		if err := photo.ReadInto(&l.seen, x0, y0, x1-x0, y1-y0); err != nil {
			return err
		}
	} else {
		l.seen.W, l.seen.H, l.seen.Alpha = x1-x0, y1-y0, nil
		l.seen.Pix = sized(l.seen.Pix, 3*(x1-x0)*(y1-y0))
	}
	if t.photo < 1 {
		l.up[0].enlarge(cw, full.w, x0, x1, lx, hx)
		l.up[1].enlarge(ch, full.h, y0, y1, ly, hy)
		l.large = sized(l.large, len(l.seen.Pix))
		filter(l.large, l.low.Pix, l.low.W, &l.up[0], &l.up[1], false, &l.rows)
		eachRow(l.seen.H, func(j int) {
			pix := l.seen.Pix[3*j*l.seen.W:][:3*l.seen.W]
			for i, v := range l.large[3*j*l.seen.W:][:len(pix)] {
				if t.photo > 0 {
					v += t.photo * (pix[i] - v)
				}
				pix[i] = v
			}
		})
	}
	l.down[0].reduce(full.w, cw, lx, hx, x0, x1)
	l.down[1].reduce(full.h, ch, ly, hy, y0, y1)
	l.up[0].smooth(cw, full.w, x0, x1, lx, hx, detailSigma)
	l.up[1].smooth(ch, full.h, y0, y1, ly, hy, detailSigma)
	l.project(l.seen.Pix, l.seen.W)
	l.feed()
	return nil
}

// finish writes what was painted to the level.
func (l *tile) finish(dst *picture.Raster) error {
	l.fetch()
	l.project(l.painted.Pix, l.painted.W)
	return l.keep(dst)
}

// project adds E(G - R x) to x, a window w pixels wide.
func (l *tile) project(x []float32, w int) {
	l.under = sized(l.under, len(l.low.Pix))
	filter(l.under, x, w, &l.down[0], &l.down[1], false, &l.rows)
	row := 3 * l.low.W
	eachRow(l.low.H, func(j int) {
		under := l.under[j*row:][:row]
		for i, v := range l.low.Pix[j*row:][:row] {
			under[i] = v - under[i]
		}
	})
	filter(x, l.under, l.low.W, &l.up[0], &l.up[1], true, &l.rows)
}

// photoShare is the share of the photograph in what detail passes see: 1 up to
// the trained size of strokes, 0 from twice that on.
func photoShare(stroke float64) float32 {
	return float32(min(max(1-math.Log2(stroke), 0), 1))
}
