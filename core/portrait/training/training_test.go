package training

import (
	"context"
	"errors"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/atelier-engine/atelier/core/autodiff"
	"github.com/atelier-engine/atelier/core/device"
	"github.com/atelier-engine/atelier/core/kernel"
	"github.com/atelier-engine/atelier/core/nn"
	"github.com/atelier-engine/atelier/core/picture"
	"github.com/atelier-engine/atelier/core/portrait"
	"github.com/atelier-engine/atelier/core/portrait/faces"
	"github.com/atelier-engine/atelier/core/portrait/faces/facestest"
)

// tiny is a training that takes a moment.
func tiny(t *testing.T, recipe, data string) TrainConfig {
	t.Helper()
	c, err := ShippedConfig(recipe)
	if err != nil {
		t.Fatal(err)
	}
	c.Data, c.Run, c.Batch, c.Steps, c.Checkpoint, c.Sample = data, t.TempDir(), 4, 4, 2, 3
	c.Shape = portrait.Shape{Side: 16, Latent: 5, Generator: []int{8, 8}, Discriminator: []int{8, 8}}
	c.Perceptual, c.Grow = 0, nil
	if recipe == Ladder {
		c.Shape.Style, c.Shape.Generator, c.Warmup = 6, []int{8, 8, 8}, 1
		c.Features, c.Critics.Scale = tinyFeatures(), []float64{1, 2}
	}
	return c
}

// tinyFeatures is a loss network of two layers, random and frozen.
func tinyFeatures() *portrait.Features {
	g := device.NewGraph("features")
	x := g.Input("picture", device.Shape{C: 3})
	x = g.Conv("a", x, kernel.Conv{OutC: 4, KH: 3, KW: 3, Stride: 1, Pad: 1}, kernel.ActReLU)
	y := g.Conv("b", g.MaxPool(x, 2, 2), kernel.Conv{OutC: 6, KH: 3, KW: 3, Stride: 1, Pad: 1}, kernel.ActReLU)
	g.Output(x, y)
	return &portrait.Features{Graph: g, Weights: autodiff.NewParams(g, 5).Weights()}
}

// TestTrainResumes: two steps, a stop, and two more give the bits of four.
func TestTrainResumes(t *testing.T) {
	for _, recipe := range []string{Paper, Ladder} {
		t.Run(recipe, func(t *testing.T) { resumes(t, recipe) })
	}
}

func resumes(t *testing.T, recipe string) {
	data := facestest.Write(t, 24)
	whole := tiny(t, recipe, data)
	whole.Model = filepath.Join(t.TempDir(), "whole")
	if err := Train(context.Background(), whole, Report{}); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(whole.Run, "sample-000003.png")); err != nil {
		t.Error(err)
	}
	parts := tiny(t, recipe, data)
	ctx, cancel := context.WithCancel(context.Background())
	parts.Steps = 2
	if err := Train(ctx, parts, Report{}); err != nil {
		t.Fatal(err)
	}
	cancel()
	parts.Steps = 4
	parts.Model = filepath.Join(t.TempDir(), "parts")
	if err := Train(ctx, parts, Report{}); !errors.Is(err, context.Canceled) {
		t.Fatalf("cancelled: %v", err)
	}
	if err := Train(context.Background(), parts, Report{}); err != nil {
		t.Fatal(err)
	}
	a, b := read(t, whole.Model), read(t, parts.Model)
	if d := cmp.Diff(a, b); d != "" {
		t.Error("the resumed training gives other weights")
	}
	exported := parts
	exported.Model = filepath.Join(t.TempDir(), "exported")
	if err := Export(exported, Report{}); err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(a, read(t, exported.Model)); d != "" {
		t.Error("the export gives other weights")
	}

	g, err := portrait.Load(whole.Model)
	if err != nil {
		t.Fatal(err)
	}
	set, _, err := faces.Prepare(context.Background(), faces.Options{Dir: data, Cache: filepath.Join(whole.Run, "faces.pack")}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := set.Sheet(3, 16); err != nil {
		t.Error(err)
	}
	if _, err := g.Sheet(context.Background(), "sheet", 40, 1, 2); err != nil {
		t.Error(err)
	}
}

func read(t *testing.T, dir string) map[string][]float32 {
	t.Helper()
	m, err := nn.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	all := map[string][]float32{}
	for k, v := range m.Weights {
		all[k] = v.Data
	}
	return all
}

func TestRecipes(t *testing.T) {
	for _, recipe := range []string{Paper, Ladder} {
		if c, err := ShippedConfig(recipe); err != nil || c.Recipe != recipe {
			t.Errorf("%s: %q, %v", recipe, c.Recipe, err)
		}
	}
	if _, err := ShippedConfig("other"); err == nil || !strings.Contains(err.Error(), `use "ladder" or "paper"`) {
		t.Errorf("another: %v", err)
	}
	if c, err := parseConfig("steps = 3", "x.toml", ""); err != nil || c.Recipe != Ladder || c.Steps != 3 {
		t.Errorf("no recipe: %+v, %v", c, err)
	}
}

// TestGrows: a larger network that starts from a smaller one's weights draws
// the smaller one's pictures, enlarged.
func TestGrows(t *testing.T) {
	data := facestest.Write(t, 24)
	small := tiny(t, Paper, data)
	small.Steps, small.Model, small.KeepCritics = 1, filepath.Join(t.TempDir(), "paper"), true
	small.Shape = portrait.Shape{Side: 64, Latent: 5, Generator: []int{16, 8, 8, 8}, Discriminator: []int{4, 4, 4, 4}}
	if err := Train(context.Background(), small, Report{}); err != nil {
		t.Fatal(err)
	}
	want := draw(t, small.Model)
	grown := tiny(t, Ladder, data)
	grown.Steps, grown.Warmup, grown.From, grown.KeepCritics = 1, 1, small.Model, true
	for _, shape := range []portrait.Shape{
		{Side: 64, Latent: 5, Style: 6, Generator: []int{16, 8, 8, 8, 4}, Discriminator: []int{4, 4, 4, 4}},
		{Side: 128, Latent: 5, Style: 6, Generator: []int{16, 8, 8, 8, 4, 4}, Discriminator: []int{4, 4, 4, 4, 4}},
	} {
		grown.Shape, grown.Run, grown.Model = shape, t.TempDir(), filepath.Join(t.TempDir(), "grown")
		var notes []string
		if err := Train(context.Background(), grown, Report{Note: func(s string) { notes = append(notes, s) }}); err != nil {
			t.Fatal(err)
		}
		got := draw(t, grown.Model)
		if got.W == 2*want.W {
			want = enlarge(want)
		}
		for i := range want.Pix {
			if math.Abs(float64(got.Pix[i]-want.Pix[i])) > halfTolerance {
				t.Fatalf("%d pixels: value %d is %g, want %g\n%s", shape.Side, i, got.Pix[i], want.Pix[i], strings.Join(notes, "\n"))
			}
		}
		grown.From = grown.Model
	}
	strange := tiny(t, Ladder, data)
	strange.Shape.Latent, strange.From = 7, small.Model
	strange.Shape.Generator = []int{5, 5, 5}
	if err := Train(context.Background(), strange, Report{}); err == nil || !strings.Contains(err.Error(), "nothing in common") {
		t.Errorf("another network: %v", err)
	}
}

func draw(t *testing.T, dir string) *picture.Picture {
	t.Helper()
	g, err := portrait.Load(dir)
	if err != nil {
		t.Fatal(err)
	}
	p, err := g.Generate(context.Background(), []portrait.Condition{{Age: 30, Gender: 1, Emotions: [7]float64{0, 1}}}, []uint64{3})
	if err != nil {
		t.Fatal(err)
	}
	return p[0]
}

// TestClimbs: one call trains a size after the other, and a second one goes on
// where the first was stopped.
func TestClimbs(t *testing.T) {
	c := tiny(t, Ladder, facestest.Write(t, 24))
	c.Shape = portrait.Shape{Side: 128, Latent: 5, Style: 6, Generator: []int{8, 8, 8, 8, 4, 4}, Discriminator: []int{4, 4, 4, 4, 4}}
	c.Grow, c.Steps, c.Model = []int{2}, 1, filepath.Join(t.TempDir(), "model")
	var notes []string
	report := Report{Note: func(s string) { notes = append(notes, s) }}
	if err := Train(context.Background(), c, report); err != nil {
		t.Fatal(err)
	}
	if g, err := portrait.Load(c.Model); err != nil || g.Shape.Side != 128 || g.Card.Time <= 0 {
		t.Fatalf("the model: %v", err)
	}
	if g, err := portrait.Load(filepath.Join(c.Run, "64", "model")); err != nil || g.Shape.Side != 64 {
		t.Fatalf("the model below: %v", err)
	}
	all := strings.Join(notes, "\n")
	for _, want := range []string{"pictures of 64 pixels, 2 steps", "pictures of 128 pixels, 1 steps", "the discriminators start with"} {
		if !strings.Contains(all, want) {
			t.Errorf("no note %q in\n%s", want, all)
		}
	}
	notes, c.Steps = nil, 2
	if err := Train(context.Background(), c, report); err != nil {
		t.Fatal(err)
	}
	if all := strings.Join(notes, "\n"); strings.Contains(all, "64 pixels") || !strings.Contains(all, "going on from step 1") {
		t.Errorf("the second call: %s", all)
	}
}

// TestRungs: what a model has left behind is not trained again.
func TestRungs(t *testing.T) {
	c, err := ShippedConfig(Ladder)
	if err != nil {
		t.Fatal(err)
	}
	for side, want := range map[int][]int{0: {64, 128}, 64: {64, 128}, 128: {128}} {
		c.From = ""
		if side > 0 {
			c.From = t.TempDir()
			shape := portrait.Shape{Side: side, Latent: 5, Generator: []int{8}}
			if err := nn.Save(c.From, nn.Card{Name: "p", Kind: portrait.Kind, Licence: "none", Settings: shape.Settings()}, nil, true); err != nil {
				t.Fatal(err)
			}
		}
		var got []int
		for _, r := range c.rungs() {
			got = append(got, r.Shape.Side)
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("from a model of %d pixels: %s", side, d)
		}
	}
}

// halfTolerance is what rounding weights to half precision may change of a
// value in [0,1].
const halfTolerance = 2e-3

// enlarge doubles a picture as the ladder does: before the last activation.
func enlarge(p *picture.Picture) *picture.Picture {
	x := make([]float32, len(p.Pix))
	for i, v := range p.Pix {
		x[i] = float32(math.Atanh(float64(v)*2 - 1))
	}
	big := &picture.Picture{W: 2 * p.W, H: 2 * p.H, Pix: make([]float32, 4*len(p.Pix))}
	kernel.ResizeBilinear(big.Pix, x, 1, p.H, p.W, 3, big.H, big.W)
	for i, v := range big.Pix {
		big.Pix[i] = float32(math.Tanh(float64(v))+1) / 2
	}
	return big
}

// TestTrainOnPack: a packed data set trains as its folder does, and the notes
// say what was left out.
func TestTrainOnPack(t *testing.T) {
	data := facestest.Write(t, 12)
	if err := os.Truncate(filepath.Join(data, "images", "003.jpg"), 0); err != nil {
		t.Fatal(err)
	}
	notes := ""
	folder := tiny(t, Paper, data)
	folder.Steps, folder.Model = 1, filepath.Join(t.TempDir(), "folder")
	if err := Train(context.Background(), folder, Report{Note: func(s string) { notes += s + "\n" }}); err != nil {
		t.Fatal(err)
	}
	if want := "left out 1, an empty file: labels.csv:5: 003.jpg"; !strings.Contains(notes, want) {
		t.Errorf("notes %q lack %q", notes, want)
	}
	pack := tiny(t, Paper, filepath.Join(folder.Run, "faces.pack"))
	pack.Steps, pack.Model = 1, filepath.Join(t.TempDir(), "pack")
	if err := Train(context.Background(), pack, Report{}); err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(read(t, folder.Model), read(t, pack.Model)); d != "" {
		t.Error("the pack gives other weights than its folder")
	}
}

func TestTrainConfig(t *testing.T) {
	for text, want := range map[string]string{
		"steps = 5":                         "",
		"stepz = 5":                         "stepz",
		"grow = [5]":                        "only the ladder grows",
		"warmup = -1":                       "warmup -1",
		"[critics]\ngamma = -1.0":           "gamma -1",
		"beta2 = 1.0":                       "beta2 1",
		"[blind]\nshift = 0.7":              "shift 0.7",
		"[shape]\nstyle = 3":                "style 3",
		"sample_every = 0":                  "sample_every 0",
		"licence = \"\"":                    "licence is empty",
		"batch = 1":                         "batch 1",
		"keep = 0":                          "keep 0",
		"milestone_every = -1":              "milestone_every -1",
		"learn_rate = 0.0":                  "learning rate",
		"real_target = 0.2":                 "real_target",
		"perceptual = -1.0":                 "negative",
		"[shape]\nside = 48":                "48 pixels",
		"[shape]\ngenerator = [0, 1, 1, 1]": "0 channels",
		"this is no TOML":                   "mend the file",
	} {
		_, err := parseConfig("recipe = \"paper\"\n"+text, "x.toml", "")
		if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%q: error %v, want %q", text, err, want)
		}
	}
}
