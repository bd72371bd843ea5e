package training

import (
	"fmt"
	"math"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/atelier-engine/atelier/core/kernel"
	"github.com/atelier-engine/atelier/core/picture"
)

// The names of exemplars that the program draws: the kind, then the seed.
const drawn = "drawn:"

// drawers are the kinds of exemplars that can be drawn, and what a credit calls
// them.
var drawers = map[string]struct {
	draw  func(seed uint64, w, h int) *picture.Picture
	title string
}{
	"popart": {PopArt, "comic page"},
	"pencil": {Pencil, "pencil sheet"},
}

// drawer reads the name of a drawn exemplar; ok is false for the name of a file.
func drawer(name string) (kind string, seed uint64, ok bool, err error) {
	text, ok := strings.CutPrefix(name, drawn)
	if !ok {
		return "", 0, false, nil
	}
	kind, number, _ := strings.Cut(text, ":")
	seed, err = strconv.ParseUint(number, 10, 64)
	if _, known := drawers[kind]; !known || err != nil {
		return "", 0, true, fmt.Errorf("exemplar %q: write drawn:popart: or drawn:pencil: and a number", name)
	}
	return kind, seed, true, nil
}

// exemplars opens or draws the pictures that a style is learnt from.
func (c *TrainConfig) exemplars(s *StyleConfig) ([]*picture.Picture, error) {
	var ps []*picture.Picture
	for _, name := range s.Exemplars {
		p, err := c.exemplar(s, name)
		if err != nil {
			return nil, fmt.Errorf("style %q: %w", s.Name, err)
		}
		ps = append(ps, p)
	}
	return ps, nil
}

// exemplar opens or draws one, trimmed and resized to the style's scale.
func (c *TrainConfig) exemplar(s *StyleConfig, name string) (*picture.Picture, error) {
	kind, seed, ok, err := drawer(name)
	if err != nil {
		return nil, err
	}
	if ok {
		return drawers[kind].draw(seed, s.Scale, s.Scale), nil
	}
	p, err := picture.Open(c.path("paintings", filepath.FromSlash(name)))
	if err != nil {
		return nil, err
	}
	p = p.Flatten(1, 1, 1)
	if s.Trim > 0 {
		dx, dy := int(s.Trim*float64(p.W)), int(s.Trim*float64(p.H))
		if p, err = p.Crop(dx, dy, p.W-2*dx, p.H-2*dy); err != nil {
			return nil, fmt.Errorf("exemplar %s: %w", name, err)
		}
	}
	if min(p.W, p.H) != s.Scale {
		if p, err = fitShort(p, s.Scale); err != nil {
			return nil, fmt.Errorf("exemplar %s: %w", name, err)
		}
	}
	return p, nil
}

// meanSquare is the mean of x².
func meanSquare(x []float32) float64 {
	if len(x) == 0 {
		return math.NaN()
	}
	return kernel.SumSquares(x) / float64(len(x))
}

// contentError is Σ(a-b)²/Σ(b - mean b)² for features of c channels.
func contentError(a, b []float32, c int) float64 {
	var d float64
	for i := range a {
		d += float64(a[i]-b[i]) * float64(a[i]-b[i])
	}
	return d / (float64(len(b)) * max(variance(b, c), 1e-12))
}

// variance is the mean over c channels of the variance of each.
func variance(x []float32, c int) float64 {
	sum := make([]float64, c)
	for i, v := range x {
		sum[i%c] += float64(v)
	}
	v, n := meanSquare(x), float64(len(x)/c)
	for _, s := range sum {
		v -= (s / n) * (s / n) / float64(c)
	}
	return v
}
