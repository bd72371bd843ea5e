package picture

import (
	"encoding/binary"
	"errors"
	"fmt"
)

// Colour types (PNG specification, 11.2.1): bits of palette, colour, alpha.
const (
	pngColour  = 2
	pngAlpha   = 4
	pngIndexed = 3
)

// pngFormat turns rows of a PNG into floats.
type pngFormat struct {
	kind, depth          int
	rowBytes, pixelBytes int
	table                [256][4]float32 // of samples of up to 8 bits without alpha: palette or grey
	indices              int             // entries that the palette may have
	key                  []byte          // the transparent colour, as 16-bit samples
	clear                bool            // tRNS was seen
}

func newPNGFormat(kind, depth, w int) (pngFormat, error) {
	f := pngFormat{kind: kind, depth: depth}
	samples := 1
	ok := depth == 8 || depth == 16
	switch kind {
	case 0:
		ok = ok || depth == 1 || depth == 2 || depth == 4
	case pngIndexed:
		ok = depth == 1 || depth == 2 || depth == 4 || depth == 8
	case pngColour:
		samples = 3
	case pngAlpha:
		samples = 2
	case pngColour | pngAlpha:
		samples = 4
	default:
		ok = false
	}
	if !ok {
		return f, fmt.Errorf("unsupported bit depth %d of colour type %d", depth, kind)
	}
	f.rowBytes = (w*samples*depth + 7) / 8
	f.pixelBytes = max(1, samples*depth/8)
	if depth <= 8 {
		f.indices = 1 << depth
		for i := range f.table {
			v := float32(i) / float32(f.indices-1)
			f.table[i] = [4]float32{v, v, v, 1}
		}
	}
	return f, nil
}

func (f *pngFormat) alpha() bool { return f.kind&pngAlpha != 0 || f.clear }

func (f *pngFormat) setPalette(b []byte) error {
	if len(b)%3 != 0 || len(b) == 0 || f.depth <= 8 && len(b)/3 > f.indices {
		return errors.New("bad PLTE length")
	}
	if f.kind&pngColour == 0 {
		return errors.New("a palette in a grey picture")
	}
	if f.kind != pngIndexed { // a suggestion that we do not need
		return nil
	}
	for i := range f.table { // what lies outside the palette is black
		f.table[i] = [4]float32{3: 1}
		if 3*i < len(b) {
			f.table[i] = [4]float32{float8[b[3*i]], float8[b[3*i+1]], float8[b[3*i+2]], 1}
		}
	}
	return nil
}

func (f *pngFormat) setTransparent(b []byte) error {
	f.clear = true
	switch {
	case f.kind == pngIndexed && len(b) <= 256:
		for i, v := range b {
			f.table[i][3] = float8[v]
		}
	case f.kind == 0 && len(b) == 2:
		f.key = b
		if f.depth <= 8 {
			f.table[b[1]][3] = 0
		}
	case f.kind == pngColour && len(b) == 6:
		f.key = b
	default:
		return errors.New("bad tRNS length or type")
	}
	return nil
}

// band turns k rows into a picture of w by k pixels.
func (f *pngFormat) band(p *Picture, data []byte, w, k int) {
	p.resize(w, k, f.alpha())
	rows(k, 6*w, func(lo, hi int) {
		for j := lo; j < hi; j++ {
			var a []float32
			if f.alpha() {
				a = p.Alpha[j*w : (j+1)*w]
			}
			f.row(p.Pix[3*j*w:3*(j+1)*w], a, data[j*f.rowBytes:(j+1)*f.rowBytes])
		}
	})
}

func (f *pngFormat) row(pix, a []float32, b []byte) {
	switch {
	case f.kind == pngColour|pngAlpha:
		unpack(pix, a, b, 4, f.depth)
	case f.kind == pngColour:
		unpack(pix, nil, b, 3, f.depth)
		for i := range a {
			a[i] = f.keyed(b[i*f.pixelBytes:])
		}
	case f.kind == pngAlpha && f.depth == 8:
		for i := range a {
			v := float8[b[2*i]]
			pix[3*i], pix[3*i+1], pix[3*i+2], a[i] = v, v, v, float8[b[2*i+1]]
		}
	case f.kind == pngAlpha:
		for i := range a {
			v := be16(b[4*i:])
			pix[3*i], pix[3*i+1], pix[3*i+2], a[i] = v, v, v, be16(b[4*i+2:])
		}
	case f.depth == 16:
		for i := range len(pix) / 3 {
			v := be16(b[2*i:])
			pix[3*i], pix[3*i+1], pix[3*i+2] = v, v, v
			if a != nil {
				a[i] = f.keyed(b[2*i:])
			}
		}
	default:
		mask, per := byte(f.indices-1), 8/f.depth
		for i := range len(pix) / 3 {
			shift := (per - 1 - i%per) * f.depth
			t := &f.table[b[i/per]>>shift&mask]
			pix[3*i], pix[3*i+1], pix[3*i+2] = t[0], t[1], t[2]
			if a != nil {
				a[i] = t[3]
			}
		}
	}
}

// keyed is the alpha of the pixel at b under a transparent colour.
func (f *pngFormat) keyed(b []byte) float32 {
	for c := range len(f.key) / 2 {
		same := f.depth == 8 && b[c] == f.key[2*c+1] ||
			f.depth == 16 && binary.BigEndian.Uint16(b[2*c:]) == binary.BigEndian.Uint16(f.key[2*c:])
		if !same {
			return 1
		}
	}
	return 0
}

// unfilter undoes the filter of a row in place (PNG specification, 9.2); n is
// the number of bytes a pixel.
func unfilter(kind byte, row, up []byte, n int) error {
	switch kind {
	case 0:
	case 1:
		for i := n; i < len(row); i++ {
			row[i] += row[i-n]
		}
	case 2:
		for i, v := range up[:len(row)] {
			row[i] += v
		}
	case 3:
		for i := range min(n, len(row)) {
			row[i] += up[i] / 2
		}
		for i := n; i < len(row); i++ {
			row[i] += byte((int(row[i-n]) + int(up[i])) / 2)
		}
	case 4:
		for i := range min(n, len(row)) {
			row[i] += up[i]
		}
		for j := range n { // one channel at a time keeps its neighbours in registers
			if j >= len(row) {
				break
			}
			a, c := int(row[j]), int(up[j])
			for i := j + n; i < len(row); i += n {
				b := int(up[i])
				pa, pb := b-c, a-c
				pc := abs(pa + pb)
				pa, pb = abs(pa), abs(pb)
				if pa > pb || pa > pc {
					a = b
					if pb > pc {
						a = c
					}
				}
				a = (a + int(row[i])) & 255
				row[i] = byte(a)
				c = b
			}
		}
	default:
		return errors.New("bad filter type")
	}
	return nil
}

func abs(v int) int { return max(v, -v) }
