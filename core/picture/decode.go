package picture

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/gif"
	"image/jpeg"
	"image/png"
	"io"
	"os"
	"strings"

	"golang.org/x/image/bmp"
	"golang.org/x/image/tiff"
	"golang.org/x/image/webp"
)

// Default limits: a picture of 300 megapixels takes 3.6 GB as float32.
const (
	DefaultPixels = 300_000_000
	DefaultBytes  = 1 << 30
)

// Limits bounds what is read from a file. Zero fields mean the defaults, so
// Limits{} is ready for use.
type Limits struct {
	Pixels int64 // width times height, checked on the header before decoding
	Bytes  int64 // size of the file
}

// Info is what a header tells.
type Info struct {
	Format Format
	W, H   int // as the picture is to be seen, after the camera's orientation
	Meta   map[string]string
}

// Open reads a picture under the default limits.
func Open(path string) (*Picture, error) { return Limits{}.Open(path) }

// Decode reads a picture under the default limits; name stands for the file in
// errors.
func Decode(r io.Reader, name string) (*Picture, error) { return Limits{}.Decode(r, name) }

// Stat reads only the header and the metadata of a picture.
func Stat(path string) (Info, error) { return Limits{}.Stat(path) }

// Open reads the picture in a file. The format is recognised by content: PNG,
// JPEG, WebP, TIFF, BMP, or the first frame of a GIF. Errors are of type *Error.
func (l Limits) Open(path string) (*Picture, error) {
	b, err := l.readFile(path)
	if err != nil {
		return nil, err
	}
	return l.decode(b, path)
}

// Decode is Open for a stream.
func (l Limits) Decode(r io.Reader, name string) (*Picture, error) {
	b, err := l.readAll(r, name)
	if err != nil {
		return nil, err
	}
	return l.decode(b, name)
}

// Stat checks the header against the limits as Open does, without decoding.
func (l Limits) Stat(path string) (Info, error) {
	b, err := l.readFile(path)
	if err != nil {
		return Info{}, err
	}
	f, w, h, err := l.header(b, path)
	if err != nil {
		return Info{}, err
	}
	if orientation(f, b) >= 5 {
		w, h = h, w
	}
	return Info{Format: f, W: w, H: h, Meta: readMeta(f, b)}, nil
}

func (l Limits) readFile(path string) ([]byte, error) {
	st, err := os.Stat(path)
	if err != nil {
		return nil, openError(path, err)
	}
	if st.IsDir() {
		return nil, &Error{Op: "open", Path: path, Kind: ErrDirectory, What: "it is a folder", Do: "name a picture in it"}
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, openError(path, err)
	}
	defer f.Close()
	return l.readAll(f, path)
}

func (l Limits) readAll(r io.Reader, name string) ([]byte, error) {
	limit := l.Bytes
	if limit <= 0 {
		limit = DefaultBytes
	}
	b, err := io.ReadAll(io.LimitReader(r, limit+1))
	switch {
	case err != nil:
		return nil, openError(name, err)
	case len(b) == 0:
		return nil, &Error{Op: "open", Path: name, Kind: ErrEmpty, What: "it is empty (0 bytes)", Do: "copy or download it again"}
	case int64(len(b)) > limit:
		return nil, &Error{Op: "open", Path: name, Kind: ErrTooLarge, What: fmt.Sprintf("the file is larger than the limit of %d MB", limit/1_000_000), Do: "use a smaller file or raise the limit"}
	}
	return b, nil
}

// header recognises the format and applies the limits. Nothing of the size of
// the picture is allocated here.
func (l Limits) header(b []byte, name string) (f Format, w, h int, err error) {
	f = sniff(b)
	if f == "" {
		return "", 0, 0, &Error{Op: "open", Path: name, Kind: ErrNotPicture, What: "not a picture we can read (looks like " + looksLike(b) + ")", Do: useInstead}
	}
	defer noPanic(&err, f, name)
	w, h, err = size(f, b)
	if err != nil {
		return "", 0, 0, decodeError(f, name, err)
	}
	limit := l.Pixels
	if limit <= 0 {
		limit = DefaultPixels
	}
	if w <= 0 || h <= 0 {
		return "", 0, 0, decodeError(f, name, fmt.Errorf("size %dx%d", w, h))
	}
	if int64(w) > limit/int64(h) {
		return "", 0, 0, &Error{Op: "open", Path: name, Kind: ErrTooLarge,
			What: fmt.Sprintf("it has %dx%d pixels (%s megapixels), over the limit of %s megapixels", w, h, mega(int64(w)*int64(h)), mega(limit)),
			Do:   "shrink it first or raise the limit"}
	}
	if err := plausible(f, b, w, h); err != nil {
		return "", 0, 0, decodeError(f, name, err)
	}
	return f, w, h, nil
}

func mega(n int64) string {
	return strings.TrimSuffix(fmt.Sprintf("%.1f", float64(n)/1e6), ".0")
}

func (l Limits) decode(b []byte, name string) (p *Picture, err error) {
	f, w, h, err := l.header(b, name)
	if err != nil {
		return nil, err
	}
	defer noPanic(&err, f, name)
	img, err := pixels(f, bytes.NewReader(b))
	if err != nil {
		return nil, decodeError(f, name, err)
	}
	if f == GIF {
		img = onCanvas(img, w, h)
	}
	if s := img.Bounds().Size(); s.X != w || s.Y != h {
		return nil, decodeError(f, name, fmt.Errorf("the header says %dx%d, the data %dx%d", w, h, s.X, s.Y))
	}
	p = fromImage(img, f == WebP)
	p = p.orient(orientation(f, b))
	p.Meta = readMeta(f, b)
	return p, nil
}

func pixels(f Format, r io.Reader) (image.Image, error) {
	switch f {
	case PNG:
		return png.Decode(r)
	case JPEG:
		return jpeg.Decode(r)
	case WebP:
		return webp.Decode(r)
	case TIFF:
		return tiff.Decode(r)
	case BMP:
		return bmp.Decode(r)
	}
	return gif.Decode(r)
}

// noPanic turns a panic inside a decoder, which only a damaged file can cause,
// into an error.
func noPanic(err *error, f Format, name string) {
	if r := recover(); r != nil {
		*err = decodeError(f, name, fmt.Errorf("%v", r))
	}
}

// decodeError sorts what the decoders report into cut short, unsupported and
// damaged.
func decodeError(f Format, name string, err error) error {
	var ours *Error
	if errors.As(err, &ours) {
		return err
	}
	e := &Error{Op: "open", Path: name, Err: err}
	kind := strings.ToUpper(string(f))
	if f == WebP {
		kind = "WebP"
	}
	text := err.Error()
	switch {
	case errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) || strings.Contains(text, "EOF") ||
		strings.Contains(text, "short") || strings.Contains(text, "not enough") || strings.Contains(text, "missing"):
		e.Kind, e.What, e.Do = ErrTruncated, "the "+kind+" ends too early", "copy or download it again"
	case strings.Contains(text, "unsupported") || strings.Contains(text, "not implemented"):
		e.Kind, e.What, e.Do = ErrUnsupported, "a kind of "+kind+" we do not read ("+text+")", "save it as PNG or JPEG with another program"
	default:
		e.Kind, e.What, e.Do = ErrDamaged, "the "+kind+" is damaged ("+text+")", "copy or download it again"
	}
	return e
}
