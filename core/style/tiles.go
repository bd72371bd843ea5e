package style

import (
	"context"

	"github.com/atelier-engine/atelier/core/device"
	"github.com/atelier-engine/atelier/core/picture"
)

// MaxPixels is the largest picture that is painted, width times height.
const MaxPixels = picture.DefaultPixels

// Memory estimates the bytes that painting a picture of w x h pixels on a device
// holds at most in the memory of the processor, beside the picture and the painting
// themselves: less than 720 MiB at any size, 800 MiB where tiles are on their way
// to a device with memory of its own. nil is the processor. A process needs more
// unless it bounds what the collector leaves behind, see debug.SetMemoryLimit.
func Memory(d device.Device, w, h int) int64 {
	const (
		base    = 24 << 20        // weights, and what a survey finds
		network = 240             // bytes a pixel of a tile: activations, tensors and windows
		keeps   = 4 * levelMemory // levels and photographs of a pass, the rest being on disk
		pixel   = 4 * 6           // what those would take in memory
		steps   = 48              // bytes a pixel of a window of steps
	)
	n := int64(w) * int64(h)
	g := int64(groundOf(extent{w, h}, BaseSide, 1).pixels())
	most := max(n, g)
	tiles := network * min(most, tileWindow*tileWindow) // on any device: it may be lost, see device.WithFallback
	if device.Room(d) > 0 {
		tiles = max(tiles, aheadMemory*min(most, aheadPixels))
	}
	return base + tiles + min(pixel*n, keeps) + steps*min(n, 4<<20)
}

// margin is how far a pixel of the output can see: half of each kernel times
// the scale at which it works, rounded up to a multiple of 4.
func (a Architecture) margin() int {
	outer := a.Kernel / 2
	return (2*outer + 1 + 2 + 4*2*a.Blocks + 4 + 2 + 3 + 3) / 4 * 4
}

// eachTile calls f for tiles of at most side pixels a side that cover e, of one
// size where they can be, their corners at multiples of 4. It stops at the first
// error and when the context ends.
func eachTile(ctx context.Context, e extent, side int, f func(x, y, w, h int) error) error {
	step := func(n int) int { return ((n+(n+side-1)/side-1)/((n+side-1)/side) + 3) / 4 * 4 }
	sx, sy := step(e.w), step(e.h)
	for y := 0; y < e.h; y += sy {
		for x := 0; x < e.w; x += sx {
			if err := ctx.Err(); err != nil {
				return err
			}
			if err := f(x, y, min(sx, e.w-x), min(sy, e.h-y)); err != nil {
				return err
			}
		}
	}
	return ctx.Err()
}

// ground replaces the pixels of p by the network's painting, and freezes the
// normalisations at the statistics of p for the passes that follow. A picture
// above a window's size is painted in tiles with the statistics of a reduced copy.
func (s *Stylizer) ground(ctx context.Context, t *tiler, p *picture.Picture, told func(pixels int)) error {
	if err := s.prog.Freeze(nil); err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	if p.W*p.H <= t.window*t.window {
		if err := t.whole(p); err != nil {
			return err
		}
		told(p.W * p.H)
		return s.prog.Freeze(s.prog.Stats())
	}
	small := extent{p.W, p.H}.within(t.window * t.window)
	copied, err := p.Resize(small.w, small.h)
	if err != nil {
		return err
	}
	if err := t.whole(copied); err != nil {
		return err
	}
	if err := s.prog.Freeze(s.prog.Stats()); err != nil {
		return err
	}
	in, out := picture.RasterOf(p), picture.RasterOf(picture.New(p.W, p.H))
	halo := s.arch.margin()
	prepare := func(l *tile, x, y, w, h int) error {
		l.x, l.y, l.w, l.h, l.x0, l.y0 = x, y, w, h, max(x-halo, 0), max(y-halo, 0)
		ww, wh := min(x+w+halo, p.W)-l.x0, min(y+h+halo, p.H)-l.y0
		if err := in.ReadInto(&l.seen, l.x0, l.y0, ww, wh); err != nil {
			return err
		}
		l.feed()
		return nil
	}
	err = t.each(ctx, extent{p.W, p.H}, t.window-2*halo, prepare, func(l *tile) error {
		told(l.w * l.h)
		l.fetch()
		return l.keep(out)
	})
	if err != nil {
		return err
	}
	painted, err := out.Picture()
	if err == nil {
		p.Pix = painted.Pix
	}
	return err
}

// paintLevel paints a level upon the one below it.
func (s *Stylizer) paintLevel(ctx context.Context, t *tiler, dst, photo, below *picture.Raster, told func(pixels int)) error {
	w, h := dst.Size()
	full, side := extent{w, h}, t.window-2*t.reach
	if full.pixels() <= t.window*t.window {
		side = max(w, h)
	}
	prepare := func(l *tile, x, y, w, h int) error { return t.prepare(l, photo, below, full, x, y, w, h) }
	return t.each(ctx, full, side, prepare, func(l *tile) error {
		told(l.w * l.h)
		return l.finish(dst)
	})
}

// leastWindow is the smallest window that the network is given, pixels a side: in
// smaller ones it would paint margins more than pictures.
const leastWindow = 256

// narrow halves what the network sees at once, for devices with little memory, and
// reports whether that was still possible.
func (s *Stylizer) narrow() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	window := s.window
	if window == 0 {
		window = windowOf(s.device)
	}
	if window/2 < leastWindow {
		return false
	}
	s.window = window / 2
	return true
}

// tiler is what paints with the network in one style. The stylizer must be
// locked while it is in use.
func (s *Stylizer) tiler(style []float32) *tiler {
	if s.tiles == nil {
		s.tiles = &tiler{prog: s.prog, reach: s.arch.halo()}
	}
	s.tiles.ahead = device.Room(s.device) > 0
	if s.tiles.window = s.window; s.window == 0 {
		s.tiles.window = windowOf(s.device)
	}
	s.tiles.style = device.Tensor{Data: style, N: 1, H: 1, W: 1, C: len(style)}
	return s.tiles
}
