package engine

import (
	"context"
	"path/filepath"
	"strings"
	"testing"
)

func TestSheets(t *testing.T) {
	e, f, _ := newFake(t)
	t.Chdir(f.home)
	for name, c := range map[string]struct {
		w      SheetWish
		paints int
		wide   bool
	}{
		"all styles":    {SheetWish{Photos: []string{"scene.png"}, Side: 24}, 2, false},
		"some":          {SheetWish{Photos: []string{"scene.png"}, Styles: []string{"ink", "cubism:0.5+ink:0.5"}, Side: 24}, 2, false},
		"photos a row":  {SheetWish{Photos: []string{"scene.png", "photo.png"}, Styles: []string{"cubism"}, Side: 24}, 2, false},
		"one style":     {SheetWish{Photos: []string{"scene.png"}, Style: "cubism", Side: 24}, 16, false},
		"usual size":    {SheetWish{Photos: []string{"scene.png"}, Styles: []string{"cubism"}}, 1, true},
		"several paths": {SheetWish{Photos: []string{"*.png"}, Styles: []string{"cubism"}, Side: 24}, 4, false},
	} {
		t.Run(name, func(t *testing.T) {
			f.painted = nil
			last := 0.
			p, err := e.Sheet(context.Background(), c.w, func(part float64) { last = part })
			if err != nil {
				t.Fatal(err)
			}
			if len(f.painted) != c.paints || last != 1 || c.wide != (p.W > 600) {
				t.Errorf("%d paintings on %dx%d, told %g", len(f.painted), p.W, p.H, last)
			}
		})
	}
	for want, w := range map[string]SheetWish{
		"both given":         {Photos: []string{"scene.png"}, Style: "ink", Styles: []string{"ink"}},
		"--side is 5000":     {Photos: []string{"scene.png"}, Side: 5000},
		`did you mean "ink"`: {Photos: []string{"scene.png"}, Styles: []string{"inc"}},
		"no such file":       {Photos: []string{"none.png"}},
		"matches no file":    {Photos: []string{filepath.Join("none", "*.png")}},
	} {
		if _, err := e.Sheet(context.Background(), w, func(float64) {}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
}
