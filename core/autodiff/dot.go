package autodiff

import (
	"gorgonia.org/gorgonia"

	"github.com/atelier-engine/atelier/core/device"
)

// Dot returns Σ_k a[n,k]·b[n,k] for each sample: (N,1,1,1) of two (N,1,1,K). So
// a discriminator adds to its answer how well a picture matches its condition
// (Miyato and Koyama, "cGANs with projection discriminator", 2018).
func (t *Tape) Dot(a, b *gorgonia.Node) *gorgonia.Node {
	total := t.sameLen("dot", a, b)
	if t.err != nil {
		return nil
	}
	n := a.Shape()[0]
	k := total / n
	return t.add(spec{name: "dot", shape: shape4(n, 1, 1, 1), alone: true,
		run: func(y []float32, x [][]float32) {
			for i := range y {
				var s float32
				for j, v := range x[0][i*k : (i+1)*k] {
					s += v * x[1][i*k+j]
				}
				y[i] = s
			}
		},
		accel: func(s device.Session, y []float32, x [][]float32) error { return s.DotRows(y, x[0], x[1], n, k) },
		grad: func(want []bool, x gorgonia.Nodes, _, dy *gorgonia.Node) []*gorgonia.Node {
			out := make([]*gorgonia.Node, 2)
			for i := range out {
				if want[i] {
					out[i] = t.add(spec{name: "dot dx", shape: sameShape(x[i]), alone: true,
						run: func(dx []float32, v [][]float32) {
							for j := range dx {
								dx[j] = v[0][j] * v[1][j/k]
							}
						},
						accel: func(s device.Session, dx []float32, v [][]float32) error { return s.ScaleSamples(dx, v[0], v[1]) }}, x[1-i], dy)
				}
			}
			return out
		}}, a, b)
}
