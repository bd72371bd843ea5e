package picture

import (
	"context"
	"fmt"
	"image"
	"image/gif"
	"image/jpeg"
	"image/png"
	"io"
	"runtime/debug"

	"golang.org/x/image/bmp"
	"golang.org/x/image/tiff"
	"golang.org/x/image/webp"
)

// Open reads a picture under the default limits.
func Open(path string) (*Picture, error) { return Limits{}.Open(path) }

// Decode reads a picture under the default limits; name stands for the file in
// errors.
func Decode(r io.Reader, name string) (*Picture, error) { return Limits{}.Decode(r, name) }

// Open reads the picture in a file. The format is recognised by content: PNG,
// JPEG, WebP, TIFF, BMP, or the first frame of a GIF or an animated WebP. The
// camera's orientation is applied, an embedded colour profile is converted to
// sRGB. Errors are of type *Error.
func (l Limits) Open(path string) (*Picture, error) {
	var p *Picture
	err := l.with(path, func(s source) (err error) {
		p, err = l.decode(s)
		return err
	})
	return p, err
}

// Decode is Open for a stream.
func (l Limits) Decode(r io.Reader, name string) (*Picture, error) {
	s, err := l.readAll(r, name)
	if err != nil {
		return nil, err
	}
	return l.decode(s)
}

func (l Limits) decode(s source) (*Picture, error) {
	h, err := l.header(s)
	if err == nil {
		err = l.picture(h, s.name)
	}
	if err != nil {
		return nil, err
	}
	var p *Picture
	r, err := load(context.Background(), s, h, nil, func(alpha bool) (*Raster, error) {
		p = New(h.seen())
		if alpha {
			p.Alpha = make([]float32, p.W*p.H)
		}
		return RasterOf(p), nil
	})
	if err != nil {
		return nil, err
	}
	if !r.alpha {
		p.Alpha = nil
	}
	p.Meta, p.Notes = r.Meta, r.Notes
	return p, nil
}

// OpenRaster reads the picture in a file into a raster, as Limits.Open does;
// a source deeper than 8 bits stays in 16. A PNG is read row by row, a TIFF by
// its strips or tiles; other formats are decoded by their library, moved to
// the raster and freed: what that takes is checked first, see Limits.Memory. Errors are of type *Error.
func OpenRaster(ctx context.Context, path string, l Limits, o RasterOptions) (*Raster, error) {
	var r *Raster
	err := l.with(path, func(s source) error {
		h, err := l.header(s)
		if err == nil {
			err = l.raster(h, s.name)
		}
		if err != nil {
			return err
		}
		r, err = load(ctx, s, h, o.Digest, func(alpha bool) (*Raster, error) {
			w, t := h.seen()
			return NewRaster(w, t, h.depth, alpha, o)
		})
		return err
	})
	return r, err
}

// load decodes a picture whose header was checked into the raster that make
// gives. digest, unless nil, is written every byte of the file.
func load(ctx context.Context, s source, h header, digest io.Writer, make func(alpha bool) (*Raster, error)) (r *Raster, err error) {
	c := &canvas{ctx: ctx, h: h, make: make}
	defer func() {
		if err != nil && c.dst != nil {
			c.dst.Close()
			r = nil
		}
	}()
	defer noPanic(&err, h.f, s.name)
	c.colours, c.notes = conversionOf(h.f, s)
	if h.cmyk && c.notes == nil {
		c.notes = []string{"the picture is made of CMYK inks, brought to sRGB without a colour profile: colours may be off"}
	}
	in := s.reader(digest)
	if h.f == PNG && h.cost == 0 {
		err = decodePNG(in, h, c)
	} else {
		if h.f == TIFF && digest != nil { // it is read in any order
			_, err = io.Copy(digest, io.NewSectionReader(s.r, 0, s.size))
			digest = nil
		}
		if err == nil {
			err = decodeWhole(in, s, h, c)
		}
	}
	if err == nil && digest != nil {
		_, err = in.WriteTo(io.Discard)
	}
	if err == nil {
		err = ctx.Err()
	}
	if err != nil {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		return nil, decodeError(h.f, s.name, err)
	}
	c.finish()
	c.dst.Meta, c.dst.Notes = readMeta(h.f, s), c.notes
	return c.dst, nil
}

// decodeWhole decodes with the library of the format, and frees its memory
// when it was much.
func decodeWhole(in io.Reader, s source, h header, c *canvas) error {
	if h.tiff != nil {
		return h.tiff.decode(c)
	}
	img, err := pixels(in, s, h)
	if err != nil {
		return err
	}
	if b := img.Bounds().Size(); b.X != h.w || b.Y != h.h {
		return fmt.Errorf("the header says %dx%d, the data %dx%d", h.w, h.h, b.X, b.Y)
	}
	err = c.image(img)
	img = nil
	if h.cost*float64(h.w)*float64(h.h) > 1<<28 {
		debug.FreeOSMemory()
	}
	return err
}

func pixels(in io.Reader, s source, h header) (image.Image, error) {
	switch h.f {
	case PNG:
		return png.Decode(in)
	case JPEG:
		return jpeg.Decode(in)
	case WebP:
		if h.kind == "animated WebP" {
			return webpFrame(s, h)
		}
		return webp.Decode(in)
	case TIFF:
		return tiff.Decode(io.NewSectionReader(s.r, 0, s.size))
	case BMP:
		return bmp.Decode(in)
	}
	img, err := gif.Decode(in)
	if err != nil || img.Bounds() == image.Rect(0, 0, h.w, h.h) {
		return img, err
	}
	return drawn(img, img.Bounds().Min.X, img.Bounds().Min.Y, h.w, h.h), nil // a smaller first frame
}
