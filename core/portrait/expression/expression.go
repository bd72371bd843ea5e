// Package expression makes a neutral face show an emotion: a smooth warp along
// its 68 landmarks after the facial action coding system, with shading where
// skin folds and paint where a mouth or an eye opens. It makes the emotions
// that photographs seldom show, with an exact label.
//
// A Warp belongs to one photograph; a Field is one version of one emotion on
// it, an inverse map to be composed with any other before the photograph is
// sampled once:
//
//	w, ok := expression.New(landmarks, side)
//	w.See(pix) // optional: finds lips and irises more exactly, and colours
//	f := w.Field(emotion, strength, r)
//	sx, sy := f.Source(x, y)
//	c := f.Shade(x, y, sample(pix, sx, sy))
//
// Coordinates are pixels with the first pixel's centre at 0.5.
package expression

import (
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/atelier-engine/atelier/core/portrait"
)

// Warp holds what is known of one face. It is not changed by Field, so several
// fields may be made at once.
type Warp struct {
	side   int
	frame  frame
	points [68]point
	eyes   [2]eye
	mouth  mouth
	smile  float64 // how much higher the mouth's corners are than at rest
	sight  sight
}

// New prepares the warps of a face of side x side pixels. ok is false when the
// landmarks are no face seen from the front or nearly so.
func New(landmarks [68][2]float64, side int) (w *Warp, ok bool) {
	if side < 16 {
		return nil, false
	}
	w = &Warp{side: side}
	if w.frame, ok = frameOf(&landmarks); !ok {
		return nil, false
	}
	for i, p := range landmarks {
		w.points[i] = w.frame.in(p[0], p[1])
		if !(math.Abs(w.points[i].x) < 4 && math.Abs(w.points[i].y) < 4) {
			return nil, false
		}
	}
	var oks [3]bool
	w.eyes[0], oks[0] = eyeOf(&w.points, eyeL)
	w.eyes[1], oks[1] = eyeOf(&w.points, eyeR)
	w.mouth, oks[2] = mouthOf(&w.points)
	w.smile = max(0, min(0.09, (w.points[lipTop].y+w.points[lipBottom].y-w.points[mouthL].y-w.points[mouthR].y)/2-restingCorners))
	return w, oks[0] && oks[1] && oks[2] && w.frontal()
}

// restingCorners is how much higher the corners of a mouth at rest are than the
// middle between the lips' outer edges: the mean of neutral faces.
const restingCorners = 0.038

// frontal refuses faces turned far away: the nose then lies beside the middle.
func (w *Warp) frontal() bool {
	l := &w.points
	turn := (l[noseTip].x + l[noseBase].x) / 2
	return math.Abs(turn) < 0.28 &&
		l[mouthR].x-l[mouthL].x > 0.4 && l[mouthR].x-l[mouthL].x < 1.4 &&
		l[chin].y < 3 &&
		w.mouth.contour.at(w.mouth.bottom) > 0.4
}

// Suitable says whether a neutral face with these landmarks (pixels of any
// scale) can be warped and look natural: seen from the front, the mouth closed,
// the eyes open. That the face is neutral is for the caller to know.
func Suitable(landmarks [68][2]float64) bool {
	w, ok := New(landmarks, 192)
	if !ok {
		return false
	}
	l := &w.points
	turn := (l[noseTip].x + l[noseBase].x) / 2
	open := (l[65].y + l[66].y + l[67].y - l[61].y - l[62].y - l[63].y) / 3
	roll := math.Atan2(w.frame.sin, w.frame.cos)
	return math.Abs(turn) < 0.14 && open < 0.085 && math.Abs(roll) < 0.35 &&
		w.eyes[0].height > 0.06 && w.eyes[1].height > 0.06
}

// Apply writes src (side x side x 3 bytes, RGB) with the expression into dst.
// It errs when the sizes or the landmarks do not fit, or the emotion is none of
// portrait.Emotions.
func Apply(dst, src []byte, side int, landmarks [68][2]float64, emotion int, strength float64, r *rand.Rand) error {
	if side < 16 || len(src) != side*side*3 || len(dst) != len(src) {
		return fmt.Errorf("apply expression: %d and %d bytes do not make two pictures of %dx%d: give 3 bytes a pixel", len(dst), len(src), side, side)
	}
	if emotion < 0 || emotion >= len(portrait.Emotions) {
		return fmt.Errorf("apply expression: emotion %d: give 0 to %d", emotion, len(portrait.Emotions)-1)
	}
	w, ok := New(landmarks, side)
	if !ok {
		return fmt.Errorf("apply expression: the landmarks are not those of a face seen from the front: choose another face")
	}
	w.See(src)
	f := w.Field(emotion, strength, r)
	for y := range side {
		for x := range side {
			u, v := float64(x)+0.5, float64(y)+0.5
			sx, sy := f.Source(u, v)
			c := f.Shade(u, v, pixel(src, side, sx, sy))
			for k := range c {
				dst[(y*side+x)*3+k] = byte(max(0, min(255, c[k]+0.5)))
			}
		}
	}
	return nil
}
