package style

import (
	"context"
	"fmt"

	"github.com/atelier-engine/atelier/core/device"
	"github.com/atelier-engine/atelier/core/picture"
)

// Pictures of up to wholePixels are painted at once. Larger ones are painted in
// tiles of tileSide with a margin beyond the network's reach, with the
// normalisation's statistics of the whole picture, measured on a copy of
// wholePixels: so tiles neither show seams nor differ in tone, and the network's
// own memory is that of a tile.
const (
	wholePixels = 1 << 20
	tileSide    = 768
)

// MaxPixels is the largest picture that is painted, width times height.
const MaxPixels = 100_000_000

// What painting holds at most, measured on 3000x2000 pixels: the picture, the
// painting and a second canvas, 12 bytes a pixel each, or instead of the last
// the planes of a step (flatten: 36 bytes); and the network on one tile.
const (
	bytesPerPixel = 60
	networkBytes  = 300 << 20
)

// Memory estimates the bytes that Paint needs for a picture of w x h pixels,
// that picture included. The largest one that is taken needs about 6 GB.
func Memory(w, h int) int64 { return networkBytes + bytesPerPixel*int64(w)*int64(h) }

// checkSize refuses pictures above MaxPixels before anything is allocated.
func checkSize(p *picture.Picture) error {
	if p != nil && p.W > 0 && p.H > MaxPixels/p.W {
		return fmt.Errorf("a picture of %dx%d pixels: at most %d pixels are painted, which takes about %d GB of memory: reduce it first",
			p.W, p.H, MaxPixels, Memory(MaxPixels, 1)/1_000_000_000)
	}
	return nil
}

// margin is how far a pixel of the output can see: half of each kernel times
// the scale at which it works, rounded up to a multiple of 4.
func (a Architecture) margin() int {
	outer := a.Kernel / 2
	return (2*outer + 1 + 2 + 4*2*a.Blocks + 4 + 2 + 3 + 3) / 4 * 4
}

// run replaces the pixels of p by the network's painting with the given style.
func (s *Stylizer) run(ctx context.Context, p *picture.Picture, style []float32, progress func(float64)) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.prog.Freeze(nil); err != nil {
		return err
	}
	if p.W*p.H <= wholePixels {
		if err := ctx.Err(); err != nil {
			return err
		}
		return s.tile(p.Pix, p, style, 0, 0, p.W, p.H, 0)
	}
	if err := s.measure(p, style); err != nil {
		return err
	}
	defer s.prog.Freeze(nil)
	dst := make([]float32, len(p.Pix))
	nx, ny := (p.W+tileSide-1)/tileSide, (p.H+tileSide-1)/tileSide
	for i := range nx * ny {
		if err := ctx.Err(); err != nil {
			return err
		}
		progress(.95 * float64(i+1) / float64(nx*ny+1))
		x, y := i%nx*tileSide, i/nx*tileSide
		if err := s.tile(dst, p, style, x, y, min(tileSide, p.W-x), min(tileSide, p.H-y), s.arch.margin()); err != nil {
			return err
		}
	}
	p.Pix = dst
	return nil
}

// measure fixes the statistics of the normalisations to those of the picture,
// reduced to wholePixels.
func (s *Stylizer) measure(p *picture.Picture, style []float32) error {
	scale := 1.0
	for float64(p.W)*scale*float64(p.H)*scale > wholePixels {
		scale *= .98
	}
	small, err := p.Flatten(1, 1, 1).Resize(max(1, int(float64(p.W)*scale)), max(1, int(float64(p.H)*scale)))
	if err != nil {
		return err
	}
	if err := s.tile(small.Pix, small, style, 0, 0, small.W, small.H, 0); err != nil {
		return err
	}
	return s.prog.Freeze(s.prog.Stats())
}

// tile paints the w x h pixels at (x,y) into dst, which has the size of p. The
// network sees a margin around them, but nothing beyond the border of p, where
// its own reflection continues the picture as it does for a whole one. What it
// sees has the grain and is padded by reflection to a multiple of 4 of at least 16. x, y and the
// margin are multiples of 4, so that all tiles fall on one grid.
func (s *Stylizer) tile(dst []float32, p *picture.Picture, style []float32, x, y, w, h, margin int) error {
	x0, y0 := max(x-margin, 0), max(y-margin, 0)
	tw, th := padded(min(x+w+margin, p.W)-x0), padded(min(y+h+margin, p.H)-y0)
	in := device.NewTensor(1, th, tw, 3)
	for j := range th {
		row := p.Pix[3*mirror(y0+j, p.H)*p.W:]
		for i := range tw {
			copy(in.Data[3*(j*tw+i):][:3], row[3*mirror(x0+i, p.W):][:3])
		}
	}
	AddGrain(in.Data, in.Data, th, tw, x0, y0)
	out := []device.Tensor{{}}
	v := device.Tensor{Data: style, N: 1, H: 1, W: 1, C: len(style)}
	if err := s.prog.Run(out, []device.Tensor{in, v}); err != nil {
		return err
	}
	for j := range h {
		copy(dst[3*((y+j)*p.W+x):][:3*w], out[0].Data[3*((j+y-y0)*tw+x-x0):][:3*w])
	}
	return nil
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
