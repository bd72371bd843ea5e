package nn

import (
	"fmt"
	"testing"

	"github.com/atelier-engine/atelier/core/device"
	"github.com/atelier-engine/atelier/core/kernel"
)

// johnson is the transformer of Johnson et al. (2016) with upsampling instead of transposed convolutions:
// 20.2 GFLOP for 256x256 pixels, counted as direct convolutions with the upsampling written out.
func johnson() *device.Graph {
	g := device.NewGraph("johnson")
	norm := InstanceNorm(g)
	x := g.Input("picture", device.Shape{C: 3})
	x = ConvNormAct(g, "in", x, Same(32, 9), norm, kernel.ActReLU)
	x = Downsample(g, "down1", x, 64, 3, norm, kernel.ActReLU)
	x = Downsample(g, "down2", x, 128, 3, norm, kernel.ActReLU)
	for i := range 5 {
		x = Residual(g, fmt.Sprint("res", i), x, norm)
	}
	x = Upsample(g, "up1", x, 64, 3, norm, kernel.ActReLU)
	x = Upsample(g, "up2", x, 32, 3, norm, kernel.ActReLU)
	g.Output(g.Conv("out", x, Same(3, 9), kernel.ActSigmoid))
	return g
}

// dcgan is the 64x64 generator of Radford et al. (2016).
func dcgan() *device.Graph {
	g := device.NewGraph("dcgan")
	x := g.Dense("in", g.Input("z", device.Shape{H: 1, W: 1, C: 110}), 4*4*512, kernel.ActNone)
	x = g.BatchNorm("in.norm", g.Reshape(x, device.Shape{H: 4, W: 4, C: 512}), kernel.ActReLU)
	for i, c := range []int{256, 128, 64} {
		up := kernel.Conv{OutC: c, KH: 4, Stride: 2, Pad: 1, Transposed: true}
		x = ConvNormAct(g, fmt.Sprint("up", i), x, up, BatchNorm(g), kernel.ActReLU)
	}
	g.Output(g.Conv("out", x, kernel.Conv{OutC: 3, KH: 4, Stride: 2, Pad: 1, Transposed: true}, kernel.ActTanh))
	return g
}

func inputs(g *device.Graph, n int, size int) []device.Tensor {
	s := g.Nodes[0].Shape
	if s.Any() {
		s.H, s.W = size, size
	}
	t := device.NewTensor(n, s.H, s.W, s.C)
	for i := range t.Data {
		t.Data[i] = float32(i*7919%1000)/500 - 1
	}
	return []device.Tensor{t}
}

// TestSamplesStandAlone compares a batch with its samples run one by one, bit for bit, on the real shapes.
func TestSamplesStandAlone(t *testing.T) {
	for _, g := range []*device.Graph{dcgan(), johnson()} {
		net, err := New(g, weightsOf(g), nil)
		if err != nil {
			t.Fatal(err)
		}
		in := inputs(g, 3, 36)
		whole, err := net.Run(in...)
		if err != nil {
			t.Fatal(err)
		}
		for i := range 3 {
			cut := func(t device.Tensor) device.Tensor {
				k := t.Shape().Len()
				t.Data, t.N = t.Data[i*k:(i+1)*k], 1
				return t
			}
			one, err := net.Run(cut(in[0]))
			if err != nil {
				t.Fatal(err)
			}
			for j, v := range cut(whole[0]).Data {
				if one[0].Data[j] != v {
					t.Fatalf("%s: sample %d, value %d: %g alone, %g in the batch", g.Name, i, j, one[0].Data[j], v)
				}
			}
		}
	}
}

func BenchmarkNetworks(b *testing.B) {
	for _, c := range []struct {
		g       *device.Graph
		n, size int
	}{{johnson(), 1, 256}, {johnson(), 1, 512}, {dcgan(), 1, 64}, {dcgan(), 64, 64}} {
		b.Run(fmt.Sprintf("%s/%d/batch%d", c.g.Name, c.size, c.n), func(b *testing.B) {
			net, err := New(c.g, weightsOf(c.g), nil)
			if err != nil {
				b.Fatal(err)
			}
			in, out := inputs(c.g, c.n, c.size), make([]device.Tensor, 1)
			b.ReportAllocs()
			for b.Loop() {
				if err := net.RunInto(out, in); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(net.Program.Memory())/(1<<20), "MiB")
		})
	}
}
