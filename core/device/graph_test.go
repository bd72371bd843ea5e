package device

import (
	"strings"
	"testing"

	"github.com/atelier-engine/atelier/core/kernel"
	"github.com/google/go-cmp/cmp"
)

func TestShapes(t *testing.T) {
	cases := []struct {
		name  string
		build func(g *Graph) Ref
		in    []Shape
		want  Shape
	}{
		{"conv same", func(g *Graph) Ref {
			return g.Conv("c", g.Input("x", Shape{C: 3}), kernel.Conv{OutC: 8, KH: 3, Pad: 1}, kernel.ActReLU)
		}, []Shape{{7, 9, 3}}, Shape{7, 9, 8}},
		{"conv stride 2", func(g *Graph) Ref {
			return g.Conv("c", g.Input("x", Shape{C: 3}), kernel.Conv{OutC: 8, KH: 3, Stride: 2, Pad: 1}, 0)
		}, []Shape{{7, 10, 3}}, Shape{4, 5, 8}},
		{"conv upsampling", func(g *Graph) Ref {
			return g.Conv("c", g.Input("x", Shape{C: 3}), kernel.Conv{OutC: 8, KH: 3, Pad: 1, Up: 2, PadMode: kernel.PadReflect}, 0)
		}, []Shape{{7, 10, 3}}, Shape{14, 20, 8}},
		{"conv transposed", func(g *Graph) Ref {
			return g.Conv("c", g.Input("x", Shape{4, 4, 3}), kernel.Conv{OutC: 8, KH: 4, Stride: 2, Pad: 1, Transposed: true}, 0)
		}, []Shape{{4, 4, 3}}, Shape{8, 8, 8}},
		{"conv oblong", func(g *Graph) Ref {
			return g.Conv("c", g.Input("x", Shape{C: 1}), kernel.Conv{OutC: 2, KH: 3, KW: 5}, 0)
		}, []Shape{{7, 9, 1}}, Shape{5, 5, 2}},
		{"dense", func(g *Graph) Ref { return g.Dense("d", g.Input("x", Shape{2, 3, 4}), 5, 0) }, []Shape{{2, 3, 4}}, Shape{1, 1, 5}},
		{"reshape", func(g *Graph) Ref { return g.Reshape(g.Input("x", Shape{1, 1, 24}), Shape{2, 3, 4}) }, []Shape{{1, 1, 24}}, Shape{2, 3, 4}},
		{"concat", func(g *Graph) Ref { return g.Concat(g.Input("x", Shape{C: 3}), g.Input("y", Shape{C: 2})) }, []Shape{{4, 5, 3}, {4, 5, 2}}, Shape{4, 5, 5}},
		{"max pool", func(g *Graph) Ref { return g.MaxPool(g.Input("x", Shape{C: 3}), 2, 2) }, []Shape{{5, 8, 3}}, Shape{2, 4, 3}},
		{"average pool", func(g *Graph) Ref { return g.AvgPool(g.Input("x", Shape{C: 3}), 3, 2) }, []Shape{{5, 8, 3}}, Shape{2, 3, 3}},
		{"global pool", func(g *Graph) Ref { return g.GlobalAvgPool(g.Input("x", Shape{C: 3})) }, []Shape{{5, 8, 3}}, Shape{1, 1, 3}},
		{"resize", func(g *Graph) Ref { return g.Resize(g.Input("x", Shape{C: 3}), 3, true) }, []Shape{{5, 8, 3}}, Shape{15, 24, 3}},
		{"conditional norm", func(g *Graph) Ref {
			return g.CondNorm(g.Input("x", Shape{C: 3}), g.Input("s", Shape{1, 1, 8}), 2, 0, None)
		}, []Shape{{5, 8, 3}, {1, 1, 8}}, Shape{5, 8, 3}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			g := NewGraph("net")
			r := c.build(g)
			got, err := g.Shapes(c.in)
			if err != nil {
				t.Fatal(err)
			}
			if got[r] != c.want {
				t.Errorf("got %v, want %v", got[r], c.want)
			}
		})
	}
}

func TestBuilderMistakes(t *testing.T) {
	cases := []struct {
		name  string
		build func(g *Graph, x Ref)
		want  string
	}{
		{"name twice", func(g *Graph, x Ref) { g.Input("x", Shape{C: 1}) }, "x: the name is used twice"},
		{"bad operand", func(g *Graph, x Ref) { g.Activate(99, kernel.ActReLU) }, "operand 0 is no node"},
		{"first mistake stays", func(g *Graph, x Ref) { g.Activate(g.Activate(-1, 0), 0); g.Resize(x, 0, false) }, "operand 0 is no node"},
		{"bad output", func(g *Graph, x Ref) { g.Output(7) }, "result 0 is no node"},
		{"no channels", func(g *Graph, x Ref) { g.Input("y", Shape{}) }, "must be positive"},
		{"half open", func(g *Graph, x Ref) { g.Input("y", Shape{0, 3, 1}) }, "must be positive"},
		{"too large", func(g *Graph, x Ref) { g.Input("y", Shape{1 << 22, 1 << 22, 1}) }, "too large"},
		{"wrong channels", func(g *Graph, x Ref) { g.Conv("c", x, kernel.Conv{InC: 5, OutC: 1, KH: 1}, 0) }, "c: the weights take 5 channels"},
		{"no kernel", func(g *Graph, x Ref) { g.Conv("c", x, kernel.Conv{OutC: 1}, 0) }, "kernel 0x0"},
		{"open dense", func(g *Graph, x Ref) { g.Dense("d", x, 4, 0) }, "d: a dense layer needs a known size"},
		{"dense to nothing", func(g *Graph, x Ref) { g.Dense("d", g.GlobalAvgPool(x), 0, 0) }, "at least 1"},
		{"add channels", func(g *Graph, x Ref) { g.Add(x, g.Input("y", Shape{C: 1})) }, "cannot add"},
		{"add sizes", func(g *Graph, x Ref) { g.Add(g.Input("y", Shape{2, 2, 4}), g.Input("z", Shape{3, 2, 4})) }, "differ"},
		{"reshape count", func(g *Graph, x Ref) { g.Reshape(g.GlobalAvgPool(x), Shape{1, 2, 4}) }, "keep the number"},
		{"reshape open", func(g *Graph, x Ref) { g.Reshape(x, Shape{1, 1, 4}) }, "keep the number"},
		{"pool", func(g *Graph, x Ref) { g.MaxPool(x, 0, 1) }, "window 0"},
		{"affine", func(g *Graph, x Ref) { g.Affine(x, []float32{1}, []float32{1}) }, "1 scales and 1 shifts for 4 channels"},
		{"style shape", func(g *Graph, x Ref) { g.CondNorm(x, x, 0, 0, None) }, "must be 1x1xS"},
		{"style length", func(g *Graph, x Ref) { g.CondNorm(x, g.Input("s", Shape{1, 1, 8}), 1, 0, None) }, "outside of 8 values"},
		{"residual", func(g *Graph, x Ref) { g.InstanceNorm("n", x, 0, g.Input("y", Shape{C: 1})) }, "residual"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			g := NewGraph("net")
			c.build(g, g.Input("x", Shape{C: 4}))
			if g.Err() == nil || !strings.Contains(g.Err().Error(), c.want) {
				t.Errorf("got error %v, want one with %q", g.Err(), c.want)
			}
			if _, err := NewCPU().Compile(g, nil); err == nil {
				t.Error("a graph with a mistake compiled")
			}
		})
	}
}

func TestShapesNamesTheNode(t *testing.T) {
	g := NewGraph("net")
	x := g.Input("x", Shape{C: 4})
	g.MaxPool(g.Conv("deep", x, kernel.Conv{OutC: 1, KH: 5}, 0), 2, 2)
	for _, c := range []struct {
		in   []Shape
		want string
	}{
		{nil, "input x is missing"},
		{[]Shape{{8, 8, 4}, {8, 8, 4}}, "2 inputs given"},
		{[]Shape{{8, 8, 3}}, "x: the input is 8x8x3"},
		{[]Shape{{0, 0, 4}}, "not empty"},
		{[]Shape{{4, 8, 4}}, "deep: 4x8x4 is too small"},
		{[]Shape{{5, 8, 4}}, "maxpool.2: 1x4x1 is smaller"},
	} {
		if _, err := g.Shapes(c.in); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v: got error %v, want one with %q", c.in, err, c.want)
		}
	}
}

func TestParamsAndCheckWeights(t *testing.T) {
	g := NewGraph("net")
	g.WeightInit = InitNormal002
	x := g.Input("x", Shape{4, 4, 3})
	x = g.Conv("c", x, kernel.Conv{OutC: 2, KH: 3, KW: 1}, 0)
	x = g.BatchNorm("b", x, 0)
	x = g.InstanceNorm("i", x, 0, None)
	g.Output(g.Dense("d", x, 5, 0))
	want := []Param{
		{"c.weight", []int{3, 1, 3, 2}, InitNormal002, false}, {"c.bias", []int{2}, InitZero, false},
		{"b.gamma", []int{2}, InitOne, false}, {"b.beta", []int{2}, InitZero, false},
		{"b.mean", []int{2}, InitZero, true}, {"b.var", []int{2}, InitOne, true},
		{"i.gamma", []int{2}, InitOne, false}, {"i.beta", []int{2}, InitZero, false},
		{"d.weight", []int{16, 5}, InitNormal002, false}, {"d.bias", []int{5}, InitZero, false},
	}
	if d := cmp.Diff(want, g.Params()); d != "" {
		t.Fatal(d)
	}
	w := randomWeights(g, 1)
	if err := g.CheckWeights(w); err != nil {
		t.Fatal(err)
	}
	delete(w, "b.var")
	w["d.bias"] = Array{Shape: []int{4}, Data: make([]float32, 4)}
	w["i.beta"] = Array{Shape: []int{2}, Data: make([]float32, 1)}
	w["z"], w["a"] = Array{}, Array{}
	err := g.CheckWeights(w)
	const text = "weights of network net: missing b.var; misshaped i.beta (1 values, not 2), d.bias ([4], not [5]); surplus a, z: use the weights made for this network"
	if err == nil || err.Error() != text {
		t.Errorf("got  %v\nwant %s", err, text)
	}
}
