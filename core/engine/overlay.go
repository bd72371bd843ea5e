package engine

import (
	"context"

	"github.com/atelier-engine/atelier/core/picture"
	"github.com/atelier-engine/atelier/core/style"
)

// overlay lays a painting over the picture that it was made from, into dst, all
// of one size, in bands: intensity, map, mask and background as for any
// painting. Beyond 1 the intensity counts as 1.
func overlay(ctx context.Context, src, painting, dst *picture.Raster, o style.Options) error {
	w, h := src.Size()
	rows := max(1, (1<<19)/w)
	colours, err := colourMap(ctx, src, painting, o.Keep)
	if err != nil {
		return err
	}
	for y := 0; y < h; y += rows {
		if err := ctx.Err(); err != nil {
			return err
		}
		n := min(rows, h-y)
		under, err := src.Read(0, y, w, n)
		if err != nil {
			return err
		}
		over, err := painting.Read(0, y, w, n)
		if err != nil {
			return err
		}
		if o.Keep == style.KeepLuminance {
			if over, err = picture.KeepColours(over, under); err != nil {
				return err
			}
		}
		if colours != nil {
			colours.Apply(over)
		}
		mask, shade, ground := sampler(o.Mask, w, h), sampler(o.IntensityMap, w, h), sampler(picOf(o.Background), w, h)
		for j := range n {
			for x := range w {
				i := j*w + x
				a := float32(1)
				if under.Alpha != nil {
					a = under.Alpha[i]
				}
				share := float32(min(o.Intensity, 1)) * shade(x, y+j, 0, 1)
				m := mask(x, y+j, 0, 1)
				for ch := range 3 {
					u := under.Pix[3*i+ch]
					v := u + share*(over.Pix[3*i+ch]-u)
					if o.Background != nil {
						v = ground(x, y+j, ch, o.Background.Colour[ch])*(1-m*a) + v*m*a
					} else {
						v = u + m*(v-u)
					}
					under.Pix[3*i+ch] = v
				}
			}
		}
		if o.Background != nil {
			under.Alpha = nil
		}
		if err := dst.Write(0, y, under); err != nil {
			return err
		}
	}
	return nil
}

// colourPixels is what colours are measured on.
const colourPixels = 1 << 18

// colourMap gives what brings the colours of the painting to the picture's, nil
// unless that is asked for.
func colourMap(ctx context.Context, src, painting *picture.Raster, keep style.Keep) (*picture.ColourMap, error) {
	if keep != style.KeepHistogram {
		return nil, nil
	}
	to, err := reduced(ctx, src, colourPixels)
	if err != nil {
		return nil, err
	}
	from, err := reduced(ctx, painting, colourPixels)
	if err != nil {
		return nil, err
	}
	return picture.NewColourMap(from, to)
}

func picOf(b *style.Background) *picture.Picture {
	if b == nil {
		return nil
	}
	return b.Picture
}

// sampler gives channel ch of a picture, stretched over w by h pixels, by
// bilinear interpolation; without a picture it gives what stands for it.
func sampler(p *picture.Picture, w, h int) func(x, y, ch int, without float32) float32 {
	if p == nil {
		return func(_, _, _ int, without float32) float32 { return without }
	}
	kx, ky := float32(p.W)/float32(w), float32(p.H)/float32(h)
	at := func(v, k float32, n int) (int, int, float32) {
		f := min(max((v+.5)*k-.5, 0), float32(n-1))
		i := int(f)
		return i, min(i+1, n-1), f - float32(i)
	}
	return func(x, y, ch int, _ float32) float32 {
		x0, x1, fx := at(float32(x), kx, p.W)
		y0, y1, fy := at(float32(y), ky, p.H)
		get := func(x, y int) float32 { return p.Pix[3*(y*p.W+x)+ch] }
		top := get(x0, y0) + fx*(get(x1, y0)-get(x0, y0))
		low := get(x0, y1) + fx*(get(x1, y1)-get(x0, y1))
		return top + fy*(low-top)
	}
}
