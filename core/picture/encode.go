package picture

import (
	"bufio"
	"context"
	"fmt"
	"image/jpeg"
	"image/png"
	"io"
)

// SaveOptions are the choices of an encoder; the zero value is a good one.
type SaveOptions struct {
	Quality int  // of a JPEG, 1 to 100; 0 means 92
	Deep    bool // 16 bits a channel in a PNG
	Small   bool // a PNG about a fifth smaller that takes several times as long to write
}

// Save writes the picture as PNG or JPEG by the ending of path, with its
// metadata, atomically: a failure leaves no file, and an older file of that
// name as it was. Errors are of type *Error.
func Save(path string, p *Picture) error {
	return SaveContext(context.Background(), path, p, SaveOptions{})
}

// SaveContext is Save with options; a cancelled ctx stops it like any failure.
func SaveContext(ctx context.Context, path string, p *Picture, o SaveOptions) error {
	f, err := FormatOf(path)
	if err != nil {
		return err
	}
	if err := encodable(f, p, o); err != nil {
		err.Path = path
		return err
	}
	return writeAtomic(ctx, path, func(w io.Writer) error { return encode(w, f, p, o) })
}

// Encode writes the picture to w as PNG or JPEG.
func Encode(w io.Writer, f Format, p *Picture, o SaveOptions) error {
	if err := encodable(f, p, o); err != nil {
		return err
	}
	if err := encode(w, f, p, o); err != nil {
		return writeError(string(f), err)
	}
	return nil
}

// encodable checks all that can be known before the first byte is written.
func encodable(f Format, p *Picture, o SaveOptions) *Error {
	e := &Error{Op: "save", Path: string(f), Kind: ErrWrite}
	if f != PNG && f != JPEG {
		e.Kind, e.What, e.Do = ErrFormat, "we do not write this format", "use PNG or JPEG"
		return e
	}
	if err := p.Check(); err != nil {
		e.Err, e.What, e.Do = err, "there is nothing to write ("+err.Error()+")", "make the picture again"
		return e
	}
	const side = 65535 // 16-bit sizes in the frame header (ITU-T T.81, B.2.2)
	if f == JPEG && (p.W > side || p.H > side) {
		e.What, e.Do = fmt.Sprintf("a JPEG holds at most %d pixels a side, the picture has %dx%d", side, p.W, p.H), "save it as PNG"
		return e
	}
	if o.Quality < 0 || o.Quality > 100 {
		e.What, e.Do = fmt.Sprintf("the quality is %d", o.Quality), "give 1 to 100, or 0 for the default"
		return e
	}
	for _, k := range sortedKeys(p.Meta) {
		if !validKey(k) {
			e.What, e.Do = fmt.Sprintf("the metadata key %q cannot be stored", k), "use 1 to 79 printable ASCII characters"
			return e
		}
		if !validText(p.Meta[k]) {
			e.What, e.Do = fmt.Sprintf("the metadata text %q cannot be stored", k), "use UTF-8 without zero bytes, at most 8 MB"
			return e
		}
	}
	return nil
}

func encode(w io.Writer, f Format, p *Picture, o SaveOptions) error {
	bw := bufio.NewWriterSize(w, 1<<16)
	var err error
	if f == PNG {
		mw := &insertWriter{w: bw, at: pngHeader, extra: pngText(p.Meta)}
		enc := png.Encoder{CompressionLevel: png.BestSpeed}
		if o.Small {
			enc.CompressionLevel = png.DefaultCompression
		}
		if o.Deep {
			err = enc.Encode(mw, p.ToImage16())
		} else {
			err = enc.Encode(mw, p.ToImage())
		}
	} else {
		q := o.Quality
		if q == 0 {
			q = 92
		}
		mw := &insertWriter{w: bw, at: 2, extra: jpegText(p.Meta)} // after the SOI marker
		err = jpeg.Encode(mw, opaqueRGBA(p.Flatten(1, 1, 1)), &jpeg.Options{Quality: q})
	}
	if err != nil {
		return err
	}
	return bw.Flush()
}

// insertWriter passes bytes on and puts extra behind the first at bytes: the
// encoders of the standard library write no metadata of their own.
type insertWriter struct {
	w     io.Writer
	at    int // bytes still to pass before extra; below 0 once written
	extra []byte
}

func (m *insertWriter) Write(b []byte) (int, error) {
	if m.at < 0 || len(b) < m.at {
		if m.at >= 0 {
			m.at -= len(b)
		}
		return m.w.Write(b)
	}
	n, err := m.w.Write(b[:m.at])
	if err != nil {
		return n, err
	}
	m.at = -1
	if _, err := m.w.Write(m.extra); err != nil {
		return n, err
	}
	k, err := m.w.Write(b[n:])
	return n + k, err
}
