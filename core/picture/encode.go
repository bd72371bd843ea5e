package picture

import (
	"bufio"
	"context"
	"fmt"
	"io"
)

// SaveOptions are the choices of an encoder; the zero value is a good one.
type SaveOptions struct {
	Quality int  // of a JPEG, 1 to 100; 0 means 92
	Deep    bool // 16 bits a channel in a PNG, also of a Picture; a raster of 16 bits has them anyway
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
	if err := p.Check(); err != nil {
		return nothing(path, err)
	}
	return saveRaster(ctx, path, f, RasterOf(p), o)
}

// SaveRaster is SaveContext for a raster: it needs memory for a few bands. A
// PNG has the raster's depth, 16 bits where that is 16; a JPEG has 8, rounded.
func SaveRaster(ctx context.Context, path string, r *Raster, o SaveOptions) error {
	f, err := FormatOf(path)
	if err != nil {
		return err
	}
	return saveRaster(ctx, path, f, r, o)
}

func saveRaster(ctx context.Context, path string, f Format, r *Raster, o SaveOptions) error {
	if err := encodable(f, r, o); err != nil {
		err.Path = path
		return err
	}
	return writeAtomic(ctx, path, func(w io.Writer) error { return encode(ctx, w, f, r, o) })
}

// Encode writes the picture to w as PNG or JPEG.
func Encode(w io.Writer, f Format, p *Picture, o SaveOptions) error {
	if err := p.Check(); err != nil {
		return nothing(string(f), err)
	}
	r := RasterOf(p)
	if err := encodable(f, r, o); err != nil {
		return err
	}
	if err := encode(context.Background(), w, f, r, o); err != nil {
		return writeError(string(f), err)
	}
	return nil
}

func nothing(path string, err error) *Error {
	return &Error{Op: "save", Path: path, Kind: ErrWrite, Err: err, What: "there is nothing to write (" + err.Error() + ")", Do: "make the picture again"}
}

// encodable checks all that can be known before the first byte is written.
func encodable(f Format, r *Raster, o SaveOptions) *Error {
	e := &Error{Op: "save", Path: string(f), Kind: ErrWrite}
	if f != PNG && f != JPEG {
		e.Kind, e.What, e.Do = ErrFormat, "we do not write this format", "use PNG or JPEG"
		return e
	}
	const side = 65535 // 16-bit sizes in the frame header (ITU-T T.81, B.2.2)
	if f == JPEG && (r.w > side || r.h > side) {
		e.What, e.Do = fmt.Sprintf("a JPEG holds at most %d pixels a side, the picture has %dx%d", side, r.w, r.h), "save it as PNG"
		return e
	}
	if o.Quality < 0 || o.Quality > 100 {
		e.What, e.Do = fmt.Sprintf("the quality is %d", o.Quality), "give 1 to 100, or 0 for the default"
		return e
	}
	for _, k := range sortedKeys(r.Meta) {
		if !validKey(k) {
			e.What, e.Do = fmt.Sprintf("the metadata key %q cannot be stored", k), "use 1 to 79 printable ASCII characters"
			return e
		}
		if !validText(r.Meta[k]) {
			e.What, e.Do = fmt.Sprintf("the metadata text %q cannot be stored", k), "use UTF-8 without zero bytes, at most 8 MB"
			return e
		}
	}
	return nil
}

func encode(ctx context.Context, w io.Writer, f Format, r *Raster, o SaveOptions) error {
	bw := bufio.NewWriterSize(w, 1<<16)
	write := encodePNG
	if f == JPEG {
		write = encodeJPEG
	}
	if err := write(ctx, bw, r, o); err != nil {
		return err
	}
	return bw.Flush()
}
