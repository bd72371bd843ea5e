package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/atelier-engine/atelier/core/picture"
	"github.com/atelier-engine/atelier/core/portrait/faces/facestest"
)

func TestDataExpressions(t *testing.T) {
	dir := empty(t)
	data := facestest.WriteAligned(t, 8)
	labels := filepath.Join(data, "labels.csv")
	text, err := os.ReadFile(labels)
	if err != nil {
		t.Fatal(err)
	}
	// The same pictures with the landmarks of a face, neutral and not.
	header, _, _ := strings.Cut(string(text), "\n")
	for name, emotion := range map[string]string{"neutral": "p_neutral", "sad": "p_sad"} {
		rows := strings.Replace(header, "p_sad", emotion, 1) + "\n"
		for i := range 8 {
			rows += fmt.Sprintf("%03d.png,%d,female,train,1,0", i, 20+5*i)
			for _, p := range facestest.Frontal(180) {
				rows += fmt.Sprintf(",%.1f,%.1f", p[0], p[1])
			}
			rows += "\n"
		}
		if err := os.WriteFile(labels, []byte(rows), 0o644); err != nil {
			t.Fatal(err)
		}
		if code, _, errs := try(t, "data", "prepare", data, "-o", name+".pack", "--side", "64"); code != 0 {
			t.Fatalf("exit code %d: %s", code, errs)
		}
	}
	if code, out, errs := try(t, "data", "expressions", "neutral.pack", "--sheet", "sheet.png", "--count", "2"); code != 0 || out != "sheet.png\n" {
		t.Fatalf("exit code %d: %s%s", code, out, errs)
	}
	if p, err := picture.Open(filepath.Join(dir, "sheet.png")); err != nil || p.W < 128 || p.H < 7*64 {
		t.Errorf("the sheet: %v", err)
	}
	for _, c := range []struct {
		args string
		code int
		want string
	}{
		{"sad.pack", 3, "none of the 8 faces is neutral"},
		{"missing.pack", 3, "missing.pack"},
		{"neutral.pack --count 0", 2, "give 1 to 64"},
		{"neutral.pack --strength 2", 2, "give 0 to 1"},
		{"neutral.pack --strength NaN", 2, "give 0 to 1"},
		{"neutral.pack --side 5000", 2, "up to 1024"},
		{"neutral.pack --sheet sheet.txt", 2, "sheet.txt"},
	} {
		code, out, errs := try(t, append([]string{"data", "expressions"}, strings.Fields(c.args)...)...)
		if code != c.code || !strings.Contains(errs, c.want) || out != "" {
			t.Errorf("%s: exit code %d, want %d: %s%s", c.args, code, c.code, out, errs)
		}
	}
}
