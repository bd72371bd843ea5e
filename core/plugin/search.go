package plugin

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"github.com/atelier-engine/atelier/core/style"
)

// exe is the ending of executables on this system.
var exe = map[bool]string{true: ".exe"}[runtime.GOOS == "windows"]

// Found is an executable in a plugin folder. What it is shows only when it
// is asked.
type Found struct{ Name, Path string }

// List returns the executables of the plugin folders, by name. Of two with
// one name, the first in the order of the folders counts.
func (s *Supervisor) List() []Found {
	var all []Found
	for _, dir := range s.cfg.Folders {
		entries, _ := os.ReadDir(dir) // a folder that does not exist is empty
		for _, e := range entries {
			name := strings.TrimSuffix(e.Name(), exe)
			path := filepath.Join(dir, e.Name())
			if style.CheckName(name) != nil || executable(path) != nil {
				continue
			}
			if !slices.ContainsFunc(all, func(f Found) bool { return f.Name == name }) {
				all = append(all, Found{name, path})
			}
		}
	}
	slices.SortFunc(all, func(a, b Found) int { return cmp.Compare(a.Name, b.Name) })
	return all
}

// find returns the absolute path of the plugin's executable.
func (s *Supervisor) find(name string) (string, error) {
	if err := style.CheckName(name); err != nil {
		return "", &Error{Name: name, Err: fmt.Errorf("%w: %w", ErrNotFound, err)}
	}
	var refused error
	for _, dir := range s.cfg.Folders {
		path, err := filepath.Abs(filepath.Join(dir, name+exe))
		if err != nil {
			continue
		}
		switch err := executable(path); {
		case err == nil:
			return path, nil
		case !errors.Is(err, os.ErrNotExist) && refused == nil:
			refused = &Error{Name: name, Path: path, Err: fmt.Errorf("%w: %w", ErrRefused, err)}
		}
	}
	if refused != nil {
		return "", refused
	}
	return "", &Error{Name: name, Err: s.notFound(name)}
}

func (s *Supervisor) notFound(name string) error {
	where := strings.Join(s.cfg.Folders, ", ")
	if where == "" {
		where = "any folder, for none is configured"
	}
	names := []string{}
	for _, f := range s.List() {
		names = append(names, f.Name)
	}
	switch near := nearest(name, names); {
	case near != "":
		return fmt.Errorf("%w in %s: did you mean %q? There are: %s", ErrNotFound, where, near, strings.Join(names, ", "))
	case len(names) > 0:
		return fmt.Errorf("%w in %s: put its executable there, or use one of: %s", ErrNotFound, where, strings.Join(names, ", "))
	default:
		return fmt.Errorf("%w in %s: there is no plugin at all: run `make build`, or name the folder in engine.toml or ATELIER_HOME",
			ErrNotFound, where)
	}
}

// executable returns why path cannot be started, or nil.
func executable(path string) error {
	st, err := os.Stat(path)
	switch {
	case err != nil:
		return err
	case !st.Mode().IsRegular():
		return errors.New("it is not a file: put the plugin's executable there")
	case runtime.GOOS != "windows" && st.Mode()&0o111 == 0:
		return fmt.Errorf("it is not executable: run chmod +x %s", path)
	}
	return nil
}

// nearest returns the known name that is fewest edits from name, if it is
// near enough to be a slip: a third of the letters, at least 2.
func nearest(name string, known []string) string {
	best, found := max(2, len(name)/3)+1, ""
	for _, k := range known {
		if d := distance(name, k); d < best {
			best, found = d, k
		}
	}
	return found
}

// distance is Levenshtein's, in bytes.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range a {
		diag := row[0]
		row[0] = i + 1
		for j := range b {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			diag, row[j+1] = row[j+1], min(row[j+1]+1, row[j]+1, diag+cost)
		}
	}
	return row[len(b)]
}
