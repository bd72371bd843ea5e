package sdk

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/atelier-engine/atelier/core/plugin/wire"
)

// Data returns the path of a file or folder of the host's data, such as
// Data("models", "sentiment-english"): in the first of the folders that the
// host named, or beside the plugin's own folder, where it exists. A folder that
// the host names may also be one of models or styles itself, under any name.
func Data(parts ...string) (string, error) {
	roots := filepath.SplitList(os.Getenv(wire.EnvData))
	var paths []string
	for _, root := range roots {
		paths = append(paths, filepath.Join(append([]string{root}, parts...)...))
		if len(parts) > 1 {
			paths = append(paths, filepath.Join(append([]string{root}, parts[1:]...)...))
		}
	}
	if exe, err := os.Executable(); err == nil {
		for _, root := range []string{filepath.Dir(exe), filepath.Dir(filepath.Dir(exe))} {
			roots = append(roots, root)
			paths = append(paths, filepath.Join(append([]string{root}, parts...)...))
		}
	}
	for _, path := range paths {
		if _, err := os.Stat(path); err == nil {
			return path, nil
		}
	}
	return "", fmt.Errorf("data: %s is in none of %s: put it there, or name its folder in engine.toml or ATELIER_HOME",
		filepath.Join(parts...), strings.Join(roots, ", "))
}
