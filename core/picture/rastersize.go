package picture

import (
	"context"
	"fmt"
	"sync"
)

// Reduce returns the whole raster at w by h pixels, by the filters of
// Picture.Resize and with its very values: area averages when it shrinks to
// half or less, Catmull-Rom otherwise. It reads the raster once, in bands.
func (r *Raster) Reduce(ctx context.Context, w, h int) (*Picture, error) {
	if err := resizable(w, h, maxPicturePixels); err != nil {
		return nil, err
	}
	p, err := r.resized(ctx, r.axes(w, h), 0, h)
	if err != nil {
		return nil, err
	}
	p.Meta = r.Meta
	return p, nil
}

// Resize returns a new raster of w by h pixels and the same depth and
// metadata, by the filters of Reduce. The caller closes it.
func (r *Raster) Resize(ctx context.Context, w, h int, o RasterOptions) (*Raster, error) {
	if err := resizable(w, h, maxRasterPixels); err != nil {
		return nil, err
	}
	depth := r.depth
	if depth == 32 {
		depth = 16
	}
	q, err := NewRaster(w, h, depth, r.alpha, o)
	if err != nil {
		return nil, err
	}
	q.Meta, q.Notes = r.Meta, r.Notes
	band, f := 2*bandRows(w), r.axes(w, h)
	for y := 0; y < h; y += band {
		p, err := r.resized(ctx, f, y, min(band, h-y))
		if err == nil {
			err = q.Write(0, y, p)
		}
		if err != nil {
			q.Close()
			return nil, err
		}
	}
	return q, nil
}

// resized returns k rows from row y on of the raster under the filters f.
func (r *Raster) resized(ctx context.Context, f axes, y, k int) (*Picture, error) {
	if f.across.weight == nil && len(f.down.start) == r.h {
		return r.Read(0, y, r.w, k)
	}
	n := r.planes()
	out := make([]float32, n*f.w*k)
	if err := r.filter(ctx, out, f, y, y+k); err != nil {
		return nil, err
	}
	return straight(out, f.w, k, n), nil
}

func resizable(w, h int, limit int64) error {
	if w <= 0 || h <= 0 {
		return fmt.Errorf("resize: cannot make %dx%d pixels: give a width and a height of at least 1", w, h)
	}
	if int64(w) > limit/int64(h) {
		return fmt.Errorf("resize: %dx%d pixels are over the limit of %s megapixels: choose a smaller size", w, h, mega(limit))
	}
	return nil
}

// planes is the number of filtered values a pixel: colours, or colours times
// alpha and alpha.
func (r *Raster) planes() int {
	if r.alpha {
		return 4
	}
	return 3
}

// axes are the filters of a raster to w columns; across.weight is nil where
// the width stays.
type axes struct {
	w            int
	across, down axis
}

func (r *Raster) axes(w, h int) axes {
	f := axes{w: w}
	if w != r.w {
		f.across = axisWeights(r.w, w)
	}
	if h != r.h {
		f.down = axisWeights(r.h, h)
		return f
	}
	f.down = axis{start: make([]int, h), weight: make([][]float32, h)}
	one := []float32{1}
	for y := range h {
		f.down.start[y], f.down.weight[y] = y, one
	}
	return f
}

// bandBuffers is what filter needs for a band, kept for the next one.
type bandBuffers struct {
	in  Picture
	mid []float32
}

var bands sync.Pool

// filter adds to out (y1-y0,w,planes), which must be zero, the rows [y0,y1) of
// the resized raster. Input rows come in bands, each first filtered across,
// then added to the output rows that see it.
func (r *Raster) filter(ctx context.Context, out []float32, f axes, y0, y1 int) error {
	n, w, ay := r.planes(), f.w, f.down
	from, to := ay.start[y0], 0
	for y := y0; y < y1; y++ {
		from, to = min(from, ay.start[y]), max(to, ay.start[y]+len(ay.weight[y]))
	}
	band := bandRows(max(r.w, w))
	b, _ := bands.Get().(*bandBuffers)
	if b == nil {
		b = &bandBuffers{}
	}
	defer bands.Put(b)
	for s := from; s < to; s += band {
		if err := ctx.Err(); err != nil {
			return err
		}
		k := min(band, to-s)
		if err := r.ReadInto(&b.in, 0, s, r.w, k); err != nil {
			return err
		}
		mid := premultiplied(&b.in)
		if f.across.weight != nil {
			in := mid
			if cap(b.mid) < n*w*k {
				b.mid = make([]float32, n*w*k)
			}
			mid = b.mid[:n*w*k]
			rows(k, r.w*n, func(lo, hi int) {
				for y := lo; y < hi; y++ {
					across(mid[y*w*n:(y+1)*w*n], in[y*r.w*n:(y+1)*r.w*n], f.across, n)
				}
			})
		}
		rows(y1-y0, w*n*(1+k/max(1, y1-y0)), func(lo, hi int) {
			for y := y0 + lo; y < y0+hi; y++ {
				dst := out[(y-y0)*w*n : (y-y0+1)*w*n]
				first := max(s, ay.start[y])
				last := min(s+k, ay.start[y]+len(ay.weight[y]))
				for i := first; i < last; i++ {
					wt := ay.weight[y][i-ay.start[y]]
					for j, v := range mid[(i-s)*w*n:][:len(dst)] {
						dst[j] += wt * v
					}
				}
			}
		})
	}
	return nil
}
