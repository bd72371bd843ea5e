package evaluation

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"

	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/stat"

	"github.com/atelier-engine/atelier/core/device"
	"github.com/atelier-engine/atelier/core/nn"
	"github.com/atelier-engine/atelier/core/portrait"
	"github.com/atelier-engine/atelier/core/portrait/faces"
)

// Evaluation compares portraits with photographs that training did not see,
// in the space of a loss network's features, averaged over each picture.
type Evaluation struct {
	Pictures int     // portraits made, and photographs of each kind compared
	Frechet  float64 // Fréchet distance of portraits to held-out photographs
	Floor    float64 // the same of training photographs: what the measure gives to the real thing
	Variety  float64 // mean feature distance of two portraits, in parts of that of two photographs

	Made  Agreement // of portraits with what was asked for, by a judge trained apart
	Photo Agreement // of held-out photographs with their labels, by the same judge
}

// Evaluate makes a portrait for the condition of each held-out photograph, at
// most n, and compares features. f is a network with one or more outputs.
func Evaluate(ctx context.Context, g *portrait.Generator, set *faces.Faces, f portrait.Features, n int) (Evaluation, error) {
	s := faces.NewSampler(set, faces.Augment{}, g.Shape.Side)
	n = min(n, len(s.Valid), len(s.Train))
	if n < 16 {
		return Evaluation{}, fmt.Errorf("evaluate portraits: %d held-out faces: at least 16 are needed", n)
	}
	net, err := nn.New(f.Graph, f.Weights, device.NewCPU())
	if err != nil {
		return Evaluation{}, err
	}
	s.Augment = faces.Augment{Flip: true, Rotate: 0.1, Scale: 0.05, Shift: 0.03}
	j, err := trainJudge(ctx, s, judgeSteps)
	if err != nil {
		return Evaluation{}, err
	}
	var verdicts, photos []verdict
	var conds []portrait.Condition
	side := g.Shape.Side
	buf := make([]float32, side*side*3)
	var made, held, train [][]float64
	r := rand.New(rand.NewPCG(5, 5))
	for k := range n {
		if err := ctx.Err(); err != nil {
			return Evaluation{}, err
		}
		pics, err := g.Generate(ctx, []portrait.Condition{set.Conds[s.Valid[k]]}, []uint64{uint64(1000 + k)})
		if err != nil {
			return Evaluation{}, err
		}
		v, err := describe(net, pics[0].Pix, side)
		if err != nil {
			return Evaluation{}, err
		}
		made = append(made, v)
		conds = append(conds, set.Conds[s.Valid[k]])
		for i, x := range pics[0].Pix {
			buf[i] = x*2 - 1
		}
		seen, err := j.look(buf)
		if err != nil {
			return Evaluation{}, err
		}
		verdicts = append(verdicts, seen)
		for _, set := range []struct {
			to *[][]float64
			i  int
		}{{&held, s.Valid[k]}, {&train, s.Train[r.IntN(len(s.Train))]}} {
			s.Face(buf, set.i, nil)
			if set.to == &held {
				if seen, err = j.look(buf); err != nil {
					return Evaluation{}, err
				}
				photos = append(photos, seen)
			}
			for i, x := range buf {
				buf[i] = x*0.5 + 0.5
			}
			if v, err = describe(net, buf, side); err != nil {
				return Evaluation{}, err
			}
			*set.to = append(*set.to, v)
		}
	}
	e := Evaluation{Pictures: n, Variety: spread(made) / spread(held), Made: agree(verdicts, conds), Photo: agree(photos, conds)}
	if e.Frechet, err = frechet(made, held); err != nil {
		return e, err
	}
	e.Floor, err = frechet(train, held)
	return e, err
}

// describe averages every channel of every output over the picture (RGB in
// [0,1]).
func describe(net *nn.Network, pix []float32, side int) ([]float64, error) {
	outs, err := net.Run(device.Tensor{Data: pix, N: 1, H: side, W: side, C: 3})
	if err != nil {
		return nil, fmt.Errorf("evaluate portraits: %w", err)
	}
	var v []float64
	for _, o := range outs {
		mean := make([]float64, o.C)
		for i, x := range o.Data[:o.H*o.W*o.C] {
			mean[i%o.C] += float64(x) / float64(o.H*o.W)
		}
		v = append(v, mean...)
	}
	return v, nil
}

// spread is the mean distance of neighbours in a list whose order is random.
func spread(v [][]float64) float64 {
	total := 0.0
	for i := 1; i < len(v); i++ {
		d := 0.0
		for k := range v[i] {
			d += (v[i][k] - v[i-1][k]) * (v[i][k] - v[i-1][k])
		}
		total += math.Sqrt(d)
	}
	return total / float64(max(1, len(v)-1))
}

// frechet is the distance of two Gaussians fitted to the vectors,
//
//	|m₁-m₂|² + tr(C₁ + C₂ - 2(C₁C₂)^½)
//
// (Dowson and Landau, 1982; Heusel et al., 2017), divided by the number of
// features. The trace of the root is that of (C₁^½ C₂ C₁^½)^½, which is
// symmetric.
func frechet(a, b [][]float64) (float64, error) {
	ma, ca := gaussian(a)
	mb, cb := gaussian(b)
	d := len(ma)
	root, err := sqrtSym(ca)
	if err != nil {
		return 0, err
	}
	var t mat.Dense
	t.Mul(root, cb)
	t.Mul(&t, root)
	inner := mat.NewSymDense(d, nil)
	for i := range d {
		for j := i; j < d; j++ {
			inner.SetSym(i, j, (t.At(i, j)+t.At(j, i))/2)
		}
	}
	cross, err := sqrtSym(inner)
	if err != nil {
		return 0, err
	}
	sum := mat.Trace(ca) + mat.Trace(cb) - 2*mat.Trace(cross)
	for i := range ma {
		sum += (ma[i] - mb[i]) * (ma[i] - mb[i])
	}
	return max(0, sum) / float64(d), nil
}

func gaussian(v [][]float64) ([]float64, *mat.SymDense) {
	d := len(v[0])
	m := mat.NewDense(len(v), d, nil)
	mean := make([]float64, d)
	for i, row := range v {
		m.SetRow(i, row)
		for k, x := range row {
			mean[k] += x / float64(len(v))
		}
	}
	c := mat.NewSymDense(d, nil)
	stat.CovarianceMatrix(c, m, nil)
	return mean, c
}

// sqrtSym is the root of a positive semidefinite matrix.
func sqrtSym(m *mat.SymDense) (*mat.Dense, error) {
	var e mat.EigenSym
	if !e.Factorize(m, true) {
		return nil, fmt.Errorf("evaluate portraits: the covariance has no eigenvalues: use more pictures")
	}
	var v, out mat.Dense
	e.VectorsTo(&v)
	values := e.Values(nil)
	for i, x := range values {
		values[i] = math.Sqrt(max(0, x))
	}
	out.Mul(&v, mat.NewDiagDense(len(values), values))
	out.Mul(&out, v.T())
	return &out, nil
}
