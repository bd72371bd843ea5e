package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// The rights of a model are in the list and in its card.
func TestModels(t *testing.T) {
	home := empty(t)
	for name, text := range map[string]string{
		"faces/weights.safetensors": "12345", "torn/weights.safetensors": "", "torn/card.md": "+++",
		"faces/card.md": "+++\nname = \"faces\"\nkind = \"portrait\"\nlicence = \"research, non-commercial\"\ndata = [\"9 faces\", \"more\"]\ntime = 90.0\n" +
			"[figures]\nvariety = 0.93\ngender_right = 0.98765\nother = 1.0\n+++\n\n# Faces\n\nThe people do not exist.\n",
	} {
		path := filepath.Join(home, "models", name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	code, out, errs := try(t, "model", "list")
	if code != 0 {
		t.Fatal(errs)
	}
	var lines []string
	for line := range strings.Lines(out) {
		lines = append(lines, strings.Join(strings.Fields(line), " "))
	}
	want := []string{"faces portrait, 0.0 MiB, in models/faces", "licence research, non-commercial", "data 9 faces (and 1 more)",
		"figures gender right 0.9877, variety 0.93, and 1 more", "", "torn no card, 0.0 MiB, in models/torn"}
	if len(lines) != len(want)+1 || !strings.HasPrefix(lines[len(lines)-1], "state read model card:") {
		t.Fatalf("%q", lines)
	}
	if diff := cmp.Diff(want, lines[:len(want)]); diff != "" {
		t.Error(diff)
	}
	code, out, _ = try(t, "model", "list", "--json")
	var models []shownModel
	if err := json.Unmarshal([]byte(out), &models); err != nil || code != 0 || len(models) != 2 || models[0].Licence != "research, non-commercial" || models[1].State == "ok" {
		t.Errorf("%v: %s", err, out)
	}
	code, out, _ = try(t, "model", "show", "faces")
	for _, want := range []string{"research, non-commercial", "gender_right 0.9877", "1m30s", "The people do not exist."} {
		if code != 0 || !strings.Contains(out, want) {
			t.Errorf("%q is not in\n%s", want, out)
		}
	}
	for name, want := range map[string]string{"face": `did you mean "faces"?`, "torn": "card.md"} {
		if code, _, errs := try(t, "model", "show", name); code != 4 || !strings.Contains(errs, want) {
			t.Errorf("exit code %d: %s", code, errs)
		}
	}
}
