package portrait

import (
	"fmt"

	"github.com/atelier-engine/atelier/core/device"
	"github.com/atelier-engine/atelier/core/kernel"
	"github.com/atelier-engine/atelier/core/nn"
)

// FirstRung is the side of the smallest picture of the ladder. Every doubling
// above it adds to the picture below, enlarged.
const FirstRung = 64

// ladderGraph is the generator that grows. Its trunk is the paper's: the vector
// and the condition give a 4x4 picture of many channels, which is doubled by
// nearest upsampling, a 3x3 convolution and a batch norm. Beside it stand
//
//   - a style: two dense layers turn z and the condition into the gains and
//     offsets of the conditional norms (Dumoulin et al., 2017; Karras et al.,
//     2019) of
//   - a refining block behind each doubling, x + conv(act(condnorm(conv(x)))),
//     whose last convolution starts at zero (Zhang et al., "Fixup", 2019);
//   - a picture at FirstRung and a correction to it at every doubling above
//     (Karras et al., "StyleGAN2", 2020), which starts at zero too.
//
// So a network whose new parts are fresh draws what the network it grew from
// drew (Chen et al., "Net2Net", 2016), and training goes on from there.
func ladderGraph(s Shape) *device.Graph {
	g := device.NewGraph("generator")
	z := g.Input("z", device.Shape{H: 1, W: 1, C: s.Latent})
	cond := g.Input("condition", device.Shape{H: 1, W: 1, C: ConditionLen})
	who := g.Concat(z, cond)
	style := ladderStyle(g, who, s)

	x := g.Dense("base", who, 16*s.Generator[0], kernel.ActNone)
	x = g.BatchNorm("norm0", g.Reshape(x, device.Shape{H: 4, W: 4, C: s.Generator[0]}), kernel.ActReLU)
	norm, offset, picture := nn.BatchNorm(g), 0, device.None
	for i, c := range s.Generator[1:] {
		side := 8 << i
		x = nn.ConvNormAct(g, fmt.Sprintf("up%d", i+1), x, kernel.Conv{OutC: c, KH: 3, KW: 3, Stride: 1, Pad: 1, Up: 2}, norm, kernel.ActReLU)
		x = refine(g, fmt.Sprintf("refine%d", side), x, style, offset, c)
		offset += 2 * c
		switch {
		case picture >= 0:
			g.WeightInit = device.InitZero
			finer := g.Conv(fmt.Sprintf("rgb%d", side), x, three(3), kernel.ActNone)
			g.WeightInit = device.InitHe
			picture = g.Add(finer, g.Resize(picture, 2, true))
		case side == min(FirstRung, s.Side):
			picture = g.Conv("rgb", x, three(3), kernel.ActNone)
		}
	}
	g.Output(g.Activate(picture, kernel.ActTanh))
	return g
}

// ladderStyle gives the gains, around 1, and the offsets, around 0, of all
// conditional norms, one after the other: (1,1,2·Σ channels).
func ladderStyle(g *device.Graph, who device.Ref, s Shape) device.Ref {
	const spread = 0.3 // of what He's initialisation would give
	var scale, shift []float32
	for _, c := range s.Generator[1:] {
		for k := range 2 * c {
			one := float32(0)
			if k < c {
				one = 1
			}
			scale, shift = append(scale, spread), append(shift, one)
		}
	}
	x := g.Dense("style1", who, s.Style, kernel.ActLeakyReLU)
	return g.Affine(g.Dense("style2", x, len(scale), kernel.ActNone), scale, shift)
}

// refine adds x + conv(leaky(condnorm(conv(x)))) with c channels.
func refine(g *device.Graph, name string, x, style device.Ref, offset, c int) device.Ref {
	y := g.CondNorm(g.Conv(name+".a", x, three(c), kernel.ActNone), style, offset, kernel.ActLeakyReLU, device.None)
	g.WeightInit = device.InitZero
	y = g.Conv(name+".b", y, three(c), kernel.ActNone)
	g.WeightInit = device.InitHe
	return g.Add(y, x)
}

// three is a 3x3 convolution that keeps the size.
func three(out int) kernel.Conv { return kernel.Conv{OutC: out, KH: 3, KW: 3, Stride: 1, Pad: 1} }
