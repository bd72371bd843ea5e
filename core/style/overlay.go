package style

import (
	"math"

	"github.com/atelier-engine/atelier/core/picture"
)

// overlay is a picture laid over another of any size, looked at in windows: a
// mask, stretched to its size, or a background, covering it.
type overlay struct {
	pic    *picture.Picture // at most as large as the whole
	whole  extent           // that it is stretched to
	dx, dy int              // of the other picture's corner in the whole

	across, down taps
	rows         []filterRow
	pix          []float32
}

// stretched lays p over a picture of the given size, corner on corner.
func stretched(p *picture.Picture, full extent) (*overlay, error) {
	return shrunk(&overlay{whole: full}, p)
}

// covering lays p over a picture of the given size in its own proportions, its
// middle on the middle, so that nothing stays bare.
func covering(p *picture.Picture, full extent) (*overlay, error) {
	k := max(float64(full.w)/float64(p.W), float64(full.h)/float64(p.H))
	e := extent{max(full.w, int(math.Round(k*float64(p.W)))), max(full.h, int(math.Round(k*float64(p.H))))}
	return shrunk(&overlay{whole: e, dx: (e.w - full.w) / 2, dy: (e.h - full.h) / 2}, p)
}

// shrunk brings p down to the size of the whole where it is larger; windows do
// the rest.
func shrunk(o *overlay, p *picture.Picture) (*overlay, error) {
	w, h := min(p.W, o.whole.w), min(p.H, o.whole.h)
	if w != p.W || h != p.H {
		var err error
		if p, err = p.Resize(w, h); err != nil {
			return nil, err
		}
	}
	o.pic = p
	return o, nil
}

// window returns the w x h pixels at (x,y) of the other picture as (h,w,3), valid
// until the next call.
func (o *overlay) window(x, y, w, h int) []float32 {
	o.pix = sized(o.pix, 3*w*h)
	x, y = x+o.dx, y+o.dy
	// Interpolation needs two samples beyond those it lies between.
	part := func(n, m, lo, hi int) (int, int) {
		return max(lo*n/m-3, 0), min(hi*n/m+4, n)
	}
	x0, x1 := part(o.pic.W, o.whole.w, x, x+w)
	y0, y1 := part(o.pic.H, o.whole.h, y, y+h)
	o.across.enlarge(o.pic.W, o.whole.w, x, x+w, x0, x1)
	o.down.enlarge(o.pic.H, o.whole.h, y, y+h, y0, y1)
	for i := range o.across.at {
		o.across.at[i] += int32(x0)
	}
	for i := range o.down.at {
		o.down.at[i] += int32(y0)
	}
	filter(o.pix, o.pic.Pix, o.pic.W, &o.across, &o.down, false, &o.rows)
	return o.pix
}

// greyOf makes a mask of a picture: its brightness, black where it is
// transparent, in [0,1].
func greyOf(p *picture.Picture) *picture.Picture {
	g := picture.New(p.W, p.H)
	eachChunk(p.H, func(lo, hi int) {
		for i := lo * p.W; i < hi*p.W; i++ {
			v := clamp01(luma(p.Pix[3*i : 3*i+3]))
			if p.Alpha != nil {
				v *= clamp01(p.Alpha[i])
			}
			g.Pix[3*i], g.Pix[3*i+1], g.Pix[3*i+2] = v, v, v
		}
	})
	return g
}
