package training

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
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
	"github.com/atelier-engine/atelier/core/upscale"
)

// scene is a picture with edges and texture.
func scene(w, h int, seed float64) *picture.Picture {
	p := picture.New(w, h)
	for i := range w * h {
		x, y := float64(i%w), float64(i/w)
		for c := range 3 {
			v := .5 + .25*math.Sin(.4*x+seed*y*.1+float64(c)) + .2*math.Sin(.9*y-.3*seed*x)
			if math.Mod(x+seed*y, 23) < 9 {
				v -= .2
			}
			p.Pix[3*i+c] = float32(v)
		}
	}
	return p.Clamp()
}

// school is a folder of training data small enough for a test, and a
// configuration that goes through both halves of a training on it.
func school(t *testing.T) TrainConfig {
	t.Helper()
	root := t.TempDir()
	if err := os.MkdirAll(filepath.Join(root, "data", "photos"), 0o755); err != nil {
		t.Fatal(err)
	}
	for i := range 5 {
		if err := picture.Save(filepath.Join(root, "data", "photos", fmt.Sprintf("p%d.png", i)), scene(70+i, 64, float64(i+1))); err != nil {
			t.Fatal(err)
		}
	}
	for name, text := range map[string]string{
		"data/photos/credits.csv": "file,source,licence\np0.png,here: a,CC0\np2.png,here: b,CC0\n",
		"data/photos/torn.jpg":    "no picture",
	} {
		if err := os.WriteFile(filepath.Join(root, filepath.FromSlash(name)), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := picture.Save(filepath.Join(root, "data", "photos", "small.png"), scene(40, 90, 1)); err != nil {
		t.Fatal(err)
	}
	g := device.NewGraph("features")
	x := g.Conv("a", g.Input("x", device.Shape{C: 3}), nn.Same(4, 3), kernel.ActReLU)
	g.Output(x, g.Conv("b", g.MaxPool(x, 2, 2), nn.Same(4, 3), kernel.ActReLU))
	c, err := ShippedConfig()
	if err != nil {
		t.Fatal(err)
	}
	c.Data, c.Run, c.Model = filepath.Join(root, "data"), filepath.Join(root, "run"), filepath.Join(root, "model")
	c.Steps, c.PixelSteps, c.Batch, c.JudgedBatch, c.Size, c.Checkpoint, c.Sample = 4, 2, 3, 2, 8, 1, 4
	c.Network = upscale.Shape{Channels: 4, Blocks: 1, Wide: 4, Noise: 1}
	c.Judge.Channels, c.Loss.Features = []int{4, 4}, []float64{.1, .1}
	c.Source = []Source{{Folder: "photos", Share: 1, Zoom: [2]float64{.5, 1}, Held: 5, Credits: "credits.csv"}}
	c.Features = &Features{Graph: g, Weights: autodiff.NewParams(g, 9).Weights()}
	return c
}

// A run that is cut in its pixel steps and in its judged steps, and goes on with
// another number of workers, gives the same weights to the last bit.
func TestTrainingResumes(t *testing.T) {
	defer kernel.SetWorkers(kernel.Workers())
	ctx := context.Background()
	c := school(t)
	var notes []string
	var last autodiff.Progress
	if err := Train(ctx, c, Report{Note: func(s string) { notes = append(notes, s) }, Progress: func(p autodiff.Progress) { last = p }}); err != nil {
		t.Fatal(err)
	}
	if text := strings.Join(notes, "\n"); !strings.Contains(text, "torn.jpg") || !strings.Contains(text, "1 pictures with a shorter side below 48") {
		t.Errorf("told %q", text)
	}
	if last.Step != 4 || last.Losses["features2"] <= 0 || last.Losses["judge_made"] <= 0 {
		t.Errorf("last progress is %+v", last)
	}
	if _, err := picture.Open(filepath.Join(c.Run, "samples", "step-000004.png")); err != nil {
		t.Error(err)
	}
	m, err := nn.Open(c.Model)
	if err != nil {
		t.Fatal(err)
	}
	if want := []string{"photographs, 2: here (CC0)", "photographs, 2: pictures that credits.csv does not name"}; !cmp.Equal(m.Card.Data, want) {
		t.Errorf("the card names %q", m.Card.Data)
	}
	u, err := upscale.Load(c.Model)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := u.Picture(ctx, scene(9, 7, 1), 4); err != nil {
		t.Error(err)
	}

	// While a training is at work in the folder, another one is refused before it
	// looks for pictures; an export is not.
	unlock, err := c.store().Lock()
	if err != nil {
		t.Fatal(err)
	}
	another := c
	another.Data = "nowhere"
	if err := Train(ctx, another, Report{}); !errors.Is(err, autodiff.ErrBusy) {
		t.Errorf("a second training gives %v", err)
	}
	another.Model = c.Model + " exported"
	if err := Export(another, Report{}); err != nil {
		t.Error(err)
	}
	unlock()

	again := c
	again.Run, again.Model = c.Run+"2", c.Model+"2"
	for i, steps := range []int{1, 3, 4} {
		kernel.SetWorkers(1 + i)
		cut, stop := context.WithCancel(ctx)
		a, err := newApprentice(cut, &again, again.store(), Report{})
		if err != nil {
			t.Fatal(err)
		}
		for a.state.Step < steps {
			if _, err := a.step(a.corpus, a.state.Step); err != nil {
				t.Fatal(err)
			}
			a.state.Step++
		}
		if _, err := a.store.Save(a.state); err != nil {
			t.Fatal(err)
		}
		stop()
	}
	if err := Export(again, Report{}); err != nil {
		t.Fatal(err)
	}
	first, _ := os.ReadFile(filepath.Join(c.Model, nn.WeightsFile))
	second, _ := os.ReadFile(filepath.Join(again.Model, nn.WeightsFile))
	if len(first) == 0 || !bytes.Equal(first, second) {
		t.Error("a run in parts gives other weights")
	}
}

// The network can learn one batch by heart.
func TestPixelStepsLearn(t *testing.T) {
	c := school(t)
	a, err := newApprentice(context.Background(), &c, c.store(), Report{})
	if err != nil {
		t.Fatal(err)
	}
	in := map[string][]float32{}
	for _, name := range []string{"small", "large", "noise"} {
		in[name] = a.pixels.Data(name)
	}
	if err := a.fill(in, a.corpus, 0); err != nil {
		t.Fatal(err)
	}
	a.adam.LR = 1e-2
	var losses []float64
	for range 80 {
		if err := a.pixels.Run(); err != nil {
			t.Fatal(err)
		}
		losses = append(losses, a.pixels.Scalar(a.pixelLoss))
		if err := a.pixels.Update(a.adam); err != nil {
			t.Fatal(err)
		}
	}
	if first, last := losses[0], losses[len(losses)-1]; last > .75*first {
		t.Errorf("the loss went from %g to %g only", first, last)
	}
}

func TestConfigRefusals(t *testing.T) {
	for text, want := range map[string]string{
		"stepz = 3":                        "unknown keys stepz",
		"steps = 0":                        "at least one step",
		"batch = 0":                        "batches of 0 and 8",
		"size = 4":                         "crops of 4 pixels",
		"licence = ''":                     "licence is empty",
		"average = 1.0":                    "average 1",
		"[judge]\nchannels = [3]":          "a judge of 1 sizes",
		"[loss]\nfeatures = [1,1,1,1]":     "give at most 3",
		"[loss]\nlow = -1.0":               "negative loss weight",
		"[network]\nblocks = 99":           "blocks = 99",
		"[spoil]\nblur = -1.0":             "spoil: blur",
		"[spoil]\nquality = [90, 20]":      "quality 90 to 20",
		"[[source]]\nfolder = 'x'":         `source "x"`,
		"steps = 3\n[network]\nblocks = [": "mend the file",
	} {
		if _, err := parseConfig(text, "test.toml"); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got error %v, want one with %q", text, err, want)
		}
	}
	c := school(t)
	c.Source[0].Folder = "nowhere"
	if err := Train(context.Background(), c, Report{}); err == nil || !strings.Contains(err.Error(), "does not exist") {
		t.Errorf("a missing folder gives %v", err)
	}
	c = school(t)
	c.Source[0].Least = 5000
	if err := Train(context.Background(), c, Report{}); err == nil || !strings.Contains(err.Error(), "large enough") {
		t.Errorf("a folder of small pictures gives %v", err)
	}
	c = school(t)
	if err := Export(c, Report{}); err == nil || !strings.Contains(err.Error(), "train first") {
		t.Errorf("an export without a training gives %v", err)
	}
}

func TestSpoilKeepsSizeAndRange(t *testing.T) {
	c, err := ShippedConfig()
	if err != nil {
		t.Fatal(err)
	}
	c.Spoil.Clean = 0
	large := scene(96, 96, 2)
	for seed := range uint64(30) {
		p, err := c.Spoil.reduce(large, rand.New(rand.NewPCG(seed, 1)))
		if err != nil || p.W != 24 || p.H != 24 {
			t.Fatalf("%v, %v", p, err)
		}
		for _, v := range p.Pix {
			if !(v >= 0 && v <= 1) {
				t.Fatalf("seed %d holds %g", seed, v)
			}
		}
		q, _ := c.Spoil.reduce(large, rand.New(rand.NewPCG(seed, 1)))
		if !cmp.Equal(p.Pix, q.Pix) {
			t.Fatalf("seed %d gives two pictures", seed)
		}
	}
}

// calm keeps brightness, and a share of what differs from it.
func TestCalm(t *testing.T) {
	for share, want := range map[float64][]float32{0: {.587, .587, .587}, .5: {.2935, .7935, .2935}, 1: {0, 1, 0}} {
		v := []float32{2, 2, 2, 0, 1, 0}
		calm(v, share)
		for i, w := range append([]float32{2, 2, 2}, want...) {
			if d := v[i] - w; d > 1e-6 || d < -1e-6 {
				t.Errorf("share %g: value %d is %g, want %g", share, i, v[i], w)
			}
		}
	}
}
