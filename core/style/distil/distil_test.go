package distil

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/atelier-engine/atelier/core/autodiff"
	"github.com/atelier-engine/atelier/core/device"
	"github.com/atelier-engine/atelier/core/nn"
	"github.com/atelier-engine/atelier/core/picture"
	"github.com/atelier-engine/atelier/core/style"
)

// makeData writes pictures and teachers of random weights.
func makeData(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	rng := rand.New(rand.NewPCG(1, 1))
	for _, d := range []struct {
		folder string
		many   int
	}{{"photos", 6}, {"paintings/waves", 16}} {
		if err := os.MkdirAll(filepath.Join(dir, d.folder), 0o755); err != nil {
			t.Fatal(err)
		}
		for i := range d.many {
			p := picture.New(40, 36)
			drawn(p.Pix[:36*36*3], 36, rng)
			if err := picture.Save(filepath.Join(dir, d.folder, fmt.Sprintf("%02d.png", i)), p); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := os.Mkdir(filepath.Join(dir, "lossnet"), 0o755); err != nil {
		t.Fatal(err)
	}
	for name, layers := range map[string][]string{style.VGG19: {"relu3_1"}, style.Distilled: {"aux4_1"}} {
		g, err := style.FeatureGraph(name, layers)
		if err != nil {
			t.Fatal(err)
		}
		w := device.Weights{}
		for p, a := range autodiff.NewParams(g, 2).Weights() {
			if s := a.Shape; len(s) == 4 { // files are (out, in, height, width)
				a.Shape = []int{s[3], s[2], s[0], s[1]}
			}
			w[p] = a
		}
		if err := nn.WriteSafetensors(filepath.Join(dir, "lossnet", name+".safetensors"), w, nil, false); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestTrain(t *testing.T) {
	data := makeData(t)
	config := func() Config {
		c, err := ParseConfig("widths = [8, 8, 8, 8]\nsize = 32\nbatch = 2\nround = 3\nreuse = 2\naxes = 6\nsteps = 10\nsolve = 3\nevaluate = 32\ncheckpoint = 4\n")
		if err != nil {
			t.Fatal(err)
		}
		c.Data, c.Run, c.Model = data, filepath.Join(t.TempDir(), "run"), filepath.Join(t.TempDir(), "features")
		return c
	}
	whole := config()
	if err := Train(context.Background(), whole, nil, nil); err != nil {
		t.Fatal(err)
	}
	f, err := style.OpenFeatures(whole.Model)
	if err != nil {
		t.Fatal(err)
	}
	ref, err := style.FeatureReference(f)
	if err != nil {
		t.Fatal(err)
	}
	if want, err := os.ReadFile(filepath.Join(whole.Model, style.ReferenceFile)); err != nil || string(want) != string(ref) {
		t.Errorf("the reference values are not those of the network: %v", err)
	}
	m, err := nn.Open(whole.Model)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"style_rank", "content_rank", "relu1_1_explained", "relu4_1_correlation"} {
		if v, ok := m.Card.Figures[name]; !ok || v > 1 {
			t.Errorf("figure %s is %g", name, v)
		}
	}
	// Stopped and gone on, it has the same bits.
	half := config()
	ctx, stop := context.WithCancel(context.Background())
	s, err := newSchool(ctx, &half, func(string) {})
	if err != nil {
		t.Fatal(err)
	}
	err = autodiff.Loop(ctx, autodiff.LoopConfig{Steps: half.Steps, State: s.state, Store: s.store, Step: func(ctx context.Context, k int) (map[string]float64, error) {
		if k == 6 {
			stop()
		}
		return s.step(ctx, k)
	}})
	if !errors.Is(err, context.Canceled) {
		t.Fatalf("error %v", err)
	}
	if err := Train(context.Background(), half, nil, nil); err != nil {
		t.Fatal(err)
	}
	other, err := nn.Open(half.Model)
	if err != nil || other.Hash != m.Hash {
		t.Errorf("a resumed training ends elsewhere: %v", err)
	}
}

// Folded, the network sees pictures as it saw prepared ones.
func TestFold(t *testing.T) {
	g, err := style.OwnFeatures{4, 4, 4, 4}.Graph("relu2_1")
	if err != nil {
		t.Fatal(err)
	}
	w := maps.Clone(autodiff.NewParams(g, 3).Weights())
	pix, prepared := make([]float32, 16*16*3), make([]float32, 16*16*3)
	rng := rand.New(rand.NewPCG(4, 4))
	for i := range pix {
		pix[i] = rng.Float32() * float32(1+i%3) / 3
	}
	p, err := prepare(pix)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(pix); i += 3 {
		for o := range 3 {
			sum := p.b[o]
			for c := range 3 {
				sum += p.a[3*c+o] * float64(pix[i+c])
			}
			prepared[i+o] = float32(sum)
		}
	}
	run := func(w device.Weights, pix []float32) []float32 {
		net, err := nn.New(g, w, nil)
		if err != nil {
			t.Fatal(err)
		}
		out, err := net.Run(device.Tensor{Data: pix, N: 1, H: 16, W: 16, C: 3})
		if err != nil {
			t.Fatal(err)
		}
		return out[0].Data
	}
	a, b := run(w, prepared), run(p.fold(w, "conv1_1"), pix)
	for i := range a {
		if d := math.Abs(float64(a[i] - b[i])); d > 1e-3*(1+math.Abs(float64(a[i]))) {
			t.Fatalf("value %d is %g, not %g", i, b[i], a[i])
		}
	}
}

// The axes keep lengths: the map there and back changes nothing that they span.
func TestPrincipal(t *testing.T) {
	const rows, in, out = 200, 6, 3
	rng := rand.New(rand.NewPCG(5, 5))
	moment, sum := make([]float64, in*in), make([]float64, in)
	for range rows {
		u, v := rng.NormFloat64(), .5+.2*rng.NormFloat64()
		x := []float64{u, v, u + v, u - v, 2 * v, 0}
		for i := range in {
			sum[i] += x[i]
			for j := range in {
				moment[i*in+j] += x[i] * x[j]
			}
		}
	}
	a, err := principal(moment, sum, rows, out)
	if err != nil {
		t.Fatal(err)
	}
	if math.Abs(a.share-1) > 1e-9 {
		t.Errorf("three axes of two directions keep %g", a.share)
	}
	for i := range out {
		for j := range out {
			var dot float64
			for k := range in {
				dot += float64(a.basis[k*out+i]) * float64(a.basis[k*out+j])
			}
			want := 0.
			if i == j {
				want = 1
			}
			if math.Abs(dot-want) > 1e-5 {
				t.Errorf("axes %d and %d: %g", i, j, dot)
			}
		}
	}
	if _, err := principal(moment, sum, rows, 7); err == nil {
		t.Error("more axes than channels are taken")
	}
}

func TestSpearman(t *testing.T) {
	a := []float64{1, 2, 3, 4, 5}
	b := []float64{1, 8, 9, 100, 1e6}
	if r := spearman(a, b); r != 1 {
		t.Errorf("rising lists correlate by %g", r)
	}
	slices.Reverse(b)
	if r := spearman(a, b); r != -1 {
		t.Errorf("a falling list correlates by %g", r)
	}
}

func TestConfig(t *testing.T) {
	for _, text := range []string{"size = 33", "batch = 0", "learn_rate = nan", "unknown = 1", "average = 1.0", "widths = [0, 1, 1, 1]", "size = \"x\"", "weights = [-1, 1, 1, 1]", "evaluate = 3"} {
		if _, err := ParseConfig(text); err == nil {
			t.Errorf("%s is taken", text)
		}
	}
	if _, err := ShippedConfig(); err != nil {
		t.Error(err)
	}
}
