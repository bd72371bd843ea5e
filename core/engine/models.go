package engine

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"maps"
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

// search looks in the folders of models; a name with a separator in it is a
// folder itself.
func (e *Engine) search(name, kind string) (string, error) {
	if strings.ContainsRune(name, '/') || strings.ContainsRune(name, filepath.Separator) {
		if _, err := os.Stat(filepath.Join(name, nn.WeightsFile)); err != nil {
			return "", fmt.Errorf("model %q: %w: the folder holds no %s", name, ErrMissing, nn.WeightsFile)
		}
		return name, nil
	}
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

// model is a model's folder with what its weights are.
type model struct{ dir, sum string }

// version tells what the weights in a folder are now.
func (e *Engine) version(dir string) (model, error) {
	sum, err := e.digest(filepath.Join(dir, nn.WeightsFile))
	return model{dir, sum}, mark(err, ErrBroken)
}

// drawer gives the model that draws faces, loaded.
func (e *Engine) drawer(m model) (drawer, error) {
	return loaded(e, e.drawers, m, func() (drawer, error) { return e.loaders.drawer(m.dir) })
}

// painter gives the network of a model, loaded; the zero model is the painter
// of plans that need none.
func (e *Engine) painter(m model) (painter, error) {
	return loaded(e, e.paints, m, func() (painter, error) { return e.loaders.painter(m.dir, e.Places.Styles...) })
}

// loaded gives what was loaded before of the same weights, or loads it. Other
// weights of the same folder are dropped. Weights that changed since the plan
// was checked are an error: their checksum is in the plan.
func loaded[T any](e *Engine, all map[model]T, m model, load func() (T, error)) (T, error) {
	e.loading.Lock()
	defer e.loading.Unlock()
	if v, ok := all[m]; ok {
		return v, nil
	}
	v, err := load()
	if err != nil {
		return v, mark(err, ErrBroken)
	}
	if m.dir != "" {
		path := filepath.Join(m.dir, nn.WeightsFile)
		if err := e.unchanged(path, m.sum); err != nil {
			return v, err
		}
	}
	maps.DeleteFunc(all, func(old model, _ T) bool { return old.dir == m.dir })
	all[m] = v
	return v, nil
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

// unchanged is an error unless the file still has the checksum.
func (e *Engine) unchanged(path, sum string) error {
	now, err := e.digest(path)
	if err == nil && now != sum {
		err = fmt.Errorf("%s changed while it was being used: run it again", path)
	}
	return mark(err, ErrBroken)
}

// forget makes the next digest of the file read it again.
func (e *Engine) forget(path string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	delete(e.sums, path)
}

// ModelCard gives a model by its name. One whose card cannot be read is given
// with what is wrong.
func (e *Engine) ModelCard(name string) (Model, error) {
	if _, err := e.model(name, ""); err != nil {
		return Model{}, err
	}
	for _, m := range e.Models() {
		if m.Name == name {
			return m, nil
		}
	}
	return Model{}, Missingf("model %q went away while it was looked for: try again", name)
}

// Model gives the folder of a model.
func (e *Engine) Model(name string) (string, error) { return e.model(name, "") }

// UsePortraitModel draws portraits with another model than the configuration
// says: a folder of models/, or the path of one. Empty changes nothing.
func (e *Engine) UsePortraitModel(name string) {
	if name != "" {
		e.Config.Portrait.Model = name
	}
}

// PortraitModel gives the folder of the model that portraits are drawn with.
func (e *Engine) PortraitModel() (string, error) {
	return e.model(e.Config.Portrait.Model, portrait.Kind)
}
