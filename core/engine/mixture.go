package engine

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"

	"github.com/atelier-engine/atelier/core/plan"
	"github.com/atelier-engine/atelier/core/plugin"
	"github.com/atelier-engine/atelier/core/style"
)

// prepareStyles asks each style of a step what it wants done. A plugin of the
// name is asked; without one a folder of the name answers.
func (e *Engine) prepareStyles(ctx context.Context, s *plan.Step, r plugin.Request, w *painting, digests map[string]string) error {
	mix, err := style.ParseMix(s.Text("name"))
	if err != nil {
		return mark(err, ErrUsage)
	}
	given, _ := s.Weights("options")
	options, err := shareOptions(given, mix)
	if err != nil {
		return err
	}
	w.used = usedFiles{}
	for i, m := range mix {
		r.Options = options[i]
		own := map[string]string{}
		p, err := e.ask(ctx, m.Name, r, own)
		if err != nil {
			return err
		}
		if err := e.findParts(&p, w, own); err != nil {
			return fmt.Errorf("style %q: %w", m.Name, err)
		}
		w.parts = append(w.parts, part{p, m.Weight})
		prefix := ""
		if len(mix) > 1 {
			prefix = m.Name + "."
		}
		for name, sum := range own {
			digests[prefix+name] = sum
		}
	}
	return nil
}

// findParts finds the network and the vector that a plan names.
func (e *Engine) findParts(p *style.Plan, w *painting, digests map[string]string) error {
	text, err := json.Marshal(p)
	if err != nil {
		return err
	}
	sum := sha256.Sum256(text)
	digests["plan"] = hex.EncodeToString(sum[:])
	if p.Network != "" {
		dir, err := e.model(p.Network, "")
		if err != nil {
			return err
		}
		if w.model.dir != "" && w.model.dir != dir {
			return Usagef("it wants the network %q, the others %q: styles of one network can be mixed", p.Network, filepath.Base(w.model.dir))
		}
		if w.model, err = e.version(dir); err != nil {
			return err
		}
		digests["network"] = w.model.sum
	}
	if p.VectorName == "" || p.VectorName == style.Identity {
		return nil
	}
	_, dirs := subfolders(e.Places.Styles, vectorFile)
	dir, ok := dirs[p.VectorName]
	if !ok {
		return Missingf("style vector %q: no folder of that name holds a %s: install the style there", p.VectorName, vectorFile)
	}
	if err := checkVector(dir, w.model.sum); err != nil {
		return mark(err, ErrBroken)
	}
	path := filepath.Join(dir, vectorFile)
	vector, err := e.digest(path)
	if err != nil {
		return mark(err, ErrBroken)
	}
	digests["vector"], w.used[path] = vector, vector
	return nil
}

// checkVector refuses a vector that is not the one its description names, is no
// vector, or belongs to another network.
func checkVector(dir, network string) error {
	if p, err := style.ReadPackage(dir); err == nil {
		if err := p.CheckVector(); err != nil {
			return err
		}
	} else if !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	_, print, err := style.ReadVector(dir)
	if err != nil {
		return err
	}
	if print != "" && network != "" && print != style.Fingerprint(network) {
		return fmt.Errorf("style vector: %s was learnt with network %s, not %s: install the style that belongs to this network", dir, print, style.Fingerprint(network))
	}
	return nil
}

// shareOptions gives each style of a mixture its options: those that begin with
// its name and a dot, and for a single style also those without.
func shareOptions(given map[string]float64, mix []style.Part) ([]map[string]float64, error) {
	all := make([]map[string]float64, len(mix))
	for key, v := range given {
		at := -1
		for i, m := range mix {
			if strings.HasPrefix(key, m.Name+".") && (at < 0 || len(m.Name) > len(mix[at].Name)) {
				at = i
			}
		}
		name := key
		switch {
		case at >= 0:
			name = strings.TrimPrefix(key, mix[at].Name+".")
		case len(mix) == 1:
			at = 0
		default:
			return nil, Usagef("option %q: say whose it is, such as %s.%s", key, mix[0].Name, key)
		}
		if all[at] == nil {
			all[at] = map[string]float64{}
		}
		all[at][name] = v
	}
	return all, nil
}

// tryStyle asks a style for its plan and looks for the parts that it names.
func (e *Engine) tryStyle(ctx context.Context, name string) error {
	digests := map[string]string{}
	p, err := e.ask(ctx, name, plugin.Request{Intensity: 1}, digests)
	if err != nil {
		return err
	}
	return e.findParts(&p, &painting{used: usedFiles{}}, digests)
}

// ask gives the plan of one style.
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
		for option := range r.Options {
			return style.Plan{}, Usagef("style %q is a folder without a plugin: it has no option %q: leave it out", name, option)
		}
		return pack.Plan(), nil
	}
	for _, f := range found {
		if f.Name == e.Config.Analyzer.Plugin || slices.Contains(names, f.Name) {
			continue
		}
		// A plugin of another kind is no style; a broken one is worth a look.
		if info, err := e.plugins.Describe(ctx, f.Name); err != nil || info.Kind == kindStyle {
			names = append(names, f.Name)
		}
	}
	return style.Plan{}, unknownStyle(name, names)
}
