package engine

import (
	"context"
	"maps"
	"os"
	"slices"
	"strings"

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
	Name        string         `json:"name"`
	Title       string         `json:"title,omitempty"`
	Description string         `json:"description,omitempty"`
	Version     string         `json:"version,omitempty"` // of the plugin
	Licence     string         `json:"licence,omitempty"` // of the plugin
	Credits     []style.Credit `json:"credits,omitempty"` // whose works it was learnt from
	Options     []Option       `json:"options,omitempty"`
	Network     string         `json:"network,omitempty"`
	Steps       []string       `json:"steps,omitempty"` // of the host, before and after the network
	Bytes       int64          `json:"bytes,omitempty"` // of the folder's files
	Folder      string         `json:"folder,omitempty"`
	Plugin      string         `json:"plugin,omitempty"` // the program; it wins over the folder
	Err         error          `json:"-"`                // what is wrong with it; nil if it can be used
}

// Option is a number that a person may set for a style.
type Option = plugin.Option

// From is the plugin or the folder that the style comes from.
func (s *Style) From() string {
	if s.Plugin != "" {
		return s.Plugin
	}
	return s.Folder
}

// Rights says what may be done with the works that the style was learnt from.
func (s *Style) Rights() string {
	var all []string
	for _, c := range s.Credits {
		if c.Rights != "" && !slices.Contains(all, c.Rights) {
			all = append(all, c.Rights)
		}
	}
	return strings.Join(all, "; ")
}

// Styles lists the styles by name: those of plugins, which are asked, and those
// of folders. A broken one stands in the list with its error.
func (e *Engine) Styles(ctx context.Context) []Style {
	all := map[string]Style{}
	_, dirs := subfolders(e.Places.Styles, styleFile)
	for name, dir := range dirs {
		all[name] = folderStyle(name, dir)
	}
	for _, f := range e.plugins.List() {
		if f.Name == e.Config.Analyzer.Plugin {
			continue
		}
		info, err := e.plugins.Describe(ctx, f.Name)
		if err == nil && info.Kind != kindStyle {
			continue
		}
		s := all[f.Name] // its data, if it has any
		s.Name, s.Plugin, s.Licence, s.Options = f.Name, f.Path, info.Licence, info.Options
		if info.Version != "" {
			s.Version = info.Version
		}
		if info.Title != "" {
			s.Title = info.Title
		}
		if info.Description != "" {
			s.Description = info.Description
		}
		if len(s.Credits) == 0 {
			for _, line := range info.Credits {
				s.Credits = append(s.Credits, style.Credit{Title: line})
			}
		}
		if err != nil {
			s.Err = err
		}
		all[f.Name] = s
	}
	var list []Style
	for _, name := range slices.Sorted(maps.Keys(all)) {
		list = append(list, all[name])
	}
	return list
}

// Style gives one of Styles.
func (e *Engine) Style(ctx context.Context, name string) (Style, error) {
	var names []string
	for _, s := range e.Styles(ctx) {
		if s.Name == name {
			return s, nil
		}
		names = append(names, s.Name)
	}
	return Style{}, unknownStyle(name, names)
}

func unknownStyle(name string, names []string) error {
	return Missingf("unknown style %q%s", name, plan.Hint(name, names))
}

// folderStyle reads what a style's folder says.
func folderStyle(name, dir string) Style {
	s := Style{Name: name, Folder: dir}
	p, err := style.ReadPackage(dir)
	if s.Err = mark(err, ErrBroken); err != nil {
		return s
	}
	s.Title, s.Description, s.Version, s.Network, s.Credits = p.Title, p.Description, p.Version, p.Network, p.Credits
	for _, part := range []struct {
		when  string
		steps []style.Step
	}{{"before", p.Pre}, {"after", p.Post}} {
		for _, st := range part.steps {
			s.Steps = append(s.Steps, st.Kernel+" "+part.when)
		}
	}
	files, _ := os.ReadDir(dir) // read a moment ago
	for _, f := range files {
		if info, err := f.Info(); err == nil && info.Mode().IsRegular() {
			s.Bytes += info.Size()
		}
	}
	if p.Network != "" {
		s.Err = mark(checkVector(dir, ""), ErrBroken)
	}
	return s
}

// kindStyle is what a style plugin says it is.
const kindStyle = "style"
