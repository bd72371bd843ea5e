package picture

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"hash/crc32"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"math"
	"testing"

	"golang.org/x/image/bmp"
	"golang.org/x/image/tiff"
)

// Small WebP files of 16x8: left half (200,40,40), right half white; in the
// last two the lower half has alpha 128. Made once with cwebp 1.2.4.
const (
	webpLossy    = "UklGRjQAAABXRUJQVlA4ICgAAABwAQCdASoQAAgAAoBCJaACdAFAAAD+7P3//nyD/Ob4P//SQv/8PQAA"
	webpAlpha    = "UklGRmIAAABXRUJQVlA4WAoAAAAQAAAADwAABwAAQUxQSBMAAAABD/DA/4iIIBZM8pfumkNE/zMGAFZQOCAoAAAAcAEAnQEqEAAIAAKAQiWgAnQBQAAA/uz9//58g/zm+D//0kL//D0AAA=="
	webpLossless = "UklGRkIAAABXRUJQVlA4TDUAAAAvD8ABEB8gEEjS2R9wDYFAkr/ZVAsEknT2B1xAQnguy8U/qoAgzDaa5CQneb9jiOh/bPBLPwA="
)

func unbase64(t testing.TB, s string) []byte {
	t.Helper()
	b, err := base64.StdEncoding.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// sample is a small picture with a different colour everywhere.
func sample(w, h int) *image.NRGBA {
	m := image.NewNRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			m.SetNRGBA(x, y, color.NRGBA{uint8(x * 255 / max(1, w-1)), uint8(y * 255 / max(1, h-1)), uint8((x*7 + y*13) % 256), 255})
		}
	}
	return m
}

func encoded(t testing.TB, f Format, m image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	var err error
	switch f {
	case PNG:
		err = png.Encode(&b, m)
	case JPEG:
		err = jpeg.Encode(&b, m, &jpeg.Options{Quality: 95})
	case TIFF:
		err = tiff.Encode(&b, m, &tiff.Options{Compression: tiff.Deflate})
	case BMP:
		err = bmp.Encode(&b, m)
	case GIF:
		err = gif.Encode(&b, m, nil)
	case WebP:
		return unbase64(t, webpLossless)
	}
	if err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

var allFormats = []Format{PNG, JPEG, WebP, TIFF, BMP, GIF}

// cmykJPEG composes an 8x8 JPEG of one colour with four components stored as
// they are (Adobe transform 0, so inverted): quantiser 8 makes the DC
// coefficient the value less 128, and every block ends after it.
func cmykJPEG(c, m, y, k int) []byte {
	var b bytes.Buffer
	seg := func(marker byte, d []byte) {
		b.Write([]byte{0xff, marker, byte((len(d) + 2) >> 8), byte(len(d) + 2)})
		b.Write(d)
	}
	b.Write([]byte{0xff, 0xd8})
	seg(0xee, []byte("Adobe\x00\x64\x00\x00\x00\x00\x00"))
	seg(0xdb, append([]byte{0}, bytes.Repeat([]byte{8}, 64)...))
	seg(0xc0, []byte{8, 0, 8, 0, 8, 4, 1, 0x11, 0, 2, 0x11, 0, 3, 0x11, 0, 4, 0x11, 0})
	seg(0xc4, append([]byte{0x00, 0, 0, 0, 9, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}, 0, 1, 2, 3, 4, 5, 6, 7, 8)) // category n: code n in 4 bits
	seg(0xc4, append([]byte{0x10, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}, 0))                         // end of block: code 0 in 1 bit
	seg(0xda, []byte{4, 1, 0, 2, 0, 3, 0, 4, 0, 0, 63, 0})
	var bits string
	put := func(v, n int) {
		for i := n - 1; i >= 0; i-- {
			bits += string(rune('0' + v>>i&1))
		}
	}
	for _, ink := range []int{c, m, y, k} {
		v := 255 - ink - 128
		n := 0
		for a := max(v, -v); a > 0; a >>= 1 {
			n++
		}
		put(n, 4)
		if v < 0 {
			v += 1<<n - 1
		}
		put(v, n)
		put(0, 1)
	}
	for len(bits)%8 != 0 {
		bits += "1"
	}
	for i := 0; i < len(bits); i += 8 {
		var v byte
		for _, c := range bits[i : i+8] {
			v = v<<1 | byte(c-'0')
		}
		b.WriteByte(v)
		if v == 0xff {
			b.WriteByte(0)
		}
	}
	b.Write([]byte{0xff, 0xd9})
	return b.Bytes()
}

// exif is a TIFF structure with nothing but an orientation.
func exif(o int, order binary.ByteOrder) []byte {
	b := []byte("II*\x00")
	if order == binary.ByteOrder(binary.BigEndian) {
		b = []byte("MM\x00*")
	}
	b = append(b, make([]byte, 4+2+12+4)...)
	order.PutUint32(b[4:], 8)
	order.PutUint16(b[8:], 1)
	order.PutUint16(b[10:], 274)
	order.PutUint16(b[12:], 3)
	order.PutUint32(b[14:], 1)
	order.PutUint16(b[18:], uint16(o))
	return b
}

func withJPEGSegment(b []byte, marker byte, d []byte) []byte {
	out := append([]byte{0xff, 0xd8, 0xff, marker, byte((len(d) + 2) >> 8), byte(len(d) + 2)}, d...)
	return append(out, b[2:]...)
}

func withPNGChunk(b []byte, id string, d []byte) []byte {
	var n [4]byte
	binary.BigEndian.PutUint32(n[:], uint32(len(d)))
	c := append(n[:], append([]byte(id), d...)...)
	c = binary.BigEndian.AppendUint32(c, crc32.ChecksumIEEE(c[4:]))
	return append(append(append([]byte(nil), b[:pngHeader]...), c...), b[pngHeader:]...)
}

// tiffGrey composes a 3x2 grey TIFF with an orientation.
func tiffGrey(o int, pix [6]byte) []byte {
	le := binary.LittleEndian
	entries := [][3]int{ // tag, type, value; one of each
		{256, 3, 3}, {257, 3, 2}, {258, 3, 8}, {259, 3, 1}, {262, 3, 1}, {273, 4, 8}, {274, 3, o}, {277, 3, 1}, {278, 3, 2}, {279, 4, 6},
	}
	b := append([]byte("II*\x00\x0e\x00\x00\x00"), pix[:]...)
	b = le.AppendUint16(b, uint16(len(entries)))
	for _, e := range entries {
		b = le.AppendUint16(b, uint16(e[0]))
		b = le.AppendUint16(b, uint16(e[1]))
		b = le.AppendUint32(b, 1)
		b = le.AppendUint32(b, uint32(e[2]))
	}
	return le.AppendUint32(b, 0)
}

// near reports the largest difference between two slices.
func near(a, b []float32) float64 {
	if len(a) != len(b) {
		return math.Inf(1)
	}
	worst := 0.0
	for i := range a {
		worst = max(worst, math.Abs(float64(a[i]-b[i])))
	}
	return worst
}

func crc32Of(b []byte) uint32 { return crc32.ChecksumIEEE(b) }

// encodedAt is a JPEG by image/jpeg alone.
func encodedAt(t testing.TB, p *Picture, quality int) []byte {
	t.Helper()
	var b bytes.Buffer
	m := p.ToImage()
	if err := jpeg.Encode(&b, &image.RGBA{Pix: m.Pix, Stride: m.Stride, Rect: m.Rect}, &jpeg.Options{Quality: quality}); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// smallBands makes small pictures fall into many bands, segments and stripes.
func smallBands(t testing.TB) {
	b, s := bandPixels, pngSegment
	bandPixels, pngSegment = 2000, 5000
	t.Cleanup(func() { bandPixels, pngSegment = b, s })
}
