package training

import (
	"fmt"
	"math"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/atelier-engine/atelier/core/device"
	"github.com/atelier-engine/atelier/core/kernel"
	"github.com/atelier-engine/atelier/core/picture"
	"github.com/atelier-engine/atelier/core/style"
)

// drawnPopArt is how the names of exemplars begin that PopArt draws; the seed
// follows.
const drawnPopArt = "drawn:popart:"

// exemplar opens or draws a picture to learn from, trimmed and reduced to the
// style's scale.
func (c *TrainConfig) exemplar(s *StyleConfig, name string) (*picture.Picture, error) {
	if drawn, ok := strings.CutPrefix(name, drawnPopArt); ok {
		seed, err := strconv.ParseUint(drawn, 10, 64)
		if err != nil {
			return nil, fmt.Errorf("style %q: exemplar %q: write drawn:popart: and a number", s.Name, name)
		}
		return PopArt(seed, s.Scale, s.Scale), nil
	}
	p, err := picture.Open(c.path("paintings", filepath.FromSlash(name)))
	if err != nil {
		return nil, fmt.Errorf("style %q: %w", s.Name, err)
	}
	p = p.Flatten(1, 1, 1)
	if s.Trim > 0 {
		dx, dy := int(s.Trim*float64(p.W)), int(s.Trim*float64(p.H))
		if p, err = p.Crop(dx, dy, p.W-2*dx, p.H-2*dy); err != nil {
			return nil, fmt.Errorf("style %q: exemplar %s: %w", s.Name, name, err)
		}
	}
	if min(p.W, p.H) > s.Scale {
		if p, err = fitShort(p, s.Scale); err != nil {
			return nil, fmt.Errorf("style %q: exemplar %s: %w", s.Name, name, err)
		}
	}
	return p, nil
}

// styleTargets returns the mean Gram matrix of each layer over pictures.
func styleTargets(f *style.FeatureRunner, ps []*picture.Picture) ([][]float32, error) {
	var sum [][]float32
	for _, p := range ps {
		out, err := f.Run(p.Pix, p.H, p.W)
		if err != nil {
			return nil, err
		}
		for i, t := range out {
			g := style.Gram(t.Data, t.H*t.W, t.C)
			if len(sum) <= i {
				sum = append(sum, make([]float32, len(g)))
			}
			kernel.AXPY(sum[i], g, 1/float32(len(ps)))
		}
	}
	return sum, nil
}

// meanSquare is the mean of x².
func meanSquare(x []float32) float64 {
	if len(x) == 0 {
		return math.NaN()
	}
	return kernel.SumSquares(x) / float64(len(x))
}

// styleError is the mean of ‖G - G*‖²/‖G*‖² over the first n layers.
func styleError(out []device.Tensor, targets [][]float32, n int) float64 {
	var sum float64
	for i, t := range out[:n] {
		g := style.Gram(t.Data, t.H*t.W, t.C)
		kernel.AXPY(g, targets[i], -1)
		sum += meanSquare(g) / meanSquare(targets[i])
	}
	return sum / float64(n)
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
