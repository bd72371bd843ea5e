package gpu

import (
	"fmt"
	"math"
	"path/filepath"
	"runtime"
	"testing"

	"gorgonia.org/gorgonia"

	"github.com/atelier-engine/atelier/core/autodiff"
	"github.com/atelier-engine/atelier/core/device"
	"github.com/atelier-engine/atelier/core/kernel"
)

// studio is a training with every kind of operation that a device knows: a generator
// with norms of all kinds, augmentations, a critic in two modes, a table of styles, and all losses.
type studio struct {
	tape              *autodiff.Tape
	net, critic       *autodiff.Params
	average, table    *autodiff.Params
	adam              *autodiff.Adam
	loss, part        *gorgonia.Node
	state             *autodiff.State
	picture, features *gorgonia.Node
}

func generator() *device.Graph {
	g := device.NewGraph("net")
	z, style := g.Input("z", device.Shape{H: 1, W: 1, C: 6}), g.Input("s", device.Shape{H: 1, W: 1, C: 20})
	x := g.Reshape(g.Dense("d", z, 2*2*5, kernel.ActLeakyReLU), device.Shape{H: 2, W: 2, C: 5})
	x = g.BatchNorm("b", x, kernel.ActReLU)
	x = g.Conv("c1", g.Resize(x, 2, false), kernel.Conv{OutC: 8, KH: 3, Pad: 1}, 0)
	x = g.CondNorm(x, style, 2, kernel.ActReLU, x)
	x = g.InstanceNorm("i", g.Conv("c2", g.Resize(x, 2, true), kernel.Conv{OutC: 6, KH: 3, Pad: 1, PadMode: kernel.PadReflect}, 0), kernel.ActTanh, device.None)
	x = g.Concat(x, g.Activate(x, kernel.ActSigmoid))
	x = g.Affine(x, []float32{1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2}, make([]float32, 12))
	g.Output(g.Conv("c3", x, kernel.Conv{OutC: 3, KH: 4, Stride: 2, Pad: 1, Transposed: true}, kernel.ActTanh))
	return g
}

func criticNet() *device.Graph {
	g := device.NewGraph("critic")
	x := g.Input("x", device.Shape{C: 5})
	x = g.BatchNorm("b", g.Conv("c1", x, kernel.Conv{OutC: 6, KH: 4, Stride: 2, Pad: 1}, kernel.ActLeakyReLU), 0)
	f := g.MaxPool(x, 2, 2)
	y := g.AvgPool(g.Add(f, g.Activate(f, kernel.ActReLU)), 2, 2)
	g.Output(f, g.Dense("d", g.GlobalAvgPool(y), 4, 0))
	return g
}

const samplesOf = 3

// newStudio makes the training. Adam goes as far for a gradient of 1e-6 as for one of 1, if its eps lets it, and the
// sign of one that is 0 but for rounding, as of a bias before a norm, is another on every device: this eps is large.
func newStudio(t *testing.T, clip float64) *studio {
	t.Helper()
	gen, cr := generator(), criticNet()
	s := &studio{net: autodiff.NewParams(gen, 1), critic: autodiff.NewParams(cr, 2), adam: &autodiff.Adam{LR: 2e-3, Eps: 1e-2, Clip: clip}}
	s.average = s.net.Clone("average")
	s.table = autodiff.NewParamsOf("table", []device.Param{{Name: "styles", Shape: []int{4, 20}, Init: device.InitXavier}}, 3)
	tp := autodiff.NewTape()
	s.tape = tp
	n := samplesOf
	z, choose := tp.Input("z", n, 1, 1, 6), tp.Input("choose", n, 1, 1, 4)
	target, cond := tp.Input("target", n, 16, 16, 3), tp.Input("cond", n, 1, 1, 2)
	weights, labels := tp.Input("weights", n, 1, 1, 1), tp.Input("labels", n, 1, 1, 4)
	out, err := tp.Apply(gen, s.net, autodiff.Train, z, tp.Lookup(s.table, "styles", autodiff.Train, choose))
	if err != nil {
		t.Fatal(err)
	}
	x := out[0]
	s.picture = x
	aug := tp.Tone(tp.Cut(tp.Shift(x, tp.Input("shift", n, 1, 1, 2)), tp.Input("cut", n, 1, 1, 4)), tp.Input("tone", n, 1, 1, 3))
	both := tp.Stack(aug, target)
	made, err := tp.Apply(cr, s.critic, autodiff.Train, tp.Planes(tp.Samples(both, 0, n), cond))
	if err != nil {
		t.Fatal(err)
	}
	real, err := tp.Apply(cr, s.critic, autodiff.FrozenInference, tp.Planes(target, cond))
	if err != nil {
		t.Fatal(err)
	}
	s.features = made[0]
	gram := tp.GramLoss(made[0], tp.Gram(real[0]), weights)
	moments := tp.MomentLoss(tp.Moments(made[0]), tp.Moments(real[0]), tp.Input("two", n, 1, 1, 2), ones(7*6))
	s.part = tp.MSE(x, target)
	s.loss = tp.WeightedSum([]float32{1, .5, .2, .1, .3, .2, .4, 2, .3, .2, .1, .3, .2, .5, .3},
		s.part, tp.L1(x, target), tp.TV(both), gram, moments, tp.StatsLoss(made[0], tp.Stats(real[0])),
		tp.BCEWithLogits(made[1], labels), tp.BCEConst(made[1], .9), tp.SoftmaxCrossEntropy(made[1], labels, weights),
		tp.Hinge(made[1], 1), tp.Mean(tp.Dot(made[1], labels)), tp.WeightedMSE(tp.Pool(x, 2, 2), tp.Pool(target, 2, 2), weights),
		tp.Mean(tp.ScaleSamples(tp.Linear(x, .5, target, -1), weights)), tp.Weave(x, 2, 6), tp.Contrast(both, .5))
	if err := tp.Minimise(s.loss, s.net, s.critic, s.table); err != nil {
		t.Fatal(err)
	}
	s.state = &autodiff.State{Params: []*autodiff.Params{s.net, s.critic, s.average, s.table}, Adams: map[string]*autodiff.Adam{"a": s.adam}}
	return s
}

func ones(n int) []float32 {
	v := make([]float32, n)
	for i := range v {
		v[i] = 1
	}
	return v
}

// step trains on a batch that depends on the number of the step.
func (s *studio) step(t *testing.T, k int) {
	t.Helper()
	fill := func(name string, seed int, f func(i int, v float32) float32) {
		d := s.tape.Data(name)
		for i, v := range randomTensor(uint64(97*k+seed), 1, 1, 1, len(d)).Data {
			d[i] = f(i, v)
		}
	}
	same := func(_ int, v float32) float32 { return v }
	fill("z", 1, same)
	fill("target", 2, func(_ int, v float32) float32 { return float32(math.Tanh(float64(v))) })
	fill("cond", 3, same)
	fill("weights", 4, func(i int, _ float32) float32 { return float32(i%2) + .5 })
	fill("two", 5, func(i int, _ float32) float32 { return float32(i%3) * .5 })
	fill("labels", 6, func(i int, _ float32) float32 { return []float32{.7, .3, 0, 0}[i%4] })
	fill("choose", 7, func(i int, _ float32) float32 { return []float32{0, 1, 0, 0, .5, 0, .5, 0, 0, 0, 0, 1}[(i+k)%12] })
	fill("shift", 8, func(_ int, v float32) float32 { return float32(int(2 * v)) })
	fill("cut", 9, func(i int, v float32) float32 { return []float32{5, 7, 9, 11}[i%4] })
	fill("tone", 10, func(i int, v float32) float32 { return []float32{1.1, .1, .8}[i%3] })
	if err := s.tape.Run(); err != nil {
		t.Fatal(err)
	}
	if err := s.tape.Update(s.adam); err != nil {
		t.Fatal(err)
	}
	if err := s.average.Average(s.net, .9); err != nil {
		t.Fatal(err)
	}
	s.state.Step++
}

// numbers are all that a training knows, by name.
func (s *studio) numbers(t *testing.T) map[string][]float32 {
	t.Helper()
	all := map[string][]float32{"loss": {float32(s.tape.Scalar(s.loss))}, "part": {float32(s.tape.Scalar(s.part))},
		"norm": {float32(s.adam.Norm())}, "picture": s.tape.Value(s.picture), "features": s.tape.Value(s.features)}
	for _, p := range s.state.Params {
		for name, a := range p.Weights() {
			all[p.Name+"/"+name] = a.Data
			if g := s.tape.Grad(p, name); g != nil && s.adam.Clip == 0 { // the processor scales them in place
				all["gradient of "+p.Name+"/"+name] = g
			}
		}
	}
	return all
}

// agree compares two trainings.
func agree(t *testing.T, when string, got, want map[string][]float32, tol float64) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%s: %d arrays, want %d", when, len(got), len(want))
	}
	for name, w := range want {
		var scale, worst float64
		for i, v := range w {
			scale = max(scale, math.Abs(float64(v)))
			if d := math.Abs(float64(got[name][i]) - float64(v)); !(d <= worst) {
				worst = d
			}
		}
		if !(worst <= tol*max(scale, .02)) { // sums that cancel are known to the precision of their terms
			t.Errorf("%s: %s differs by %g of %g", when, name, worst, scale)
		}
	}
}

// on makes a training on a device, nil being the processor.
func on(t *testing.T, a device.Accelerator, clip float64) *studio {
	t.Helper()
	autodiff.Accelerate(a)
	defer autodiff.Accelerate(nil)
	return newStudio(t, clip)
}

func TestTrainingAgreesWithCPU(t *testing.T) {
	for _, clip := range []float64{0, .05} {
		m := newFake()
		cpu, gpu := on(t, nil, clip), on(t, open(t, m, false), clip)
		for k := range 3 {
			cpu.step(t, k)
			gpu.step(t, k)
			agree(t, fmt.Sprintf("clip %g, step %d", clip, k), gpu.numbers(t), cpu.numbers(t), []float64{2e-3, 2e-2, 5e-2}[k])
			if t.Failed() {
				return
			}
		}
	}
}

func TestTrainingTakesNoMemoryInTheSteadyState(t *testing.T) {
	m := newFake()
	gpu := on(t, open(t, m, false), 0)
	gpu.step(t, 0)
	gpu.step(t, 1)
	before := m.allocs
	for k := range 3 {
		gpu.step(t, k)
	}
	if m.allocs != before {
		t.Errorf("%d allocations in the steady state", m.allocs-before)
	}
}

// TestTrainingStaysOnTheDevice: a step waits for nothing that the device computes.
func TestTrainingStaysOnTheDevice(t *testing.T) {
	m := newFake()
	gpu := on(t, open(t, m, false), .05)
	gpu.step(t, 0)
	m.breaks("download", 999)
	gpu.step(t, 1)
	gpu.step(t, 2)
}

// TestResume moves a training from processor to device and back through checkpoints.
func TestResume(t *testing.T) {
	resume(t, func() device.Accelerator { return open(t, newFake(), false) }, 5e-2)
}

func resume(t *testing.T, other func() device.Accelerator, tol float64) {
	reference := on(t, nil, 0)
	for k := range 4 {
		reference.step(t, k)
	}
	path := filepath.Join(t.TempDir(), "c")
	var last *studio
	for k := range 4 {
		var a device.Accelerator
		if k%2 == 1 {
			a = other()
		}
		s := on(t, a, 0)
		if k > 0 {
			if err := s.state.Load(path); err != nil {
				t.Fatal(err)
			}
		}
		s.step(t, k)
		if err := s.state.Save(path); err != nil {
			t.Fatal(err)
		}
		last = s
	}
	agree(t, "after four steps on changing devices", last.numbers(t), reference.numbers(t), tol)
}

// TestHostChanges: what the processor writes into parameters between steps counts, and so do other solvers.
func TestHostChanges(t *testing.T) {
	cpu, gpu := on(t, nil, 0), on(t, open(t, newFake(), false), 0)
	for _, s := range []*studio{cpu, gpu} {
		s.step(t, 0)
		w := s.net.Get("c1.weight")
		for i := range w {
			w[i] *= .5
		}
		s.net.Touch()
		s.step(t, 1)
		if err := s.tape.Run(); err != nil {
			t.Fatal(err)
		}
		if err := s.tape.Update(gorgonia.NewVanillaSolver(gorgonia.WithLearnRate(.01))); err != nil {
			t.Fatal(err)
		}
		s.step(t, 2)
	}
	agree(t, "after changes", gpu.numbers(t), cpu.numbers(t), 5e-2)
}

func TestTrainingOnLostDevice(t *testing.T) {
	m := newFake()
	gpu := on(t, open(t, m, false), 0)
	gpu.step(t, 0)
	m.breaks("launch", 719)
	err := gpu.tape.Run()
	if err == nil {
		gpu.tape.Scalar(gpu.loss)
		err = gpu.tape.Run()
	}
	wants(t, err, device.ErrLost, "719")
	if err := gpu.state.Save(filepath.Join(t.TempDir(), "c")); err == nil {
		t.Error("a checkpoint of lost numbers was written")
	}
}

// TestTapesGiveMemoryBack: tapes come and go, as where a style is refined.
func TestTapesGiveMemoryBack(t *testing.T) {
	m := newFake()
	d := open(t, m, false)
	most := 0
	for k := range 8 {
		s := on(t, d, 0)
		s.step(t, 0)
		s = nil
		runtime.GC()
		runtime.GC()
		if k == 3 {
			most = m.used
		}
	}
	if m.used > 2*most {
		t.Errorf("%d bytes are in use after eight tapes, %d after four", m.used, most)
	}
}
