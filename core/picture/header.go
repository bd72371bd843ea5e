package picture

import (
	"bytes"
	"encoding/binary"
	"errors"
	"image/jpeg"
	"io"

	"golang.org/x/image/bmp"
	"golang.org/x/image/tiff"
)

const pngSignature = "\x89PNG\r\n\x1a\n"

// size reads width and height from the header. For PNG, GIF and WebP it reads
// the bytes itself, because the decoders refuse some large sizes in words that
// do not tell the size.
func size(f Format, b []byte) (w, h int, err error) {
	switch f {
	case PNG:
		if len(b) < 33 {
			return 0, 0, io.ErrUnexpectedEOF
		}
		if string(b[12:16]) != "IHDR" {
			return 0, 0, errors.New("no IHDR chunk")
		}
		return int(binary.BigEndian.Uint32(b[16:])), int(binary.BigEndian.Uint32(b[20:])), nil
	case GIF:
		if len(b) < 13 {
			return 0, 0, io.ErrUnexpectedEOF
		}
		return int(binary.LittleEndian.Uint16(b[6:])), int(binary.LittleEndian.Uint16(b[8:])), nil
	case WebP:
		return webpSize(b)
	case JPEG:
		c, err := jpeg.DecodeConfig(bytes.NewReader(b))
		return c.Width, c.Height, err
	case TIFF:
		c, err := tiff.DecodeConfig(bytes.NewReader(b))
		return c.Width, c.Height, err
	}
	c, err := bmp.DecodeConfig(bytes.NewReader(b))
	return c.Width, c.Height, err
}

// webpChunks calls f with each chunk of a WebP file until f returns false. It
// reports a file shorter than a chunk says.
func webpChunks(b []byte, f func(id string, data []byte) bool) error {
	for off := 12; off+8 <= len(b); {
		n := int64(binary.LittleEndian.Uint32(b[off+4:]))
		end := int64(off) + 8 + n
		cut := end > int64(len(b))
		data := b[off+8 : min(end, int64(len(b)))]
		if !f(string(b[off:off+4]), data) {
			return nil
		}
		if cut {
			return io.ErrUnexpectedEOF
		}
		off = int(end + n&1)
	}
	return io.ErrUnexpectedEOF
}

// webpSize reads the size of the bitstream, and refuses animations. Both are
// described in RFC 9649: VP8 key frame header (section 2.5 and RFC 6386
// section 9.1), VP8L header (section 3.4), VP8X (section 2.7).
func webpSize(b []byte) (w, h int, err error) {
	var inner error
	err = webpChunks(b, func(id string, d []byte) bool {
		switch id {
		case "VP8X":
			if len(d) < 10 {
				inner = io.ErrUnexpectedEOF
			} else if d[0]&2 != 0 {
				inner = errors.New("unsupported: an animation")
			}
			return inner == nil
		case "VP8 ":
			switch {
			case len(d) < 10:
				inner = io.ErrUnexpectedEOF
			case d[3] != 0x9d || d[4] != 0x01 || d[5] != 0x2a:
				inner = errors.New("no key frame")
			default:
				w = int(binary.LittleEndian.Uint16(d[6:]) & 0x3fff)
				h = int(binary.LittleEndian.Uint16(d[8:]) & 0x3fff)
			}
			return false
		case "VP8L":
			switch {
			case len(d) < 5:
				inner = io.ErrUnexpectedEOF
			case d[0] != 0x2f:
				inner = errors.New("no VP8L signature")
			default:
				v := binary.LittleEndian.Uint32(d[1:])
				w, h = int(v&0x3fff)+1, int(v>>14&0x3fff)+1
			}
			return false
		}
		return true
	})
	if inner != nil {
		err = inner
	}
	return w, h, err
}

// plausible refuses a header that promises more pixels than the bytes behind
// it can hold, so that a few bytes cannot claim gigabytes of memory. Deflate
// makes at most 1032 bytes from one (zlib's technical notes), an LZW code at
// most 4096 pixels; a JPEG spends at least one bit on each 8x8 block of its
// largest component. Lossless WebP and some TIFFs have no such bound.
func plausible(f Format, b []byte, w, h int) error {
	need, have := int64(w)*int64(h), int64(len(b))
	switch f {
	case PNG:
		bits := int64(b[24]) * int64([7]int{1, 1, 3, 1, 2, 1, 4}[min(b[25], 6)])
		need, have = (need*bits+7)/8, have*1032
	case JPEG:
		have *= 64 * 8
	case GIF:
		have = max(have*4096, 4_000_000) // a first frame may be small on a large canvas
	case BMP:
		have *= 8 // never compressed here
	default:
		return nil
	}
	if need > have {
		return io.ErrUnexpectedEOF
	}
	return nil
}
