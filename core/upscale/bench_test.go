package upscale

import (
	"fmt"
	"testing"

	"github.com/atelier-engine/atelier/core/device"
	"github.com/atelier-engine/atelier/core/nn"
)

func BenchmarkNetwork(b *testing.B) {
	for _, s := range []Shape{{48, 7, 48, 5}, {32, 8, 48, 5}, {48, 5, 64, 5}, {64, 6, 64, 5}} {
		b.Run(fmt.Sprint(s), func(b *testing.B) {
			g := Graph(s)
			w := device.Weights{}
			for _, p := range g.Params() {
				w[p.Name] = device.Array{Shape: p.Shape, Data: make([]float32, p.Len())}
			}
			net, err := nn.New(g, w, nil)
			if err != nil {
				b.Fatal(err)
			}
			const side = 128
			in := []device.Tensor{device.NewTensor(1, side, side, 3), device.NewTensor(1, side, side, s.Noise)}
			out := make([]device.Tensor, 1)
			for b.Loop() {
				if err := net.RunInto(out, in); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(net.Program.Memory())/(1<<20), "MiB")
		})
	}
}
