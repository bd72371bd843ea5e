package device

import (
	"errors"
	"fmt"
	"slices"
	"sort"
	"strings"
)

// Init is how training draws the first value of a parameter.
type Init uint8

// The initialisations. Fan-in and fan-out count a kernel's taps.
const (
	InitHe        Init = iota // normal, variance 2/fan-in (He et al., 2015)
	InitXavier                // uniform, variance 2/(fan-in + fan-out) (Glorot and Bengio, 2010)
	InitNormal002             // normal, standard deviation 0.02 (Radford et al., 2015)
	InitZero
	InitOne
)

// Param describes one array of numbers that a network needs.
type Param struct {
	Name  string
	Shape []int
	Init  Init
	State bool // running statistics: kept with the weights, not trained by gradients
}

// Len is the number of values of the parameter.
func (p Param) Len() int {
	n := 1
	for _, d := range p.Shape {
		n *= d
	}
	return n
}

// Params lists the parameters of the network in the order of its nodes.
func (g *Graph) Params() []Param {
	var ps []Param
	for i := range g.Nodes {
		n := &g.Nodes[i]
		c := []int{n.Shape.C}
		switch n.Op {
		case OpConv:
			k := n.Conv
			ps = append(ps, Param{Name: n.Name + ".weight", Shape: []int{k.KH, k.KW, k.InC, k.OutC}, Init: n.Init},
				Param{Name: n.Name + ".bias", Shape: c, Init: InitZero})
		case OpDense:
			ps = append(ps, Param{Name: n.Name + ".weight", Shape: []int{n.Conv.InC, n.Conv.OutC}, Init: n.Init},
				Param{Name: n.Name + ".bias", Shape: c, Init: InitZero})
		case OpInstanceNorm, OpBatchNorm:
			ps = append(ps, Param{Name: n.Name + ".gamma", Shape: c, Init: InitOne},
				Param{Name: n.Name + ".beta", Shape: c, Init: InitZero})
			if n.Op == OpBatchNorm {
				ps = append(ps, Param{Name: n.Name + ".mean", Shape: c, Init: InitZero, State: true},
					Param{Name: n.Name + ".var", Shape: c, Init: InitOne, State: true})
			}
		}
	}
	return ps
}

// CheckWeights compares w with what the graph needs and names every missing, misshaped and surplus array.
func (g *Graph) CheckWeights(w Weights) error {
	if g.err != nil {
		return g.err
	}
	missing, misshaped, surplus := g.compare(w)
	var parts []string
	for _, p := range []struct {
		what  string
		names []string
	}{{"missing", missing}, {"misshaped", misshaped}, {"surplus", surplus}} {
		if len(p.names) > 0 {
			parts = append(parts, p.what+" "+abbreviate(p.names))
		}
	}
	if parts == nil {
		return nil
	}
	return fmt.Errorf("weights of network %s: %w: use the weights made for this network",
		g.Name, errors.New(strings.Join(parts, "; ")))
}

// compare lists what CheckWeights complains about, each list in a fixed order.
func (g *Graph) compare(w Weights) (missing, misshaped, surplus []string) {
	known := map[string]bool{}
	for _, p := range g.Params() {
		known[p.Name] = true
		a, ok := w[p.Name]
		switch {
		case !ok:
			missing = append(missing, p.Name)
		case !slices.Equal(a.Shape, p.Shape):
			misshaped = append(misshaped, fmt.Sprintf("%s (%v, not %v)", p.Name, a.Shape, p.Shape))
		case len(a.Data) != p.Len():
			misshaped = append(misshaped, fmt.Sprintf("%s (%d values, not %d)", p.Name, len(a.Data), p.Len()))
		}
	}
	for name := range w {
		if !known[name] {
			surplus = append(surplus, name)
		}
	}
	sort.Strings(surplus)
	return missing, misshaped, surplus
}

// abbreviate joins names, leaving out the tail of a long list.
func abbreviate(names []string) string {
	const most = 12
	if len(names) > most {
		return strings.Join(names[:most], ", ") + fmt.Sprintf(" and %d more", len(names)-most)
	}
	return strings.Join(names, ", ")
}
