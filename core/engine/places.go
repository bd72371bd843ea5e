package engine

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/atelier-engine/atelier/core/plan"
)

// EnvHome names the variable that holds the folder of models, styles, scripts
// and plugins.
const EnvHome = "ATELIER_HOME"

// ErrMissing is wrapped by errors about a model, a style or a recipe that is
// not there.
var ErrMissing = errors.New("not found")

// Places are the folders that are searched, in their order.
type Places struct {
	Config                           string   // the engine.toml that was read, "" if none
	Homes                            []string // folders that may hold models/, styles/, scripts/ and plugins/
	Models, Styles, Scripts, Plugins []string
}

// homes gives ATELIER_HOME, the folder of the program, the one above when that
// is a bin/, and the share/atelier beside it.
func homes(env func(string) string, program string) []string {
	var list []string
	add := func(dir string) {
		if abs, err := filepath.Abs(dir); err == nil && !slices.Contains(list, abs) {
			list = append(list, abs)
		}
	}
	if home := env(EnvHome); home != "" {
		add(home)
	}
	if program != "" {
		if real, err := filepath.EvalSymlinks(program); err == nil {
			program = real
		}
		dir := filepath.Dir(program)
		add(dir)
		if filepath.Base(dir) == "bin" {
			add(filepath.Dir(dir))
			add(filepath.Join(filepath.Dir(dir), "share", "atelier"))
		}
	}
	return list
}

// findConfig gives the configuration to read: the one asked for, or the first
// of the working folder and the homes that has one, or "".
func findConfig(asked string, homes []string) string {
	if asked != "" {
		return asked
	}
	for _, dir := range append([]string{"."}, homes...) {
		path := filepath.Join(dir, ConfigFile)
		if info, err := os.Stat(path); err == nil && info.Mode().IsRegular() {
			return path
		}
	}
	return ""
}

// newPlaces joins the folders of the configuration with those of the homes.
func newPlaces(c *Config, homes []string) Places {
	p := Places{Config: c.path, Homes: homes}
	for _, kind := range []struct {
		name string
		own  []string
		to   *[]string
	}{
		{"models", c.Folders.Models, &p.Models}, {"styles", c.Folders.Styles, &p.Styles},
		{"scripts", c.Folders.Scripts, &p.Scripts}, {"plugins", c.Folders.Plugins, &p.Plugins},
	} {
		list := slices.Clone(kind.own)
		for _, home := range homes {
			list = append(list, filepath.Join(home, kind.name))
		}
		if kind.name == "styles" { // a style is data: one that was learnt here is found here
			list = append(list, hereStyles())
		}
		*kind.to = existing(list)
	}
	return p
}

// hereStyles is the folder of styles in the working folder.
func hereStyles() string {
	abs, err := filepath.Abs("styles")
	if err != nil {
		return "styles"
	}
	return abs
}

// Searches tells whether styles in a folder are found by their names.
func (e *Engine) Searches(dir string) bool {
	abs, err := filepath.Abs(dir)
	return err == nil && (abs == hereStyles() || slices.Contains(e.Places.Styles, abs))
}

// existing drops what is no folder and what stands twice.
func existing(dirs []string) []string {
	var out []string
	for _, dir := range dirs {
		if info, err := os.Stat(dir); err == nil && info.IsDir() && !slices.Contains(out, dir) {
			out = append(out, dir)
		}
	}
	return out
}

// data gives what plugins search for their models and styles: the folder above
// one that is called models or styles, any other folder itself.
func (p Places) data() []string {
	var list []string
	for _, kind := range []struct {
		name string
		dirs []string
	}{{"models", p.Models}, {"styles", p.Styles}} {
		for _, dir := range kind.dirs {
			if filepath.Base(dir) == kind.name {
				dir = filepath.Dir(dir)
			}
			list = append(list, dir)
		}
	}
	return existing(append(list, p.Homes...))
}

// subfolders lists the folders in dirs that hold the file, by name; of two
// with one name the first counts.
func subfolders(dirs []string, file string) (names []string, paths map[string]string) {
	paths = map[string]string{}
	for _, dir := range dirs {
		entries, _ := os.ReadDir(dir) // a folder that went away is empty
		for _, e := range entries {
			path := filepath.Join(dir, e.Name())
			if _, err := os.Stat(filepath.Join(path, file)); err != nil {
				continue
			}
			if _, ok := paths[e.Name()]; !ok {
				paths[e.Name()] = path
				names = append(names, e.Name())
			}
		}
	}
	slices.Sort(names)
	return names, paths
}

// Script finds a recipe: a path, or a name in the folders of scripts.
func (p Places) Script(name string) (string, error) {
	if _, err := os.Stat(name); err == nil {
		return name, nil
	}
	var known []string
	for _, dir := range p.Scripts {
		for _, file := range []string{name, name + ".lua"} {
			path := filepath.Join(dir, file)
			if info, err := os.Stat(path); err == nil && info.Mode().IsRegular() && filepath.IsLocal(file) {
				return path, nil
			}
		}
		files, _ := filepath.Glob(filepath.Join(dir, "*.lua"))
		for _, f := range files {
			known = append(known, strings.TrimSuffix(filepath.Base(f), ".lua"))
		}
	}
	base := strings.TrimSuffix(filepath.Base(name), ".lua")
	return "", fmt.Errorf("recipe %s: %w%s", name, ErrMissing, plan.Hint(base, known))
}
