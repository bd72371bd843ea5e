package distil

import (
	"fmt"
	"maps"
	"math"

	"gonum.org/v1/gonum/mat"

	"github.com/atelier-engine/atelier/core/device"
	"github.com/atelier-engine/atelier/core/kernel"
)

// preparation is a linear map of colours before the first convolution, which
// makes the training quick: p = A (x - m), without mean and correlation over the
// sample. What ships has it folded into the first convolution.
type preparation struct {
	a [9]float64 // a[3*i+o]: from colour i to output o
	b [3]float64 // -m A
}

// prepare measures the colours of pictures. softness keeps rare colour
// differences from being blown up.
func prepare(pictures []float32) (p preparation, err error) {
	const softness = 2e-3
	n := float64(len(pictures) / 3)
	var m [3]float64
	for i, v := range pictures {
		m[i%3] += float64(v) / n
	}
	var c [9]float64
	for i := 0; i+2 < len(pictures); i += 3 {
		for j := range 3 {
			for k := range 3 {
				c[3*j+k] += (float64(pictures[i+j]) - m[j]) * (float64(pictures[i+k]) - m[k]) / n
			}
		}
	}
	var e mat.EigenSym
	if !e.Factorize(mat.NewSymDense(3, c[:]), true) {
		return p, fmt.Errorf("distil features: the colours of the pictures cannot be measured: use others")
	}
	values := e.Values(nil)
	var v mat.Dense
	e.VectorsTo(&v)
	for o := range 3 {
		by, sum := 1/math.Sqrt(max(values[o], 0)+softness), 0.
		for i := range 3 {
			sum += v.At(i, o)
		}
		if sum < 0 {
			by = -by
		}
		for i := range 3 {
			p.a[3*i+o] = v.At(i, o) * by
			p.b[o] -= m[i] * p.a[3*i+o]
		}
	}
	return p, nil
}

// graph is the map as a network of its own, with its weights.
func (p preparation) graph() (*device.Graph, device.Weights) {
	g := device.NewGraph("prepare")
	g.Output(g.Conv("colours", g.Input("picture", device.Shape{C: 3}), kernel.Conv{OutC: 3, KH: 1, KW: 1, Stride: 1}, kernel.ActNone))
	a, b := make([]float32, 9), make([]float32, 3)
	for i, v := range p.a {
		a[i] = float32(v)
	}
	for i, v := range p.b {
		b[i] = float32(v)
	}
	return g, device.Weights{
		"colours.weight": {Shape: []int{1, 1, 3, 3}, Data: a},
		"colours.bias":   {Shape: []int{3}, Data: b},
	}
}

// fold returns weights that see pictures as w sees prepared ones: with
// reflection at the borders nothing is lost.
//
//	w'[t,i,o] = Σ_c A[i,c] w[t,c,o]    b'[o] = b[o] + Σ_t,c b_c w[t,c,o]
func (p preparation) fold(w device.Weights, first string) device.Weights {
	folded := maps.Clone(w)
	k, bias := w[first+".weight"], w[first+".bias"]
	out := k.Shape[3]
	data, b := make([]float32, len(k.Data)), make([]float32, out)
	for o := range out {
		sum := float64(bias.Data[o])
		for t := range k.Shape[0] * k.Shape[1] {
			for c := range 3 {
				v := float64(k.Data[(t*3+c)*out+o])
				sum += p.b[c] * v
				for i := range 3 {
					data[(t*3+i)*out+o] += float32(p.a[3*i+c] * v)
				}
			}
		}
		b[o] = float32(sum)
	}
	folded[first+".weight"] = device.Array{Shape: k.Shape, Data: data}
	folded[first+".bias"] = device.Array{Shape: bias.Shape, Data: b}
	return folded
}
