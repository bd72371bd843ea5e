package portrait

import (
	"fmt"

	"github.com/atelier-engine/atelier/core/device"
	"github.com/atelier-engine/atelier/core/kernel"
	"github.com/atelier-engine/atelier/core/nn"
)

// Shape is the size of the networks. A card names it, so that weights find
// their network again.
type Shape struct {
	Side          int   `toml:"side"`          // of the picture in pixels: 4 · 2^len(Generator)
	Latent        int   `toml:"latent"`        // length of z
	Generator     []int `toml:"generator"`     // channels at 4x4, 8x8, ...
	Discriminator []int `toml:"discriminator"` // channels at half the side, a quarter, ... down to 4x4
}

// Check reports sizes that do not fit together.
func (s Shape) Check() error {
	if s.Latent < 1 || s.Latent > 4096 {
		return fmt.Errorf("portrait network: latent length %d: give 1 to 4096", s.Latent)
	}
	for name, l := range map[string][]int{"generator": s.Generator, "discriminator": s.Discriminator} {
		if len(l) < 1 || len(l) > 7 || s.Side != 4<<len(l) {
			return fmt.Errorf("portrait network: %d stages of the %s do not give %d pixels: they give %d", len(l), name, s.Side, 4<<len(l))
		}
		for _, c := range l {
			if c < 1 || c > 4096 {
				return fmt.Errorf("portrait network: %d channels in the %s: give 1 to 4096", c, name)
			}
		}
	}
	return nil
}

// Graph describes the generator of a model: inputs z (N,1,1,Latent) and the
// condition, output (N,Side,Side,3) in [-1,1].
func Graph(m *nn.Model) (*device.Graph, error) {
	s, err := ShapeOf(m.Card.Settings)
	if err != nil {
		return nil, err
	}
	g := GeneratorGraph(s)
	return g, g.Err()
}

// GeneratorGraph is G(z, condition): the vector is concatenated with the
// condition, as in the conditional GAN of Mirza and Osindero (2014), laid out
// as 4x4 and doubled until the side is reached, in the manner of DCGAN
// (Radford et al., 2015) but with nearest upsampling and 3x3 convolutions,
// which leave no checkerboard (Odena et al., 2016). The output is in [-1,1].
func GeneratorGraph(s Shape) *device.Graph {
	g := device.NewGraph("generator")
	z := g.Input("z", device.Shape{H: 1, W: 1, C: s.Latent})
	cond := g.Input("condition", device.Shape{H: 1, W: 1, C: ConditionLen})
	x := g.Dense("base", g.Concat(z, cond), 16*s.Generator[0], kernel.ActNone)
	x = g.Reshape(x, device.Shape{H: 4, W: 4, C: s.Generator[0]})
	x = g.BatchNorm("norm0", x, kernel.ActReLU)
	norm := nn.BatchNorm(g)
	for i, c := range append(s.Generator[1:len(s.Generator):len(s.Generator)], s.Generator[len(s.Generator)-1]/2) {
		x = nn.ConvNormAct(g, fmt.Sprintf("up%d", i+1), x, kernel.Conv{OutC: c, KH: 3, KW: 3, Stride: 1, Pad: 1, Up: 2}, norm, kernel.ActReLU)
	}
	g.Output(g.Conv("rgb", x, kernel.Conv{OutC: 3, KH: 3, KW: 3, Stride: 1, Pad: 1}, kernel.ActTanh))
	return g
}

// DiscriminatorGraph is D(x): strided convolutions down to 4x4, then four
// heads: reality (one logit), emotion (seven), age (a distribution over
// AgeKnots), gender (one).
func DiscriminatorGraph(s Shape) *device.Graph {
	g := device.NewGraph("discriminator")
	x := g.Input("x", device.Shape{H: s.Side, W: s.Side, C: 3})
	norm := nn.BatchNorm(g)
	for i, c := range s.Discriminator {
		n := norm
		if i == 0 {
			n = nn.NoNorm(g)
		}
		x = nn.ConvNormAct(g, fmt.Sprintf("down%d", i+1), x, kernel.Conv{OutC: c, KH: 4, KW: 4, Stride: 2, Pad: 1}, n, kernel.ActLeakyReLU)
	}
	g.Output(
		g.Dense("reality", x, 1, kernel.ActNone),
		g.Dense("emotion", x, EmotionDims, kernel.ActNone),
		g.Dense("age", x, AgeDims, kernel.ActNone),
		g.Dense("gender", x, 1, kernel.ActNone),
	)
	return g
}

// Features is a frozen network and its weights.
type Features struct {
	Graph   *device.Graph
	Weights device.Weights
}
