package training

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/atelier-engine/atelier/core/nn"
	"github.com/atelier-engine/atelier/core/style"
)

// exportAgain checks the card of a published training and that another export
// keeps what a person wrote.
func exportAgain(t *testing.T, cfg TrainConfig) {
	t.Helper()
	path := filepath.Join(cfg.Model, nn.CardFile)
	card, err := nn.ReadCard(path)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"photographs, 2: here (CC0)", "photographs, 1: unrecorded source", `style noise: Noise, "A.", Snow, 1900, public domain`,
		"style drawn: Atelier, comic page drawn by the program itself, seed 1, Apache-2.0", `predictor: Noise, "A.", Snow, 1900, public domain`, "predictor: pages drawn by the program itself, and the photographs",
		"loss network, not shipped: " + lossSource[style.Distilled]}
	if diff := cmp.Diff(want, card.Data); diff != "" || card.Licence != "test" || !(card.Time > 0) {
		t.Errorf("the card is %+v\n%s", card, diff)
	}
	card.Text, card.Figures = "Written by hand.", map[string]float64{"noise": 1}
	if err := nn.WriteCard(path, card); err != nil {
		t.Fatal(err)
	}
	toml, err := os.ReadFile(filepath.Join(cfg.Styles, "noise", style.PackageFile))
	if err != nil {
		t.Fatal(err)
	}
	if err := Export(context.Background(), cfg, nil); err != nil {
		t.Fatal(err)
	}
	after, err := nn.ReadCard(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(card, after); diff != "" {
		t.Errorf("exporting again changes the card:\n%s", diff)
	}
	if b, err := os.ReadFile(filepath.Join(cfg.Styles, "noise", style.PackageFile)); err != nil || !bytes.Equal(b, toml) {
		t.Errorf("exporting again changes style.toml (%v)", err)
	}
	for _, dir := range []string{cfg.Model, filepath.Join(cfg.Styles, "noise")} {
		if left, _ := filepath.Glob(filepath.Join(dir, ".*")); len(left) > 0 {
			t.Errorf("left behind: %v", left)
		}
	}
}

func TestMoveAllOrNone(t *testing.T) {
	dir := t.TempDir()
	at := func(name string) string { return filepath.Join(dir, name) }
	for _, name := range []string{"old", "new"} {
		if err := os.WriteFile(at(name), []byte(name), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	r := release{vectors: []move{{at("new"), at("old")}}, network: []move{{at("none"), at("weights")}}}
	if err := r.install(); err == nil {
		t.Error("a file that is not there was installed")
	}
	for _, name := range []string{"old", "new"} {
		if b, err := os.ReadFile(at(name)); err != nil || string(b) != name {
			t.Errorf("%s holds %q, %v", name, b, err)
		}
	}
	r.network = nil
	if err := r.install(); err != nil {
		t.Fatal(err)
	}
	if b, err := os.ReadFile(at("old")); err != nil || string(b) != "new" {
		t.Errorf("old holds %q, %v", b, err)
	}
}
