package style

import "math"

// Strokes are parts of a picture, not a number of pixels: a picture is painted
// small, as the network learnt it, and that painting, the ground, decides what is
// seen. A picture larger than its ground is then painted again, level by level,
// each at most levelRatio times as large as the one before it; of each repetition
// only the detail that the level before does not hold is taken (see detail.go). So
// a large painting that is reduced is the small painting, and from near it is
// crisp.
const (
	// BaseSide is the shorter side of the ground in pixels, at stroke 1.
	BaseSide = 512
	// MinStroke and MaxStroke bound the size of the strokes; 1 is as trained.
	MinStroke, MaxStroke = .5, 4

	groundPixels = 4_000_000 // the most that a ground has, for long panoramas
	maxEnlarge   = 2         // a small picture is enlarged for its ground so many times at most
	levelRatio   = 2.5
	nearly       = 1.1  // a picture at most so much larger than its ground needs no detail
	equal        = 1.03 // and one nearer than this is painted as it is
)

// extent is the size of a picture in pixels.
type extent struct{ w, h int }

func (e extent) pixels() int { return e.w * e.h }

// scaled is the extent times k, at least one pixel each way.
func (e extent) scaled(k float64) extent {
	return extent{max(1, int(math.Round(float64(e.w)*k))), max(1, int(math.Round(float64(e.h)*k)))}
}

// within is the extent itself, or reduced to at most so many pixels.
func (e extent) within(pixels int) extent {
	if e.pixels() <= pixels {
		return e
	}
	k := math.Sqrt(float64(pixels) / float64(e.w) / float64(e.h))
	return extent{max(1, int(float64(e.w)*k)), max(1, min(int(float64(e.h)*k), pixels))}
}

// groundOf is the size at which a picture is painted first.
func groundOf(full extent, base int, stroke float64) extent {
	k := min(float64(base)/stroke/float64(min(full.w, full.h)), maxEnlarge)
	if k < equal && k > 1/equal {
		k = 1
	}
	return full.scaled(k).within(groundPixels)
}

// ladder lists the sizes of the detail passes from a ground up to the picture:
// none if the picture is hardly larger.
func ladder(ground, full extent) []extent {
	ratio := math.Sqrt(float64(full.w) / float64(ground.w) * float64(full.h) / float64(ground.h))
	if ratio <= nearly {
		return nil
	}
	n := max(1, int(math.Ceil(math.Log(ratio)/math.Log(levelRatio)-1e-6)))
	list := make([]extent, n)
	for i := range n - 1 {
		list[i] = ground.scaled(math.Pow(ratio, float64(i+1)/float64(n)))
	}
	list[n-1] = full
	return list
}

// Passes lists the sizes, width and height, in which the network paints a picture
// of w x h pixels with strokes as trained, one after the other.
func Passes(w, h int) [][2]int {
	full := extent{w, h}
	ground := groundOf(full, BaseSide, 1)
	list := [][2]int{{ground.w, ground.h}}
	for _, l := range ladder(ground, full) {
		list = append(list, [2]int{l.w, l.h})
	}
	return list
}

// surveySide is the shorter side of the copy that steps survey, where the
// picture is that large. It does not grow with the picture, so that steps find
// the same at all sizes.
const surveySide = 768

// surveyOf is the size of the copy that steps survey.
func surveyOf(full extent) extent {
	return full.scaled(min(1, surveySide/float64(min(full.w, full.h)))).within(surveyPixels)
}
