package engine

import (
	"context"
	"fmt"
	"maps"
	"strings"

	"github.com/atelier-engine/atelier/core/picture"
	"github.com/atelier-engine/atelier/core/plan"
)

// Between steps a picture is a *picture.Raster, which is as small in memory as
// it can be, or a *picture.Picture where a network drew a small one.

// rasterMemory is what one raster keeps in memory, in bytes: about 22 megapixels
// of 8 bits. A painting holds up to four at once, and must stay below 1 GiB.
const rasterMemory = 64 << 20

func rasters() picture.RasterOptions { return picture.RasterOptions{Memory: rasterMemory} }

// raster gives the result of a step as a raster; a picture in memory is viewed.
func raster(v any) *picture.Raster {
	switch v := v.(type) {
	case *picture.Raster:
		return v
	case *picture.Picture:
		return picture.RasterOf(v)
	}
	panic(fmt.Sprintf("engine: a step gave a %T for a picture", v))
}

// rasterHeld is what a raster of w by h pixels keeps in memory, in bytes.
func rasterHeld(w, h int) int64 { return max(1, min(4*int64(w)*int64(h), rasterMemory)) }

// withMeta gives the raster with texts of its own: the pixels are shared.
func withMeta(r *picture.Raster) *picture.Raster {
	q := *r
	q.Meta = maps.Clone(r.Meta)
	return &q
}

// cut gives the part of a raster with its upper left corner at (x, y) as a new
// raster.
func cut(ctx context.Context, r *picture.Raster, x, y, w, h int) (*picture.Raster, error) {
	depth := r.Depth()
	if depth > 16 {
		depth = 16
	}
	q, err := picture.NewRaster(w, h, depth, r.Alpha(), rasters())
	if err != nil {
		return nil, err
	}
	q.Meta = r.Meta
	rows := max(1, (1<<20)/w)
	for at := 0; at < h; at += rows {
		if err := ctx.Err(); err != nil {
			q.Close()
			return nil, err
		}
		part, err := r.Read(x, y+at, w, min(rows, h-at))
		if err == nil {
			err = q.Write(0, at, part)
		}
		if err != nil {
			q.Close()
			return nil, err
		}
	}
	return q, nil
}

// reduced gives a raster as a picture of at most so many pixels in its shape.
func reduced(ctx context.Context, r *picture.Raster, pixels int) (*picture.Picture, error) {
	w, h := r.Size()
	if w*h <= pixels {
		p, err := r.Picture()
		if err != nil {
			return nil, err
		}
		return p, nil
	}
	w, h = within(w, h, pixels)
	return r.Reduce(ctx, w, h)
}

// within gives the largest size of the shape of w by h with at most so many
// pixels.
func within(w, h, pixels int) (int, int) {
	k := scaleTo(w, h, pixels)
	return max(1, int(float64(w)*k)), max(1, int(float64(h)*k))
}

// Picture makes the picture of a step.
func (e *Engine) Picture(ctx context.Context, s *plan.Step, progress Progress) (*picture.Picture, error) {
	out, err := e.Run(ctx, []*plan.Step{s}, nil, progress)
	if err != nil {
		return nil, err
	}
	r := raster(out[0])
	p, err := r.Picture()
	if r.Held() == 0 {
		r.Close()
	}
	return p, err
}

// noted tells what happened to a picture that a person should know.
func noted(c *plan.Call, name string, notes []string) {
	for _, n := range notes {
		if !strings.HasPrefix(n, name) {
			n = name + ": " + n
		}
		c.Note(n)
	}
}
