package picture

import (
	"encoding/binary"
	"errors"
	"image/color"
	"image/jpeg"
	"io"

	"golang.org/x/image/bmp"
	"golang.org/x/image/tiff"
)

const pngSignature = "\x89PNG\r\n\x1a\n"

// header is what the first bytes of a picture tell; nothing of the size of the
// picture is taken to learn it.
type header struct {
	f      Format
	w, h   int     // as stored
	depth  int     // bits a sample: 8 or 16
	cost   float64 // bytes a pixel that the decoder takes; 0: it works row by row
	kind   string  // what makes it cost, for a message: "progressive JPEG"
	orient int     // EXIF orientation
	cmyk   bool    // pixels are inks
	tiff   *tiffPlan
}

// readHeader reads the header of a picture of format f. For PNG, GIF and WebP
// it reads the bytes itself, because the decoders refuse some large sizes in
// words that do not tell the size.
func readHeader(f Format, s source) (header, error) {
	h := header{f: f, depth: 8}
	var err error
	switch f {
	case PNG:
		err = pngHeaderOf(&h, s)
	case GIF:
		b := s.bytes(0, 13)
		if len(b) < 13 {
			return h, io.ErrUnexpectedEOF
		}
		h.w, h.h = int(binary.LittleEndian.Uint16(b[6:])), int(binary.LittleEndian.Uint16(b[8:]))
		h.cost, h.kind = 5, "GIF" // a palette index, and a canvas where the frame is smaller
	case WebP:
		err = webpHeader(&h, s)
	case JPEG:
		err = jpegHeader(&h, s)
	case TIFF:
		c, e := tiff.DecodeConfig(io.NewSectionReader(s.r, 0, s.size))
		h.w, h.h, h.kind, err = c.Width, c.Height, "TIFF", e
		switch c.ColorModel { // pixels, and a strip or tile that may be all of them
		case color.GrayModel:
			h.cost = 2
		case color.Gray16Model:
			h.cost, h.depth = 4, 16
		case color.RGBA64Model, color.NRGBA64Model:
			h.cost, h.depth = 16, 16
		default:
			h.cost = 8
		}
		if err == nil && h.w > 0 && h.h > 0 {
			if h.tiff = planTIFF(s, h.w, h.h); h.tiff != nil {
				h.cost *= min(1, float64(h.tiff.band(bandRows(h.w)))/float64(h.h))
			}
		}
	case BMP:
		c, e := bmp.DecodeConfig(s.reader(nil))
		h.w, h.h, h.cost, h.kind, err = c.Width, c.Height, 4, "BMP", e
	}
	if err == nil {
		h.orient = orientation(f, s)
	}
	return h, err
}

// seen is the size after the camera's orientation.
func (h *header) seen() (int, int) {
	if h.orient >= 5 {
		return h.h, h.w
	}
	return h.w, h.h
}

// pngHeaderOf reads the IHDR chunk (PNG specification, 11.2.1).
func pngHeaderOf(h *header, s source) error {
	b := s.bytes(0, int64(pngHeader))
	if len(b) < pngHeader {
		return io.ErrUnexpectedEOF
	}
	if string(b[12:16]) != "IHDR" {
		return errors.New("no IHDR chunk")
	}
	w, t := binary.BigEndian.Uint32(b[16:]), binary.BigEndian.Uint32(b[20:])
	if w > 1<<31-1 || t > 1<<31-1 {
		return errors.New("a size over 2147483647")
	}
	h.w, h.h = int(w), int(t)
	if b[24] == 16 {
		h.depth = 16
	}
	if b[28] == 1 { // Adam7 comes in passes: the picture, and half of it again
		h.kind = "interlaced PNG"
		h.cost = 1.5 * float64([7]int{2, 4, 4, 1, 4, 4, 4}[min(b[25], 6)]*h.depth/8)
	}
	return nil
}

// jpegHeader reads the frame header (ITU-T T.81, B.2.2). A progressive JPEG
// holds four bytes of coefficient for each sample until its end.
func jpegHeader(h *header, s source) error {
	c, err := jpeg.DecodeConfig(s.reader(nil))
	if err != nil {
		return err
	}
	h.w, h.h, h.cost, h.kind = c.Width, c.Height, 15, "JPEG"
	jpegSegments(s, func(marker byte, d []byte) bool {
		if marker < 0xc0 || marker > 0xc2 || len(d) < 6 || len(d) < 6+3*int(d[5]) {
			return true
		}
		samples, most := 0, 1
		for i := range int(d[5]) {
			k := int(d[7+3*i]>>4) * int(d[7+3*i]&15)
			samples, most = samples+k, max(most, k)
		}
		h.cost = float64(samples) / float64(most)
		if marker == 0xc2 {
			h.cost *= 5
			h.kind = "progressive JPEG"
		}
		if c.ColorModel == color.CMYKModel || c.ColorModel == color.RGBAModel {
			h.cost += 4
			h.kind, h.cmyk = "CMYK or RGB JPEG", c.ColorModel == color.CMYKModel
		}
		return false
	})
	return nil
}

// webpHeader reads the size of the bitstream, or the canvas of an animation.
// All are described in RFC 9649: VP8 key frame header (section 2.5 and RFC
// 6386 section 9.1), VP8L header (section 3.4), VP8X (section 2.7).
func webpHeader(h *header, s source) error {
	var inner error
	h.cost, h.kind = 1.5, "WebP"
	err := webpChunks(s, func(id string, c chunk) bool {
		d := c.s.bytes(c.off, min(c.size, 10))
		switch id {
		case "VP8X":
			switch {
			case len(d) < 10:
				inner = io.ErrUnexpectedEOF
			case d[0]&2 != 0: // an animation; its first frame goes on a canvas
				h.w, h.h = 1+int(uint24(d[4:])), 1+int(uint24(d[7:]))
				h.cost, h.kind = 12, "animated WebP"
				return false
			case d[0]&16 != 0: // alpha, packed as a lossless picture of its own
				h.cost = 6.5
			}
			return inner == nil
		case "VP8 ":
			switch {
			case len(d) < 10:
				inner = io.ErrUnexpectedEOF
			case d[3] != 0x9d || d[4] != 0x01 || d[5] != 0x2a:
				inner = errors.New("no key frame")
			default:
				h.w = int(binary.LittleEndian.Uint16(d[6:]) & 0x3fff)
				h.h = int(binary.LittleEndian.Uint16(d[8:]) & 0x3fff)
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
				h.w, h.h, h.cost = int(v&0x3fff)+1, int(v>>14&0x3fff)+1, 8
			}
			return false
		}
		return true
	})
	if inner != nil {
		err = inner
	}
	return err
}

func uint24(b []byte) uint32 { return uint32(b[0]) | uint32(b[1])<<8 | uint32(b[2])<<16 }

// plausible refuses a header that promises more pixels than the bytes behind
// it can hold, so that a few bytes cannot claim gigabytes of memory. Deflate
// makes at most 1032 bytes from one (zlib's technical notes), an LZW code at
// most 4096 pixels; a JPEG spends at least one bit on each 8x8 block of its
// largest component. Lossless WebP and some TIFFs have no such bound.
func (h *header) plausible(s source) error {
	need, have := int64(h.w)*int64(h.h), s.size
	switch h.f {
	case PNG:
		b := s.bytes(0, int64(pngHeader))
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
