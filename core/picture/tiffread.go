package picture

import (
	"image"
	"io"
	"slices"

	"golang.org/x/image/tiff"
)

// A TIFF holds its pixels in strips of rows or in tiles, each compressed on
// its own (TIFF 6.0, sections 3 and 15). The library decodes whole files only,
// so for each band it is shown a file that has just the strips of that band:
// the same bytes under a directory of our own, which stands behind them.

// tiffPlan says how a TIFF is cut into bands.
type tiffPlan struct {
	s               source
	order           byteOrder
	entries         []tiffEntry
	place, size     int // tags of the places and the sizes of blocks: of strips or of tiles
	rows, across    int // of a block: its rows, and the blocks beside each other
	offsets, counts []uint32
	alpha           bool
}

// Tags (TIFF 6.0, section 8 and 15).
const (
	tagHeight, tagBits, tagCompression       = 257, 258, 259
	tagStrips, tagSamples, tagRows, tagSizes = 273, 277, 278, 279
	tagTileW, tagTileH, tagTiles, tagTSizes  = 322, 323, 324, 325
)

// planTIFF returns nil for a file that has to be decoded as a whole.
func planTIFF(s source, w, h int) *tiffPlan {
	p := &tiffPlan{s: s, place: tagStrips, size: tagSizes, rows: h, across: 1}
	tiffTags(s, func(e tiffEntry) bool {
		p.order = e.order
		p.entries = append(p.entries, e)
		return true
	})
	if s.size > 1<<32-1<<24 { // our directory needs a place that 32 bits can tell
		return nil
	}
	p.alpha = p.entry(tagBits).count == 4
	if tileW := p.number(tagTileW, 0); tileW > 0 {
		p.place, p.size = tagTiles, tagTSizes
		p.across = (w + tileW - 1) / tileW
		p.rows = p.number(tagTileH, 0)
		if tileW > 1024 || p.rows > 1024 { // which the library refuses in a picture that is lower
			return nil
		}
	} else if n := p.number(tagRows, h); n < h {
		p.rows = n
	}
	if p.rows <= 0 {
		return nil
	}
	blocks := int64(p.across) * ((int64(h) + int64(p.rows) - 1) / int64(p.rows))
	p.offsets, p.counts = p.numbers(p.place), p.numbers(p.size)
	if int64(len(p.offsets)) < blocks || int64(len(p.counts)) < blocks || blocks > 1<<24 {
		return nil
	}
	if p.place == tagStrips && p.number(tagCompression, 1) <= 1 {
		p.split(w, h)
	}
	return p
}

// split cuts uncompressed strips that are too large for a band.
func (p *tiffPlan) split(w, h int) {
	rows, size := bandRows(w), (w*p.number(tagSamples, 1)*p.number(tagBits, 1)+7)/8
	if p.rows <= 2*rows || len(p.offsets) > 1 || int64(size)*int64(h) > int64(p.counts[0]) {
		return
	}
	at := p.offsets[0]
	p.offsets, p.counts, p.rows = nil, nil, rows
	for y := 0; y < h; y += rows {
		p.offsets = append(p.offsets, at+uint32(y*size))
		p.counts = append(p.counts, uint32(min(rows, h-y)*size))
	}
}

func (p *tiffPlan) entry(tag int) tiffEntry {
	for _, e := range p.entries {
		if e.tag == tag {
			return e
		}
	}
	return tiffEntry{order: p.order, value: make([]byte, 4)}
}

// numbers reads the values of a tag of 16- or 32-bit numbers.
func (p *tiffPlan) numbers(tag int) []uint32 {
	e := p.entry(tag)
	size := int64(2)
	if e.kind == 4 {
		size = 4
	}
	if e.kind != 3 && e.kind != 4 || e.count < 1 || e.count > 1<<24 {
		return nil
	}
	b := e.value
	if e.count*size > 4 {
		if b = (chunk{p.s, int64(e.order.Uint32(e.value)), e.count * size}).bytes(1 << 27); b == nil {
			return nil
		}
	}
	out := make([]uint32, e.count)
	for i := range out {
		if size == 2 {
			out[i] = uint32(e.order.Uint16(b[2*i:]))
		} else {
			out[i] = e.order.Uint32(b[4*i:])
		}
	}
	return out
}

// number reads the first value of a tag.
func (p *tiffPlan) number(tag, otherwise int) int {
	if v := p.numbers(tag); len(v) > 0 && int64(v[0]) < 1<<31 {
		return int(v[0])
	}
	return otherwise
}

// band is the number of rows decoded at once for bands of about rows.
func (p *tiffPlan) band(rows int) int { return p.rows * max(1, rows/p.rows) }

// decode gives c the bands.
func (p *tiffPlan) decode(c *canvas) error {
	if err := c.begin(p.alpha); err != nil {
		return err
	}
	step := p.band(c.rows())
	for y := 0; y < c.h.h; y += step {
		k := min(step, c.h.h-y)
		m, err := tiff.Decode(p.part(y/p.rows, (k+p.rows-1)/p.rows, k))
		if err != nil {
			return err
		}
		if m.Bounds() != image.Rect(0, 0, c.h.w, k) {
			return io.ErrUnexpectedEOF
		}
		if err := c.rowsOf(m, y); err != nil {
			return err
		}
	}
	return nil
}

// part is a file of n rows of blocks from the row first on, height pixels high.
func (p *tiffPlan) part(first, n, height int) io.Reader {
	from, to := first*p.across, (first+n)*p.across
	start := (p.s.size + 1) &^ 1
	own := map[int][]uint32{tagHeight: {uint32(height)}, p.place: p.offsets[from:to], p.size: p.counts[from:to]}
	if p.place == tagStrips {
		own[tagRows] = []uint32{uint32(p.rows)}
	}
	entries := slices.DeleteFunc(slices.Clone(p.entries), func(e tiffEntry) bool { return own[e.tag] != nil })
	for tag, v := range own {
		entries = append(entries, tiffEntry{tag: tag, kind: 4, count: int64(len(v)), order: p.order})
	}
	slices.SortFunc(entries, func(a, b tiffEntry) int { return a.tag - b.tag })
	dir := p.order.AppendUint16(nil, uint16(len(entries)))
	behind := uint32(start) + 2 + 12*uint32(len(entries)) + 4
	var arrays []byte
	for _, e := range entries {
		dir = p.order.AppendUint16(p.order.AppendUint16(dir, uint16(e.tag)), uint16(e.kind))
		dir = p.order.AppendUint32(dir, uint32(e.count))
		v := own[e.tag]
		switch {
		case v == nil:
			dir = append(dir, e.value...)
		case len(v) == 1:
			dir = p.order.AppendUint32(dir, v[0])
		default:
			dir = p.order.AppendUint32(dir, behind+uint32(len(arrays)))
			for _, x := range v {
				arrays = p.order.AppendUint32(arrays, x)
			}
		}
	}
	dir = append(append(dir, 0, 0, 0, 0), arrays...)
	head := p.order.AppendUint32(append([]byte(nil), p.s.bytes(0, 4)...), uint32(start))
	return &overlay{source: p.s, head: head, tail: dir, start: start}
}

// overlay is a source with other bytes at its start and more behind its end.
type overlay struct {
	source
	head, tail []byte
	start      int64 // of tail
}

// Read is there for the signature of the library, which reads by ReadAt.
func (o *overlay) Read([]byte) (int, error) { return 0, io.ErrNoProgress }

func (o *overlay) ReadAt(b []byte, off int64) (int, error) {
	for i := range b {
		b[i] = 0
	}
	if off >= o.start {
		if off-o.start >= int64(len(o.tail)) {
			return 0, io.EOF
		}
		n := copy(b, o.tail[off-o.start:])
		if n < len(b) {
			return n, io.EOF
		}
		return n, nil
	}
	n, err := o.r.ReadAt(b[:min(int64(len(b)), o.start-off)], off)
	if off < int64(len(o.head)) {
		copy(b, o.head[off:])
	}
	if n < len(b) && err == nil { // beyond the end of the file: no strip lies there
		err = io.EOF
	}
	return n, err
}
