package upscale

import (
	"fmt"

	"github.com/atelier-engine/atelier/core/device"
	"github.com/atelier-engine/atelier/core/kernel"
	"github.com/atelier-engine/atelier/core/nn"
)

// Factor is how many times the network enlarges each side of a picture.
const Factor = 4

// Shape is the size of the network. A card names it, so that weights find their
// network again.
type Shape struct {
	Channels int `toml:"channels"` // of the features
	Blocks   int `toml:"blocks"`   // residual blocks
	Wide     int `toml:"wide"`     // channels before the enlargement
	Noise    int `toml:"noise"`    // planes of noise beside the picture
}

// Check reports the first size that no network can have.
func (s Shape) Check() error {
	for _, f := range []struct {
		name     string
		v, least int
		most     int
	}{{"channels", s.Channels, 1, 1024}, {"blocks", s.Blocks, 1, 64}, {"wide", s.Wide, 1, 1024}, {"noise", s.Noise, 1, 64}} {
		if f.v < f.least || f.v > f.most {
			return fmt.Errorf("upscale network: %s = %d: give %d to %d", f.name, f.v, f.least, f.most)
		}
	}
	return nil
}

// Settings writes the shape into a card.
func (s Shape) Settings() map[string]float64 {
	return map[string]float64{"channels": float64(s.Channels), "blocks": float64(s.Blocks), "wide": float64(s.Wide), "noise": float64(s.Noise)}
}

// ShapeOf reads the shape from a card's settings.
func ShapeOf(m map[string]float64) (Shape, error) {
	s := Shape{Channels: int(m["channels"]), Blocks: int(m["blocks"]), Wide: int(m["wide"]), Noise: int(m["noise"])}
	return s, s.Check()
}

// Reach is how many pixels of the small picture a pixel of the large one sees on
// each side: one for every 3x3 convolution, and one for the enlargement, whose
// 8x8 kernel spans two pixels, and for the bilinear one.
func (s Shape) Reach() int { return 1 + 2*s.Blocks + 1 + 1 + 1 }

// Graph describes the network. Inputs are the picture (N,H,W,3), RGB in [0,1],
// and noise (N,H,W,Noise) of mean 0 and variance 1, see Noise; the output is
// (N,4H,4W,3), which may leave [0,1] a little.
//
// All work but the last layer is done at the small size: residual blocks of two
// 3x3 convolutions without norms (Lim et al., "Enhanced deep residual networks
// for single image super-resolution", 2017), with a long skip around them, then
// one transposed convolution of stride 4, the learnt filter bank of FSRCNN (Dong
// et al., 2016), whose 8x8 kernels overlap evenly and so print no grid. It draws
// what a bilinear enlargement lacks. The noise lets the network invent grain
// where the small picture has none to copy (as in StyleGAN, Karras et al., 2019);
// how strong it becomes is learnt.
func Graph(s Shape) *device.Graph {
	g := device.NewGraph("upscale")
	picture := g.Input("picture", device.Shape{C: 3})
	noise := g.Input("noise", device.Shape{C: s.Noise})
	first := g.Conv("in", g.Concat(picture, noise), nn.Same(s.Channels, 3), kernel.ActNone)
	x := first
	for i := range s.Blocks {
		g.WeightInit = device.InitHe
		y := g.Conv(fmt.Sprintf("block%d.a", i+1), x, nn.Same(s.Channels, 3), kernel.ActReLU)
		g.WeightInit = device.InitZero // a block starts as the identity
		x = g.Add(g.Conv(fmt.Sprintf("block%d.b", i+1), y, nn.Same(s.Channels, 3), kernel.ActNone), x)
	}
	g.WeightInit = device.InitZero
	x = g.Add(g.Conv("body", x, nn.Same(s.Channels, 3), kernel.ActNone), first)
	g.WeightInit = device.InitHe
	x = g.Conv("wide", x, nn.Same(s.Wide, 3), kernel.ActLeakyReLU)
	g.WeightInit = device.InitNormal002
	detail := g.Conv("rgb", x, kernel.Conv{OutC: 3, KH: 2 * Factor, KW: 2 * Factor, Stride: Factor, Pad: Factor / 2, Transposed: true}, kernel.ActNone)
	g.Output(g.Add(g.Resize(picture, Factor, true), detail))
	return g
}
