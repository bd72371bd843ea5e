package style

import (
	"errors"
	"fmt"
	"math"

	"github.com/atelier-engine/atelier/core/picture"
)

// MaxIntensity is the strongest painting: 1 is as trained, beyond that what it
// changes is extrapolated.
const MaxIntensity = 1.5

// Options say how a plan is carried out.
type Options struct {
	// Intensity is from 0 to MaxIntensity. 0 gives the picture back bit for
	// bit, 1 is the style as trained.
	Intensity float64
	// IntensityMap, grey and of any size, is the share of the intensity at each
	// place: the picture shows where it is black. nil: 1 everywhere.
	IntensityMap *picture.Picture
	// Mask, soft and of any size, says where there is a painting: where it is
	// black the background is seen. nil: everywhere.
	Mask *picture.Picture
	// Background is seen where Mask is black and where the picture is
	// transparent; the result is then opaque. nil: the picture itself, and its
	// transparency is kept.
	Background *Background
	// Stroke is the size of the strokes, MinStroke to MaxStroke; 0 means 1, as
	// trained.
	Stroke float64
	// Keep says whose colours the painting has.
	Keep Keep
	// Progress, unless nil, is told the share done, from 0 to 1, never less than
	// before.
	Progress func(float64)
	// Note, unless nil, is told what a person should know, such as that a mask
	// was resized.
	Note func(string)
}

// Background is what lies behind a painting.
type Background struct {
	Colour  [3]float32       // RGB in [0,1], sRGB encoded
	Picture *picture.Picture // over the colour, scaled and cut to cover the painting; nil: the colour alone
}

// Keep says what of the picture's colours a painting keeps.
type Keep string

const (
	// KeepNone leaves the painting the colours of the style.
	KeepNone Keep = ""
	// KeepLuminance takes the brightness of the painting and, pixel by pixel,
	// the colours of the picture.
	KeepLuminance Keep = "luminance"
	// KeepHistogram moves the colours of the painting as a whole to the mean and
	// the covariance of the picture's, so that strokes stay one colour.
	KeepHistogram Keep = "histogram"
)

// Check returns an error that says which option cannot be used.
func (o *Options) Check() error {
	if !(o.Intensity >= 0 && o.Intensity <= MaxIntensity) {
		return fmt.Errorf("intensity %g: use 0 to %g", o.Intensity, MaxIntensity)
	}
	if o.Stroke != 0 && !(o.Stroke >= MinStroke && o.Stroke <= MaxStroke) {
		return fmt.Errorf("stroke %g: use %g to %d", o.Stroke, MinStroke, MaxStroke)
	}
	switch o.Keep {
	case KeepNone, KeepLuminance, KeepHistogram:
	default:
		return fmt.Errorf("keep %.80q: use %q or %q", o.Keep, KeepLuminance, KeepHistogram)
	}
	for _, part := range []struct {
		name string
		pic  *picture.Picture
	}{{"intensity map", o.IntensityMap}, {"mask", o.Mask}, {"background", o.behind()}} {
		if part.pic == nil {
			continue
		}
		if err := part.pic.Check(); err != nil {
			return fmt.Errorf("%s: %w", part.name, err)
		}
		if err := finite(part.pic); err != nil {
			return fmt.Errorf("%s: %w", part.name, err)
		}
	}
	if o.Background != nil {
		for _, v := range o.Background.Colour {
			if !(v >= 0 && v <= 1) {
				return fmt.Errorf("background colour %v: use three numbers from 0 to 1", o.Background.Colour)
			}
		}
	}
	return nil
}

// behind is the picture of the background, nil if there is none.
func (o *Options) behind() *picture.Picture {
	if o.Background == nil {
		return nil
	}
	return o.Background.Picture
}

// finite returns an error if a value of p is not a finite number.
func finite(p *picture.Picture) error {
	for _, list := range [][]float32{p.Pix, p.Alpha} {
		for i, v := range list {
			if f := float64(v); math.IsNaN(f) || math.IsInf(f, 0) {
				return fmt.Errorf("value %d is %g: only finite numbers can be used", i, v)
			}
		}
	}
	return nil
}

// share is how much of the painting is mixed over the picture at an intensity:
// 1 - (1-t)² up to t = 1, so that weak paintings, whose vectors lie near the
// identity, are seen; beyond 1 it grows further, so that the painting moves away
// from the picture in every style. (An extrapolated vector need not: a colour that
// it drives past black comes back.)
func share(intensity float64) float32 {
	if intensity > 1 {
		return float32(1 + beyond*(intensity-1))
	}
	rest := 1 - intensity
	return float32(1 - rest*rest)
}

// beyond is how much the difference from the picture grows with the intensity
// above 1. More would show the picture as a negative through the painting.
const beyond = .4

// checkPair refuses a source and a destination that do not fit each other.
func checkPair(src, dst *picture.Raster) error {
	if src == nil || dst == nil {
		return errors.New("there is no picture: open one first")
	}
	w, h := src.Size()
	if w > 0 && h > MaxPixels/w {
		return fmt.Errorf("a picture of %dx%d pixels: at most %d megapixels are painted: reduce it first", w, h, MaxPixels/1_000_000)
	}
	if dw, dh := dst.Size(); dw != w || dh != h {
		return fmt.Errorf("the painting has %dx%d pixels, the picture %dx%d: make it of the same size", dw, dh, w, h)
	}
	return nil
}
