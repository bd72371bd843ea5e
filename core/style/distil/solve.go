package distil

import (
	"context"
	"fmt"

	"gonum.org/v1/gonum/mat"

	"github.com/atelier-engine/atelier/core/device"
	"github.com/atelier-engine/atelier/core/kernel"
	"github.com/atelier-engine/atelier/core/nn"
)

// seedSolve is the stream of pictures that the last linear maps are fitted to.
const seedSolve = 3 << 32

// solve replaces the linear maps of the taps in w by those with the smallest
// squared error over batches of new pictures, given the convolutions before them:
//
//	(HᵀH + εI) M = HᵀT
//
// with H the activations before a tap and a column of ones, T the targets.
func (s *school) solve(ctx context.Context, w device.Weights, batches int) error {
	fail := func(err error) error { return fmt.Errorf("distil features: linear maps: %w", err) }
	g, err := s.cfg.Widths.Graph()
	if err != nil {
		return fail(err)
	}
	taps := g.Outs
	g.Outs = nil
	for _, r := range taps {
		g.Output(g.Nodes[r].In[0])
	}
	need := device.Weights{}
	for _, p := range g.Params() {
		need[p.Name] = w[p.Name]
	}
	net, err := nn.New(g, need, nil)
	if err != nil {
		return fail(err)
	}
	hh, ht, ones := make([][]float64, len(taps)), make([][]float64, len(taps)), make([][]float32, len(taps))
	n, size := s.cfg.Batch, s.cfg.Size
	pictures := make([]float32, n*size*size*3)
	for b := range batches {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		s.corpus.batch(pictures, n, size, s.cfg.Seed^seedSolve, uint64(b))
		want, err := s.teacher.targets(pictures, n, size)
		if err != nil {
			return err
		}
		seen, err := net.Run(device.Tensor{Data: pictures, N: n, H: size, W: size, C: 3})
		if err != nil {
			return fail(err)
		}
		for i, h := range seen {
			rows, c := h.N*h.H*h.W, h.C
			if ones[i] == nil {
				ones[i], hh[i], ht[i] = make([]float32, rows*(c+1)), make([]float64, (c+1)*(c+1)), make([]float64, (c+1)*want[i].C)
			}
			for r := range rows {
				copy(ones[i][r*(c+1):], h.Data[r*c:(r+1)*c])
				ones[i][r*(c+1)+c] = 1
			}
			accumulate(hh[i], ones[i], ones[i], rows, c+1, c+1)
			accumulate(ht[i], ones[i], want[i].Data, rows, c+1, want[i].C)
		}
	}
	for i := range taps {
		m, err := ridge(hh[i], ht[i])
		if err != nil {
			return fail(fmt.Errorf("%s: %w", subjects[i].tap, err))
		}
		name := fmt.Sprintf("tap%d_1", i+1)
		k, bias := w[name+".weight"], w[name+".bias"]
		split := len(k.Data)
		w[name+".weight"] = device.Array{Shape: k.Shape, Data: m[:split:split]}
		w[name+".bias"] = device.Array{Shape: bias.Shape, Data: m[split:]}
	}
	return nil
}

// accumulate adds AᵀB of a (rows,m) and b (rows,n) to sum.
func accumulate(sum []float64, a, b []float32, rows, m, n int) {
	g := make([]float32, m*n)
	kernel.MatMulTN(g, a, b, rows, m, n)
	for i, v := range g {
		sum[i] += float64(v)
	}
}

// ridge solves (A + εI) X = B for a symmetric A of side m, with ε a millionth of
// the mean of its diagonal.
func ridge(a, b []float64) ([]float32, error) {
	m := 1
	for m*m < len(a) {
		m++
	}
	var trace float64
	for i := range m {
		trace += a[i*m+i]
	}
	for i := range m {
		a[i*m+i] += 1e-6 * trace / float64(m)
	}
	var c mat.Cholesky
	if !c.Factorize(mat.NewSymDense(m, a)) {
		return nil, fmt.Errorf("the activations depend on each other: train longer or choose a smaller width")
	}
	var x mat.Dense
	if err := c.SolveTo(&x, mat.NewDense(m, len(b)/m, b)); err != nil {
		return nil, err
	}
	out := make([]float32, len(b))
	for i, v := range x.RawMatrix().Data {
		out[i] = float32(v)
	}
	return out, nil
}
