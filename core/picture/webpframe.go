package picture

import (
	"bytes"
	"encoding/binary"
	"errors"
	"image"
	"image/draw"
	"io"

	"golang.org/x/image/webp"
)

// webpFrame decodes the first frame of an animated WebP onto its canvas (RFC
// 9649, section 2.7.1.1). A frame holds the chunks of a still picture: they
// are read as one.
func webpFrame(s source, h header) (image.Image, error) {
	var m image.Image
	var inner error
	err := webpChunks(s, func(id string, c chunk) bool {
		if id != "ANMF" {
			return true
		}
		m, inner = stillFrame(c, h)
		return false
	})
	if inner != nil {
		err = inner
	}
	return m, err
}

func stillFrame(c chunk, h header) (image.Image, error) {
	head := c.s.bytes(c.off, min(c.size, 24))
	if len(head) < 24 {
		return nil, io.ErrUnexpectedEOF
	}
	x, y := 2*int(uint24(head)), 2*int(uint24(head[3:]))
	w, t := 1+int(uint24(head[6:])), 1+int(uint24(head[9:]))
	if w > h.w-x || t > h.h-y {
		return nil, errors.New("a frame that is not inside the picture")
	}
	extended := append([]byte("VP8X\x0a\x00\x00\x00\x10\x00\x00\x00"), head[6:12]...)
	if string(head[16:20]) != "ALPH" {
		extended = nil
	}
	size := c.size - 16
	riff := binary.LittleEndian.AppendUint32([]byte("RIFF"), uint32(size+4)+uint32(len(extended)))
	riff = append(append(riff, "WEBP"...), extended...)
	m, err := webp.Decode(io.MultiReader(bytes.NewReader(riff), io.NewSectionReader(c.s.r, c.off+16, size)))
	if err != nil {
		return nil, err
	}
	if m.Bounds().Size() != image.Pt(w, t) {
		return nil, errors.New("a frame that is not of the size it says")
	}
	if x == 0 && y == 0 && w == h.w && t == h.h {
		return m, nil
	}
	return drawn(fromImage(m, true).ToImage(), x, y, h.w, h.h), nil
}

// drawn puts m at (x,y) of a transparent canvas of w by h pixels.
func drawn(m image.Image, x, y, w, h int) image.Image {
	full := image.NewNRGBA(image.Rect(0, 0, w, h))
	draw.Draw(full, m.Bounds().Sub(m.Bounds().Min).Add(image.Pt(x, y)), m, m.Bounds().Min, draw.Src)
	return full
}
