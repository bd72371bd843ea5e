package engine

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/atelier-engine/atelier/core/nn"
	"github.com/atelier-engine/atelier/core/plan"
	"github.com/atelier-engine/atelier/core/portrait"
)

// Model is a model folder that was found.
type Model struct {
	Name, Dir string
	Card      nn.Card
	Bytes     int64 // of the weights
	Err       error // what is wrong with it; nil if it can be used
}

// Models lists the models by name. Weights are not read.
func (e *Engine) Models() []Model {
	names, dirs := subfolders(e.Places.Models, nn.WeightsFile)
	var all []Model
	for _, name := range names {
		m := Model{Name: name, Dir: dirs[name]}
		if info, err := os.Stat(filepath.Join(m.Dir, nn.WeightsFile)); err == nil {
			m.Bytes = info.Size()
		}
		m.Card, m.Err = nn.ReadCard(filepath.Join(m.Dir, nn.CardFile))
		all = append(all, m)
	}
	return all
}

// model finds a model by name, or the first one of a kind when no name is
// given. What was found is kept while its weights are there: a plan asks once
// for each of its steps.
func (e *Engine) model(name, kind string) (string, error) {
	key := name + " " + kind
	e.mu.Lock()
	dir, ok := e.found[key]
	e.mu.Unlock()
	if _, err := os.Stat(filepath.Join(dir, nn.WeightsFile)); ok && err == nil {
		return dir, nil
	}
	dir, err := e.search(name, kind)
	if err == nil {
		e.mu.Lock()
		e.found[key] = dir
		e.mu.Unlock()
	}
	return dir, err
}

func (e *Engine) search(name, kind string) (string, error) {
	models := e.Models()
	var names []string
	for _, m := range models {
		if m.Name == name || name == "" && m.Err == nil && m.Card.Kind == kind {
			return m.Dir, nil
		}
		names = append(names, m.Name)
	}
	where := strings.Join(e.Places.Models, ", ")
	if where == "" {
		where = "any folder: set " + EnvHome + " or models under [folders] in " + ConfigFile
	}
	if name == "" {
		return "", Missingf("model: there is no %s model in %s: train one with atelier train %s", kind, where, kind)
	}
	return "", fmt.Errorf("model %q: %w in %s%s", name, ErrMissing, where, plan.Hint(name, names))
}

// drawer gives the loaded model that draws faces, and its folder.
func (e *Engine) drawer() (drawer, error) {
	dir, err := e.PortraitModel()
	if err != nil {
		return nil, err
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if d, ok := e.drawers[dir]; ok {
		return d, nil
	}
	d, err := e.loaders.drawer(dir)
	if err != nil {
		return nil, mark(err, ErrBroken)
	}
	e.drawers[dir] = d
	return d, nil
}

// painter gives the loaded network of that name; "" is the painter of plans
// that need none.
func (e *Engine) painter(network string) (painter, error) {
	dir := ""
	if network != "" {
		var err error
		if dir, err = e.model(network, ""); err != nil {
			return nil, err
		}
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if p, ok := e.paints[dir]; ok {
		return p, nil
	}
	p, err := e.loaders.painter(dir, e.Places.Styles...)
	if err != nil {
		return nil, mark(err, ErrBroken)
	}
	e.paints[dir] = p
	return p, nil
}

// checksum is the SHA-256 of a file as it was at a time.
type checksum struct {
	size int64
	time time.Time
	sum  string
}

// digest gives the SHA-256 of a file, computed again only when its size or
// time changed.
func (e *Engine) digest(path string) (string, error) {
	info, err := os.Stat(path)
	if err != nil {
		return "", err
	}
	e.mu.Lock()
	known, ok := e.sums[path]
	e.mu.Unlock()
	if ok && known.size == info.Size() && known.time.Equal(info.ModTime()) {
		return known.sum, nil
	}
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return "", err
	}
	sum := hex.EncodeToString(h.Sum(nil))
	e.mu.Lock()
	e.sums[path] = checksum{info.Size(), info.ModTime(), sum}
	e.mu.Unlock()
	return sum, nil
}

// Model gives the folder of a model.
func (e *Engine) Model(name string) (string, error) { return e.model(name, "") }

// PortraitModel gives the folder of the model that portraits are drawn with.
func (e *Engine) PortraitModel() (string, error) {
	return e.model(e.Config.Portrait.Model, portrait.Kind)
}
