package portrait

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/atelier-engine/atelier/core/device"
	"github.com/atelier-engine/atelier/core/picture"
)

// Request asks for one portrait. The same request always gives the same
// picture, whatever it is drawn together with.
type Request struct {
	Condition Condition `json:"condition"`
	// Seed says who is drawn: it makes the random vector z. Another condition
	// with the same seed is the same person.
	Seed uint64 `json:"seed"`
	// Toward is the seed of a second person, and At tells how far the one drawn
	// stands between the two: 0 is Seed's, 1 is Toward's.
	Toward uint64  `json:"toward,omitempty"`
	At     float64 `json:"at,omitempty"`
	// Truncation brings z nearer to its mean: 1 leaves it, 0 is the mean face of
	// the condition. Less of it gives likelier faces that differ less.
	Truncation float64 `json:"truncation"`
}

// NewRequest asks for the person of a seed, not truncated.
func NewRequest(c Condition, seed uint64) Request {
	return Request{Condition: c, Seed: seed, Truncation: 1}
}

// Check reports the first value out of range.
func (r Request) Check() error {
	if err := r.Condition.Check(); err != nil {
		return err
	}
	if !(r.Truncation >= 0 && r.Truncation <= 1) {
		return fmt.Errorf("truncation %g: give 0 (the mean face) to 1 (none)", r.Truncation)
	}
	if !(r.At >= 0 && r.At <= 1) {
		return fmt.Errorf("at %g: give 0 (the first person) to 1 (the second)", r.At)
	}
	return nil
}

// Latent is the random vector z of a seed, of independent normal numbers: the
// same for any place in a batch.
func Latent(z []float32, seed uint64) {
	r := rand.New(rand.NewPCG(seed, 0x6174656c696572))
	for i := range z {
		z[i] = float32(r.NormFloat64())
	}
}

// latent writes the vector of a request:
//
//	z = ψ · slerp(z₀, z₁, t),   ψ the truncation
//
// The truncation trick (Brock et al., "BigGAN", 2019) as Karras et al.
// ("StyleGAN", 2019) have it: the vector is scaled towards the mean, which is 0,
// instead of drawn again where it is large, so that ψ moves it without a jump.
func (r Request) latent(z []float32) {
	Latent(z, r.Seed)
	if r.At > 0 && r.Toward != r.Seed {
		other := make([]float32, len(z))
		Latent(other, r.Toward)
		slerp(z, other, r.At)
	}
	if r.Truncation != 1 {
		for i := range z {
			z[i] *= float32(r.Truncation)
		}
	}
}

// slerp moves a towards b along the great arc between them (Shoemake,
// "Animating rotation with quaternion curves", 1985):
//
//	a ← a · sin((1-t)Ω)/sin Ω + b · sin(tΩ)/sin Ω,   cos Ω = a·b / |a||b|
//
// A straight line would pass nearer to 0 than any vector that the network has
// seen, as truncation does. Where the arc is not determined it takes the line.
func slerp(a, b []float32, t float64) {
	var ab, aa, bb float64
	for i := range a {
		x, y := float64(a[i]), float64(b[i])
		ab, aa, bb = ab+x*y, aa+x*x, bb+y*y
	}
	wa, wb := 1-t, t
	if cos := ab / math.Sqrt(aa*bb); math.Abs(cos) < 1-1e-9 {
		angle := math.Acos(cos)
		wa, wb = math.Sin((1-t)*angle)/math.Sin(angle), math.Sin(t*angle)/math.Sin(angle)
	}
	for i := range a {
		a[i] = float32(wa*float64(a[i]) + wb*float64(b[i]))
	}
}

// drawBatch is the number of portraits made at a time.
const drawBatch = 16

// Draw makes one portrait for each request, Shape.Side square. It errs on a
// value out of range, before any work, and when ctx ends.
func (g *Generator) Draw(ctx context.Context, requests []Request) ([]*picture.Picture, error) {
	for i, r := range requests {
		if err := r.Check(); err != nil {
			return nil, fmt.Errorf("portrait %d: %w", i+1, err)
		}
	}
	side := g.Shape.Side
	all := make([]*picture.Picture, 0, len(requests))
	for lo := 0; lo < len(requests); lo += drawBatch {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		n := min(drawBatch, len(requests)-lo)
		z, c := device.NewTensor(n, 1, 1, g.Shape.Latent), device.NewTensor(n, 1, 1, ConditionLen)
		for i, r := range requests[lo : lo+n] {
			r.latent(z.Data[i*g.Shape.Latent:][:g.Shape.Latent])
			r.Condition.Vector(c.Data[i*ConditionLen:][:ConditionLen])
		}
		out, err := g.net.Run(z, c)
		if err != nil {
			return nil, fmt.Errorf("portrait: %w", err)
		}
		for i := range n {
			all = append(all, ToPicture(out[0].Data[i*side*side*3:], side))
		}
	}
	return all, nil
}
