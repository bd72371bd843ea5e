package training

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/atelier-engine/atelier/core/portrait/faces/facestest"
)

// told collects what a training says.
func told(notes *[]string) Report {
	return Report{Note: func(text string) { *notes = append(*notes, text) }}
}

// TestSettings: a run goes on with settings that may differ, tells which do, and
// refuses those that its networks depend on; before it has begun nothing binds.
func TestSettings(t *testing.T) {
	c := tiny(t, Ladder, t.TempDir())
	settle := func(c TrainConfig) ([]string, error) {
		var notes []string
		err := c.settle(told(&notes))
		return notes, err
	}
	if notes, err := settle(c); err != nil || len(notes) > 0 {
		t.Fatal(notes, err)
	}
	wide := c
	wide.Shape.Latent = 6
	if notes, err := settle(wide); err != nil || len(notes) > 0 {
		t.Fatalf("before the run began: %q, %v", notes, err)
	}
	if _, err := settle(c); err != nil {
		t.Fatal(err)
	}
	begin(t, filepath.Join(c.Run, "64"))
	text, err := os.ReadFile(filepath.Join(c.Run, SettingsFile))
	if err != nil {
		t.Fatal(err)
	}
	for name, k := range map[string]struct {
		change func(c *TrainConfig)
		want   []string // in the error
	}{
		"shape":  {func(c *TrainConfig) { c.Shape.Latent = 6 }, []string{"shape.latent is 5 there and 6 here", "cannot change", filepath.Join(c.Run, SettingsFile)}},
		"recipe": {func(c *TrainConfig) { c.Recipe, c.LearnRate = Paper, 1e-5 }, []string{`recipe is "ladder" there and "paper" here`}},
		"scale":  {func(c *TrainConfig) { c.Critics.Scale = []float64{1, 3} }, []string{"critics.scale is [1 2] there and [1 3] here"}},
	} {
		changed := c
		k.change(&changed)
		_, err := settle(changed)
		if !errors.Is(err, ErrSettings) {
			t.Errorf("%s: error %v", name, err)
			continue
		}
		for _, want := range k.want {
			if !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "learn_rate") {
				t.Errorf("%s: error %v, want %q", name, err, want)
			}
		}
	}
	if after, _ := os.ReadFile(filepath.Join(c.Run, SettingsFile)); string(after) != string(text) {
		t.Error("a refusal changed the settings of the run")
	}
	changed := c
	changed.LearnRate, changed.Steps, changed.Data = 1e-5, 9, "elsewhere"
	want := "going on with other settings: learn_rate is 0.0002 there and 1e-05 here; steps is 4 there and 9 here"
	if notes, err := settle(changed); err != nil || !slices.Equal(notes, []string{want}) {
		t.Errorf("told %q, error %v", notes, err)
	}
	again, err := LoadTrainConfig(filepath.Join(c.Run, SettingsFile), "")
	if err != nil {
		t.Fatal(err)
	}
	changed.Features, changed.Grow = nil, []int{}
	if d := cmp.Diff(changed, again); d != "" {
		t.Errorf("the settings came back as others: %s", d)
	}
	if left, _ := filepath.Glob(filepath.Join(c.Run, "*.tmp")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
	if err := os.WriteFile(filepath.Join(c.Run, SettingsFile), []byte("steps = \"no"), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := settle(c); err == nil || !strings.Contains(err.Error(), SettingsFile) {
		t.Errorf("broken settings give %v", err)
	}
}

// begin makes a folder look like that of a run that has begun.
func begin(t *testing.T, run string) {
	t.Helper()
	dir := filepath.Join(run, "checkpoints")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "step-000000002.ckpt"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if !Begun(run) || !Begun(filepath.Dir(run)) || Begun(t.TempDir()) {
		t.Error("Begun does not see it")
	}
}

// TestUnknownKeys: what could stand there is at hand.
func TestUnknownKeys(t *testing.T) {
	for text, want := range map[string][2]string{
		"learnrate = 1.0":            {"", "learn_rate"},
		"[shape]\nlatnet = 3":        {"shape", "latent"},
		"[critics]\nscales = [1.0]":  {"critics", "scale"},
		"[hads]\nemotion = 1.0":      {"", "heads"},
		"[critics]\nlearn_rate = 1.": {"critics", ""},
	} {
		_, err := parseConfig(text, "x.toml", "")
		var e *KeyError
		if strings.HasSuffix(text, ".") {
			if err == nil || errors.As(err, &e) {
				t.Errorf("%q: error %v", text, err)
			}
			continue
		}
		if !errors.As(err, &e) || e.Table != want[0] || !slices.Contains(e.Known, want[1]) || !strings.Contains(err.Error(), "x.toml: unknown key") {
			t.Errorf("%q: error %#v", text, err)
		}
	}
}

// TestPaperRecipe: the recipe is the paper's.
func TestPaperRecipe(t *testing.T) {
	c, err := ShippedConfig(Paper)
	if err != nil {
		t.Fatal(err)
	}
	if c.Batch != 64 || c.Steps != 100_000 || c.LearnRate != 2e-4 || c.Shape.Side != 64 || c.Shape.Style != 0 || c.Perceptual <= 0 || c.Heads.Emotion <= 0 || !c.Augment.Flip || c.Augment.Rotate <= 0 {
		t.Errorf("%+v", c)
	}
	if _, err := LoadTrainConfig(write(t, "recipe = \"paper\""), Ladder); err == nil || !strings.Contains(err.Error(), "leave one out") {
		t.Errorf("two recipes at once: %v", err)
	}
}

// TestSourced: what ships speaks of one data set; what a user says, of his own.
func TestSourced(t *testing.T) {
	data := facestest.Write(t, 3)
	for text, want := range map[string]bool{
		"":                                     false,
		"source = \"mine\"":                    false,
		"source = \"mine\"\nlicence = \"CC0\"": true,
		"labels = \"\"":                        true,
		"labels = \"0123\"\nsource = \"another\"": false,
	} {
		c, err := LoadTrainConfig(write(t, text), "")
		if err != nil {
			t.Fatal(err)
		}
		c.Data = data
		if c.Sourced() != want {
			t.Errorf("%q: sourced is %v", text, !want)
		}
	}
}

func write(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "x.toml")
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestDryRun: every size of the ladder, and nothing written.
func TestDryRun(t *testing.T) {
	for _, recipe := range Recipes() {
		c := tiny(t, recipe, t.TempDir())
		all, err := DryRun(context.Background(), c)
		if err != nil || len(all) != 1 {
			t.Fatal(all, err)
		}
		e := all[0]
		if e.Side != 16 || e.Steps != 4 || e.Step <= 0 || e.Whole() != 4*e.Step || len(e.Networks) < 2 || e.Networks[0].Params < 1000 {
			t.Errorf("%s: %+v", recipe, e)
		}
		// The generator's convolutions alone, forwards and to both gradients.
		least := 3 * float64(c.Batch) * 2 * 16 * 16 * 9 * 8 * 3
		if e.Work < least || e.Work > 1e3*least || e.Memory < 1e5 {
			t.Errorf("%s: %.3g operations, %d bytes", recipe, e.Work, e.Memory)
		}
		if left, _ := os.ReadDir(c.Run); len(left) > 0 {
			t.Errorf("written: %v", left)
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := DryRun(ctx, tiny(t, Paper, t.TempDir())); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}

// TestDamagedRun: a training whose newest checkpoint is cut short, altered or
// empty goes on from the one before and says so; its folder has a plot.
func TestDamagedRun(t *testing.T) {
	data := facestest.Write(t, 8)
	for name, harm := range map[string]func(b []byte) []byte{
		"cut short": func(b []byte) []byte { return b[:len(b)/3] },
		"a bit":     func(b []byte) []byte { b[len(b)/2] ^= 4; return b },
		"empty":     func([]byte) []byte { return nil },
	} {
		t.Run(name, func(t *testing.T) {
			c := tiny(t, Paper, data)
			c.Steps = 20
			if err := Train(context.Background(), c, Report{}); err != nil {
				t.Fatal(err)
			}
			if _, err := os.Stat(filepath.Join(c.Run, PlotFile)); err != nil {
				t.Error(err)
			}
			newest := filepath.Join(c.Run, "checkpoints", "step-000000020.ckpt")
			b, err := os.ReadFile(newest)
			if err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(newest, harm(b), 0o644); err != nil {
				t.Fatal(err)
			}
			var notes []string
			if err := Train(context.Background(), c, told(&notes)); err != nil {
				t.Fatal(err)
			}
			all := strings.Join(notes, "\n")
			if !strings.Contains(all, "passed over a checkpoint: read checkpoint "+newest+": the file is damaged") || !strings.Contains(all, "going on from the one before, step 18") {
				t.Errorf("told %q", notes)
			}
		})
	}
}
