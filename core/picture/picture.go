// Package picture holds pictures in memory and carries them to and from files.
//
// A Picture is float32 RGB in [0,1], sRGB encoded, in memory: 12 bytes a pixel.
// A Raster holds a picture of any size in 8 or 16 bits, in a temporary file
// when it is large, and is worked on by windows.
//
// Reading looks at the header first and refuses what is too large before any
// memory is taken. The camera's orientation is applied and an embedded colour
// profile is converted to sRGB; Notes tell where that was not possible. PNG,
// JPEG, WebP, TIFF, BMP and GIF are read; of an animation the first frame.
//
// A 16-bit file keeps its precision in both. Saved as PNG a raster keeps its
// depth, a Picture has 8 bits unless SaveOptions.Deep asks for 16; a JPEG has
// 8 bits, rounded to nearest. Writing is atomic: the file is there whole or not
// at all.
package picture

import (
	"fmt"
	"maps"
	"math"
)

// Picture is an RGB picture of H rows of W pixels.
type Picture struct {
	W, H  int
	Pix   []float32         // (H,W,3), RGB in [0,1], sRGB encoded, alpha not multiplied in
	Alpha []float32         // (H,W) in [0,1], 1 is opaque; nil: all opaque
	Meta  map[string]string // text stored in the file, such as "atelier:recipe"
	Notes []string          // what happened on opening that a person should know; not saved
}

// New returns a black, opaque picture of w by h pixels. Negative sizes count
// as zero.
func New(w, h int) *Picture {
	w, h = max(w, 0), max(h, 0)
	return &Picture{W: w, H: h, Pix: make([]float32, 3*w*h)}
}

// Filled returns a picture of w by h pixels of one colour.
func Filled(w, h int, r, g, b float32) *Picture {
	p := New(w, h)
	for i := 0; i < len(p.Pix); i += 3 {
		p.Pix[i], p.Pix[i+1], p.Pix[i+2] = r, g, b
	}
	return p
}

// Clone returns a deep copy.
func (p *Picture) Clone() *Picture {
	q := *p
	q.Pix = append([]float32(nil), p.Pix...)
	if p.Alpha != nil {
		q.Alpha = append([]float32(nil), p.Alpha...)
	}
	q.Meta = maps.Clone(p.Meta)
	return &q
}

// At returns the colour of column x, row y, which must lie inside.
func (p *Picture) At(x, y int) (r, g, b float32) {
	i := 3 * (y*p.W + x)
	return p.Pix[i], p.Pix[i+1], p.Pix[i+2]
}

// Check reports a picture whose slices do not fit its size, or that has no
// pixels.
func (p *Picture) Check() error {
	switch {
	case p == nil:
		return fmt.Errorf("picture: there is none: make or open one first")
	case p.W <= 0 || p.H <= 0:
		return fmt.Errorf("picture: its size is %dx%d: it needs at least one pixel", p.W, p.H)
	case p.W > math.MaxInt/3/p.H || len(p.Pix) != 3*p.W*p.H:
		return fmt.Errorf("picture: %d values do not make %dx%d pixels: give 3 a pixel", len(p.Pix), p.W, p.H)
	case p.Alpha != nil && len(p.Alpha) != p.W*p.H:
		return fmt.Errorf("picture: %d alpha values do not make %dx%d pixels: give 1 a pixel", len(p.Alpha), p.W, p.H)
	}
	return nil
}

// SetMeta stores one text under key; Save writes it into the file.
func (p *Picture) SetMeta(key, value string) {
	if p.Meta == nil {
		p.Meta = map[string]string{}
	}
	p.Meta[key] = value
}

// Flatten returns the picture over an opaque background. Without alpha it
// returns p itself. It works on sRGB values, as browsers do.
func (p *Picture) Flatten(r, g, b float32) *Picture {
	if p.Alpha == nil {
		return p
	}
	q := &Picture{W: p.W, H: p.H, Pix: make([]float32, len(p.Pix)), Meta: p.Meta}
	bg := [3]float32{r, g, b}
	for i, a := range p.Alpha {
		for c := range 3 {
			q.Pix[3*i+c] = p.Pix[3*i+c]*a + bg[c]*(1-a)
		}
	}
	return q
}
