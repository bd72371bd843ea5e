package picture

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/color"
	"image/gif"
	"io"
	"strings"
	"unicode/utf8"
)

// encodeGIF writes a film as a GIF. All frames share one palette, so that what
// does not move keeps its colours.
func encodeGIF(ctx context.Context, w io.Writer, f *Film, tell func(float64)) error {
	colours := paletteOf(f, 256)
	model := make(color.Palette, len(colours.list))
	for i, c := range colours.list {
		model[i] = color.RGBA{c[0], c[1], c[2], 255}
	}
	order := f.order()
	g := gif.GIF{Config: image.Config{ColorModel: model, Width: f.bounds().Dx(), Height: f.bounds().Dy()}, Delay: f.delays(len(order), 100)}
	switch f.Loops { // the format counts the times that it is shown again
	case 0:
	case 1:
		g.LoopCount = -1
	default:
		g.LoopCount = f.Loops - 1
	}
	frames := make([]*image.Paletted, len(f.Frames))
	for i := range frames {
		if err := ctx.Err(); err != nil {
			return err
		}
		frames[i] = image.NewPaletted(f.bounds(), model)
		colours.dither(frames[i].Pix, f.pixels(i), f.bounds().Dx(), f.Dither)
		tell(0.7 * float64(i+1) / float64(len(frames)))
	}
	for _, i := range order {
		g.Image = append(g.Image, frames[i])
	}
	last := &lastByte{w: w}
	if err := gif.EncodeAll(last, &g); err != nil {
		return err
	}
	if _, err := w.Write(gifComments(f.Meta)); err != nil {
		return err
	}
	tell(1)
	return last.flush()
}

// gifComments encodes texts as comment extensions (GIF89a, 24), "key: text" in
// pieces of up to 255 bytes, to stand before the trailer. The package image/gif
// writes none. They are to be ASCII: what is not is written as \u....
func gifComments(meta map[string]string) []byte {
	var out bytes.Buffer
	for _, k := range sortedKeys(meta) {
		out.Write([]byte{0x21, 0xfe})
		text := k + ": " + asciiOf(meta[k])
		for text != "" {
			n := min(len(text), 255)
			out.WriteByte(byte(n))
			out.WriteString(text[:n])
			text = text[n:]
		}
		out.WriteByte(0)
	}
	return out.Bytes()
}

// asciiOf writes letters that are not ASCII as JSON does.
func asciiOf(s string) string {
	var b strings.Builder
	for _, r := range s {
		switch {
		case r < utf8.RuneSelf:
			b.WriteRune(r)
		case r < 0x10000:
			fmt.Fprintf(&b, `\u%04x`, r)
		default: // a surrogate pair
			r -= 0x10000
			fmt.Fprintf(&b, `\u%04x\u%04x`, 0xd800+r>>10, 0xdc00+r&0x3ff)
		}
	}
	return b.String()
}

// lastByte passes on all but the last byte that it was given: the trailer.
type lastByte struct {
	w    io.Writer
	held []byte
}

func (l *lastByte) Write(b []byte) (int, error) {
	if len(b) == 0 {
		return 0, nil
	}
	if err := l.flush(); err != nil {
		return 0, err
	}
	n, err := l.w.Write(b[:len(b)-1])
	if err != nil {
		return n, err
	}
	l.held = []byte{b[len(b)-1]}
	return len(b), nil
}

func (l *lastByte) flush() error {
	_, err := l.w.Write(l.held)
	l.held = nil
	return err
}
