package engine

import (
	"context"
	"fmt"
	"os"
	"strings"

	"github.com/atelier-engine/atelier/core/kernel"
	"github.com/atelier-engine/atelier/core/plugin"
	"github.com/atelier-engine/atelier/core/portrait"
)

// Found is a plugin with what it says of itself.
type Found struct {
	Name, Path string
	Info       plugin.Info
	Err        error
}

// PluginList starts each plugin that is found and asks what it is.
func (e *Engine) PluginList(ctx context.Context) []Found {
	var all []Found
	for _, f := range e.plugins.List() {
		p := Found{Name: f.Name, Path: f.Path}
		p.Info, p.Err = e.plugins.Describe(ctx, f.Name)
		all = append(all, p)
	}
	return all
}

// LockPlugins writes the checksums of the plugins that are found, and gives the
// paths of the lock files.
func (e *Engine) LockPlugins() ([]string, error) { return e.plugins.WriteLock() }

// Finding is one thing that the doctor looked at.
type Finding struct {
	What, Says string
	Err        error
}

// Doctor looks at the machine, the folders, the models, the styles and the
// plugins. Models are read whole, plugins started.
func (e *Engine) Doctor(ctx context.Context) []Finding {
	folders := func(what string, dirs []string) Finding {
		f := Finding{What: what, Says: strings.Join(dirs, ", ")}
		if len(dirs) == 0 {
			f.Err = fmt.Errorf("no folder of %s: set %s, or %s under [folders] in %s", what, EnvHome, what, ConfigFile)
		}
		return f
	}
	config := e.Places.Config
	if config == "" {
		config = "none found: the defaults hold"
	}
	list := []Finding{
		{What: "program", Says: "atelier " + Version() + ", " + Build()},
		{What: "processor", Says: fmt.Sprintf("%v kernels, %d threads", kernel.Features(), kernel.Workers())},
	}
	list = append(list, e.deviceFindings()...)
	list = append(list,
		Finding{What: "configuration", Says: config},
		folders("models", e.Places.Models),
		folders("styles", e.Places.Styles),
		folders("plugins", e.Places.Plugins),
	)
	for _, m := range e.Models() {
		f := Finding{What: "model " + m.Name, Says: fmt.Sprintf("%s, %.1f MiB", m.Card.Kind, float64(m.Bytes)/(1<<20)), Err: m.Err}
		switch { // the analyzer's model is read by its plugin, below
		case f.Err != nil:
		case m.Card.Kind == portrait.Kind:
			_, f.Err = e.loaders.drawer(m.Dir)
		case m.Card.Kind == "style":
			_, f.Err = e.loaders.painter(m.Dir, e.Places.Styles...)
		}
		list = append(list, f)
	}
	if _, err := e.PortraitModel(); err != nil {
		list = append(list, Finding{What: "portraits", Err: err})
	}
	for _, p := range e.PluginList(ctx) {
		list = append(list, Finding{What: "plugin " + p.Name, Says: strings.TrimSpace(p.Info.Kind + " " + p.Info.Version), Err: p.Err})
	}
	for _, s := range e.Styles(ctx) {
		f := Finding{What: "style " + s.Name, Says: s.Title, Err: s.Err}
		if f.Err == nil {
			f.Err = e.tryStyle(ctx, s.Name)
		}
		list = append(list, f)
	}
	const sentence = "a joyful old man who just met his grandchild"
	r, err := e.Read(ctx, sentence)
	list = append(list, Finding{What: "reading", Says: fmt.Sprintf("%d words of %q decided", len(r.Reasons), sentence), Err: err})
	list = append(list, Finding{What: "temporary files", Says: os.TempDir(), Err: writable(os.TempDir())})
	return list
}

// writable tries to make a file in a folder.
func writable(dir string) error {
	f, err := os.CreateTemp(dir, "atelier-*.tmp")
	if err != nil {
		return fmt.Errorf("%w: set TMPDIR to a folder that can be written", err)
	}
	f.Close()
	return os.Remove(f.Name())
}
