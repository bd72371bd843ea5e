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
	Side   int `toml:"side"`   // of the picture in pixels
	Latent int `toml:"latent"` // length of z
	// Style is the length of the vector that steers the refining blocks of the
	// ladder; 0 makes the paper's plain network.
	Style         int   `toml:"style"`
	Generator     []int `toml:"generator"`     // channels at 4x4, 8x8, ...: up to half the side, of the ladder up to the side
	Discriminator []int `toml:"discriminator"` // channels at half the side, a quarter, ... down to 4x4
}

// Check reports sizes that do not fit together.
func (s Shape) Check() error {
	if s.Latent < 1 || s.Latent > 4096 || s.Style < 0 || s.Style > 4096 {
		return fmt.Errorf("portrait network: latent length %d, style length %d: give 1 to 4096, and 0 to 4096", s.Latent, s.Style)
	}
	up := len(s.Generator) // doublings of 4 pixels
	if s.Style > 0 {
		up--
	}
	for _, l := range []struct {
		name     string
		channels []int
		doubles  int
	}{{"generator", s.Generator, up}, {"discriminator", s.Discriminator, len(s.Discriminator)}} {
		if l.doubles < 1 || l.doubles > 8 || s.Side != 4<<l.doubles {
			return fmt.Errorf("portrait network: %d stages of the %s do not give %d pixels: they give %d", len(l.channels), l.name, s.Side, 4<<max(0, min(l.doubles, 30)))
		}
		for _, c := range l.channels {
			if c < 1 || c > 4096 {
				return fmt.Errorf("portrait network: %d channels in the %s: give 1 to 4096", c, l.name)
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

// GeneratorGraph describes the generator of a shape: the ladder, or the paper's
// where Style is 0.
func GeneratorGraph(s Shape) *device.Graph {
	if s.Style > 0 {
		return ladderGraph(s)
	}
	return paperGraph(s)
}

// paperGraph is G(z, condition): the vector is concatenated with the
// condition, as in the conditional GAN of Mirza and Osindero (2014), laid out
// as 4x4 and doubled until the side is reached, in the manner of DCGAN
// (Radford et al., 2015) but with nearest upsampling and 3x3 convolutions,
// which leave no checkerboard (Odena et al., 2016). The output is in [-1,1].
func paperGraph(s Shape) *device.Graph {
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
	x := Descend(g, g.Input("x", device.Shape{H: s.Side, W: s.Side, C: 3}), s.Discriminator, nn.BatchNorm(g))
	g.Output(g.Dense("reality", x, 1, kernel.ActNone))
	g.Output(ConditionHeads(g, x)...)
	return g
}

// Descend adds convolutions of 4x4 and stride 2 to the given channels, each
// with the norm but the first.
func Descend(g *device.Graph, x device.Ref, channels []int, norm nn.Norm) device.Ref {
	for i, c := range channels {
		n := norm
		if i == 0 {
			n = nn.NoNorm(g)
		}
		x = nn.ConvNormAct(g, fmt.Sprintf("down%d", i+1), x, kernel.Conv{OutC: c, KH: 4, KW: 4, Stride: 2, Pad: 1}, n, kernel.ActLeakyReLU)
	}
	return x
}

// ConditionHeads adds what a network says of a condition: emotion (seven
// logits), age (logits over AgeKnots) and gender (one, above 0 for a man).
func ConditionHeads(g *device.Graph, x device.Ref) []device.Ref {
	return []device.Ref{g.Dense("emotion", x, EmotionDims, kernel.ActNone), g.Dense("age", x, AgeDims, kernel.ActNone), g.Dense("gender", x, 1, kernel.ActNone)}
}

// Features is a frozen network and its weights.
type Features struct {
	Graph   *device.Graph
	Weights device.Weights
}
