package engine

import (
	"context"
	"fmt"
	"math"

	"github.com/atelier-engine/atelier/core/picture"
	"github.com/atelier-engine/atelier/core/recipe"
)

// extent is how a picture comes to the size that was asked for: the part of it
// that is used, and what that is resized to.
type extent struct {
	x, y, cw, ch int // the part, in pixels of the picture
	w, h         int // the size of the painting
}

// extentOf reads a size, "" for the picture's own. A size of both sides takes
// the largest part in the middle that has the shape.
func extentOf(text string, w, h int) (extent, error) {
	x := extent{cw: w, ch: h, w: w, h: h}
	if text == "" || w <= 0 || h <= 0 {
		return x, nil
	}
	ow, oh, err := recipe.ParseSize(text)
	if err != nil {
		return x, Usagef("size %w", err)
	}
	if oh == 0 { // the longer side
		long := float64(ow)
		k := long / float64(max(w, h))
		x.w, x.h = max(1, int(math.Round(float64(w)*k))), max(1, int(math.Round(float64(h)*k)))
		return x, nil
	}
	x.w, x.h = ow, oh
	shape := float64(ow) / float64(oh)
	x.cw = min(w, max(1, int(math.Round(float64(h)*shape))))
	x.ch = min(h, max(1, int(math.Round(float64(w)/shape))))
	x.x, x.y = (w-x.cw)/2, (h-x.ch)/2
	return x, nil
}

// whole tells whether the part is all of a picture of w by h pixels.
func (x extent) whole(w, h int) bool { return x.cw == w && x.ch == h }

// apply gives the raster at the size; fresh tells that the caller is to close it.
func (x extent) apply(ctx context.Context, r *picture.Raster) (out *picture.Raster, fresh bool, err error) {
	w, h := r.Size()
	if !x.whole(w, h) {
		if r, err = cut(ctx, r, x.x, x.y, x.cw, x.ch); err != nil {
			return nil, false, err
		}
		fresh = true
	}
	if x.cw == x.w && x.ch == x.h {
		return r, fresh, nil
	}
	out, err = r.Resize(ctx, x.w, x.h, rasters())
	if fresh {
		r.Close()
	}
	return out, true, err
}

// follow gives the part of a map that belongs to the part of the picture, which
// has w by h pixels; the map covers the whole picture, whatever its size.
func (x extent) follow(m *picture.Picture, w, h int) (*picture.Picture, error) {
	if x.whole(w, h) {
		return m, nil
	}
	kx, ky := float64(m.W)/float64(w), float64(m.H)/float64(h)
	at := func(v int, k float64, n int) int { return min(max(int(math.Round(float64(v)*k)), 0), n-1) }
	left, top := at(x.x, kx, m.W), at(x.y, ky, m.H)
	right, bottom := max(at(x.x+x.cw, kx, m.W+1), left+1), max(at(x.y+x.ch, ky, m.H+1), top+1)
	return m.Crop(left, top, right-left, bottom-top)
}

// scaleTo is the factor that brings w by h to at most so many pixels.
func scaleTo(w, h, pixels int) float64 {
	return min(1, math.Sqrt(float64(pixels)/(float64(w)*float64(h))))
}

// checkPixels refuses sizes over the limit.
func (e *Engine) checkPixels(w, h int) error {
	limit := e.Config.Limits.Pixels
	if w > 0 && int64(h) > limit/int64(w) {
		return Inputf("a painting of %dx%d pixels: at most %s megapixels are painted: ask for a smaller --size, or raise pixels under [limits] in %s",
			w, h, fmt.Sprint(limit/1_000_000), ConfigFile)
	}
	return nil
}
