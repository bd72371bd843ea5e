package training

import (
	"fmt"

	"github.com/atelier-engine/atelier/core/device"
	"github.com/atelier-engine/atelier/core/kernel"
)

// judgeGraph is the discriminator: whether a patch is a photograph or made. It
// judges overlapping parts of about 40 pixels apart (PatchGAN, Isola et al.,
// 2017), for skin, hair and stone are a matter of texture. Beside the patch
// (N,H,W,3) it sees the bilinear enlargement of the small crop (N,H,W,3), so that
// it can ask for the detail that belongs there (Mirza and Osindero, 2014).
//
// There are no norms: they would hide how strong a texture is. Patches are shifted
// at random by less than its stride before they are judged: else the grid of its
// strides, always at the same place on the grid of the enlargement, would be drawn
// into the pictures.
func judgeGraph(j Judge) *device.Graph {
	g := device.NewGraph("judge")
	x := g.Concat(g.Input("patch", device.Shape{C: 3}), g.Input("soft", device.Shape{C: 3}))
	x = g.Conv("full", x, kernel.Conv{OutC: j.Channels[0], KH: 3, Pad: 1}, kernel.ActLeakyReLU)
	for i, c := range j.Channels[1:] {
		x = g.Conv(fmt.Sprintf("down%d", i+1), x, kernel.Conv{OutC: c, KH: 4, Stride: 2, Pad: 1}, kernel.ActLeakyReLU)
	}
	x = g.Conv("last", x, kernel.Conv{OutC: j.Channels[len(j.Channels)-1], KH: 3, Pad: 1}, kernel.ActLeakyReLU)
	g.WeightInit = device.InitXavier
	g.Output(g.Conv("real", x, kernel.Conv{OutC: 1, KH: 1}, kernel.ActNone))
	return g
}

// stride is how far the parts lie apart that are judged, in pixels.
func (j Judge) stride() int { return 1 << (len(j.Channels) - 1) }
