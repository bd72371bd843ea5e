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
// host named, or beside the plugin's own folder, where it exists.
func Data(parts ...string) (string, error) {
	roots := filepath.SplitList(os.Getenv(wire.EnvData))
	if exe, err := os.Executable(); err == nil {
		roots = append(roots, filepath.Dir(exe), filepath.Dir(filepath.Dir(exe)))
	}
	for _, root := range roots {
		path := filepath.Join(append([]string{root}, parts...)...)
		if _, err := os.Stat(path); err == nil {
			return path, nil
		}
	}
	return "", fmt.Errorf("data: %s is in none of %s: put it there, or name its folder in engine.toml or ATELIER_HOME",
		filepath.Join(parts...), strings.Join(roots, ", "))
}
