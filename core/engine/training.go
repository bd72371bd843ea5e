package engine

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/atelier-engine/atelier/core/autodiff"
	"github.com/atelier-engine/atelier/core/plan"
)

// writing tells whether err comes from making, writing or renaming a file, or
// from anything else with a file in one of the folders.
func writing(err error, folders []string) bool {
	var path *fs.PathError
	var link *os.LinkError
	if errors.As(err, &link) {
		return true
	}
	if !errors.As(err, &path) {
		return false
	}
	switch path.Op {
	case "mkdir", "write", "sync", "truncate", "createtemp", "mkdirtemp":
		return true
	}
	for _, dir := range folders {
		if dir == "" { // a folder that was not asked for is not the working folder
			continue
		}
		if rel, err := filepath.Rel(dir, path.Path); err == nil && rel != ".." && !strings.HasPrefix(rel, ".."+string(filepath.Separator)) {
			return true
		}
	}
	return false
}

// Training gives an error of a training or an evaluation its class: output if
// it is about the folders that are written, by another run too, usage if the losses diverged (the
// settings are wrong). What the rooms do not tell apart is about the data.
func Training(err error, folders ...string) error {
	switch {
	case err == nil || ClassOf(err) == Interrupted:
		return err
	case writing(err, folders), errors.Is(err, autodiff.ErrBusy):
		return mark(err, errOutput)
	case errors.Is(err, autodiff.ErrDiverged):
		return mark(err, ErrUsage)
	case ClassOf(err) == Internal && !errors.As(err, new(*plan.Crash)):
		return mark(err, ErrInput)
	}
	return err
}
