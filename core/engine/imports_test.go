package engine

import (
	"go/build"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/atelier-engine/atelier/"

// mayKnow is the map of the house: which rooms a room may import. Rooms in the
// same folder tree belong together. Gorgonia is for autodiff and whoever trains
// through it, gopher-lua for recipe, go-plugin and grpc for plugin.
var mayKnow = map[string][]string{
	"core/picture":             {},
	"core/kernel":              {},
	"core/device":              {"core/kernel"},
	"core/device/cuda":         {"core/device", "core/kernel"},
	"core/device/gpu":          {"core/device", "core/kernel"},
	"core/nn":                  {"core/device", "core/kernel"},
	"core/autodiff":            {"core/kernel", "core/device"},
	"core/sentiment":           {"core/autodiff", "core/nn", "core/device"},
	"core/portrait":            {"core/nn", "core/picture", "core/device", "core/kernel"},
	"core/portrait/faces":      {"core/portrait", "core/portrait/expression", "core/picture", "core/plan"},
	"core/portrait/expression": {"core/portrait", "core/picture"},
	"core/portrait/training":   {"core/portrait", "core/portrait/faces", "core/portrait/expression", "core/nn", "core/autodiff", "core/picture", "core/device", "core/kernel"},
	"core/portrait/evaluation": {"core/portrait", "core/portrait/faces", "core/portrait/expression", "core/nn", "core/autodiff", "core/picture", "core/device", "core/kernel"},
	"core/style":               {"core/nn", "core/picture", "core/device", "core/kernel"},
	"core/style/training":      {"core/style", "core/nn", "core/autodiff", "core/picture", "core/device", "core/kernel", "core/style/optimise", "styles"},
	"core/style/distil":        {"core/style", "core/nn", "core/autodiff", "core/picture", "core/device", "core/kernel"},
	"core/style/optimise":      {"core/style", "core/nn", "core/autodiff", "core/picture", "core/device", "core/kernel"},
	"core/upscale":             {"core/nn", "core/picture", "core/device", "core/kernel"},
	"core/upscale/training":    {"core/upscale", "core/nn", "core/autodiff", "core/picture", "core/device", "core/kernel"},
	"styles":                   {},
	"core/plan":                {"core/picture"},
	"core/recipe":              {"core/plan"},
	"core/plugin":              {"core/sentiment", "core/style"},
	"core/engine": {"core/picture", "core/kernel", "core/device", "core/nn", "core/autodiff", "core/sentiment",
		"core/portrait", "core/style", "core/upscale", "core/plan", "core/recipe", "core/plugin"},
	"core/farm":   {"core/engine"},
	"core/studio": {"core/engine", "core/farm"},
	"cmd/atelier": {"core/engine", "core/farm", "core/studio", "core/portrait", "core/style", "core/upscale", "core/sentiment"},
	"plugins":     {"core/plugin/sdk"},
}

// theirs says which rooms may import a library that must not spread.
var theirs = map[string][]string{
	"gorgonia.org/":                  {"core/autodiff", "core/device/gpu", "core/portrait/training", "core/portrait/evaluation", "core/style/training", "core/style/distil", "core/style/optimise", "core/upscale/training"},
	"github.com/yuin/gopher-lua":     {"core/recipe"},
	"github.com/hashicorp/go-plugin": {"core/plugin"},
	"google.golang.org/":             {"core/plugin"},
	"github.com/alecthomas/kong":     {"cmd/atelier"},
	"github.com/vbauerster/mpb":      {"cmd/atelier"},
	"github.com/mmcloughlin/avo":     {"core/kernel"},
	"golang.org/x/image":             {"core/picture"},
	"github.com/kljensen/snowball":   {"core/sentiment"},
	"github.com/clipperhouse/uax29":  {"core/sentiment"},
}

// room gives the entry of mayKnow that a folder belongs to.
func room(dir string) string {
	best := "" // the innermost: a room may hold another
	for name := range mayKnow {
		if (dir == name || strings.HasPrefix(dir, name+"/")) && len(name) > len(best) {
			best = name
		}
	}
	return best
}

func TestImportsGoOneWay(t *testing.T) {
	root := filepath.Join("..", "..")
	seen := 0
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.IsDir() {
			return err
		}
		if base := d.Name(); path != root && (strings.HasPrefix(base, ".") || strings.HasPrefix(base, "_") || base == "testdata" || base == "bin") {
			return filepath.SkipDir
		}
		dir, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		seen += checkFolder(t, filepath.ToSlash(dir), path)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if seen < 10 {
		t.Errorf("only %d packages were found", seen)
	}
}

// checkFolder checks the package in a folder, if there is one.
func checkFolder(t *testing.T, dir, path string) int {
	entries, err := os.ReadDir(path)
	if err != nil {
		t.Error(err)
		return 0
	}
	if !slices.ContainsFunc(entries, func(e fs.DirEntry) bool { return strings.HasSuffix(e.Name(), ".go") }) {
		return 0
	}
	pkg, err := build.Default.ImportDir(path, 0)
	if err != nil {
		if _, none := err.(*build.NoGoError); !none {
			t.Error(err)
		}
		return 0
	}
	own := room(dir)
	if own == "" {
		t.Errorf("%s is no room of the house: put it into one, or into the table", dir)
		return 1
	}
	for _, imported := range pkg.Imports {
		if ours, ok := strings.CutPrefix(imported, module); ok {
			to := room(ours)
			if to != own && !slices.ContainsFunc(mayKnow[own], func(a string) bool { return ours == a || strings.HasPrefix(ours, a+"/") }) {
				t.Errorf("%s imports %s: %s may know only %s", dir, ours, own, strings.Join(mayKnow[own], ", "))
			}
		}
		for library, rooms := range theirs {
			if strings.HasPrefix(imported, library) && !slices.Contains(rooms, own) {
				t.Errorf("%s imports %s: only %s may", dir, imported, strings.Join(rooms, ", "))
			}
		}
	}
	return 1
}
