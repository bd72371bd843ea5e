package picture

import (
	"fmt"
	"io"
	"maps"
)

// Raster holds a picture of any size: a small one in memory, a large one in a
// temporary file that is gone with the process. It is read and written by
// windows, so what works on a raster needs memory for its windows only.
//
// Different goroutines may read at once, and write windows that do not overlap
// what others read or write. Values are RGB in [0,1], sRGB encoded, kept in 8
// or 16 bits; what is written is rounded to nearest.
type Raster struct {
	Meta  map[string]string // text stored in the file
	Notes []string          // what happened on opening that a person should know

	w, h, depth int
	channels    int // 3 or 4 samples a pixel in the store
	alpha       bool
	store       store    // nil: view
	view        *Picture // the float picture this is a view of
	reuse       bool     // see RasterOptions
}

// RasterOptions say where the pixels are kept; the zero value is a good choice.
type RasterOptions struct {
	Memory int64  // bytes of pixels kept in memory; more go to a temporary file. 0: 192 MiB
	Dir    string // folder of the temporary file; "": the system's
	// Reuse gives the memory to other rasters after Close: for those that only
	// their maker knows, since a copy or a cache would then show another picture.
	Reuse bool
	// Digest, unless nil, is written every byte of the file that OpenRaster
	// decodes, in order: a checksum of just what was seen.
	Digest io.Writer
}

// Defaults and bounds of rasters.
const (
	DefaultRasterMemory = 192 << 20
	maxRasterPixels     = 1 << 32
)

// bandPixels are worked on at once: 12 to 16 MiB as float32. Tests make it less.
var bandPixels = 1 << 20

// NewRaster returns a black raster of w by h pixels, 8 or 16 bits a sample;
// with alpha it is transparent until it is written. Close frees it.
func NewRaster(w, h, depth int, alpha bool, o RasterOptions) (*Raster, error) {
	switch {
	case w <= 0 || h <= 0:
		return nil, fmt.Errorf("raster: cannot make %dx%d pixels: give a width and a height of at least 1", w, h)
	case int64(w) > maxRasterPixels/int64(h):
		return nil, fmt.Errorf("raster: %dx%d pixels are over the limit of %s megapixels: choose a smaller size", w, h, mega(maxRasterPixels))
	case depth != 8 && depth != 16:
		return nil, fmt.Errorf("raster: %d bits a sample: choose 8 or 16", depth)
	}
	r := &Raster{w: w, h: h, depth: depth, alpha: alpha, channels: 3}
	if alpha {
		r.channels = 4
	}
	size := int64(h) * r.offset(w, 0)
	limit := o.Memory
	if limit <= 0 {
		limit = DefaultRasterMemory
	}
	if size <= limit {
		if r.reuse = o.Reuse; r.reuse {
			r.store = reused(size)
		} else {
			r.store = make(memoryStore, size)
		}
		return r, nil
	}
	s, err := newFileStore(o.Dir, size)
	if err != nil {
		return nil, err
	}
	r.store = s
	return r, nil
}

// RasterOf returns a view of a picture without copying it: what is written to
// one is seen in the other. Its Depth is 32.
func RasterOf(p *Picture) *Raster {
	return &Raster{w: p.W, h: p.H, depth: 32, alpha: p.Alpha != nil, view: p, Meta: maps.Clone(p.Meta), Notes: p.Notes}
}

// Size returns width and height in pixels.
func (r *Raster) Size() (w, h int) { return r.w, r.h }

// Alpha tells whether pixels may be transparent.
func (r *Raster) Alpha() bool { return r.alpha }

// Depth returns the bits of a sample: 8, 16, or 32 for a view of a float picture.
func (r *Raster) Depth() int { return r.depth }

// SetMeta stores one text under key; SaveRaster writes it into the file.
func (r *Raster) SetMeta(key, value string) {
	if r.Meta == nil {
		r.Meta = map[string]string{}
	}
	r.Meta[key] = value
}

// Close frees the pixels and the temporary file. A second Close does nothing.
func (r *Raster) Close() error {
	if r.store == nil {
		return nil
	}
	s := r.store
	r.store = closedStore{}
	if r.reuse {
		reuse(s)
	}
	return s.Close()
}

// offset is the place of pixel (x,y) in the store.
func (r *Raster) offset(x, y int) int64 {
	return (int64(y)*int64(r.w) + int64(x)) * int64(r.channels*r.depth/8)
}

func (r *Raster) inside(op string, x, y, w, h int) error {
	if x < 0 || y < 0 || w <= 0 || h <= 0 || w > r.w-x || h > r.h-y {
		return fmt.Errorf("%s: %dx%d at (%d,%d) is not inside a picture of %dx%d: choose a smaller part", op, w, h, x, y, r.w, r.h)
	}
	return nil
}

// Read returns a copy of the window of w by h pixels whose upper left corner
// is at (x,y). Its Alpha is nil where the raster has none.
func (r *Raster) Read(x, y, w, h int) (*Picture, error) {
	p := &Picture{}
	if err := r.ReadInto(p, x, y, w, h); err != nil {
		return nil, err
	}
	return p, nil
}

// ReadInto is Read into a picture whose memory is used again where it suffices.
// After an error p is not to be used.
func (r *Raster) ReadInto(p *Picture, x, y, w, h int) error {
	if err := r.inside("read", x, y, w, h); err != nil {
		return err
	}
	p.W, p.H = w, h
	if cap(p.Pix) < 3*w*h {
		p.Pix = make([]float32, 3*w*h)
	}
	p.Pix = p.Pix[:3*w*h]
	switch {
	case !r.alpha:
		p.Alpha = nil
	case cap(p.Alpha) < w*h:
		p.Alpha = make([]float32, w*h)
	default:
		p.Alpha = p.Alpha[:w*h]
	}
	return rowsErr(h, 4*w, func(lo, hi int) error {
		var buf []byte
		for j := lo; j < hi; j++ {
			pix := p.Pix[3*j*w : 3*(j+1)*w]
			var a []float32
			if r.alpha {
				a = p.Alpha[j*w : (j+1)*w]
			}
			if r.view != nil {
				s := (y+j)*r.w + x
				copy(pix, r.view.Pix[3*s:])
				copy(a, r.view.Alpha[min(s, len(r.view.Alpha)):])
				continue
			}
			n := int(r.offset(w, 0))
			if buf == nil {
				buf = make([]byte, n)
			}
			b, err := r.store.row(buf, r.offset(x, y+j), n)
			if err != nil {
				return err
			}
			unpack(pix, a, b, r.channels, r.depth)
		}
		return nil
	})
}

// Picture returns the whole raster as a picture in memory, 12 to 16 bytes a
// pixel; a view gives the picture itself.
func (r *Raster) Picture() (*Picture, error) {
	if r.view != nil {
		return r.view, nil
	}
	p, err := r.Read(0, 0, r.w, r.h)
	if err != nil {
		return nil, err
	}
	p.Meta, p.Notes = maps.Clone(r.Meta), r.Notes
	return p, nil
}

// bandRows is how many rows of w pixels are worked on at once.
func bandRows(w int) int { return max(1, bandPixels/w) }
