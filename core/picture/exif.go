package picture

import (
	"bytes"
	"encoding/binary"
)

// orientation returns the EXIF orientation of a file, 1 to 8; 1 where there is
// none. It lives in TIFF tag 274 of the first directory (EXIF 2.32, 4.6.4):
// TIFF files have it themselves, JPEG carries a small TIFF in an APP1 segment,
// PNG in an eXIf chunk, WebP in an EXIF chunk.
func orientation(f Format, b []byte) int {
	o := 1
	switch f {
	case TIFF:
		o = tiffOrientation(b)
	case JPEG:
		jpegSegments(b, func(marker byte, d []byte) bool {
			if marker == 0xe1 && bytes.HasPrefix(d, []byte("Exif\x00\x00")) {
				o = tiffOrientation(d[6:])
				return false
			}
			return true
		})
	case PNG:
		pngChunks(b, func(id string, d []byte) bool {
			if id == "eXIf" {
				o = tiffOrientation(d)
			}
			return id != "eXIf"
		})
	case WebP:
		_ = webpChunks(b, func(id string, d []byte) bool { // the pixels were read: a cut here only ends the search
			if id == "EXIF" {
				o = tiffOrientation(bytes.TrimPrefix(d, []byte("Exif\x00\x00")))
			}
			return id != "EXIF"
		})
	}
	return o
}

func tiffOrientation(d []byte) int {
	if len(d) < 8 {
		return 1
	}
	var order binary.ByteOrder = binary.LittleEndian
	switch string(d[:4]) {
	case "II*\x00":
	case "MM\x00*":
		order = binary.BigEndian
	default:
		return 1
	}
	at := int64(order.Uint32(d[4:]))
	if at+2 > int64(len(d)) {
		return 1
	}
	n := int64(order.Uint16(d[at:]))
	for i := range n {
		e := at + 2 + 12*i
		if e+12 > int64(len(d)) {
			break
		}
		const short = 3
		if order.Uint16(d[e:]) == 274 && order.Uint16(d[e+2:]) == short {
			if o := int(order.Uint16(d[e+8:])); o >= 1 && o <= 8 {
				return o
			}
			break
		}
	}
	return 1
}

// jpegSegments calls f with the segments before the first scan until it
// returns false.
func jpegSegments(b []byte, f func(marker byte, data []byte) bool) {
	for i := 2; i+4 <= len(b) && b[i] == 0xff; {
		m := b[i+1]
		if m == 0xff { // fill byte
			i++
			continue
		}
		if m == 0xda || m == 0xd9 {
			return
		}
		n := int(binary.BigEndian.Uint16(b[i+2:]))
		if n < 2 || i+2+n > len(b) || !f(m, b[i+4:i+2+n]) {
			return
		}
		i += 2 + n
	}
}

// pngChunks calls f with each whole chunk until it returns false.
func pngChunks(b []byte, f func(id string, data []byte) bool) {
	for i := len(pngSignature); i+12 <= len(b); {
		n := int64(binary.BigEndian.Uint32(b[i:]))
		if int64(i)+12+n > int64(len(b)) || !f(string(b[i+4:i+8]), b[i+8:i+8+int(n)]) {
			return
		}
		i += 12 + int(n)
	}
}

// orient turns a picture as it was stored into the picture as it is seen.
func (p *Picture) orient(o int) *Picture {
	switch o {
	case 2:
		return p.FlipH()
	case 3:
		return p.turn(2)
	case 4:
		return p.FlipV()
	case 5:
		return p.FlipH().turn(3)
	case 6:
		return p.turn(1)
	case 7:
		return p.FlipH().turn(1)
	case 8:
		return p.turn(3)
	}
	return p
}
