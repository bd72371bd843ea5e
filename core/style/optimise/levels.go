package optimise

import (
	"fmt"
	"math"
	"time"

	"github.com/atelier-engine/atelier/core/picture"
)

// size is a level: its pixels and how many steps it takes.
type size struct{ w, h, steps int }

// bytesPerPixel is what the optimisation holds for a pixel beside the vectors of
// L-BFGS: half of it the tape, that is the activations of the feature network that
// ships and the gradients that wait for each other; then the scratch memory of the
// kernels and the pictures. Measured as the live heap at 768x512.
const bytesPerPixel = 1950

// Memory estimates the bytes that optimising a picture of w x h pixels takes.
func Memory(w, h int) int64 { return int64(w) * int64(h) * (bytesPerPixel + 3*perRun) }

// plan chooses the sizes of the levels, from coarse to fine.
func plan(w, h int, o Options) (sizes []size, notes []string, err error) {
	short := float64(min(w, h))
	finest := max(min(float64(o.Size), short), minSide) // a tiny picture is enlarged, then reduced again
	// What fits into memory has so many pixels.
	most := float64(o.Memory) / float64(Memory(1, 1))
	if by := math.Sqrt(most / (float64(w) / short * float64(h) / short)); by < finest {
		if by < minSide {
			return nil, nil, fmt.Errorf("%d MiB are not enough to optimise a picture of %dx%d: allow at least %d MiB, or cut the picture", o.Memory>>20, w, h, Memory(minSide*w/min(w, h)+1, minSide*h/min(w, h)+1)>>20+1)
		}
		finest = by
		notes = append(notes, fmt.Sprintf("%d MiB of memory allow a shorter side of %d pixels", o.Memory>>20, int(finest)))
	}
	if int(finest) < min(w, h) {
		notes = append(notes, fmt.Sprintf("the picture is optimised at a shorter side of %d pixels and enlarged to %dx%d with the photograph's detail", int(finest), w, h))
	}
	levels := o.Levels
	if levels == 0 {
		levels = 1 + max(0, int(math.Round(math.Log2(finest/coarsest))))
	}
	for i := range levels {
		by := finest / short / math.Exp2(float64(levels-1-i))
		s := size{w: int(by*float64(w) + .5), h: int(by*float64(h) + .5), steps: o.Steps}
		if i < levels-1 {
			s.steps = int(coarseSteps * float64(o.Steps))
		}
		if min(s.w, s.h) < minSide && i < levels-1 {
			continue
		}
		s.w, s.h = max(s.w, minSide), max(s.h, minSide)
		sizes = append(sizes, s)
	}
	return sizes, notes, nil
}

// scaled reduces or enlarges the reference so that its strokes have their size
// in a picture of the given shorter side.
func scaled(ref *picture.Picture, side int, stroke float64) (*picture.Picture, error) {
	const most = 1 << 20 // pixels
	by := float64(side) * stroke / float64(min(ref.W, ref.H))
	by = min(by, math.Sqrt(most/(float64(ref.W)*float64(ref.H))))
	return ref.Resize(max(minSide, int(by*float64(ref.W)+.5)), max(minSide, int(by*float64(ref.H)+.5)))
}

// detailShare is how much of the photograph's fine brightness an enlarged painting gets.
const detailShare = .6

// enlarge brings a painting to the size of the photograph. The brightness that
// the photograph has and its reduced copy lacks is added, so that edges stay sharp:
//
//	out = up(painting) + share·(luma(photo) - luma(up(down(photo))))
func enlarge(painting, photo *picture.Picture) (*picture.Picture, error) {
	if painting.W == photo.W && painting.H == photo.H {
		return painting.Clone(), nil
	}
	out, err := painting.Resize(photo.W, photo.H)
	if err != nil {
		return nil, err
	}
	if photo.W <= painting.W || photo.H <= painting.H {
		return out.Clamp(), nil
	}
	soft, err := photo.Resize(painting.W, painting.H)
	if err != nil {
		return nil, err
	}
	if soft, err = soft.Resize(photo.W, photo.H); err != nil {
		return nil, err
	}
	fine, coarse := photo.Luma(), soft.Luma()
	for i, v := range fine {
		d := detailShare * (v - coarse[i])
		for c := range 3 {
			out.Pix[3*i+c] += d
		}
	}
	return out.Clamp(), nil
}

// ticker counts steps and tells about them.
type ticker struct {
	o     *Options
	start time.Time
	sizes []size
	level int
	scene *scene

	step int     // in all, of those planned
	work float64 // pixels times steps done
}

// tell reports a step. last says that the level has ended, left steps early.
func (t *ticker) tell(p *picture.Picture, last bool, left int) error {
	size := t.sizes[t.level]
	t.step++
	t.work += float64(size.w * size.h)
	if last {
		t.step += left
		t.work += float64(left * size.w * size.h)
	}
	if t.o.Show != nil && t.o.Every > 0 && (t.step%t.o.Every == 0 || last && t.level == len(t.sizes)-1) {
		if err := t.o.Show(t.step, p.Clone().Clamp()); err != nil {
			return err
		}
	}
	if t.o.Progress == nil {
		return nil
	}
	var steps int
	var work float64
	for _, s := range t.sizes {
		steps += s.steps
		work += float64(s.w * s.h * s.steps)
	}
	r := Progress{Step: t.step, Steps: steps, Level: t.level + 1, Levels: len(t.sizes), W: size.w, H: size.h,
		Losses: t.scene.losses, Elapsed: time.Since(t.start), Share: t.work / work}
	r.Left = time.Duration(float64(r.Elapsed) * (1 - r.Share) / r.Share).Round(time.Second)
	t.o.Progress(r)
	return nil
}
