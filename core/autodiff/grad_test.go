package autodiff

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"
	"gorgonia.org/gorgonia"

	"github.com/atelier-engine/atelier/core/device"
	"github.com/atelier-engine/atelier/core/kernel"
)

// gradTolerance bounds |numeric-analytic|/|numeric| of a whole parameter.
// Central differences of float32 kernels with step 1e-2 are good to about 1e-4
// where the function is smooth; kinks inside a step cost some values more.
const (
	gradTolerance = 2e-3
	kinkTolerance = 2e-2
	gradStep      = 1e-2
	// A norm this small is rounding: a bias before a norm has no gradient at all.
	gradFloor = 1e-2
)

// variables makes Params whose entries are normal numbers of the given shapes.
func variables(shapes map[string][]int, seed uint64) *Params {
	var list []device.Param
	for _, name := range []string{"x", "b", "style", "table"} {
		if s := shapes[name]; s != nil {
			list = append(list, device.Param{Name: name, Shape: s})
		}
	}
	p := NewParamsOf("vars", list, seed)
	r := rand.New(rand.NewPCG(seed, 7))
	for _, e := range p.list {
		for i := range e.data {
			e.data[i] = float32(r.NormFloat64())
		}
	}
	return p
}

// perturb makes every parameter a generic number, so that no gradient is zero by
// symmetry (biases start at 0, gammas at 1).
func perturb(p *Params, seed uint64) *Params {
	r := rand.New(rand.NewPCG(seed, 11))
	for _, e := range p.list {
		if !e.State {
			for i := range e.data {
				e.data[i] += float32(0.3 * r.NormFloat64())
			}
		}
	}
	p.Touch()
	return p
}

func fillRandom(x []float32, seed uint64) []float32 {
	r := rand.New(rand.NewPCG(seed, 3))
	for i := range x {
		x[i] = float32(r.NormFloat64())
	}
	return x
}

// checkGrads compares the gradients of a tape, whose loss is already minimised,
// with central differences at a sample of the values of every trained parameter.
// measure computes the loss from the tape's values, in float64 where it can.
func checkGrads(t *testing.T, tape *Tape, measure func() float64, step, tolerance float64) {
	t.Helper()
	run := func() float64 {
		t.Helper()
		if err := tape.Run(); err != nil {
			t.Fatal(err)
		}
		return measure()
	}
	run()
	var grads [][]float32
	for _, l := range tape.trained {
		g := tape.Grad(l.owner, l.node.Name()[len(l.owner.Name)+1:])
		if g == nil {
			t.Fatalf("no gradient for %s", l.node.Name())
		}
		grads = append(grads, append([]float32{}, g...))
	}
	if len(grads) == 0 {
		t.Fatal("nothing is trained")
	}
	for k, l := range tape.trained {
		stride := max(1, len(l.data)/40)
		var diff, norm float64
		for i := 0; i < len(l.data); i += stride {
			old := l.data[i]
			l.data[i] = old + float32(step)
			l.owner.Touch()
			up := run()
			hi := l.data[i]
			l.data[i] = old - float32(step)
			l.owner.Touch()
			down := run()
			numeric := (up - down) / (float64(hi) - float64(l.data[i]))
			l.data[i] = old
			l.owner.Touch()
			d := numeric - float64(grads[k][i])
			diff += d * d
			norm += numeric * numeric
		}
		if norm == 0 {
			t.Errorf("%s: the gradient is zero everywhere", l.node.Name())
		} else if e := math.Sqrt(diff) / max(math.Sqrt(norm), gradFloor); !(e <= tolerance) {
			t.Errorf("%s: gradient is off by %.2g of its norm, at most %g allowed", l.node.Name(), e, tolerance)
		}
	}
}

// projected minimises MSE(y, random target) and checks its gradients.
func projected(t *testing.T, tape *Tape, y *gorgonia.Node, tolerance float64, ps ...*Params) {
	t.Helper()
	if tape.Err() != nil {
		t.Fatal(tape.Err())
	}
	s := y.Shape()
	want := tape.Input("want", s[0], s[1], s[2], s[3])
	fillRandom(tape.Data("want"), 99)
	tape.Keep(y)
	if err := tape.Minimise(tape.MSE(y, want), ps...); err != nil {
		t.Fatal(err)
	}
	checkGrads(t, tape, func() float64 {
		var sum float64
		v, w := tape.Value(y), tape.Value(want)
		for i := range v {
			d := float64(v[i]) - float64(w[i])
			sum += d * d
		}
		return sum / float64(len(v))
	}, gradStep, tolerance)
}

// graphCase is a one- or two-layer network whose gradients are checked.
type graphCase struct {
	name      string
	in        device.Shape
	style     int
	build     func(g *device.Graph, x, style device.Ref) device.Ref
	tolerance float64
}

func graphCases() []graphCase {
	conv := func(c kernel.Conv, act kernel.Act) func(*device.Graph, device.Ref, device.Ref) device.Ref {
		return func(g *device.Graph, x, _ device.Ref) device.Ref { return g.Conv("c", x, c, act) }
	}
	in := device.Shape{H: 6, W: 5, C: 3}
	cases := []graphCase{
		{name: "conv 3x3", in: in, build: conv(kernel.Conv{OutC: 4, KH: 3, Pad: 1}, kernel.ActNone)},
		{name: "conv 4x4 stride 2 tanh", in: device.Shape{H: 8, W: 8, C: 3}, build: conv(kernel.Conv{OutC: 4, KH: 4, Stride: 2, Pad: 1}, kernel.ActTanh)},
		{name: "conv reflect sigmoid", in: in, build: conv(kernel.Conv{OutC: 4, KH: 3, Pad: 1, PadMode: kernel.PadReflect}, kernel.ActSigmoid)},
		{name: "conv upsampled", in: in, build: conv(kernel.Conv{OutC: 4, KH: 3, Pad: 1, Up: 2}, kernel.ActNone)},
		{name: "conv upsampled reflect", in: in, build: conv(kernel.Conv{OutC: 4, KH: 3, Pad: 1, Up: 2, PadMode: kernel.PadReflect}, kernel.ActNone)},
		{name: "conv transposed", in: in, build: conv(kernel.Conv{OutC: 4, KH: 4, Stride: 2, Pad: 1, Transposed: true}, kernel.ActTanh)},
		{name: "conv 9x9", in: device.Shape{H: 10, W: 9, C: 3}, build: conv(kernel.Conv{OutC: 3, KH: 9, Pad: 4, PadMode: kernel.PadReflect}, kernel.ActNone)},
		{name: "conv relu", in: in, build: conv(kernel.Conv{OutC: 4, KH: 3, Pad: 1}, kernel.ActReLU), tolerance: kinkTolerance},
		{name: "conv leaky", in: in, build: conv(kernel.Conv{OutC: 4, KH: 3, Pad: 1}, kernel.ActLeakyReLU), tolerance: kinkTolerance},
		{name: "dense", in: in, build: func(g *device.Graph, x, _ device.Ref) device.Ref { return g.Dense("d", x, 7, kernel.ActTanh) }},
		{name: "instance norm", in: in, build: func(g *device.Graph, x, _ device.Ref) device.Ref {
			return g.InstanceNorm("n", x, kernel.ActTanh, device.None)
		}},
		{name: "instance norm residual", in: in, build: func(g *device.Graph, x, _ device.Ref) device.Ref {
			return g.InstanceNorm("n", g.Conv("c", x, kernel.Conv{OutC: 3, KH: 3, Pad: 1}, kernel.ActNone), kernel.ActSigmoid, x)
		}},
		{name: "conditional norm", in: in, style: 9, build: func(g *device.Graph, x, s device.Ref) device.Ref {
			return g.CondNorm(x, s, 2, kernel.ActTanh, device.None)
		}},
		{name: "two conditional norms", in: in, style: 6, build: func(g *device.Graph, x, s device.Ref) device.Ref {
			return g.CondNorm(g.CondNorm(x, s, 0, kernel.ActTanh, x), s, 0, kernel.ActNone, x)
		}},
		{name: "batch norm", in: in, build: func(g *device.Graph, x, _ device.Ref) device.Ref { return g.BatchNorm("n", x, kernel.ActTanh) }},
		{name: "activation", in: in, build: func(g *device.Graph, x, _ device.Ref) device.Ref { return g.Activate(x, kernel.ActSigmoid) }},
		{name: "add to itself", in: in, build: func(g *device.Graph, x, _ device.Ref) device.Ref {
			return g.Add(g.Add(x, x), g.Activate(x, kernel.ActTanh))
		}},
		{name: "concat", in: in, build: func(g *device.Graph, x, _ device.Ref) device.Ref {
			return g.Activate(g.Concat(g.Activate(x, kernel.ActTanh), x), kernel.ActSigmoid)
		}},
		{name: "reshape", in: in, build: func(g *device.Graph, x, _ device.Ref) device.Ref {
			return g.Conv("c", g.Reshape(x, device.Shape{H: 3, W: 5, C: 6}), kernel.Conv{OutC: 2, KH: 3}, kernel.ActNone)
		}},
		{name: "max pool", in: in, build: func(g *device.Graph, x, _ device.Ref) device.Ref { return g.MaxPool(x, 2, 2) }, tolerance: kinkTolerance},
		{name: "average pool", in: in, build: func(g *device.Graph, x, _ device.Ref) device.Ref { return g.AvgPool(x, 3, 2) }},
		{name: "global average pool", in: in, build: func(g *device.Graph, x, _ device.Ref) device.Ref { return g.GlobalAvgPool(x) }},
		{name: "resize nearest", in: in, build: func(g *device.Graph, x, _ device.Ref) device.Ref { return g.Resize(x, 2, false) }},
		{name: "resize bilinear", in: in, build: func(g *device.Graph, x, _ device.Ref) device.Ref { return g.Resize(x, 2, true) }},
		{name: "affine", in: in, build: func(g *device.Graph, x, _ device.Ref) device.Ref {
			return g.Affine(x, []float32{2, -1, .5}, []float32{.1, .2, .3})
		}},
	}
	for i := range cases {
		if cases[i].tolerance == 0 {
			cases[i].tolerance = gradTolerance
		}
	}
	return cases
}

func TestGradientsOfNetworks(t *testing.T) {
	for _, c := range graphCases() {
		for _, mode := range []Mode{Train, Frozen, FrozenInference} {
			t.Run(c.name+" "+[]string{"train", "frozen", "inference"}[mode], func(t *testing.T) {
				g := device.NewGraph("net")
				x := g.Input("x", c.in)
				style := device.None
				shapes := map[string][]int{"x": {2, c.in.H, c.in.W, c.in.C}}
				if c.style > 0 {
					style = g.Input("style", device.Shape{H: 1, W: 1, C: c.style})
					shapes["style"] = []int{2, 1, 1, c.style}
				}
				g.Output(c.build(g, x, style))
				if g.Err() != nil {
					t.Fatal(g.Err())
				}
				p, v := perturb(NewParams(g, 5), 6), variables(shapes, 2)
				tape := NewTape()
				in := []*gorgonia.Node{tape.Variable(v, "x", 2, c.in.H, c.in.W, c.in.C)}
				if c.style > 0 {
					in = append(in, tape.Variable(v, "style", 2, 1, 1, c.style))
				}
				y, err := tape.Apply(g, p, mode, in...)
				if err != nil {
					t.Fatal(err)
				}
				if mode == Train {
					// Running statistics move with every run, the result does not depend on them.
					projected(t, tape, y[0], c.tolerance, v, p)
					return
				}
				before := p.Clone("before")
				projected(t, tape, y[0], c.tolerance, v)
				for _, e := range p.list {
					for i, w := range before.Get(e.Name) {
						if e.data[i] != w {
							t.Fatalf("frozen network changed %s", e.Name)
						}
					}
					if tape.Grad(p, e.Name) != nil {
						t.Errorf("frozen network has a gradient for %s", e.Name)
					}
				}
			})
		}
	}
}

// TestGradientsOfOps checks what networks do not reach: the tape's own methods.
func TestGradientsOfOps(t *testing.T) {
	cases := map[string]func(tape *Tape, x, b, style *gorgonia.Node, v *Params) *gorgonia.Node{
		"linear": func(tape *Tape, x, b, _ *gorgonia.Node, _ *Params) *gorgonia.Node { return tape.Linear(x, .3, b, -2) },
		"scale":  func(tape *Tape, x, _, _ *gorgonia.Node, _ *Params) *gorgonia.Node { return tape.Linear(x, .3, nil, 0) },
		"stack": func(tape *Tape, x, b, _ *gorgonia.Node, _ *Params) *gorgonia.Node {
			return tape.Stack(x, tape.Stack(b, x))
		},
		"samples": func(tape *Tape, x, b, _ *gorgonia.Node, _ *Params) *gorgonia.Node { return tape.Samples(x, 1, 2) },
		"planes":  func(tape *Tape, x, _, s *gorgonia.Node, _ *Params) *gorgonia.Node { return tape.Planes(x, s) },
		"pool": func(tape *Tape, x, b, _ *gorgonia.Node, _ *Params) *gorgonia.Node {
			return tape.Pool(tape.Add(x, b), 2, 2)
		},
		"gram":  func(tape *Tape, x, _, _ *gorgonia.Node, _ *Params) *gorgonia.Node { return tape.Gram(x) },
		"stats": func(tape *Tape, x, _, _ *gorgonia.Node, _ *Params) *gorgonia.Node { return tape.Stats(x) },
		"shift": func(tape *Tape, x, _, _ *gorgonia.Node, _ *Params) *gorgonia.Node {
			return tape.Shift(x, amounts(tape, 2, 1, -2, -3, 9))
		},
		"shift some": func(tape *Tape, x, _, _ *gorgonia.Node, _ *Params) *gorgonia.Node {
			return tape.Shift(x, amounts(tape, 2, -1, 2, 0, -1))
		},
		"cut": func(tape *Tape, x, _, _ *gorgonia.Node, _ *Params) *gorgonia.Node {
			return tape.Cut(x, amounts(tape, 4, 1, 1, 2, 9, -1, 3, 2, 1))
		},
		"dot": func(tape *Tape, x, b, _ *gorgonia.Node, _ *Params) *gorgonia.Node {
			return tape.Dot(x, b)
		},
		"tone": func(tape *Tape, x, _, _ *gorgonia.Node, _ *Params) *gorgonia.Node {
			return tape.Tone(x, amounts(tape, 3, 1.2, .1, .5, .7, -.2, 1.5))
		},
		"nudge": func(tape *Tape, x, _, _ *gorgonia.Node, _ *Params) *gorgonia.Node {
			seed := tape.Input("seed", 1, 1, 1, 1)
			tape.Set("seed", []float32{7})
			return tape.Nudge(x, seed, .1)
		},
		"lookup": func(tape *Tape, _, _, s *gorgonia.Node, v *Params) *gorgonia.Node {
			return tape.Lookup(v, "table", Train, s)
		},
	}
	for name, build := range cases {
		t.Run(name, func(t *testing.T) {
			v := variables(map[string][]int{"x": {2, 4, 5, 3}, "b": {2, 4, 5, 3}, "style": {2, 1, 1, 4}, "table": {4, 6}}, 3)
			tape := NewTape()
			x, b, s := tape.Variable(v, "x", 2, 4, 5, 3), tape.Variable(v, "b", 2, 4, 5, 3), tape.Variable(v, "style", 2, 1, 1, 4)
			projected(t, tape, build(tape, x, b, s, v), gradTolerance, v)
		})
	}
}

// amounts is an input of two samples with the given numbers.
func amounts(tape *Tape, k int, v ...float32) *gorgonia.Node {
	n := tape.Input("amounts", 2, 1, 1, k)
	tape.Set("amounts", v)
	return n
}

// TestAugmentations: what the augmentations do to one small picture.
func TestAugmentations(t *testing.T) {
	x := []float32{1, 2, 3, 4, 5, 6}
	for name, c := range map[string]struct {
		op   func(tape *Tape, x, by *gorgonia.Node) *gorgonia.Node
		by   []float32
		want []float32
	}{
		"shift": {(*Tape).Shift, []float32{1, -1}, []float32{0, 0, 0, 2, 3, 0}},
		"away":  {(*Tape).Shift, []float32{0, 3}, []float32{0, 0, 0, 0, 0, 0}},
		"cut":   {(*Tape).Cut, []float32{-1, 1, 2, 1}, []float32{1, 0, 3, 4, 5, 6}},
		"tone":  {(*Tape).Tone, []float32{2, 1, .3}, []float32{3, 5, 7, 9, 11, 13}},
	} {
		t.Run(name, func(t *testing.T) {
			tape := NewTape()
			y := c.op(tape, tape.Input("x", 1, 2, 3, 1), tape.Input("by", 1, 1, 1, len(c.by)))
			tape.Keep(y)
			tape.Set("x", x)
			tape.Set("by", c.by)
			if err := tape.Run(); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, tape.Value(y)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestGradientsOfLosses(t *testing.T) {
	type build func(tape *Tape, x, b *gorgonia.Node) *gorgonia.Node
	input := func(tape *Tape, name string, n, h, w, c int, f func(float32) float32) *gorgonia.Node {
		in := tape.Input(name, n, h, w, c)
		d := fillRandom(tape.Data(name), uint64(len(name)))
		for i := range d {
			d[i] = f(d[i])
		}
		return in
	}
	unit := func(v float32) float32 { return float32(sigmoid(v)) }
	same := func(v float32) float32 { return v }
	abs := func(v float32) float32 { return max(v, -v) }
	cases := map[string]build{
		"bce": func(tape *Tape, x, _ *gorgonia.Node) *gorgonia.Node {
			return tape.BCEWithLogits(x, input(tape, "t", 3, 4, 2, 2, unit))
		},
		"bce const": func(tape *Tape, x, _ *gorgonia.Node) *gorgonia.Node { return tape.BCEConst(x, .9) },
		"softmax": func(tape *Tape, x, _ *gorgonia.Node) *gorgonia.Node {
			return tape.SoftmaxCrossEntropy(x, input(tape, "t", 3, 4, 2, 2, unit), nil)
		},
		"softmax weigh": func(tape *Tape, x, _ *gorgonia.Node) *gorgonia.Node {
			return tape.SoftmaxCrossEntropy(x, input(tape, "t", 3, 4, 2, 2, unit), input(tape, "w", 3, 1, 1, 1, abs))
		},
		"mse": func(tape *Tape, x, b *gorgonia.Node) *gorgonia.Node { return tape.MSE(x, b) },
		"mse weighted": func(tape *Tape, x, b *gorgonia.Node) *gorgonia.Node {
			return tape.WeightedMSE(x, b, input(tape, "w", 3, 1, 1, 1, abs))
		},
		"l1":    func(tape *Tape, x, b *gorgonia.Node) *gorgonia.Node { return tape.L1(x, b) },
		"hinge": func(tape *Tape, x, _ *gorgonia.Node) *gorgonia.Node { return tape.Hinge(x, -1) },
		"mean":  func(tape *Tape, x, _ *gorgonia.Node) *gorgonia.Node { return tape.Mean(x) },
		"tv":    func(tape *Tape, x, _ *gorgonia.Node) *gorgonia.Node { return tape.TV(x) },
		"gram": func(tape *Tape, x, _ *gorgonia.Node) *gorgonia.Node {
			return tape.GramLoss(x, input(tape, "t", 3, 1, 2, 2, same), nil)
		},
		"gram shared": func(tape *Tape, x, _ *gorgonia.Node) *gorgonia.Node {
			return tape.GramLoss(x, input(tape, "t", 1, 1, 2, 2, same), input(tape, "w", 3, 1, 1, 1, abs))
		},
		"moments": func(tape *Tape, x, _ *gorgonia.Node) *gorgonia.Node {
			return tape.MomentLoss(tape.Moments(x), input(tape, "t", 3, 1, 3, 2, same), input(tape, "w", 3, 1, 1, 2, abs), []float32{1, 2, 2, 3, .5, .7})
		},
		"weave": func(tape *Tape, x, _ *gorgonia.Node) *gorgonia.Node {
			return tape.Weave(tape.Reshape(x, 4, 4, 1), 2, 4)
		},
		"scale samples": func(tape *Tape, x, b *gorgonia.Node) *gorgonia.Node {
			return tape.MSE(tape.ScaleSamples(x, input(tape, "w", 3, 1, 1, 1, same)), b)
		},
		"stats": func(tape *Tape, x, _ *gorgonia.Node) *gorgonia.Node {
			return tape.StatsLoss(x, input(tape, "t", 3, 1, 2, 2, same))
		},
		"contrast": func(tape *Tape, x, b *gorgonia.Node) *gorgonia.Node {
			return tape.Contrast(tape.Stack(x, b), .5)
		},
		"weighted sum": func(tape *Tape, x, b *gorgonia.Node) *gorgonia.Node {
			m := tape.Mean(x)
			return tape.WeightedSum([]float32{2, -.5, 3}, tape.MSE(x, b), m, tape.WeightedSum([]float32{1}, m))
		},
	}
	for name, build := range cases {
		t.Run(name, func(t *testing.T) {
			v := variables(map[string][]int{"x": {3, 4, 2, 2}, "b": {3, 4, 2, 2}}, 4)
			tape := NewTape()
			loss := build(tape, tape.Variable(v, "x", 3, 4, 2, 2), tape.Variable(v, "b", 3, 4, 2, 2))
			if err := tape.Minimise(loss, v); err != nil {
				t.Fatal(err)
			}
			// The loss is one float32: its rounding over the step is the larger error here.
			checkGrads(t, tape, func() float64 { return tape.Scalar(loss) }, 2e-2, 5e-3)
		})
	}
}
