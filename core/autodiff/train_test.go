package autodiff

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/atelier-engine/atelier/core/device"
	"github.com/atelier-engine/atelier/core/kernel"
)

// toy is a run that learns how far noise was shifted: a batch norm, random inputs,
// a running average, everything that a checkpoint must hold.
type toy struct {
	state *State
	tape  *Tape
	loss  *gorgonia.Node
	rng   *rand.Rand
	opt   *Adam
}

func toyGraph() *device.Graph {
	g := device.NewGraph("toy")
	x := g.Conv("a", g.Input("x", device.Shape{H: 8, W: 8, C: 2}), kernel.Conv{OutC: 8, KH: 3, Pad: 1}, kernel.ActNone)
	x = g.BatchNorm("n", x, kernel.ActReLU)
	g.Output(g.Dense("d", x, 1, kernel.ActNone))
	return g
}

func newToy(t testing.TB, seed uint64) *toy {
	t.Helper()
	g := toyGraph()
	p := NewParams(g, seed)
	src := rand.NewPCG(seed, 1)
	s := &toy{tape: NewTape(), rng: rand.New(src), opt: &Adam{LR: 1e-2, Beta1: .9}}
	s.state = &State{Params: []*Params{p, p.Clone("average")}, Adams: map[string]*Adam{"toy": s.opt}, Random: map[string]Random{"data": src}}
	y, err := s.tape.Apply(g, p, Train, s.tape.Input("x", 16, 8, 8, 2))
	if err != nil {
		t.Fatal(err)
	}
	s.loss = s.tape.MSE(y[0], s.tape.Input("y", 16, 1, 1, 1))
	if err := s.tape.Minimise(s.loss, p); err != nil {
		t.Fatal(err)
	}
	return s
}

func (s *toy) step(context.Context, int) (map[string]float64, error) {
	x, y := s.tape.Data("x"), s.tape.Data("y")
	for i := range y {
		shift := s.rng.Float32()*2 - 1
		for j := i * 128; j < (i+1)*128; j++ {
			x[j] = float32(s.rng.NormFloat64()) + shift
		}
		y[i] = shift
	}
	if err := s.tape.Run(); err != nil {
		return nil, err
	}
	if err := s.tape.Update(s.opt); err != nil {
		return nil, err
	}
	return map[string]float64{"mse": s.tape.Scalar(s.loss)}, s.state.Params[1].Average(s.state.Params[0], .9)
}

func (s *toy) run(t testing.TB, steps int) (last float64) {
	t.Helper()
	for range steps {
		l, err := s.step(context.Background(), s.state.Step)
		if err != nil {
			t.Fatal(err)
		}
		s.state.Step++
		last = l["mse"]
	}
	return last
}

// bits is everything that a run consists of.
func (s *toy) bits(t testing.TB) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "state")
	if err := s.state.Save(path); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestTrainingLowersLoss(t *testing.T) {
	s := newToy(t, 1)
	first := s.run(t, 1)
	if last := s.run(t, 150); last > first/10 {
		t.Errorf("loss went from %g to %g, expected a tenth of it", first, last)
	}
}

// TestResume trains 10 steps at once, and 5 + 5 through a file and new objects,
// with other numbers of workers: the bits must agree.
func TestResume(t *testing.T) {
	defer kernel.SetWorkers(kernel.Workers())
	kernel.SetWorkers(2)
	whole := newToy(t, 1)
	whole.run(t, 10)
	for _, workers := range [][2]int{{1, 1}, {2, 1}, {3, 2}} {
		kernel.SetWorkers(workers[0])
		first := newToy(t, 1)
		first.run(t, 5)
		path := filepath.Join(t.TempDir(), "half")
		if err := first.state.Save(path); err != nil {
			t.Fatal(err)
		}
		kernel.SetWorkers(workers[1])
		second := newToy(t, 77)
		if err := second.state.Load(path); err != nil {
			t.Fatal(err)
		}
		second.run(t, 5)
		if second.bits(t) != whole.bits(t) {
			t.Errorf("workers %v: the resumed run differs from the whole one", workers)
		}
	}
}

// TestSharedParams: what tape A trains, tape B sees; B's own packed copies follow.
func TestSharedParams(t *testing.T) {
	s := newToy(t, 1)
	g := toyGraph()
	watch := func(mode Mode) float64 {
		tape := NewTape()
		y, err := tape.Apply(g, s.state.Params[0], mode, tape.Input("x", 16, 8, 8, 2))
		if err != nil {
			t.Fatal(err)
		}
		if err := tape.Set("x", s.tape.Data("x")); err != nil {
			t.Fatal(err)
		}
		if err := tape.Run(); err != nil {
			t.Fatal(err)
		}
		return float64(tape.Value(y[0])[3])
	}
	tape := NewTape()
	y, err := tape.Apply(g, s.state.Params[0], Frozen, tape.Input("x", 16, 8, 8, 2))
	if err != nil {
		t.Fatal(err)
	}
	for range 3 {
		s.run(t, 2)
		if err := tape.Set("x", s.tape.Data("x")); err != nil {
			t.Fatal(err)
		}
		if err := tape.Run(); err != nil {
			t.Fatal(err)
		}
		if got, want := float64(tape.Value(y[0])[3]), watch(Frozen); got != want {
			t.Errorf("an old tape gives %v, a new one %v", got, want)
		}
	}
	if watch(Frozen) == watch(FrozenInference) {
		t.Error("batch and running statistics give the same")
	}
}

// TestAppliedTwice: a network applied to two inputs has the sum of the gradients
// of two tapes.
func TestAppliedTwice(t *testing.T) {
	g := device.NewGraph("net")
	g.Output(g.Conv("c", g.Input("x", device.Shape{H: 5, W: 5, C: 2}), kernel.Conv{OutC: 3, KH: 3}, kernel.ActTanh))
	p := perturb(NewParams(g, 1), 2)
	grad := func(inputs ...string) []float32 {
		tape := NewTape()
		var losses []*gorgonia.Node
		for i, name := range inputs {
			y, err := tape.Apply(g, p, Train, tape.Input(name, 2, 5, 5, 2))
			if err != nil {
				t.Fatal(err)
			}
			fillRandom(tape.Data(name), uint64(name[0]))
			losses = append(losses, tape.Mean(y[0]))
			_ = i
		}
		loss := losses[0]
		if len(losses) > 1 {
			loss = tape.WeightedSum([]float32{1, 1}, losses...)
		}
		if err := tape.Minimise(loss, p); err != nil {
			t.Fatal(err)
		}
		if err := tape.Run(); err != nil {
			t.Fatal(err)
		}
		return tape.Grad(p, "c.weight")
	}
	a, b, both := grad("a"), grad("b"), grad("a", "b")
	for i := range both {
		if d := math.Abs(float64(both[i] - a[i] - b[i])); d > 1e-6 {
			t.Fatalf("gradient %d is %g, the parts add up to %g", i, both[i], a[i]+b[i])
		}
	}
}

// plainValueGrad is a parameter without a graph.
type plainValueGrad struct {
	name string
	w, g *tensor.Dense
}

func (p *plainValueGrad) Name() string                  { return p.name }
func (p *plainValueGrad) Value() gorgonia.Value         { return p.w }
func (p *plainValueGrad) Grad() (gorgonia.Value, error) { return p.g, nil }

// TestAdam compares with the formula in float64, with and without clipping.
func TestAdam(t *testing.T) {
	for _, clip := range []float64{0, 3} {
		r := rand.New(rand.NewPCG(1, 2))
		const n = 33
		dense := func() *tensor.Dense { return tensor.New(tensor.WithShape(n), tensor.WithBacking(make([]float32, n))) }
		p := &plainValueGrad{"p", dense(), dense()}
		a := &Adam{LR: 1e-3, Beta1: .9, Clip: clip}
		var w, m, v [n]float64
		for step := 1; step <= 50; step++ {
			var norm float64
			for i := range n {
				p.g.Float32s()[i] = float32(r.NormFloat64())
				norm += float64(p.g.Float32s()[i]) * float64(p.g.Float32s()[i])
			}
			norm = math.Sqrt(norm)
			by := 1.0
			if clip > 0 && norm > clip {
				by = clip / norm
			}
			for i := range n {
				g := float64(p.g.Float32s()[i]) * by
				m[i] = .9*m[i] + .1*g
				v[i] = .999*v[i] + .001*g*g
				w[i] -= 1e-3 * m[i] / (1 - math.Pow(.9, float64(step))) / (math.Sqrt(v[i]/(1-math.Pow(.999, float64(step)))) + 1e-8)
			}
			if err := a.Step([]gorgonia.ValueGrad{p}); err != nil {
				t.Fatal(err)
			}
			if math.Abs(a.Norm()-norm) > 1e-5*norm {
				t.Fatalf("norm is %g, not %g", a.Norm(), norm)
			}
		}
		for i := range n {
			// Fifty steps of float32 rounding at weights near 0.05.
			if d := math.Abs(float64(p.w.Float32s()[i]) - w[i]); d > 1e-6 {
				t.Errorf("clip %g: weight %d is off by %g", clip, i, d)
			}
		}
	}
}

// TestGorgoniaSolver: the tape serves gorgonia's own solvers as well.
func TestGorgoniaSolver(t *testing.T) {
	s := newToy(t, 1)
	first := s.run(t, 1)
	solver := gorgonia.NewAdamSolver(gorgonia.WithLearnRate(1e-2))
	for range 60 {
		if err := s.tape.Run(); err != nil {
			t.Fatal(err)
		}
		if err := s.tape.Update(solver); err != nil {
			t.Fatal(err)
		}
	}
	if last := s.tape.Scalar(s.loss); last > first/3 {
		t.Errorf("loss went from %g to %g", first, last)
	}
}

func TestGANStep(t *testing.T) {
	g := newGAN(t, 4, 6, []int{16, 8}, 3)
	fillRandom(g.genTape.Data("code"), 1)
	fillRandom(g.disTape.Data("real"), 2)
	before, dis := g.gen.Clone("a"), g.dis.Clone("b")
	for range 3 {
		g.step(t)
	}
	if err := (&State{Params: []*Params{g.gen, g.dis}}).finite(); err != nil {
		t.Error(err)
	}
	for _, c := range []struct {
		a, b *Params
		name string
	}{{before, g.gen, "up0.weight"}, {before, g.gen, "start.norm.mean"}, {dis, g.dis, "first.weight"}, {dis, g.dis, "emotion.bias"}} {
		if name := c.name; c.a.Get(name) == nil || c.a.Get(name)[0] == c.b.Get(name)[0] {
			t.Errorf("%s of %s did not move", name, c.b.Name)
		}
	}
}

// TestBuildErrors: each mistake gives one clear error and no panic.
func TestBuildErrors(t *testing.T) {
	g := toyGraph()
	p := NewParams(g, 1)
	cases := map[string]struct {
		do   func(tape *Tape) error
		want string
	}{
		"input twice": {func(tape *Tape) error { tape.Input("x", 1, 1, 1, 1); tape.Input("x", 1, 1, 1, 1); return tape.Run() }, "own name"},
		"empty":       {func(tape *Tape) error { return tape.Run() }, "empty"},
		"input size": {func(tape *Tape) error {
			_, err := tape.Apply(g, p, Train, tape.Input("x", 2, 9, 8, 2))
			return err
		}, "9x8x2"},
		"input count": {func(tape *Tape) error { _, err := tape.Apply(g, p, Train); return err }, "1"},
		"foreign node": {func(tape *Tape) error {
			_, err := tape.Apply(g, p, Train, NewTape().Input("x", 2, 8, 8, 2))
			return err
		}, "no node of this tape"},
		"foreign params": {func(tape *Tape) error {
			_, err := tape.Apply(g, NewParamsOf("other", nil, 1), Train, tape.Input("x", 2, 8, 8, 2))
			return err
		}, "is not in"},
		"nil loss": {func(tape *Tape) error { return tape.Minimise(nil, p) }, "scalar"},
		"frozen":   {func(tape *Tape) error { return tape.Minimise(tape.Mean(tape.Input("x", 2, 8, 8, 2)), p) }, "depends on no parameter"},
		"shapes": {func(tape *Tape) error {
			tape.MSE(tape.Input("x", 2, 8, 8, 2), tape.Input("y", 2, 8, 8, 1))
			return tape.Err()
		}, "differ"},
		"scalar": {func(tape *Tape) error {
			m := tape.Mean(tape.Input("x", 2, 8, 8, 2))
			tape.MSE(m, tape.Mean(m))
			return tape.Err()
		}, "must be a tensor"},
		"set length":   {func(tape *Tape) error { tape.Input("x", 1, 1, 1, 2); return tape.Set("x", []float32{1}) }, "it takes 2"},
		"set unknown":  {func(tape *Tape) error { return tape.Set("x", nil) }, "none of that name"},
		"update early": {func(tape *Tape) error { return tape.Update(&Adam{}) }, "call Minimise"},
		"lookup": {func(tape *Tape) error {
			tape.Lookup(p, "a.bias", Train, tape.Input("x", 2, 1, 1, 8))
			return tape.Err()
		}, "table"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			err := c.do(NewTape())
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error is %v, expected one with %q", err, c.want)
			}
		})
	}
}

func TestLoopStopsAndResumes(t *testing.T) {
	whole := newToy(t, 1)
	whole.run(t, 30)

	dir := t.TempDir()
	log := filepath.Join(dir, "losses.tsv")
	ctx, cancel := context.WithCancel(context.Background())
	first := newToy(t, 1)
	config := func(s *toy) LoopConfig {
		return LoopConfig{Steps: 30, State: s.state, Store: &Store{Dir: dir, Keep: 2}, SaveEvery: 4, Report: 5, Log: log, Step: s.step}
	}
	c := config(first)
	c.Step = func(ctx context.Context, step int) (map[string]float64, error) {
		if step == 13 {
			cancel()
		}
		return first.step(ctx, step)
	}
	if err := Loop(ctx, c); !errors.Is(err, context.Canceled) {
		t.Fatalf("cancelled loop returned %v", err)
	}

	second := newToy(t, 5)
	c = config(second)
	path, skipped, err := c.Store.Restore(second.state)
	if err != nil || len(skipped) > 0 || second.state.Step != 14 {
		t.Fatalf("restored %q at step %d, skipped %v, error %v", path, second.state.Step, skipped, err)
	}
	var steps []int
	c.Progress = func(p Progress) {
		steps = append(steps, p.Step)
		if p.Steps != 30 || math.IsNaN(p.Losses["mse"]) || p.Left < 0 {
			t.Errorf("progress %+v", p)
		}
	}
	if err := Loop(context.Background(), c); err != nil {
		t.Fatal(err)
	}
	if len(steps) != 4 || steps[3] != 30 {
		t.Errorf("progress at steps %v", steps)
	}
	if second.bits(t) != whole.bits(t) {
		t.Error("stopping and resuming changed the result")
	}
	b, err := os.ReadFile(log)
	if err != nil {
		t.Fatal(err)
	}
	var at []string
	for _, line := range strings.Split(strings.TrimSpace(string(b)), "\n") {
		at = append(at, strings.Split(line, "\t")[0])
	}
	if got := strings.Join(at, " "); got != "step 5 10 15 20 25 30" {
		t.Errorf("log has lines %s", got)
	}
	// A new run must not bury the old one.
	if err := Loop(context.Background(), config(newToy(t, 1))); err == nil || !strings.Contains(err.Error(), "another folder") {
		t.Errorf("a fresh run over an old one gave %v", err)
	}
}

func TestLoopRollsBack(t *testing.T) {
	s := newToy(t, 1)
	var warned []string
	bad := 2
	c := LoopConfig{Steps: 20, State: s.state, Store: &Store{Dir: t.TempDir()}, SaveEvery: 5, Warn: func(m string) { warned = append(warned, m) }}
	c.Step = func(ctx context.Context, step int) (map[string]float64, error) {
		l, err := s.step(ctx, step)
		if step == 12 && bad > 0 {
			bad--
			s.state.Params[0].Get("a.weight")[0] = float32(math.NaN())
			l["mse"] = math.NaN()
		}
		return l, err
	}
	if err := Loop(context.Background(), c); err != nil {
		t.Fatal(err)
	}
	if len(warned) != 2 || s.opt.Scale != .25 || s.state.Step != 20 || !s.state.Params[0].Finite() {
		t.Errorf("warnings %q, scale %g, step %d", warned, s.opt.Scale, s.state.Step)
	}
	bad = 100
	s = newToy(t, 1)
	c.State, c.Store = s.state, &Store{Dir: t.TempDir()}
	if err := Loop(context.Background(), c); !errors.Is(err, ErrDiverged) {
		t.Errorf("hopeless run returned %v", err)
	}
}
