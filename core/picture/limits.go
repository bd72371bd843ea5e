package picture

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
)

// Default limits. 400 megapixels is a raster of 1.2 GB on disk; as a Picture,
// 12 bytes a pixel, it would be 4.8 GB of memory, so DefaultMemory keeps what
// Open takes to about 150 megapixels.
const (
	DefaultPixels       = 400_000_000
	DefaultBytes        = 4 << 30
	DefaultMemory       = 2 << 30
	DefaultDecodeMemory = 1 << 30

	maxPicturePixels = 150_000_000 // of a Picture that is made: 1.8 GB
)

// Limits bounds what is read from a file; all of it is checked on the header,
// before the memory is taken. Zero fields mean the defaults, so Limits{} is
// ready for use.
type Limits struct {
	Pixels int64 // width times height. 0: DefaultPixels
	Bytes  int64 // size of the file. 0: DefaultBytes
	// Memory bounds the bytes taken at once. Open needs 12 a pixel, 16 with
	// transparency, and what the decoder takes; 0: DefaultMemory. OpenRaster
	// needs what the decoder takes; 0: DefaultDecodeMemory. A decoder takes
	// nothing to speak of for PNG and most TIFFs, which come row by row, 1.5
	// bytes a pixel for a usual JPEG (4:2:0; 3 for 4:4:4), five times that for a
	// progressive one, 1.5 to 12 for an interlaced PNG, 2 to 16 for the rest:
	// these are decoded as a whole by their library.
	Memory int64
}

// Info is what a header tells.
type Info struct {
	Format Format
	W, H   int // as the picture is to be seen, after the camera's orientation
	Depth  int // bits a sample that a raster of it has: 8 or 16
	Meta   map[string]string
	Memory int64 // bytes that decoding takes beside the raster, bands included
}

// bandMemory is what the bands of a decoder take together: raw, as stored, as
// seen.
const bandMemory = 48 << 20

// Stat reads only the header and the metadata of a picture.
func Stat(path string) (Info, error) { return Limits{}.Stat(path) }

// Stat checks the header against the limits as OpenRaster does, without
// decoding.
func (l Limits) Stat(path string) (Info, error) {
	var in Info
	err := l.with(path, func(s source) error {
		h, err := l.header(s)
		if err == nil {
			err = l.raster(h, s.name)
		}
		if err != nil {
			return err
		}
		in = Info{Format: h.f, Depth: h.depth, Meta: readMeta(h.f, s)}
		in.W, in.H = h.seen()
		pixels := float64(h.w) * float64(h.h)
		in.Memory = int64(h.cost*pixels + min(40*pixels, bandMemory))
		return nil
	})
	return in, err
}

// with opens a file and calls f with it.
func (l Limits) with(path string, f func(source) error) error {
	st, err := os.Stat(path)
	if err != nil {
		return openError(path, err)
	}
	if st.IsDir() {
		return &Error{Op: "open", Path: path, Kind: ErrDirectory, What: "it is a folder", Do: "name a picture in it"}
	}
	file, err := os.Open(path)
	if err != nil {
		return openError(path, err)
	}
	defer file.Close()
	if !st.Mode().IsRegular() { // a pipe cannot be read in any order
		s, err := l.readAll(file, path)
		if err != nil {
			return err
		}
		return f(s)
	}
	switch size := st.Size(); {
	case size == 0:
		return emptyError(path)
	case size > l.bytes():
		return l.fileError(path)
	default:
		return f(source{file, size, path})
	}
}

// readAll reads a stream into memory.
func (l Limits) readAll(r io.Reader, name string) (source, error) {
	limit := min(l.bytes(), DefaultDecodeMemory)
	b, err := io.ReadAll(io.LimitReader(r, limit+1))
	switch {
	case err != nil:
		return source{}, openError(name, err)
	case len(b) == 0:
		return source{}, emptyError(name)
	case int64(len(b)) > limit:
		return source{}, Limits{Bytes: limit}.fileError(name)
	}
	return sourceOf(b, name), nil
}

func (l Limits) bytes() int64 {
	if l.Bytes > 0 {
		return l.Bytes
	}
	return DefaultBytes
}

func emptyError(name string) error {
	return &Error{Op: "open", Path: name, Kind: ErrEmpty, What: "it is empty (0 bytes)", Do: "copy or download it again"}
}

func (l Limits) fileError(name string) error {
	return &Error{Op: "open", Path: name, Kind: ErrTooLarge, What: fmt.Sprintf("the file is larger than the limit of %d MB", l.bytes()/1_000_000), Do: "use a smaller file or raise the limit"}
}

// header recognises the format and applies the limit on pixels.
func (l Limits) header(s source) (h header, err error) {
	head := s.bytes(0, 4096)
	f := sniff(head)
	if f == "" {
		if len(head) == 0 {
			return h, &Error{Op: "open", Path: s.name, Kind: ErrUnreadable, What: "reading failed", Do: "check the disk or the connection and try again"}
		}
		return h, &Error{Op: "open", Path: s.name, Kind: ErrNotPicture, What: "not a picture we can read (looks like " + looksLike(head) + ")", Do: useInstead}
	}
	defer noPanic(&err, f, s.name)
	if h, err = readHeader(f, s); err != nil {
		return h, decodeError(f, s.name, err)
	}
	limit := l.Pixels
	if limit <= 0 {
		limit = DefaultPixels
	}
	if h.w <= 0 || h.h <= 0 {
		return h, decodeError(f, s.name, fmt.Errorf("size %dx%d", h.w, h.h))
	}
	if int64(h.w) > limit/int64(h.h) {
		return h, &Error{Op: "open", Path: s.name, Kind: ErrTooLarge,
			What: fmt.Sprintf("it has %dx%d pixels (%s megapixels), over the limit of %s megapixels", h.w, h.h, mega(int64(h.w)*int64(h.h)), mega(limit)),
			Do:   "shrink it first or raise the limit"}
	}
	if err := h.plausible(s); err != nil {
		return h, decodeError(f, s.name, err)
	}
	return h, nil
}

// raster checks the memory of decoding into a raster.
func (l Limits) raster(h header, name string) error {
	limit := l.Memory
	if limit <= 0 {
		limit = DefaultDecodeMemory
	}
	need := int64(h.cost * float64(h.w) * float64(h.h))
	if need <= limit {
		return nil
	}
	do := "save it as an ordinary PNG (it is read row by row), shrink it, or raise the limit"
	if h.kind == "progressive JPEG" {
		do = "save it as a PNG or a baseline JPEG (not progressive), shrink it, or raise the limit"
	}
	return &Error{Op: "open", Path: name, Kind: ErrTooLarge, Do: do,
		What: fmt.Sprintf("this %s of %dx%d pixels takes %s to decode, over the limit of %s", h.kind, h.w, h.h, giga(need), giga(limit))}
}

// picture checks the memory of decoding into a Picture.
func (l Limits) picture(h header, name string) error {
	limit := l.Memory
	if limit <= 0 {
		limit = DefaultMemory
	}
	need := int64((h.cost + 12) * float64(h.w) * float64(h.h))
	if need <= limit {
		return nil
	}
	return &Error{Op: "open", Path: name, Kind: ErrTooLarge, Do: "shrink it first or raise the limit",
		What: fmt.Sprintf("its %dx%d pixels take %s of memory at once, over the limit of %s for a picture that is worked on as a whole", h.w, h.h, giga(need), giga(limit))}
}

func mega(n int64) string {
	return strings.TrimSuffix(fmt.Sprintf("%.1f", float64(n)/1e6), ".0")
}

func giga(n int64) string {
	if n < 1e8 {
		return mega(n) + " MB"
	}
	return fmt.Sprintf("%.1f GB", float64(n)/1e9)
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
