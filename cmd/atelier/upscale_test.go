package main

import (
	"image"
	"path/filepath"
	"strings"
	"testing"

	"github.com/atelier-engine/atelier/core/picture"
)

// The shipped upscaler on all kinds of pictures, good and bad.
func TestUpscale(t *testing.T) {
	studio(t)
	for name, want := range map[string]image.Point{"a": {160, 120}, "grey": {160, 120}, "dot": {4, 4}, "moving": {160, 120}, "deep": {160, 120}} {
		in := filepath.Join("photos", name+".png")
		if name == "moving" {
			in = filepath.Join("photos", "moving.gif")
		}
		code, out, errs := try(t, "upscale", in)
		p, err := picture.Open(name + "-x4.png")
		if code != 0 || strings.TrimSpace(out) != name+"-x4.png" || err != nil || p.W != want.X || p.H != want.Y {
			t.Errorf("%s: exit code %d, %s%s%v", name, code, out, errs, err)
			continue
		}
		for _, text := range []string{`"upscale"`, `"weights"`} {
			if !strings.Contains(p.Meta["atelier:plan"], text) {
				t.Errorf("%s: %s is not in %s", name, text, p.Meta["atelier:plan"])
			}
		}
	}
	if info, err := picture.Stat("deep-x4.png"); err != nil || info.Depth != 16 {
		t.Errorf("16 bits became %+v, %v", info, err)
	}
	for _, c := range []struct {
		code int
		want string
		args []string
	}{
		{2, "--factor is 3: it must be 2, 4 or 8", []string{"photos/a.png", "--factor", "3"}},
		{2, "--factor", []string{"photos/a.png", "--factor", "big"}},
		{2, "picture", nil},
		{2, ".bmp", []string{"photos/a.png", "-o", "a.bmp"}},
		{2, "would overwrite the picture", []string{"photos/a.png", "-o", "photos/a.png"}},
		{3, "none.png", []string{"photos/none.png"}},
		{3, "notes.jpg", []string{"photos/notes.jpg"}},
		{3, "vast.png", []string{"photos/vast.png", "-f", "8"}},
		{5, "", []string{"photos/a.png", "-o", "a-x4.png/b.png"}},
	} {
		code, _, errs := try(t, append([]string{"upscale"}, c.args...)...)
		if code != c.code || !strings.Contains(errs, c.want) {
			t.Errorf("%v: exit code %d, want %d with %q: %s", c.args, code, c.code, c.want, errs)
		}
	}
	code, out, errs := try(t, "upscale", "photos", "--factor", "2", "-o", "large")
	if code != 3 || strings.Count(out, "large") != 5 || !strings.Contains(errs, "atelier: not enlarged: "+filepath.Join("photos", "torn.png")) ||
		!strings.Contains(errs, "upscale: 3 of 8 pictures are not enlarged") {
		t.Errorf("a folder: exit code %d, %s%s", code, out, errs)
	}
}

// What upscale makes twice is the same to the last bit, in any number of threads.
func TestUpscaleTwice(t *testing.T) {
	studio(t)
	for i, threads := range []string{"1", "2"} {
		if code, _, errs := try(t, "--threads", threads, "upscale", "photos/a.png", "-f", "8", "-o", []string{"one.png", "two.png"}[i]); code != 0 {
			t.Fatal(errs)
		}
	}
	one, err := picture.Open("one.png")
	must(t, err)
	two, err := picture.Open("two.png")
	must(t, err)
	for i, v := range one.Pix {
		if two.Pix[i] != v {
			t.Fatalf("value %d is %g and %g", i, v, two.Pix[i])
		}
	}
	if one.W != 320 || one.H != 240 {
		t.Errorf("%dx%d", one.W, one.H)
	}
}
