package upscale

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"

	"github.com/atelier-engine/atelier/core/device"
	"github.com/atelier-engine/atelier/core/nn"
	"github.com/atelier-engine/atelier/core/picture"
)

// Kind is the kind of model in the card of an upscaler.
const Kind = "upscale"

// Upscaler enlarges pictures. It may be used by several goroutines; they queue.
type Upscaler struct {
	Shape Shape
	Card  nn.Card
	Hash  string // of the weights

	mu   sync.Mutex
	net  *nn.Network
	side int // of a tile of the small picture; 0: tileSide
	work workspace
}

// Load reads a model folder: weights.safetensors and card.md, whose settings give
// the shape of the network.
func Load(dir string) (*Upscaler, error) { return LoadOn(nil, dir) }

// LoadOn is Load for a device, nil being the processor.
func LoadOn(d device.Device, dir string) (*Upscaler, error) {
	m, err := nn.Open(dir)
	if err != nil {
		return nil, err
	}
	if m.Card.Kind != Kind {
		return nil, fmt.Errorf("load upscaler: %s is a model of kind %q: give one of kind %q", dir, m.Card.Kind, Kind)
	}
	s, err := ShapeOf(m.Card.Settings)
	if err != nil {
		return nil, fmt.Errorf("load upscaler %s: %w under settings of its card.md", dir, err)
	}
	u, err := NewOn(d, s, m.Weights)
	if err != nil {
		return nil, fmt.Errorf("load upscaler %s: %w", dir, err)
	}
	u.Card, u.Hash = m.Card, m.Hash
	return u, nil
}

// New makes an upscaler from weights in memory.
func New(s Shape, w device.Weights) (*Upscaler, error) { return NewOn(nil, s, w) }

// NewOn is New for a device, nil being the processor.
func NewOn(d device.Device, s Shape, w device.Weights) (*Upscaler, error) {
	if err := s.Check(); err != nil {
		return nil, err
	}
	net, err := nn.New(Graph(s), w, d)
	if err != nil {
		return nil, err
	}
	return &Upscaler{Shape: s, net: net}, nil
}

// Factors are the enlargements there are.
func Factors() []int { return []int{2, 4, 8} }

// CheckFactor refuses a factor that is none of Factors.
func CheckFactor(f int) error {
	if !slices.Contains(Factors(), f) {
		return fmt.Errorf("upscale: factor %d: use 2, 4 or 8", f)
	}
	return nil
}

// Picture enlarges a picture in memory, see Enlarge.
func (u *Upscaler) Picture(ctx context.Context, p *picture.Picture, factor int) (*picture.Picture, error) {
	if err := p.Check(); err != nil {
		return nil, fmt.Errorf("upscale: %w", err)
	}
	if err := CheckFactor(factor); err != nil {
		return nil, err
	}
	q := picture.New(factor*p.W, factor*p.H)
	if p.Alpha != nil {
		q.Alpha = make([]float32, q.W*q.H)
	}
	q.Meta = maps.Clone(p.Meta)
	return q, u.Enlarge(ctx, picture.RasterOf(p), picture.RasterOf(q), factor, Options{})
}

// Options are the choices of Enlarge; the zero value is a good one.
type Options struct {
	Between  picture.RasterOptions // of what lies between the two passes of factor 8
	Progress func(part float64)    // told after every tile; nil: nobody
}

// Enlarge enlarges src 2, 4 or 8 times into dst, which has that size. It works in
// tiles, so that Memory holds whatever the size. Transparency is enlarged by
// cubic interpolation; colours that nobody sees do not bleed into those beside
// them. The same picture gives the same result, whatever the number of threads.
//
// It errs on another factor, on sizes that do not fit, on values that are not
// finite, and when ctx ends.
func (u *Upscaler) Enlarge(ctx context.Context, src, dst *picture.Raster, factor int, o Options) error {
	if err := CheckFactor(factor); err != nil {
		return err
	}
	w, h := src.Size()
	if dw, dh := dst.Size(); w < 1 || h < 1 || dw != factor*w || dh != factor*h {
		return fmt.Errorf("upscale: %dx%d pixels into %dx%d: the result must be %d times as large", w, h, dw, dh, factor)
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	if factor != 8 {
		return u.pass(ctx, src, dst, factor, part(o.Progress, 0, 1))
	}
	between, err := picture.NewRaster(4*w, 4*h, 16, src.Alpha(), o.Between)
	if err != nil {
		return err
	}
	defer between.Close()
	const first = 1. / 17 // of the work: the second pass has 16 times the pixels
	if err := u.pass(ctx, src, between, 4, part(o.Progress, 0, first)); err != nil {
		return err
	}
	return u.pass(ctx, between, dst, 2, part(o.Progress, first, 1))
}

// part tells of one pass as the part from lo to hi of the whole.
func part(tell func(float64), lo, hi float64) func(float64) {
	if tell == nil {
		return func(float64) {}
	}
	return func(v float64) { tell(lo + (hi-lo)*v) }
}
