package training

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/atelier-engine/atelier/core/autodiff"
	"github.com/atelier-engine/atelier/core/device"
	"github.com/atelier-engine/atelier/core/nn"
	"github.com/atelier-engine/atelier/core/picture"
	"github.com/atelier-engine/atelier/core/style"
)

// school is a folder of training data small enough for a test: noise for
// photographs and paintings, a random loss network cut off early.
func school(t *testing.T) TrainConfig {
	t.Helper()
	root := t.TempDir()
	for _, d := range []string{"photos", "paintings/noise", "lossnet"} {
		if err := os.MkdirAll(filepath.Join(root, "data", filepath.FromSlash(d)), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	save := func(name string, p *picture.Picture) {
		if err := picture.Save(filepath.Join(root, "data", filepath.FromSlash(name)), p); err != nil {
			t.Fatal(err)
		}
	}
	for i := range 3 {
		save(fmt.Sprintf("photos/p%d.png", i), scene(60+7*i, 50))
	}
	save("paintings/noise/a.png", noisy(48, 40, 2))
	save("paintings/noise/b.png", noisy(70, 66, 3))
	for name, text := range map[string]string{
		"photos/photos.csv":       "file,source,licence\np0.png,here: a,CC0\np2.png,here: b,CC0\n",
		"paintings/paintings.csv": "movement,file,artist,title,year,rights\nnoise,noise/a.png,\"Noise, \"\"A.\"\"\",Snow,1900,public domain\n",
	} {
		if err := os.WriteFile(filepath.Join(root, "data", filepath.FromSlash(name)), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	g, err := style.FeatureGraph(style.Distilled, []string{"relu1_1", "relu2_1"})
	if err != nil {
		t.Fatal(err)
	}
	w := device.Weights{}
	for name, a := range autodiff.NewParams(g, 3).Weights() {
		if s := a.Shape; len(s) == 4 {
			// Back to (out,in,height,width): the loader turns it round again.
			out := device.Array{Shape: []int{s[3], s[2], s[0], s[1]}, Data: make([]float32, len(a.Data))}
			for i := range out.Data {
				k, o := i%(s[0]*s[1]), i/(s[0]*s[1]*s[2])
				out.Data[i] = a.Data[(k*s[2]+i/(s[0]*s[1])%s[2])*s[3]+o]
			}
			a = out
		}
		w[name] = a
	}
	if err := nn.WriteSafetensors(filepath.Join(root, "data", "lossnet", style.Distilled+".safetensors"), w, nil, false); err != nil {
		t.Fatal(err)
	}
	c := TrainConfig{Data: filepath.Join(root, "data"), Run: filepath.Join(root, "run"), Model: filepath.Join(root, "models", "style"),
		Styles: filepath.Join(root, "styles"), Licence: "test", Seed: 7, Network: tiny, Steps: 4, Batch: 4, Size: 32, Checkpoint: 2, Sample: 4,
		Portraits: "p1", Samples: []string{"p0.png"},
		Loss:      LossConfig{Layers: []string{"relu1_1", "relu2_1"}, Palette: .3, Exact: 10, Smooth: .1, Weave: 1},
		Predictor: PredictorConfig{Hidden: 3, Content: "relu2_1", Held: []string{"noise/b.png"}},
		Style: []StyleConfig{{Name: "noise", Exemplars: []string{"noise/a.png"}, Scale: 40, Content: "relu2_1", Trim: .05},
			{Name: "drawn", Exemplars: []string{"drawn:popart:1"}, Scale: 40, Content: "relu1_1", Layers: []float64{2}}},
	}
	return c
}

func TestTrainResumesAndPublishes(t *testing.T) {
	ctx := context.Background()
	cfg := school(t)
	var last Progress
	if err := Train(ctx, cfg, func(p Progress) { last = p }, nil); err != nil {
		t.Fatal(err)
	}
	if last.Step != 4 || last.Losses["style"] <= 0 || last.Losses["content"] <= 0 || last.Losses["weave"] <= 0 {
		t.Errorf("last progress is %+v", last)
	}
	s, err := style.Load(cfg.Model, cfg.Styles)
	if err != nil {
		t.Fatal(err)
	}
	ps, err := style.ReadPackages(cfg.Styles)
	if err != nil || len(ps) != 2 {
		t.Fatalf("styles are %v, %v", ps, err)
	}
	for _, p := range ps {
		if _, err := s.Paint(ctx, scene(30, 20), p.Plan(), style.Options{Intensity: 1}); err != nil {
			t.Error(err)
		}
		if _, err := picture.Open(filepath.Join(p.Dir, "preview.jpg")); err != nil {
			t.Error(err)
		}
	}
	if _, err := picture.Open(filepath.Join(cfg.Run, "samples", "step-000004.png")); err != nil {
		t.Error(err)
	}

	// While a training is at work in the folder, another one is refused before it
	// reads pictures; an export is not.
	unlock, err := cfg.store().Lock()
	if err != nil {
		t.Fatal(err)
	}
	read := 0
	if err := Train(ctx, cfg, nil, func(string) { read++ }); !errors.Is(err, autodiff.ErrBusy) || read > 0 {
		t.Errorf("a second training gives %v and says %d things", err, read)
	}
	if err := Export(ctx, cfg, nil); err != nil {
		t.Error(err)
	}
	unlock()

	// A run that is cut after two steps and resumed gives the same weights.
	again := cfg
	again.Run, again.Model, again.Styles = cfg.Run+"2", cfg.Model+"2", cfg.Styles+"2"
	again.Sample = 2 // a sheet is due in the step that is cut, and fails in the last one
	again.fill()
	if err := os.MkdirAll(filepath.Join(again.Run, "samples", "step-000004.png", "full"), 0o755); err != nil {
		t.Fatal(err)
	}
	cut, stop := context.WithCancel(ctx)
	a, err := newApprentice(cut, &again, again.store(), func(string) {})
	if err != nil {
		t.Fatal(err)
	}
	err = autodiff.Loop(cut, autodiff.LoopConfig{Steps: 4, State: a.state, Store: a.store, Step: func(ctx context.Context, k int) (map[string]float64, error) {
		if k == 1 {
			stop()
		}
		return a.step(ctx, k)
	}})
	if !errors.Is(err, context.Canceled) {
		t.Fatalf("a cancelled run gives %v", err)
	}
	var notes []string
	if err := Train(ctx, again, nil, func(n string) { notes = append(notes, n) }); err != nil {
		t.Fatal(err)
	}
	if _, err := picture.Open(filepath.Join(again.Run, "samples", "step-000002.png")); err != nil {
		t.Error(err)
	}
	if all := strings.Join(notes, "; "); !strings.Contains(all, "going on from step 2") || !strings.Contains(all, "no sample sheet of step 4") {
		t.Errorf("notes are %s", all)
	}
	one, err := os.ReadFile(filepath.Join(cfg.Model, nn.WeightsFile))
	if err != nil {
		t.Fatal(err)
	}
	two, err := os.ReadFile(filepath.Join(again.Model, nn.WeightsFile))
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(one, two) {
		t.Error("a resumed run gives other weights")
	}

	held, f := predictorOf(t, cfg)
	o := EvaluateOptions{Count: 2, Side: 32, Held: held, Features: f, OptimiseSteps: 2}
	scores, err := Evaluate(ctx, cfg, s, o)
	if err != nil || len(scores) != 3 || !scores[2].Held {
		t.Fatalf("scores are %+v, %v", scores, err)
	}
	for i, sc := range scores {
		if !(sc.Network.Style > 0) || !(sc.Network.Content > 0) || !(sc.Untouched.Style > 0) || sc.Untouched.Content != 0 || !(sc.Optimised.Style > 0) {
			t.Errorf("score %d is %+v", i, sc)
		}
	}
	if a := scores[0]; a.Steps != a.Network {
		t.Errorf("without steps, the scores with steps differ: %+v", a)
	}
	file, err := os.OpenFile(filepath.Join(cfg.Styles, "noise", style.PackageFile), os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := file.WriteString("\n[[post]]\nkernel = \"posterise\"\n"); err != nil {
		t.Fatal(err)
	}
	if err := file.Close(); err != nil {
		t.Fatal(err)
	}
	stepped, err := Evaluate(ctx, cfg, s, EvaluateOptions{Count: 2, Side: 32})
	if err != nil || len(stepped) != 2 {
		t.Fatalf("scores are %+v, %v", stepped, err)
	}
	if a, b := scores[0], stepped[0]; b.Network != a.Network || b.Steps == b.Network {
		t.Errorf("with steps: %+v, without %+v", b, a)
	}
	exportAgain(t, cfg)
}

// predictorOf is the predictor that a training published, and a feature network
// to optimise with. The predictor of a test sees through the loss network.
func predictorOf(t *testing.T, cfg TrainConfig) (*style.Predictor, *style.FeatureNet) {
	t.Helper()
	w, _, err := nn.ReadSafetensors(filepath.Join(cfg.Model, style.PredictorFile))
	if err != nil {
		t.Fatal(err)
	}
	loss, err := style.LoadFeatures(style.Distilled, cfg.path("lossnet", style.Distilled+".safetensors"), cfg.Loss.Layers...)
	if err != nil {
		t.Fatal(err)
	}
	p, err := style.NewPredictor(w, loss)
	if err != nil {
		t.Fatal(err)
	}
	g, err := style.OwnFeatures{2, 3, 4, 5}.Graph()
	if err != nil {
		t.Fatal(err)
	}
	return p, &style.FeatureNet{Graph: g, Weights: autodiff.NewParams(g, 9).Weights(), Taps: style.OwnTaps}
}

func TestTrainErrors(t *testing.T) {
	for _, c := range []struct {
		edit func(*TrainConfig)
		want string
	}{
		{func(c *TrainConfig) { c.Style = nil }, "no style"},
		{func(c *TrainConfig) { c.Data = filepath.Join(c.Data, "none") }, "does not exist"},
		{func(c *TrainConfig) { c.Style[0].Exemplars[0] = "noise/c.png" }, "c.png"},
		{func(c *TrainConfig) { c.Style[0].Exemplars[0] = "drawn:popart:x" }, "drawn:popart:"},
		{func(c *TrainConfig) { c.Style[0].Content = "relu9_9" }, "relu9_9"},
		{func(c *TrainConfig) { c.Style[1].Name = "noise" }, "already"},
		{func(c *TrainConfig) { c.Size = 33 }, "33"},
		{func(c *TrainConfig) { c.Loss.Network = "vgg" }, "vgg"},
	} {
		cfg := school(t)
		c.edit(&cfg)
		if err := Train(context.Background(), cfg, nil, nil); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("got %v, want an error with %q", err, c.want)
		}
	}
	cfg := school(t)
	if err := Export(context.Background(), cfg, nil); err == nil || !strings.Contains(err.Error(), "train first") {
		t.Errorf("an export without a training gives %v", err)
	}
}

func TestShippedConfig(t *testing.T) {
	c, err := ShippedConfig()
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, s := range c.Style {
		names = append(names, s.Name)
	}
	if !cmp.Equal(c.Network, style.DefaultArchitecture) || len(names) < 3 {
		t.Errorf("shipped: %+v, styles %v", c.Network, names)
	}
	for text, want := range map[string]string{
		"steps = 5\nstep = 3": "step",
		"steps = \n":          ":1:",
		"style = []":          "no style",
		"licence = \"\"":      "licence",
		"learn_rate = 2\n[[style]]\nname=\"a\"\nexemplars=[\"x\"]": "learn_rate",
	} {
		if _, err := parseTrainConfig([]byte(text), "t.toml"); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %v, want an error with %q", text, err, want)
		}
	}

	// What a user's file leaves out is as shipped; its styles start from nothing.
	mine, err := parseTrainConfig([]byte("steps = 5"), "t.toml")
	want := c
	want.Steps = 5
	if diff := cmp.Diff(want, mine); diff != "" || err != nil {
		t.Errorf("%v\n%s", err, diff)
	}
	mine, err = parseTrainConfig([]byte("[[style]]\nname=\"a\"\nexemplars=[\"x\"]"), "t.toml")
	if diff := cmp.Diff([]StyleConfig{{Name: "a", Exemplars: []string{"x"}, Scale: 400, Content: "relu3_1", Weight: 1, Share: 1, Strength: 1}}, mine.Style); diff != "" || err != nil {
		t.Errorf("%v\n%s", err, diff)
	}
}
