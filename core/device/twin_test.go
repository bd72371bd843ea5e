package device

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/atelier-engine/atelier/core/kernel"
)

// twin computes every node of a graph by its plain kernel, each in memory of its own.
func twin(g *Graph, w Weights, in []Tensor) []Tensor {
	v := make([]Tensor, len(g.Nodes))
	shapes := make([]Shape, len(in))
	for i := range in {
		shapes[i] = in[i].Shape()
	}
	all, err := g.Shapes(shapes)
	if err != nil {
		panic(err)
	}
	n, k := in[0].N, 0
	for i := range g.Nodes {
		nd := &g.Nodes[i]
		s := all[i]
		y := NewTensor(n, s.H, s.W, s.C)
		v[i] = y
		if nd.Op == OpInput {
			v[i] = in[k]
			k++
			continue
		}
		x := v[nd.In[0]]
		hw, c := x.H*x.W, x.C
		var residual []float32
		if nd.Residual {
			residual = v[nd.In[len(nd.In)-1]].Data
		}
		p := func(name string) []float32 { return w[nd.Name+"."+name].Data }
		switch nd.Op {
		case OpConv:
			kernel.ConvForwardPlain(nd.Conv, y.Data, x.Data, n, x.H, x.W, p("weight"), p("bias"), nd.Act)
		case OpDense:
			kernel.ConvForwardPlain(nd.Conv, y.Data, x.Data, n, 1, 1, p("weight"), p("bias"), nd.Act)
		case OpInstanceNorm:
			kernel.InstanceNormPlain(y.Data, x.Data, residual, p("gamma"), p("beta"), n, hw, c, false, make([]float32, n*c), make([]float32, n*c), nd.Eps, nd.Act)
		case OpCondNorm:
			var gamma, beta []float32
			style := v[nd.In[1]]
			for j := range n {
				row := style.Data[j*style.C+nd.Offset:]
				gamma, beta = append(gamma, row[:c]...), append(beta, row[c:2*c]...)
			}
			kernel.InstanceNormPlain(y.Data, x.Data, residual, gamma, beta, n, hw, c, true, make([]float32, n*c), make([]float32, n*c), nd.Eps, nd.Act)
		case OpBatchNorm:
			for j := range y.Data {
				ch := j % c
				norm := (float64(x.Data[j]) - float64(p("mean")[ch])) / math.Sqrt(float64(p("var")[ch])+float64(nd.Eps))
				y.Data[j] = float32(norm*float64(p("gamma")[ch]) + float64(p("beta")[ch]))
			}
			kernel.ActivatePlain(y.Data, y.Data, nd.Act)
		case OpAct:
			kernel.ActivatePlain(y.Data, x.Data, nd.Act)
		case OpAdd:
			kernel.AddPlain(y.Data, x.Data, v[nd.In[1]].Data)
		case OpConcat:
			kernel.ConcatPlain(y.Data, x.Data, v[nd.In[1]].Data, n*hw, c, v[nd.In[1]].C)
		case OpReshape:
			copy(y.Data, x.Data)
		case OpMaxPool:
			kernel.MaxPoolPlain(y.Data, nil, x.Data, n, x.H, x.W, c, nd.K, nd.Stride)
		case OpAvgPool:
			kernel.AvgPoolPlain(y.Data, x.Data, n, x.H, x.W, c, nd.K, nd.Stride)
		case OpGlobalAvgPool:
			kernel.GlobalAvgPoolPlain(y.Data, x.Data, n, hw, c)
		case OpResize:
			if nd.Bilinear {
				kernel.ResizeBilinearPlain(y.Data, x.Data, n, x.H, x.W, c, y.H, y.W)
			} else {
				kernel.ResizeNearestPlain(y.Data, x.Data, n, x.H, x.W, c, nd.Factor)
			}
		case OpAffine:
			kernel.ScaleShiftPlain(y.Data, x.Data, nil, nd.Scale, nd.Shift, n*hw, c, kernel.ActNone)
		}
	}
	out := make([]Tensor, len(g.Outs))
	for i, r := range g.Outs {
		out[i] = v[r]
	}
	return out
}

// randomWeights draws weights that keep activations near 1.
func randomWeights(g *Graph, seed uint64) Weights {
	rng := rand.New(rand.NewPCG(seed, 1))
	w := Weights{}
	for _, p := range g.Params() {
		a := Array{Shape: p.Shape, Data: make([]float32, p.Len())}
		fan := max(1, p.Len()/p.Shape[len(p.Shape)-1])
		for i := range a.Data {
			switch {
			case p.State && p.Init == InitOne: // a variance
				a.Data[i] = 0.5 + rng.Float32()
			case p.Init == InitOne:
				a.Data[i] = 1 + 0.3*float32(rng.NormFloat64())
			default:
				a.Data[i] = float32(rng.NormFloat64() / math.Sqrt(float64(fan)))
			}
		}
		w[p.Name] = a
	}
	return w
}

func randomTensor(seed uint64, n int, s Shape) Tensor {
	rng := rand.New(rand.NewPCG(seed, 2))
	t := NewTensor(n, s.H, s.W, s.C)
	for i := range t.Data {
		t.Data[i] = float32(rng.NormFloat64())
	}
	return t
}

func compile(t testing.TB, d *CPU, g *Graph, w Weights) Program {
	t.Helper()
	p, err := d.Compile(g, w)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func run(t testing.TB, p Program, outs int, in ...Tensor) []Tensor {
	t.Helper()
	out := make([]Tensor, outs)
	if err := p.Run(out, in); err != nil {
		t.Fatal(err)
	}
	return out
}

// near fails unless values agree within tol of the largest magnitude: float32 sums in another order, and
// Winograd's transforms, differ by some 1e-5 of it.
func near(t testing.TB, got, want []Tensor, tol float64) {
	t.Helper()
	for k := range want {
		if got[k].Shape() != want[k].Shape() || got[k].N != want[k].N {
			t.Fatalf("output %d is %d of %v, want %d of %v", k, got[k].N, got[k].Shape(), want[k].N, want[k].Shape())
		}
		scale := 1.0
		for _, v := range want[k].Data {
			scale = max(scale, math.Abs(float64(v)))
		}
		for i, v := range want[k].Data {
			if d := math.Abs(float64(got[k].Data[i] - v)); !(d <= tol*scale) {
				t.Fatalf("output %d: value %d is %g, want %g (range %g)", k, i, got[k].Data[i], v, scale)
			}
		}
	}
}

// same fails unless values agree bit for bit.
func same(t testing.TB, got, want []Tensor) {
	t.Helper()
	for k := range want {
		for i, v := range want[k].Data {
			if math.Float32bits(got[k].Data[i]) != math.Float32bits(v) {
				t.Fatalf("output %d: value %d is %g, want exactly %g", k, i, got[k].Data[i], v)
			}
		}
	}
}
