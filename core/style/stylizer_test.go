package style

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/atelier-engine/atelier/core/autodiff"
	"github.com/atelier-engine/atelier/core/device"
	"github.com/atelier-engine/atelier/core/kernel"
	"github.com/atelier-engine/atelier/core/nn"
	"github.com/atelier-engine/atelier/core/picture"
)

var tiny = Architecture{Channels: [3]int{4, 6, 8}, Blocks: 1, Kernel: 5}

// tinyStylizer is a small random network with a random style.
func tinyStylizer(t testing.TB) (*Stylizer, Plan) {
	t.Helper()
	w, vector := tinyWeights(t)
	s, err := New(w)
	if err != nil {
		t.Fatal(err)
	}
	return s, Plan{Style: "random", Network: Network, Vector: vector}
}

func tinyWeights(t testing.TB) (device.Weights, []float32) {
	g, err := tiny.Graph()
	if err != nil {
		t.Fatal(err)
	}
	w := autodiff.NewParams(g, 5).Weights()
	w[Identity] = device.Array{Shape: []int{tiny.VectorLen()}, Data: tiny.NeutralVector()}
	rng := rand.New(rand.NewPCG(1, 2))
	v := tiny.NeutralVector()
	for i := range v {
		v[i] += .3 * float32(rng.NormFloat64())
	}
	return w, v
}

func noisy(w, h int, seed uint64) *picture.Picture {
	p, rng := picture.New(w, h), rand.New(rand.NewPCG(seed, 0))
	for i := range p.Pix {
		p.Pix[i] = rng.Float32()
	}
	return p
}

func distance(a, b *picture.Picture) float64 {
	var s float64
	for i := range a.Pix {
		d := float64(a.Pix[i] - b.Pix[i])
		s += d * d
	}
	return math.Sqrt(s / float64(len(a.Pix)))
}

func TestArchitecture(t *testing.T) {
	for _, a := range []Architecture{tiny, DefaultArchitecture} {
		g, err := a.Graph()
		if err != nil {
			t.Fatal(err)
		}
		shapes, err := g.Shapes([]device.Shape{{H: 32, W: 48, C: 3}, {H: 1, W: 1, C: a.VectorLen()}})
		if err != nil {
			t.Fatal(err)
		}
		if got := shapes[g.Outs[0]]; got != (device.Shape{H: 32, W: 48, C: 3}) {
			t.Errorf("output is %v", got)
		}
		got, err := architectureOf(autodiff.NewParams(g, 1).Weights())
		if err != nil || got != a {
			t.Errorf("read off the weights: %v, %v, want %v", got, err, a)
		}
		for i := range g.Nodes {
			if n := &g.Nodes[i]; n.Op == device.OpCondNorm && a.NeutralVector()[n.Offset] != 1 {
				t.Errorf("%s does not start at gamma 1", n.Name)
			}
		}
	}
	if _, err := (Architecture{}).Graph(); err == nil {
		t.Error("an empty architecture is taken")
	}
}

func TestPaintSizes(t *testing.T) {
	s, plan := tinyStylizer(t)
	plan.Post = []Step{{Kernel: "posterise"}}
	for _, size := range [][2]int{{1, 1}, {1, 7}, {3, 2}, {5, 40}, {16, 16}, {33, 19}} {
		p := noisy(size[0], size[1], 3)
		p.Alpha = make([]float32, size[0]*size[1])
		p.Alpha[0] = .25
		p.SetMeta("k", "v")
		keep := p.Clone()
		var last float64
		out, err := s.Paint(context.Background(), p, plan, Options{Intensity: 1, Progress: func(x float64) { last = x }})
		if err != nil {
			t.Fatal(err)
		}
		if err := out.Check(); err != nil || out.W != p.W || out.H != p.H || last != 1 {
			t.Errorf("%v: got %dx%d, %v, progress %g", size, out.W, out.H, err, last)
		}
		if !cmp.Equal(out.Alpha, p.Alpha) || out.Meta["k"] != "v" {
			t.Errorf("%v: alpha or metadata are not kept", size)
		}
		if !cmp.Equal(keep, p) {
			t.Errorf("%v: the input was changed", size)
		}
		again, err := s.Paint(context.Background(), p, plan, Options{Intensity: 1})
		if err != nil || !cmp.Equal(again.Pix, out.Pix) {
			t.Errorf("%v: a second painting differs (%v)", size, err)
		}
	}
}

func TestIntensity(t *testing.T) {
	s, plan := tinyStylizer(t)
	plan.Post = []Step{{Kernel: "posterise", Params: map[string]float64{"levels": 3}}, {Kernel: "saturate"}}
	p := noisy(37, 30, 4)
	p.Pix[5] = 1.25 // outside of [0,1]: still kept by intensity 0
	out, err := s.Paint(context.Background(), p, plan, Options{Intensity: 0})
	if err != nil || !cmp.Equal(out, p) {
		t.Fatalf("intensity 0 changes the picture (%v)", err)
	}
	last := 0.0
	for _, x := range []float64{.1, .25, .5, .75, 1} {
		out, err := s.Paint(context.Background(), p, plan, Options{Intensity: x})
		if err != nil {
			t.Fatal(err)
		}
		d := distance(out, p)
		if d <= last {
			t.Errorf("intensity %g: distance %g, not above %g", x, d, last)
		}
		last = d
	}
}

func TestPaintIsFreeOfThreads(t *testing.T) {
	s, plan := tinyStylizer(t)
	p := noisy(40, 24, 8)
	plan.Post = []Step{{Kernel: "flatten"}, {Kernel: "outline"}, {Kernel: "dots"}}
	n := kernel.Workers()
	defer kernel.SetWorkers(n)
	var want *picture.Picture
	for _, workers := range []int{1, 2, 3} {
		kernel.SetWorkers(workers)
		out, err := s.Paint(context.Background(), p, plan, Options{Intensity: .8})
		if err != nil {
			t.Fatal(err)
		}
		if want == nil {
			want = out
		} else if !cmp.Equal(want.Pix, out.Pix) {
			t.Errorf("%d workers paint another picture", workers)
		}
	}
}

func TestPaintErrors(t *testing.T) {
	s, plan := tinyStylizer(t)
	p := noisy(8, 8, 1)
	nan := noisy(8, 8, 1)
	nan.Pix[3] = float32(math.NaN())
	for _, c := range []struct {
		pic  *picture.Picture
		x    float64
		edit func(*Plan)
		want string
	}{
		{p, -1, func(*Plan) {}, "intensity"},
		{p, 1.6, func(*Plan) {}, "intensity"},
		{p, math.NaN(), func(*Plan) {}, "intensity"},
		{nil, 1, func(*Plan) {}, "picture"},
		{nan, 1, func(*Plan) {}, "finite"},
		{p, 1, func(q *Plan) { q.Vector = q.Vector[1:] }, "numbers"},
		{p, 1, func(q *Plan) { q.Vector, q.VectorName = nil, "nobody" }, "nobody"},

		{p, 1, func(q *Plan) { q.Post = []Step{{Kernel: "magic"}} }, "magic"},
		{p, 1, func(q *Plan) { q.Pre = []Step{{Kernel: "dots", Params: map[string]float64{"pitch": 9}}} }, "pitch"},
		{p, 1, func(q *Plan) { q.Pre = []Step{{Kernel: "dots", Params: map[string]float64{"size": 1}}} }, "size"},
	} {
		q := plan
		c.edit(&q)
		_, err := s.Paint(context.Background(), c.pic, q, Options{Intensity: c.x})
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("got %v, want an error with %q", err, c.want)
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := s.Paint(ctx, p, plan, Options{Intensity: 1}); !errors.Is(err, context.Canceled) {
		t.Errorf("a cancelled painting gives %v", err)
	}
}

func TestModelAndStyleFolders(t *testing.T) {
	root := t.TempDir()
	w, v := tinyWeights(t)
	card := nn.Card{Name: "style", Kind: "style", Licence: "Apache-2.0", Created: time.Unix(0, 0)}
	model := filepath.Join(root, "models", "style")
	if err := nn.Save(model, card, w, true); err != nil {
		t.Fatal(err)
	}
	styles := filepath.Join(root, "styles")
	write := func(name, print string, v []float32) {
		dir := filepath.Join(styles, name)
		if err := os.MkdirAll(dir, 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, PackageFile), []byte("name = \""+name+"\"\nnetwork = \"style\"\n"), 0o644); err != nil {
			t.Fatal(err)
		}
		if err := WriteVector(dir, v, print); err != nil {
			t.Fatal(err)
		}
	}
	s, err := Load(model, styles)
	if err != nil {
		t.Fatal(err)
	}
	write("good", s.print, v)
	write("stale", "0123456789abcdef", v)
	write("short", s.print, v[1:])
	ps, err := ReadPackages(styles)
	if err != nil || len(ps) != 3 || ps[0].Name != "good" {
		t.Fatalf("styles are %v, %v", ps, err)
	}
	p := noisy(20, 20, 1)
	for _, pk := range ps {
		_, err := s.Paint(context.Background(), p, pk.Plan(), Options{Intensity: 1})
		if (err == nil) != (pk.Name == "good") {
			t.Errorf("style %s: %v", pk.Name, err)
		}
	}
	if err := os.WriteFile(filepath.Join(styles, "good", VectorFile), []byte("rubbish"), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Paint(context.Background(), p, ps[0].Plan(), Options{Intensity: 1}); err == nil {
		t.Error("a broken vector is taken")
	}
	if _, err := Load(filepath.Join(root, "none")); err == nil {
		t.Error("a model that is not there is loaded")
	}
}
