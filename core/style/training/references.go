package training

import (
	"fmt"
	"io/fs"
	"math"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"sort"

	"github.com/atelier-engine/atelier/core/picture"
)

// Windows of references are windowSide square, from pictures whose shorter side
// is windowLeast to windowMost: the scales at which the strokes of a reference
// can be asked for.
const (
	windowSide  = 256
	windowLeast = 280
	windowMost  = 900
)

// References are the pictures that the predictor learns from.
type References struct {
	paintings []photo
	drawn     []photo
	photos    *Photos
}

// LoadReferences reads all paintings below dir but those held out, and draws so
// many pages of each kind; the photographs serve as references too. Names are slash-separated paths
// below dir.
func LoadReferences(dir string, held []string, pages int, photos *Photos) (*References, error) {
	r := &References{photos: photos}
	var names []string
	if real, err := filepath.EvalSymlinks(dir); err == nil {
		dir = real // WalkDir does not follow the first link either
	}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		if !picture.IsPhotograph(path) {
			return nil
		}
		name, err := filepath.Rel(dir, path)
		names = append(names, filepath.ToSlash(name))
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("training paintings: %w", err)
	}
	for _, h := range held {
		if !slices.Contains(names, h) {
			return nil, fmt.Errorf("training paintings: held_out names %q, which is not in %s", h, dir)
		}
	}
	sort.Strings(names)
	for _, name := range names {
		if slices.Contains(held, name) {
			continue
		}
		p, err := loadPhoto(filepath.Join(dir, filepath.FromSlash(name)), windowMost)
		if err != nil {
			return nil, fmt.Errorf("training paintings: %w", err)
		}
		p.name = name
		r.paintings = append(r.paintings, p)
	}
	if len(r.paintings) == 0 {
		return nil, fmt.Errorf("training paintings: %s holds none: name a folder with JPEG or PNG files", dir)
	}
	for seed := range uint64(pages) {
		r.drawn = append(r.drawn, bytesOf(PopArt(seed+10, 384, 384)), bytesOf(Pencil(seed+10, 384, 384)))
	}
	return r, nil
}

// Len is the number of paintings.
func (r *References) Len() int { return len(r.paintings) }

// Window is a random piece of a random reference: of two thirds paintings, some
// drawn pages, the rest photographs; at any scale, mirrored, often with other
// colours, and sometimes beside a piece of another one.
func (r *References) Window(rng *rand.Rand) (*picture.Picture, error) {
	p := r.piece(rng)
	if rng.IntN(5) == 0 { // two masters on one canvas
		q := r.piece(rng)
		cut := windowSide/4 + rng.IntN(windowSide/2)
		for y := range windowSide {
			copy(p.Pix[3*(y*windowSide+cut):3*(y+1)*windowSide], q.Pix[3*(y*windowSide+cut):])
		}
	}
	return p, nil
}

func (r *References) piece(rng *rand.Rand) *picture.Picture {
	p := &r.paintings[rng.IntN(len(r.paintings))]
	switch u := rng.Float64(); {
	case u < .06 && len(r.drawn) > 0:
		p = &r.drawn[rng.IntN(len(r.drawn))]
	case u < .3:
		p = &r.photos.all[rng.IntN(len(r.photos.all))]
	}
	short := float64(min(p.w, p.h))
	scale := windowLeast * math.Pow(min(windowMost, max(1.5*short, windowLeast))/windowLeast, rng.Float64())
	side := min(windowSide*short/scale, short)
	out := picture.New(windowSide, windowSide)
	p.sample(out.Pix, windowSide, rng.Float64()*(float64(p.w)-side), rng.Float64()*(float64(p.h)-side), side, rng.IntN(2) == 0)
	if rng.IntN(2) == 0 {
		recolour(out, rng)
	}
	return out
}

// recolour turns the hues, and changes saturation, contrast and brightness.
func recolour(p *picture.Picture, rng *rand.Rand) {
	turn := rng.NormFloat64() * .8
	if rng.IntN(3) == 0 {
		turn = 2 * math.Pi * rng.Float64()
	}
	sat := math.Exp(.4 * rng.NormFloat64())
	if rng.IntN(8) == 0 {
		sat = 0
	}
	gain, lift := math.Exp(.2*rng.NormFloat64()), .08*rng.NormFloat64()
	// A turn about the grey axis: R = cos·I + (1-cos)/3·J + sin/√3·[n]×, times sat
	// off the axis.
	c, s := math.Cos(turn)*sat, math.Sin(turn)*sat/math.Sqrt(3)
	a, b := (1+2*c)/3, (1-c)/3
	m := [3][3]float64{{a, b - s, b + s}, {b + s, a, b - s}, {b - s, b + s, a}}
	for i := 0; i < len(p.Pix); i += 3 {
		var in [3]float64
		for k := range in {
			in[k] = (float64(p.Pix[i+k])-.5)*gain + .5 + lift
		}
		for k := range 3 {
			v := m[k][0]*in[0] + m[k][1]*in[1] + m[k][2]*in[2]
			p.Pix[i+k] = float32(min(max(v, 0), 1))
		}
	}
}
