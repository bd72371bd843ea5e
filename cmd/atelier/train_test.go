package main

import (
	"bytes"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/atelier-engine/atelier/core/portrait/faces/facestest"
	styletraining "github.com/atelier-engine/atelier/core/style/training"
)

// small is a training of a moment that needs no loss network.
const small = `recipe = "paper"
batch = 4
steps = 20
checkpoint_every = 5
sample_every = 10
perceptual = 0.0
[shape]
side = 16
latent = 5
generator = [8, 8]
discriminator = [8, 8]
`

// TestTrainOwnPortraits: one command makes a model of own photographs; the run
// goes on with its settings, refuses others, and its losses can be drawn.
func TestTrainOwnPortraits(t *testing.T) {
	data := facestest.Write(t, 12)
	dir := empty(t)
	if err := os.WriteFile("small.toml", []byte(small), 0o644); err != nil {
		t.Fatal(err)
	}
	own := []string{"--source", "my own", "--licence", "CC0", "-o", "models/mine"}
	train := func(more ...string) (int, string, string) {
		return try(t, append([]string{"train", "portrait", "--data", data}, more...)...)
	}
	code, out, errs := train(append([]string{"--config", "small.toml"}, own...)...)
	if code != 0 || out != "models/mine\n" || !strings.Contains(errs, "step 20 of 20") || !strings.Contains(errs, "--model ./models/mine") {
		t.Fatalf("exit code %d: %s%s", code, out, errs)
	}
	card, err := os.ReadFile("models/mine/card.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`name = "mine"`, "12 faces: my own", `licence = "CC0"`, "paper: step 20"} {
		if !strings.Contains(string(card), want) {
			t.Errorf("the card does not say %q:\n%s", want, card)
		}
	}
	for _, name := range []string{"losses.tsv", "losses.png", "config.toml", "sample-000010.png"} {
		if _, err := os.Stat(filepath.Join("runs", "mine", name)); err != nil {
			t.Error(err)
		}
	}
	// Its own settings, the source among them, hold without any flag.
	code, _, errs = train("-o", "models/mine", "--steps", "30")
	if code != 0 || !strings.Contains(errs, "going on with other settings: steps is 20 there and 30 here") || !strings.Contains(errs, "going on from step 20") {
		t.Errorf("exit code %d: %s", code, errs)
	}
	code, _, errs = train(append([]string{"--recipe", "ladder", "--dry-run"}, own...)...)
	if code != 4 || !strings.Contains(errs, "loss network") {
		t.Errorf("exit code %d: %s", code, errs)
	}
	if err := os.WriteFile("wide.toml", []byte(strings.Replace(small, "latent = 5", "latent = 9", 1)), 0o644); err != nil {
		t.Fatal(err)
	}
	code, _, errs = train(append([]string{"--config", "wide.toml"}, own...)...)
	if code != 2 || !strings.Contains(errs, "shape.latent is 5 there and 9 here") || strings.Contains(errs, "learn_rate") {
		t.Errorf("exit code %d: %s", code, errs)
	}
	code, out, errs = train("--config", "wide.toml", "--dry-run")
	if code != 0 || !strings.Contains(out, "16 pixels: 20 steps of 4 pictures") || !strings.Contains(out, "GFLOP") || !strings.Contains(out, "generator") {
		t.Errorf("exit code %d: %s%s", code, out, errs)
	}
	code, out, errs = try(t, "train", "plot", "runs/mine", "-o", "a.png")
	if b, err := os.ReadFile("a.png"); code != 0 || out != "a.png\n" || err != nil || !bytes.HasPrefix(b, []byte("\x89PNG")) {
		t.Errorf("exit code %d: %s%s %v", code, out, errs, err)
	}
	if code, _, errs = try(t, "train", "plot", "runs/mine", "-o", "no/a.png"); code != 5 {
		t.Errorf("exit code %d: %s", code, errs)
	}
	if left, _ := filepath.Glob(filepath.Join(dir, "runs", "mine", "*.tmp")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

func TestSummarise(t *testing.T) {
	got := summarise(map[string]float64{"g_pixels64": 1, "g_pixels64_age": 2, "g_features1_age": 4, "d_right": .75, "right_pixels64": .5,
		"r1_pixels64": .1, "variety": .9, "nearest": .8, "g_gradient": 3, "content": 5, "d_real": 6})
	var text []string
	for _, g := range got {
		row := g.name
		for _, v := range g.values {
			row += " " + v.label + " " + g.format(v.value)
		}
		text = append(text, row)
	}
	want := []string{"right all 75% pixels64 50%", "variety nearest 0.8 all 0.9", "generator age 3 pixels64 1", "discriminator real 6",
		"gradient generator 3", "penalty pixels64 0.1", "losses content 5"}
	if d := cmp.Diff(want, text); d != "" {
		t.Error(d)
	}
}

func TestTrend(t *testing.T) {
	var rising, steady, negative trend
	for i := range 100 {
		rising.add(1+float64(i)/50, i == 0)
		steady.add(1+.3*math.Sin(float64(i)), i == 0)
		negative.add(-1-float64(i)/50, i == 0)
	}
	if rising.arrow() != "↑" || steady.arrow() != " " || negative.arrow() != "↓" {
		t.Errorf("arrows %q %q %q", rising.arrow(), steady.arrow(), negative.arrow())
	}
}

// TestTeacher: a table on a terminal, a line now and then elsewhere, nothing
// when quiet.
func TestTeacher(t *testing.T) {
	p := styletraining.Progress{Step: 500, Steps: 2000, Losses: map[string]float64{"d_right": .81, "variety": .93, "g_real": 1.5},
		Left: 25 * time.Minute, Pace: time.Second, Saved: 400, Pictures: 64, Work: 140e9}
	show := func(interactive, quiet bool) string {
		var b bytes.Buffer
		m := (&session{err: &b, out: &b, cli: &cli{Quiet: quiet}, interactive: interactive}).teacher()
		m.progress(p)
		m.note("news")
		p2 := p
		p2.Step = 510
		m.progress(p2)
		m.close()
		m.close()
		return b.String()
	}
	line := show(false, false)
	if line != "step 500 of 2000, 64 pictures/s, 140 GFLOP/s, 1 s a step, 25m0s left: right all 81%; variety all 0.93; generator real 1.5\nnews\n" {
		t.Errorf("without a terminal: %q", line)
	}
	table := show(true, false)
	for _, want := range []string{"step 510 of 2000\n", "  right         all 81%", "  variety       all 0.93", "  generator     real 1.5",
		"  speed         64 pictures/s, 140 GFLOP/s, 1 s a step, 25m0s left\n", "  checkpoint    step 400, "} {
		if !strings.Contains(table, want) {
			t.Errorf("the table lacks %q: %q", want, table)
		}
	}
	if quiet := show(true, true) + show(false, true); quiet != "" {
		t.Errorf("quiet: %q", quiet)
	}
}
