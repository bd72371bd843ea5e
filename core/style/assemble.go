package style

import (
	"context"
	"fmt"

	"github.com/atelier-engine/atelier/core/picture"
)

// finisher makes the result of windows of a painting and the same windows of the
// picture.
type finisher struct {
	p        *painting
	share    float32            // of the painting over the picture
	strength *overlay           // times this, grey; nil: 1
	mask     *overlay           // where there is a painting, grey; nil: everywhere
	behind   *overlay           // picture of the background; nil: its colour
	colours  *picture.ColourMap // of the painting; nil: as painted
	photo    picture.Picture
}

// assemble applies the steps after the network to what was painted, keeps
// colours, mixes it over the picture, lays both on the background and writes
// that. over is the picture as it was surveyed.
func (p *painting) assemble(ctx context.Context, painted *picture.Raster, post *steps, over *picture.Picture) error {
	f := &finisher{p: p, share: share(p.o.Intensity)}
	var err error
	if f.strength, err = p.grey("intensity map", p.o.IntensityMap); err != nil {
		return err
	}
	if f.mask, err = p.grey("mask", p.o.Mask); err != nil {
		return err
	}
	if b := p.o.behind(); b != nil {
		b = b.Clone()
		layOver(b, p.o.Background.Colour)
		if f.behind, err = covering(b, p.full); err != nil {
			return fmt.Errorf("background: %w", err)
		}
	}
	if p.o.Keep == KeepHistogram && post != nil {
		if f.colours, err = picture.NewColourMap(post.Reduced(), over); err != nil {
			return err
		}
	}
	return eachWindow(ctx, painted, post, nil, func(x, y int, win *picture.Picture) error {
		p.meter.add(win.W * win.H)
		return f.finish(x, y, win)
	})
}

// grey makes an overlay of a mask, and notes if its size is not the picture's.
func (p *painting) grey(name string, m *picture.Picture) (*overlay, error) {
	if m == nil {
		return nil, nil
	}
	if p.o.Note != nil && (m.W != p.full.w || m.H != p.full.h) {
		p.o.Note(fmt.Sprintf("the %s of %dx%d pixels was resized to %dx%d", name, m.W, m.H, p.full.w, p.full.h))
	}
	o, err := stretched(greyOf(m), p.full)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return o, nil
}

// finish turns the painted window at (x,y) into the result and writes it.
func (f *finisher) finish(x, y int, win *picture.Picture) error {
	photo := &f.photo
	if err := f.p.src.ReadInto(photo, x, y, win.W, win.H); err != nil {
		return err
	}
	if f.colours != nil {
		f.colours.Apply(win)
	}
	var strength, mask, behind []float32
	if f.strength != nil {
		strength = f.strength.window(x, y, win.W, win.H)
	}
	if f.mask != nil {
		mask = f.mask.window(x, y, win.W, win.H)
	}
	if f.behind != nil {
		behind = f.behind.window(x, y, win.W, win.H)
	}
	bg := f.p.o.Background
	eachChunk(win.H, func(lo, hi int) {
		for i := lo * win.W; i < hi*win.W; i++ {
			px, ph := win.Pix[3*i:3*i+3], photo.Pix[3*i:3*i+3]
			if f.p.o.Keep == KeepLuminance {
				keepColour(px, ph)
			}
			k, cover := f.share, float32(1)
			if strength != nil {
				k *= clamp01(strength[3*i])
			}
			if mask != nil {
				cover = clamp01(mask[3*i])
			}
			if bg == nil {
				k *= cover
			}
			for c := range 3 {
				if k != 1 {
					px[c] = ph[c] + k*(px[c]-ph[c])
				}
			}
			if bg == nil {
				continue
			}
			if photo.Alpha != nil {
				cover *= photo.Alpha[i]
			}
			for c, b := range bg.Colour {
				if behind != nil {
					b = clamp01(behind[3*i+c])
				}
				px[c] = b + cover*(clamp01(px[c])-b)
			}
		}
	})
	if bg == nil {
		win.Alpha = photo.Alpha
	}
	return f.p.dst.Write(x, y, win)
}

// keepColour gives px its brightness with the colour of ph. A colour too strong
// for the brightness is brought towards grey just so far that it fits, so that
// the brightness is exact and the hue kept.
func keepColour(px, ph []float32) {
	y, from := clamp01(luma(px)), luma(ph)
	t := float32(1)
	for _, v := range ph {
		switch e := v - from; {
		case y+e > 1:
			t = min(t, (1-y)/e)
		case y+e < 0:
			t = min(t, -y/e)
		}
	}
	for c, v := range ph {
		px[c] = clamp01(y + t*(v-from))
	}
}
