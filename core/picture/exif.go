package picture

import (
	"bytes"
	"encoding/binary"
)

// Tags of the first directory of a TIFF structure (TIFF 6.0; EXIF 2.32, 4.6.4;
// ICC.1, annex B.4).
const (
	tagOrientation = 274
	tagICC         = 34675
)

// orientation returns the EXIF orientation of a file, 1 to 8; 1 where there is
// none. TIFF files have it themselves, JPEG carries a small TIFF in an APP1
// segment, PNG in an eXIf chunk, WebP in an EXIF chunk.
func orientation(f Format, s source) int {
	o := 1
	inside := func(b []byte) { o = tiffOrientation(sourceOf(bytes.TrimPrefix(b, []byte("Exif\x00\x00")), s.name)) }
	switch f {
	case TIFF:
		o = tiffOrientation(s)
	case JPEG:
		jpegSegments(s, func(marker byte, d []byte) bool {
			found := marker == 0xe1 && bytes.HasPrefix(d, []byte("Exif\x00\x00"))
			if found {
				inside(d)
			}
			return !found
		})
	case PNG:
		pngChunks(s, func(id string, c chunk) bool {
			if id == "eXIf" {
				inside(c.bytes(maxText))
			}
			return id != "eXIf"
		})
	case WebP:
		_ = webpChunks(s, func(id string, c chunk) bool { // a cut here only ends the search
			if id == "EXIF" {
				inside(c.bytes(maxText))
			}
			return id != "EXIF"
		})
	}
	return o
}

func tiffOrientation(s source) int {
	o := 1
	tiffTags(s, func(e tiffEntry) bool {
		const short = 3
		if e.tag == tagOrientation && e.kind == short {
			if v := int(e.order.Uint16(e.value)); v >= 1 && v <= 8 {
				o = v
			}
		}
		return e.tag != tagOrientation
	})
	return o
}

// tiffEntry is an entry of a TIFF directory; value holds it or its place.
type tiffEntry struct {
	tag, kind int
	count     int64
	value     []byte // 4 bytes
	order     byteOrder
}

type byteOrder interface {
	binary.ByteOrder
	binary.AppendByteOrder
}

// tiffTags calls f with the entries of the first directory until it returns
// false.
func tiffTags(s source, f func(tiffEntry) bool) {
	head := s.bytes(0, 8)
	if len(head) < 8 {
		return
	}
	var order byteOrder = binary.LittleEndian
	switch string(head[:4]) {
	case "II*\x00":
	case "MM\x00*":
		order = binary.BigEndian
	default:
		return
	}
	at := int64(order.Uint32(head[4:]))
	n := s.bytes(at, 2)
	if len(n) < 2 {
		return
	}
	for b := s.bytes(at+2, 12*int64(order.Uint16(n))); len(b) >= 12; b = b[12:] {
		e := tiffEntry{int(order.Uint16(b)), int(order.Uint16(b[2:])), int64(order.Uint32(b[4:])), b[8:12], order}
		if !f(e) {
			return
		}
	}
}

// orientInto turns a picture as it was stored into the picture as it is seen,
// in the memory of q. It returns p where nothing is to be done.
func (p *Picture) orientInto(q *Picture, o int) *Picture {
	w, h := p.W, p.H
	var from func(x, y int) int // the stored pixel of what is seen at (x,y)
	switch o {
	case 2:
		from = func(x, y int) int { return y*w + w - 1 - x }
	case 3:
		from = func(x, y int) int { return (h-1-y)*w + w - 1 - x }
	case 4:
		from = func(x, y int) int { return (h-1-y)*w + x }
	case 5:
		from = func(x, y int) int { return x*w + y }
	case 6:
		from = func(x, y int) int { return (h-1-x)*w + y }
	case 7:
		from = func(x, y int) int { return (h-1-x)*w + w - 1 - y }
	case 8:
		from = func(x, y int) int { return x*w + w - 1 - y }
	default:
		return p
	}
	if o >= 5 {
		p.remapInto(q, h, w, from)
	} else {
		p.remapInto(q, w, h, from)
	}
	return q
}

// oriented is the place, as seen, of k stored rows from row y on of a picture
// of h stored rows.
func oriented(o, y, k, h int) (atX, atY int) {
	switch o {
	case 3, 4:
		return 0, h - y - k
	case 5, 8:
		return y, 0
	case 6, 7:
		return h - y - k, 0
	}
	return 0, y
}
