package training

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/BurntSushi/toml"
)

// SettingsFile holds, in the folder of a run, the settings that the run began
// with or last went on with. It is a configuration as any other.
const SettingsFile = "config.toml"

// ErrSettings is wrapped by errors about settings that a run cannot go on with.
var ErrSettings = errors.New("settings")

// fixed are the keys that a run keeps for its life: the networks in its
// checkpoints depend on them. Tables end in a dot.
var fixed = []string{"recipe", "shape.", "critics.scale"}

// elsewhere are the keys that say where things lie and what to start from, which
// make no other run.
var elsewhere = []string{"data", "run", "model", "from", "keep_critics"}

// settle compares the settings with those that the run in c.Run went on with
// before, and writes them there. What differs is told; what cannot differ is an
// error that names it, before anything is lost. A run without a checkpoint has
// not begun: its settings do not bind.
func (c TrainConfig) settle(report Report) error {
	path := filepath.Join(c.Run, SettingsFile)
	text, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("portrait training: %w: make it readable or choose another folder for the run", err)
	}
	if err == nil && Begun(c.Run) {
		before, err := parseConfig(string(text), path, "")
		if err != nil {
			return fmt.Errorf("%w: mend it, or remove it to go on without a comparison", err)
		}
		bound, changed, err := compare(before, c)
		if err != nil {
			return err
		}
		if len(bound) > 0 {
			return settingsError{fmt.Sprintf("go on with the training in %s: %s: this cannot change within a run: use its own settings, %s, or another folder for the run",
				c.Run, strings.Join(bound, "; "), path)}
		}
		if len(changed) > 0 {
			report.note("going on with other settings: %s", strings.Join(changed, "; "))
		}
	}
	return c.record(path)
}

// settingsError reads as its text and is an ErrSettings.
type settingsError struct{ text string }

func (e settingsError) Error() string        { return e.text }
func (e settingsError) Is(target error) bool { return target == ErrSettings }

// Begun tells whether a folder holds checkpoints of a run.
func Begun(run string) bool {
	for _, pattern := range []string{"checkpoints", filepath.Join("*", "checkpoints")} { // of smaller sizes
		if found, _ := filepath.Glob(filepath.Join(run, pattern, "step-*.ckpt")); len(found) > 0 {
			return true
		}
	}
	return false
}

// record writes the settings beside their place and renames them.
func (c TrainConfig) record(path string) error {
	// A list that is not there would be filled from the recipe when it is read.
	c.Grow, c.Critics.Scale = append([]int{}, c.Grow...), append([]float64{}, c.Critics.Scale...)
	var b strings.Builder
	b.WriteString("# The settings of this training, all of them. It goes on with them unless told otherwise.\n")
	enc := toml.NewEncoder(&b)
	enc.Indent = ""
	err := enc.Encode(c)
	tmp := path + ".tmp"
	if err == nil {
		err = os.WriteFile(tmp, []byte(b.String()), 0o644)
	}
	if err == nil {
		err = os.Rename(tmp, path)
	}
	if err != nil {
		os.Remove(tmp)
		return fmt.Errorf("portrait training: note the settings: %w: free some space, or choose a folder that can be written", err)
	}
	return nil
}

// compare lists what differs, as `key: old there, new here`: of the keys that
// bind a run, and of the others.
func compare(before, now TrainConfig) (bound, changed []string, err error) {
	old, err := flatten(before)
	if err != nil {
		return nil, nil, err
	}
	fresh, err := flatten(now)
	if err != nil {
		return nil, nil, err
	}
	keys := map[string]bool{}
	for _, m := range []map[string]string{old, fresh} {
		for key := range m {
			keys[key] = true
		}
	}
	for key := range keys {
		if old[key] == fresh[key] || slices.Contains(elsewhere, key) {
			continue
		}
		text := fmt.Sprintf("%s is %s there and %s here", key, or(old[key], "not set"), or(fresh[key], "not set"))
		if slices.ContainsFunc(fixed, func(f string) bool {
			return key == f || strings.HasSuffix(f, ".") && strings.HasPrefix(key, f)
		}) {
			bound = append(bound, text)
		} else {
			changed = append(changed, text)
		}
	}
	slices.Sort(bound)
	slices.Sort(changed)
	return bound, changed, nil
}

func or(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}

// flatten gives the values of a configuration by their dotted keys.
func flatten(c TrainConfig) (map[string]string, error) {
	text, err := toml.Marshal(c)
	if err != nil {
		return nil, fmt.Errorf("portrait training: %w", err)
	}
	var tree map[string]any
	if err := toml.Unmarshal(text, &tree); err != nil {
		return nil, fmt.Errorf("portrait training: %w", err)
	}
	flat := map[string]string{}
	var walk func(prefix string, t map[string]any)
	walk = func(prefix string, t map[string]any) {
		for k, v := range t {
			if sub, ok := v.(map[string]any); ok {
				walk(prefix+k+".", sub)
			} else if s, ok := v.(string); ok {
				flat[prefix+k] = fmt.Sprintf("%q", s)
			} else if list, ok := v.([]any); !ok || len(list) > 0 {
				flat[prefix+k] = fmt.Sprint(v)
			}
		}
	}
	walk("", tree)
	return flat, nil
}
