package style

import (
	"fmt"

	"github.com/atelier-engine/atelier/core/device"
	"github.com/atelier-engine/atelier/core/kernel"
	"github.com/atelier-engine/atelier/core/nn"
)

// Architecture is the shape of the network that paints. The zero value is not
// usable; DefaultArchitecture is what ships.
type Architecture struct {
	// Channels at full, half and quarter size. Multiples of 32 are fast.
	Channels [3]int `toml:"channels"`
	// Blocks is the number of residual blocks at quarter size.
	Blocks int `toml:"blocks"`
	// Kernel is the width of the first and the last convolution; odd.
	Kernel int `toml:"kernel"`
}

// DefaultArchitecture needs 14 GFLOP for a 256x256 picture, counted as direct
// convolutions.
var DefaultArchitecture = Architecture{Channels: [3]int{32, 64, 96}, Blocks: 5, Kernel: 9}

// Check returns an error unless a network of this shape can be built.
func (a Architecture) Check() error {
	for _, c := range a.Channels {
		if c < 1 || c > 1024 {
			return fmt.Errorf("style network: %d channels: use 1 to 1024", c)
		}
	}
	if a.Blocks < 0 || a.Blocks > 32 {
		return fmt.Errorf("style network: %d residual blocks: use 0 to 32", a.Blocks)
	}
	if a.Kernel < 1 || a.Kernel > 15 || a.Kernel%2 == 0 {
		return fmt.Errorf("style network: outer kernel of %d: use an odd number up to 15", a.Kernel)
	}
	return nil
}

// VectorLen is the length of a style: gamma and beta of every normalisation.
func (a Architecture) VectorLen() int {
	c := a.Channels
	return 2 * (2*c[0] + 2*c[1] + c[2] + 2*a.Blocks*c[2])
}

// architectureOf reads the shape of a network off its weights.
func architectureOf(w device.Weights) (Architecture, error) {
	var a Architecture
	for i, name := range []string{"in", "down1", "down2"} {
		k := w[name+".weight"]
		if len(k.Shape) != 4 {
			return a, fmt.Errorf("style network: it has no convolution %q: use weights that atelier train style wrote", name)
		}
		a.Channels[i] = k.Shape[3]
		if i == 0 {
			a.Kernel = k.Shape[0]
		}
	}
	for {
		if _, ok := w[fmt.Sprintf("block%d.a.weight", a.Blocks)]; !ok {
			return a, a.Check()
		}
		a.Blocks++
	}
}

// Graph describes the network of a model; see Architecture.Graph.
func Graph(m *nn.Model) (*device.Graph, error) {
	a, err := architectureOf(m.Weights)
	if err != nil {
		return nil, err
	}
	return a.Graph()
}

// Graph describes the network: inputs picture (N,H,W,3) in [0,1] and style
// (N,1,1,VectorLen), output (N,H,W,3) in [0,1]. H and W are multiples of 4.
//
//	9x9, 3→c0 · 3x3 stride 2, c0→c1 · 3x3 stride 2, c1→c2
//	blocks × [3x3, 3x3] c2→c2 with a shortcut
//	3x3 after doubling, c2→c1 · 3x3 after doubling, c1→c0 · 9x9, c0→3, sigmoid
//
// All paddings reflect, so that no frame appears; doubling by nearest
// neighbour before a convolution leaves no checkerboard. Every convolution but
// the last is normalised per picture, with the style's gamma and beta.
func (a Architecture) Graph() (*device.Graph, error) {
	if err := a.Check(); err != nil {
		return nil, err
	}
	g := device.NewGraph("style")
	x := g.Input("picture", device.Shape{C: 3})
	s := g.Input("style", device.Shape{H: 1, W: 1, C: a.VectorLen()})
	offset := 0
	norm := nn.CondNorm(g, s, &offset)
	c := a.Channels
	x = nn.ConvNormAct(g, "in", x, nn.Same(c[0], a.Kernel), norm, kernel.ActReLU)
	x = nn.Downsample(g, "down1", x, c[1], 3, norm, kernel.ActReLU)
	x = nn.Downsample(g, "down2", x, c[2], 3, norm, kernel.ActReLU)
	for i := range a.Blocks {
		x = nn.Residual(g, fmt.Sprintf("block%d", i), x, norm)
	}
	x = nn.Upsample(g, "up1", x, c[1], 3, norm, kernel.ActReLU)
	x = nn.Upsample(g, "up2", x, c[0], 3, norm, kernel.ActReLU)
	g.WeightInit = device.InitXavier
	x = g.Conv("out", x, nn.Same(3, a.Kernel), kernel.ActSigmoid)
	g.Output(x)
	return g, g.Err()
}

// NeutralVector is the style that every style starts from in training: gamma
// 1 and beta 0 everywhere.
func (a Architecture) NeutralVector() []float32 {
	v := make([]float32, a.VectorLen())
	offset := 0
	fill := func(c int) {
		for i := range c {
			v[offset+i] = 1
		}
		offset += 2 * c
	}
	fill(a.Channels[0])
	fill(a.Channels[1])
	for range 2*a.Blocks + 1 {
		fill(a.Channels[2])
	}
	fill(a.Channels[1])
	fill(a.Channels[0])
	return v
}
