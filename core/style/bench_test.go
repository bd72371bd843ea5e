package style

import (
	"context"
	"fmt"
	"testing"

	"github.com/atelier-engine/atelier/core/autodiff"
	"github.com/atelier-engine/atelier/core/device"
)

// BenchmarkPaint paints with the shipped shape of the network; GFLOP counts
// direct convolutions, of the ground and of the detail pass.
func BenchmarkPaint(b *testing.B) {
	g, err := DefaultArchitecture.Graph()
	if err != nil {
		b.Fatal(err)
	}
	w := autodiff.NewParams(g, 5).Weights()
	id := DefaultArchitecture.NeutralVector()
	w[Identity] = device.Array{Shape: []int{len(id)}, Data: id}
	s, err := New(w)
	if err != nil {
		b.Fatal(err)
	}
	plan := Plan{Style: "neutral", Network: Network, Vector: id}
	for _, side := range []int{512, 1024} {
		b.Run(fmt.Sprint(side), func(b *testing.B) {
			p := scene(side, side)
			full := extent{side, side}
			ground := groundOf(full, BaseSide, 1)
			var flop float64
			for _, e := range append(ladder(ground, full), ground) {
				shapes, err := g.Shapes([]device.Shape{{H: e.h, W: e.w, C: 3}, {H: 1, W: 1, C: len(id)}})
				if err != nil {
					b.Fatal(err)
				}
				for _, n := range g.Nodes {
					if n.Op == device.OpConv {
						in := shapes[n.In[0]]
						flop += n.Conv.FLOPs(1, in.H, in.W)
					}
				}
			}
			for b.Loop() {
				if _, err := s.Paint(context.Background(), p, plan, Options{Intensity: 1}); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(flop*float64(b.N)/b.Elapsed().Seconds()/1e9, "GFLOP/s")
			b.ReportMetric(flop/1e9, "GFLOP")
		})
	}
}
