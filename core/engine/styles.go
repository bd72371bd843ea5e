package engine

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"slices"

	"github.com/atelier-engine/atelier/core/plan"
	"github.com/atelier-engine/atelier/core/plugin"
	"github.com/atelier-engine/atelier/core/style"
)

// The files of a style's folder.
const (
	styleFile  = "style.toml"
	vectorFile = "vector.safetensors"
)

// Style is a style that was found.
type Style struct {
	Name, Title, Description string
	From                     string // the plugin or the folder it comes from
	Err                      error  // what is wrong with it; nil if it can be used
}

// Styles lists the styles by name: those of plugins, which are asked, and those
// of folders. A broken one stands in the list with its error.
func (e *Engine) Styles(ctx context.Context) []Style {
	all := map[string]Style{}
	_, dirs := subfolders(e.Places.Styles, styleFile)
	for name, dir := range dirs {
		s := Style{Name: name, From: dir}
		p, err := style.ReadPackage(dir)
		if s.Err = mark(err, ErrBroken); err == nil {
			s.Title, s.Description = p.Title, p.Description
		}
		all[name] = s
	}
	for _, f := range e.plugins.List() {
		if f.Name == e.Config.Analyzer.Plugin {
			continue
		}
		info, err := e.plugins.Describe(ctx, f.Name)
		if err == nil && info.Kind != kindStyle {
			continue
		}
		s := Style{Name: f.Name, From: f.Path, Title: info.Title, Description: info.Description, Err: err}
		if s.Description == "" {
			s.Description = all[f.Name].Description
		}
		all[f.Name] = s
	}
	var list []Style
	for _, name := range slices.Sorted(maps.Keys(all)) {
		list = append(list, all[name])
	}
	return list
}

// kindStyle is what a style plugin says it is.
const kindStyle = "style"

// work is what painting in a style needs.
type work struct {
	plan    style.Plan
	digests map[string]string // of all that decides what the style does
	network model             // zero if there is none
	vector  string            // the file that the painter will read, "" if none
}

// stylePlan asks a style what it wants done. A plugin of the name is asked;
// without one a folder of the name answers.
func (e *Engine) stylePlan(ctx context.Context, name string, r plugin.Request) (work, error) {
	w := work{digests: map[string]string{}}
	var err error
	if w.plan, err = e.ask(ctx, name, r, w.digests); err != nil {
		return work{}, err
	}
	text, err := json.Marshal(w.plan)
	if err != nil {
		return work{}, err
	}
	sum := sha256.Sum256(text)
	w.digests["plan"] = hex.EncodeToString(sum[:])
	if w.plan.Network != "" {
		dir, err := e.model(w.plan.Network, "")
		if err != nil {
			return work{}, fmt.Errorf("style %q: %w", name, err)
		}
		if w.network, err = e.version(dir); err != nil {
			return work{}, err
		}
		w.digests["network"] = w.network.sum
	}
	if w.plan.VectorName != "" {
		_, dirs := subfolders(e.Places.Styles, vectorFile)
		if dir, ok := dirs[w.plan.VectorName]; ok { // if not, the painter says so
			w.vector = filepath.Join(dir, vectorFile)
			if w.digests["vector"], err = e.digest(w.vector); err != nil {
				return work{}, mark(err, ErrBroken)
			}
		}
	}
	return w, nil
}

func (e *Engine) ask(ctx context.Context, name string, r plugin.Request, digests map[string]string) (style.Plan, error) {
	found := e.plugins.List()
	for _, f := range found {
		if f.Name != name {
			continue
		}
		p, err := e.plugins.Plan(ctx, name, r)
		if err != nil {
			return style.Plan{}, err
		}
		digests["plugin"], err = e.digest(f.Path)
		return *p, err
	}
	names, dirs := subfolders(e.Places.Styles, styleFile)
	if dir, ok := dirs[name]; ok {
		pack, err := style.ReadPackage(dir)
		if err != nil {
			return style.Plan{}, mark(err, ErrBroken)
		}
		return pack.Plan(), nil
	}
	for _, f := range found {
		if f.Name != e.Config.Analyzer.Plugin && !slices.Contains(names, f.Name) {
			names = append(names, f.Name)
		}
	}
	return style.Plan{}, mark(errors.New("unknown style \""+name+"\""+plan.Hint(name, names)), ErrMissing)
}
