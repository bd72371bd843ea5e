package upscale

import (
	"context"
	"fmt"
	"math"

	"github.com/atelier-engine/atelier/core/device"
	"github.com/atelier-engine/atelier/core/picture"
)

// tileSide is the side of a tile of the small picture, a multiple of 4, without
// what it sees around it: so large that little is computed twice.
const tileSide = 320

// Memory estimates the bytes that enlarging a picture of w by h pixels takes at
// most, beside the picture and the result.
func Memory(w, h int) int64 {
	const pixel = 1200 // bytes a pixel of a tile: activations, the result, the windows
	n := int64(min(w, tileSide+2*32)) * int64(min(h, tileSide+2*32))
	return 4<<20 + pixel*n
}

// workspace is the memory of a pass, used again by the next.
type workspace struct {
	small, large picture.Picture
	noise        []float32
	out          []device.Tensor
}

// pass enlarges src by 2 or 4 into dst, tile by tile.
//
// A tile is computed with what its pixels see around it, so its neighbours
// continue it. The corners of tiles and windows are multiples of 4, as Winograd's
// algorithm cuts its input: neighbours then differ by float32 rounding at most.
func (u *Upscaler) pass(ctx context.Context, src, dst *picture.Raster, factor int, progress func(float64)) error {
	w, h := src.Size()
	side, halo := u.side, u.Shape.Reach()
	if side == 0 {
		side = tileSide
	}
	if src.Alpha() {
		halo += bleed
	}
	halo = (halo + 3) / 4 * 4
	done := 0
	for y := 0; y < h; y += side {
		for x := 0; x < w; x += side {
			if err := ctx.Err(); err != nil {
				return err
			}
			tw, th := min(side, w-x), min(side, h-y)
			x0, y0 := max(x-halo, 0), max(y-halo, 0)
			x1, y1 := min(x+tw+halo, w), min(y+th+halo, h)
			if err := src.ReadInto(&u.work.small, x0, y0, x1-x0, y1-y0); err != nil {
				return err
			}
			if err := u.tile(x0, y0, x-x0, y-y0, tw, th, factor); err != nil {
				return err
			}
			if err := dst.Write(factor*x, factor*y, &u.work.large); err != nil {
				return err
			}
			done += tw * th
			progress(float64(done) / (float64(w) * float64(h)))
		}
	}
	return ctx.Err()
}

// tile enlarges the window in u.work.small, which lies at (x0,y0) of its picture,
// and keeps the part of w by h pixels at (x,y) of it in u.work.large.
func (u *Upscaler) tile(x0, y0, x, y, w, h, factor int) error {
	s, l := &u.work.small, &u.work.large
	for i, v := range s.Pix {
		if f := float64(v); math.IsNaN(f) || math.IsInf(f, 0) {
			return fmt.Errorf("upscale: value %d of the picture is %g: only finite numbers can be used", i, v)
		}
	}
	l.W, l.H, l.Alpha = factor*w, factor*h, nil
	l.Pix = sized(l.Pix, 3*l.W*l.H)
	if s.Alpha != nil {
		cover(s)
		var err error
		if l.Alpha, err = enlargedAlpha(s, x, y, w, h, factor); err != nil {
			return err
		}
	}
	k := u.Shape.Noise
	u.work.noise = sized(u.work.noise, s.W*s.H*k)
	Noise(u.work.noise, x0, y0, s.W, s.H, k)
	if u.work.out == nil {
		u.work.out = make([]device.Tensor, 1)
	}
	err := u.net.RunInto(u.work.out, []device.Tensor{{Data: s.Pix, N: 1, H: s.H, W: s.W, C: 3}, {Data: u.work.noise, N: 1, H: s.H, W: s.W, C: k}})
	if err != nil {
		return fmt.Errorf("upscale: %w", err)
	}
	row := 3 * Factor * s.W
	from := u.work.out[0].Data[Factor*y*row+3*Factor*x:]
	for r := range l.H {
		to := l.Pix[3*l.W*r:][:3*l.W]
		if factor == Factor {
			copy(to, from[r*row:])
		} else {
			halve(to, from[2*r*row:], from[(2*r+1)*row:])
		}
	}
	return nil
}

// halve averages two rows of pixels two by two: factor 2 is an enlargement by 4,
// halved, so that one network is enough; what it draws becomes calmer and sharper.
func halve(to, a, b []float32) {
	for i := 0; i < len(to); i += 3 {
		p, q := a[2*i:][:6], b[2*i:][:6]
		for c := range 3 {
			to[i+c] = (p[c] + p[3+c] + q[c] + q[3+c]) / 4
		}
	}
}

// sized gives a slice of n values, in the memory of s where it suffices.
func sized(s []float32, n int) []float32 {
	if cap(s) < n {
		return make([]float32, n)
	}
	return s[:n]
}
