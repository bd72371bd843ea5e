package picture

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// IsPhotograph reports whether the name of a file ends as those of photographs do,
// in any case: .jpg, .jpeg, .png, .webp, .tif or .tiff.
func IsPhotograph(name string) bool {
	switch strings.ToLower(filepath.Ext(name)) {
	case ".jpg", ".jpeg", ".png", ".webp", ".tif", ".tiff":
		return true
	}
	return false
}

// Photographs lists the names of the photographs in a folder, sorted. Folders in it
// are not looked into. It errs when the folder cannot be read.
func Photographs(dir string) ([]string, error) {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("the folder %s does not exist: name another", dir)
	}
	if err != nil {
		return nil, err
	}
	var names []string
	for _, e := range entries {
		if !e.IsDir() && IsPhotograph(e.Name()) {
			names = append(names, e.Name())
		}
	}
	return names, nil
}
