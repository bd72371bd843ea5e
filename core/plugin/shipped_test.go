//go:build unix

package plugin

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// The shipped plugins are found, describe themselves and answer as those of
// a stranger would.
func TestShipped(t *testing.T) {
	t.Parallel()
	bin := t.TempDir()
	l := newLab(t, Config{Folders: []string{bin}, Data: []string{"../.."}})
	out, err := exec.Command("go", "build", "-ldflags=-s -w", "-o", bin+string(os.PathSeparator), "../../plugins/...").CombinedOutput()
	if err != nil {
		t.Fatalf("build: %v\n%s", err, out)
	}
	for _, f := range l.List() {
		info, err := l.Describe(bg, f.Name)
		if err != nil {
			t.Error(err)
			continue
		}
		if info.Title == "" || info.Description == "" || info.Version == "" || info.Licence == "" {
			t.Errorf("%s describes itself poorly: %+v", f.Name, info)
		}
		if info.Kind == "analyzer" {
			continue
		}
		if len(info.Credits) == 0 {
			t.Errorf("%s credits nobody", f.Name)
		}
		// At every corner of its options, on pictures from tiny to large.
		for _, size := range []int{0, 1, 64, 8000} {
			for corner := range 1 << len(info.Options) {
				o := map[string]float64{}
				for i, opt := range info.Options {
					o[opt.Name] = opt.Min
					if corner>>i&1 == 1 {
						o[opt.Name] = opt.Max
					}
				}
				p, err := l.Plan(bg, f.Name, Request{Width: size, Height: 2 * size, Intensity: 1, Options: o})
				if err != nil {
					t.Fatal(err)
				}
				if err := p.CheckSteps(); err != nil {
					t.Errorf("%v: %v", o, err)
				}
				if p.Network != "style" || p.VectorName != f.Name || p.Title == "" || len(p.Credits) == 0 {
					t.Errorf("%s: plan %+v", f.Name, p)
				}
			}
		}
	}
	for _, name := range []string{"sentiment-english", "sentiment-lexicon", "impressionism", "cubism", "surrealism", "popart", "illustration", "sketch"} {
		if _, err := os.Stat(filepath.Join(bin, name)); err != nil {
			t.Error(err)
		}
	}
	// Without their data they say what is missing, and live on.
	poor := newLab(t, Config{Folders: []string{bin}})
	for range 3 {
		_, err = poor.Analyzer("sentiment-english").Analyze(bg, []string{"a joyful old man"})
		if err == nil || !strings.Contains(err.Error(), filepath.Join("models", "sentiment-english")) {
			t.Errorf("without its model: %v", err)
		}
		_, err = poor.Plan(bg, "popart", Request{})
		if err == nil || !strings.Contains(err.Error(), filepath.Join("styles", "popart")) {
			t.Errorf("without its style: %v", err)
		}
	}
	for _, name := range []string{"sentiment-english", "popart"} {
		if n := poor.slots[name].failures; n != 0 {
			t.Errorf("%s: errors were counted as %d failures", name, n)
		}
	}
}
