package picture

import (
	"strings"
	"testing"
)

// inked counts the pixels of a part that differ from the background.
func inked(t *testing.T, p *Picture, x, y, w, h int) int {
	t.Helper()
	q, err := p.Crop(x, y, w, h)
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for i := 0; i < len(q.Pix); i += 3 {
		if q.Pix[i] != p.Pix[0] {
			n++
		}
	}
	return n
}

func TestSheet(t *testing.T) {
	red, blue := Filled(64, 64, 1, 0, 0), Filled(64, 32, 0, 0, 1)
	s := Sheet{
		Title: "Ages and feelings", Note: "seed 7",
		Columns: []string{"happy", "a very long caption that must be broken into several lines"},
		Rows:    []string{"20 years", ""},
		Cells:   [][]*Picture{{red, blue}, {nil, red}},
	}
	for _, dark := range []bool{false, true} {
		s.Dark = dark
		p, err := s.Draw()
		if err != nil {
			t.Fatal(err)
		}
		if (p.Pix[0] < 0.5) != dark {
			t.Errorf("dark %v: background %v", dark, p.Pix[:3])
		}
		var reds, blues, top, bottom int
		for i := 0; i < len(p.Pix); i += 3 {
			switch {
			case p.Pix[i] == 1 && p.Pix[i+1] == 0:
				reds++
				if top == 0 {
					top = i / 3 / p.W
				}
				bottom = i / 3 / p.W
			case p.Pix[i] == 0 && p.Pix[i+2] == 1:
				blues++
			}
		}
		if reds != 2*64*64 || blues != 64*32 {
			t.Errorf("%d red and %d blue pixels", reds, blues)
		}
		if inked(t, p, 0, 0, p.W, top) < 200 || inked(t, p, 0, top, 60, 64) < 20 || inked(t, p, 0, bottom+1, p.W, p.H-bottom-1) < 20 {
			t.Error("a caption is missing")
		}
	}
	// Names stand under the pictures, and a row is as high as it needs.
	s = Sheet{Cells: [][]*Picture{{red, red}, {blue, blue}}, Names: [][]string{{"one", "two"}, {"three"}}}
	named, err := s.Draw()
	if err != nil {
		t.Fatal(err)
	}
	s.Names = nil
	bare, err := s.Draw()
	if err != nil || named.W != bare.W || named.H <= bare.H+20 || bare.H > 64+32+60 {
		t.Errorf("names: %dx%d, without %dx%d: %v", named.W, named.H, bare.W, bare.H, err)
	}
	plain, err := Sheet{Cells: [][]*Picture{{red}}, Size: 128}.Draw()
	if err != nil || plain.W != plain.H || plain.W <= 128 || plain.W > 180 {
		t.Errorf("a bare sheet: %v", err)
	}
	clear := New(10, 10)
	clear.Alpha = make([]float32, 100)
	if p, err := (Sheet{Cells: [][]*Picture{{clear}}}).Draw(); err != nil || inked(t, p, 0, 0, p.W, p.H) != 0 {
		t.Error("a clear picture leaves a mark", err)
	}
	for name, bad := range map[string]Sheet{
		"empty": {}, "gaps only": {Cells: [][]*Picture{{nil}, {}}}, "broken": {Cells: [][]*Picture{{{W: 3, H: 3}}}},
		"size": {Cells: [][]*Picture{{red}}, Size: -1}, "huge": {Cells: [][]*Picture{make([]*Picture, 1<<20), {Filled(1000, 1000, 0, 0, 0)}}},
	} {
		if _, err := bad.Draw(); err == nil || !strings.Contains(err.Error(), "sheet: ") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestWrap(t *testing.T) {
	f, err := newFaces(12)
	if err != nil {
		t.Fatal(err)
	}
	defer f.close()
	for _, c := range []struct {
		text        string
		width, most int
		lines       int
		last        string
	}{
		{"", 50, 3, 0, ""},
		{"one", 50, 3, 1, "one"},
		{"one two three four", 60, 9, 2, "three four"},
		{"one two three four five six seven eight", 50, 2, 2, "…"},
		{"Donaudampfschifffahrt", 50, 9, 3, "t"},
		{"wide", 1, 2, 2, "…"},
		{strings.Repeat("é", 100_000), 40, 3, 3, "…"},
	} {
		got := wrap(f.text, c.text, c.width, c.most)
		if len(got) != c.lines || len(got) > 0 && !strings.HasSuffix(got[len(got)-1], c.last) {
			t.Errorf("%.20q in %d: %q", c.text, c.width, got)
		}
	}
}
