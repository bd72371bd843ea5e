package picture

import (
	"context"
	"fmt"
	"image"
	"io"
	"maps"
	"math"
	"os"
	"path/filepath"
	"strings"
)

// Film is a number of pictures of one size that are shown one after the other.
// It is not changed once it was given to somebody: Add makes another one.
type Film struct {
	Frames []*Raster // opaque, of 8 bits a sample
	Rate   float64   // frames a second, 0.1 to 50
	Loops  int       // how often it is shown; 0: for ever
	Bounce bool      // from the last frame back to the first
	Dither Dither    // of a GIF
	Meta   map[string]string
}

// The bounds of films. GIF counts hundredths of a second, and browsers show
// whatever is faster than two of them at ten frames a second.
const (
	MinRate       = 0.1
	MaxRate       = 50
	MaxLoops      = 65535
	MaxFrames     = 2000
	maxFilmPixels = 1 << 27 // of all frames: 384 MiB
)

// CheckFilm refuses so many frames of w by h pixels where a film cannot hold
// them.
func CheckFilm(frames, w, h int) error {
	if frames > MaxFrames {
		return fmt.Errorf("film: %d frames: at most %d are held: ask for fewer", frames, MaxFrames)
	}
	if most := maxFilmPixels / max(1, w*h); frames > most {
		return fmt.Errorf("film: %d frames of %dx%d pixels: at most %d of that size are held: ask for fewer or smaller ones", frames, w, h, most)
	}
	return nil
}

// Add gives the film with more frames at its end. Transparent pictures are laid
// on white. It errs on a frame of another size than the first, and on more than
// CheckFilm allows.
func (f Film) Add(pictures ...*Raster) (*Film, error) {
	f.Frames = append([]*Raster(nil), f.Frames...)
	for _, src := range pictures {
		p, err := src.Picture()
		if err != nil {
			return nil, err
		}
		if err := p.Check(); err != nil {
			return nil, fmt.Errorf("film: frame %d: %w", len(f.Frames)+1, err)
		}
		if err := CheckFilm(len(f.Frames)+1, p.W, p.H); err != nil {
			return nil, err
		}
		if len(f.Frames) > 0 {
			if w, h := f.Frames[0].Size(); w != p.W || h != p.H {
				return nil, fmt.Errorf("film: frame %d has %dx%d pixels, the first %dx%d: all must have one size", len(f.Frames)+1, p.W, p.H, w, h)
			}
		}
		// In memory whatever its size: CheckFilm bounds them all.
		r, err := NewRaster(p.W, p.H, 8, false, RasterOptions{Memory: math.MaxInt64})
		if err == nil {
			err = r.Write(0, 0, p.Flatten(1, 1, 1))
		}
		if err != nil {
			return nil, err
		}
		r.Meta = maps.Clone(src.Meta)
		f.Frames = append(f.Frames, r)
	}
	return &f, nil
}

// Check reports what a film cannot be.
func (f *Film) Check() error {
	switch {
	case len(f.Frames) == 0:
		return fmt.Errorf("film: it has no frame: add at least one")
	case !(f.Rate >= MinRate && f.Rate <= MaxRate):
		return fmt.Errorf("film: %g frames a second: give %g to %d", f.Rate, MinRate, MaxRate)
	case f.Loops < 0 || f.Loops > MaxLoops:
		return fmt.Errorf("film: shown %d times: give 1 to %d, or 0 for ever", f.Loops, MaxLoops)
	}
	return nil
}

// order gives the frames as they are shown.
func (f *Film) order() []int {
	var at []int
	for i := range f.Frames {
		at = append(at, i)
	}
	for i := len(f.Frames) - 2; f.Bounce && i > 0; i-- {
		at = append(at, i)
	}
	return at
}

// delays gives how long each of n frames is shown, in the given parts of a
// second: rounded so that the whole keeps its length.
func (f *Film) delays(n, parts int) []int {
	delays, before := make([]int, n), 0
	for i := range delays {
		end := int(math.Round(float64(i+1) / f.Rate * float64(parts)))
		delays[i], before = end-before, end
	}
	return delays
}

// FilmFormat returns the format of a film for a file name: .gif, or .png and
// .apng for an animated PNG; "" for a folder of frames, whose name has no ending
// or closes with a slash, or which is there.
func FilmFormat(path string) (Format, error) {
	if info, err := os.Stat(path); err == nil && info.IsDir() || strings.HasSuffix(path, "/") || strings.HasSuffix(path, string(filepath.Separator)) {
		return "", nil
	}
	ext := strings.ToLower(filepath.Ext(path))
	switch ext {
	case "":
		return "", nil
	case ".png", ".apng":
		return PNG, nil
	case ".gif":
		return GIF, nil
	}
	return "", &Error{Op: "save", Path: path, Kind: ErrFormat, What: "we do not write films as " + ext,
		Do: "end the name in .gif, .png or .apng, or in a slash for a folder of frames"}
}

// SaveFilm writes a film as FilmFormat says: a file atomically, or numbered PNG
// pictures into a folder, which is made if it is missing. tell, if not nil, is
// told the share of the work that is done.
func SaveFilm(ctx context.Context, path string, f *Film, tell func(float64)) error {
	if tell == nil {
		tell = func(float64) {}
	}
	format, err := FilmFormat(path)
	if err != nil {
		return err
	}
	if err := f.Check(); err != nil {
		return nothing(path, err)
	}
	for _, meta := range append([]*Raster{{Meta: f.Meta}}, f.Frames...) {
		if err := encodable(PNG, meta, SaveOptions{}); err != nil {
			err.Path = path
			return err
		}
	}
	switch format {
	case "":
		return saveFrames(ctx, path, f, tell)
	case GIF:
		return writeAtomic(ctx, path, func(w io.Writer) error { return encodeGIF(ctx, w, f, tell) })
	}
	return writeAtomic(ctx, path, func(w io.Writer) error { return encodeAPNG(ctx, w, f, tell) })
}

// saveFrames writes each frame into the folder as a picture of its own.
func saveFrames(ctx context.Context, dir string, f *Film, tell func(float64)) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return writeError(dir, err)
	}
	digits := max(4, len(fmt.Sprint(len(f.Frames))))
	for i, r := range f.Frames {
		framed := *r // with what the film says of itself
		framed.Meta = maps.Clone(f.Meta)
		for k, v := range r.Meta {
			framed.SetMeta(k, v)
		}
		path := filepath.Join(dir, fmt.Sprintf("%0*d.png", digits, i+1))
		if err := SaveRaster(ctx, path, &framed, SaveOptions{}); err != nil {
			return err
		}
		tell(float64(i+1) / float64(len(f.Frames)))
	}
	return nil
}

// pixels gives a frame's samples, 3 bytes a pixel.
func (f *Film) pixels(i int) []byte {
	return f.Frames[i].store.(memoryStore) // as Add made it
}

// bounds is the rectangle of a frame.
func (f *Film) bounds() image.Rectangle {
	w, h := f.Frames[0].Size()
	return image.Rect(0, 0, w, h)
}
