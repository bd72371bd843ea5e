package style

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const goodStyle = `
name = "cubism"
title = "Cubism"
description = "Facets and bold lines"
network = "style"

[[credits]]
artist = "Fernand Léger"
title = "Contrast of Forms"
year = "1913"
rights = "public domain"

[[post]]
kernel = "outline"
params = { width = 0.004, amount = 1 }
`

func TestParsePackage(t *testing.T) {
	p, err := ParsePackage(goodStyle)
	if err != nil {
		t.Fatal(err)
	}
	want := Plan{Style: "cubism", Title: "Cubism", Description: "Facets and bold lines", Network: "style", VectorName: "cubism",
		Post:    []Step{{Kernel: "outline", Params: map[string]float64{"width": .004, "amount": 1}}},
		Credits: []string{"Fernand Léger, Contrast of Forms, 1913, public domain"}}
	if diff := cmp.Diff(want, p.Plan()); diff != "" {
		t.Error(diff)
	}
}

func TestParsePackageErrors(t *testing.T) {
	for _, c := range []struct{ edit, with, want string }{
		{`name = "cubism"`, `name = "../cubism"`, "not a name"},
		{`name = "cubism"`, ``, "not a name"},
		{`title = "Cubism"`, `title = Cubism`, "line 3"},
		{`title = "Cubism"`, `titel = "Cubism"`, "titel"},
		{`network = "style"`, `network = "a/b"`, "network"},
		{`"outline"`, `"outlines"`, "outlines"},
		{`width = 0.004`, `width = 4`, "width"},
		{`width = 0.004`, `widht = 0.004`, "widht"},
		{`width = 0.004`, `width = nan`, "width"},
		{`artist`, `author`, "author"},
		{`[[post]]`, `[post]`, "post"},
		{`title = "Cubism"`, `hash = "abc"`, "64 hexadecimal"},
		{`title = "Cubism"`, `preview = "../x.jpg"`, "preview"},
		{`title = "Cubism"`, `base = 9`, "base"},
		{`title = "Cubism"`, "version = \"1\\n2\"", "version"},
	} {
		text := strings.Replace(goodStyle, c.edit, c.with, 1)
		if _, err := ParsePackage(text); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("with %s: got %v, want an error with %q", c.with, err, c.want)
		}
	}
}

// A vector must be the one whose hash its description gives.
func TestPackageHash(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, PackageFile)
	if err := os.WriteFile(path, []byte("version = \"2\"\nbase = 256\n"+goodStyle), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := SetHash(dir); err == nil {
		t.Error("a hash is set for a vector that is not there")
	}
	for _, v := range [][]float32{{1, 2, 3}, {4, 5, 6}} {
		if err := WriteVector(dir, v, ""); err != nil {
			t.Fatal(err)
		}
		p, err := ReadPackage(dir)
		if err != nil {
			t.Fatal(err)
		}
		if err := p.CheckVector(); (err != nil) != (p.Hash != "") {
			t.Errorf("with the hash %q: %v", p.Hash, err)
		}
		if p.Hash != "" {
			if _, err := vouched(dir); err == nil || !strings.Contains(err.Error(), "hash") {
				t.Errorf("another vector: got %v, want an error about the hash", err)
			}
		}
		if err := SetHash(dir); err != nil {
			t.Fatal(err)
		}
		if base, err := vouched(dir); err != nil || base != 256 {
			t.Errorf("base %d, %v", base, err)
		}
	}
	p, err := ReadPackage(dir)
	if err != nil || len(p.Hash) != 64 || p.Version != "2" || len(p.Post) != 1 {
		t.Errorf("%+v, %v", p, err)
	}
	if p.PreviewPath() != "" {
		t.Error("a preview that is not there has a path")
	}
	if err := os.Remove(filepath.Join(dir, VectorFile)); err != nil {
		t.Fatal(err)
	}
	if err := p.CheckVector(); err == nil {
		t.Error("a missing vector is not missed")
	}
}

func FuzzStyleTOML(f *testing.F) {
	f.Add(goodStyle)
	f.Add("name = \"x\"\nnetwork = \"style\"")
	f.Add("[[post]]\nkernel=\"dots\"\n[post.params]\npitch=1e400")
	f.Fuzz(func(t *testing.T, text string) {
		p, err := ParsePackage(text)
		if err != nil {
			return
		}
		plan := p.Plan()
		if err := plan.Validate(); err != nil {
			t.Errorf("a style that was taken makes a plan that is not: %v", err)
		}
		if err := plan.CheckSteps(); err != nil {
			t.Error(err)
		}
	})
}
