package picture

import (
	"context"
	"image"
)

// canvas takes the rows that a decoder makes, as stored in the file, in bands
// from top to bottom. It converts their colours and puts them where they are
// seen, so turning a picture of any size needs no second copy of it.
type canvas struct {
	ctx     context.Context
	h       header
	make    func(alpha bool) (*Raster, error)
	dst     *Raster
	colours *conversion // nil: they are sRGB
	notes   []string
	clear   bool    // a pixel was not opaque
	band    Picture // memory of bands
	turned  Picture // and of bands as they are seen
}

// begin makes the raster.
func (c *canvas) begin(alpha bool) (err error) {
	c.dst, err = c.make(alpha)
	return err
}

// rows is how many rows make a band. Turned by a quarter a band becomes a few
// columns, whose runs in the raster are that short: so it is taken larger.
func (c *canvas) rows() int {
	n := bandRows(c.h.w)
	if c.h.orient >= 5 {
		n = max(1, 4*bandPixels/c.h.w)
	}
	return min(n, c.h.h)
}

// put takes a band whose first row is y; it may change it.
func (c *canvas) put(y int, band *Picture) error {
	if err := c.ctx.Err(); err != nil {
		return err
	}
	if !c.clear {
		for _, a := range band.Alpha {
			if a != 1 {
				c.clear = true
				break
			}
		}
	}
	c.colours.convert(band)
	atX, atY := oriented(c.h.orient, y, band.H, c.h.h)
	return c.dst.Write(atX, atY, band.orientInto(&c.turned, c.h.orient))
}

// image puts a decoded image.
func (c *canvas) image(img image.Image) error {
	alpha := true
	if m, ok := img.(interface{ Opaque() bool }); ok && m.Opaque() {
		alpha = false
	}
	if err := c.begin(alpha); err != nil {
		return err
	}
	return c.rowsOf(img, 0)
}

// rowsOf puts an image whose first row is y of the picture.
func (c *canvas) rowsOf(img image.Image, y int) error {
	row, top, height := rowReader(img, c.h.f == WebP), img.Bounds().Min.Y, img.Bounds().Dy()
	band, alpha := &c.band, c.dst.alpha
	for at := 0; at < height; at += c.rows() {
		k := min(c.rows(), height-at)
		band.resize(c.h.w, k, alpha)
		rows(k, 8*c.h.w, func(lo, hi int) {
			for j := lo; j < hi; j++ {
				var a []float32
				if alpha {
					a = band.Alpha[j*band.W : (j+1)*band.W]
				}
				row(band.Pix[3*j*band.W:3*(j+1)*band.W], a, top+at+j)
			}
		})
		if err := c.put(y+at, band); err != nil {
			return err
		}
	}
	return nil
}

// finish drops an alpha that makes nothing transparent.
func (c *canvas) finish() {
	if c.dst.alpha && !c.clear {
		c.dst.alpha = false
	}
}

// resize makes p a picture of w by h pixels of any content, in its own memory
// where that is enough.
func (p *Picture) resize(w, h int, alpha bool) {
	p.W, p.H = w, h
	if cap(p.Pix) < 3*w*h {
		p.Pix = make([]float32, 3*w*h)
	}
	p.Pix = p.Pix[:3*w*h]
	if !alpha {
		p.Alpha = nil
		return
	}
	if cap(p.Alpha) < w*h {
		p.Alpha = make([]float32, w*h)
	}
	p.Alpha = p.Alpha[:w*h]
}
