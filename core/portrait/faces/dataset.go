package faces

import (
	"context"
	"crypto/sha256"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/atelier-engine/atelier/core/plan"
)

// recognise finds out what kind of data set a folder holds. A name forces it.
func recognise(dir, name string) (format, inputs, error) {
	if _, err := os.Stat(dir); err != nil {
		return format{}, inputs{}, fmt.Errorf("prepare faces: %w: give the folder of a data set", err)
	}
	if name != "" {
		i := slices.IndexFunc(formats, func(f format) bool { return f.name == name })
		if i < 0 {
			return format{}, inputs{}, fmt.Errorf("prepare faces: unknown format %q%s", name, plan.Hint(name, Formats()))
		}
		in := formats[i].find(dir)
		if in.sign == "" {
			return format{}, inputs{}, fmt.Errorf("prepare faces: %s is no data set of the format %s (%s): name its own folder, or another format", dir, name, formats[i].title)
		}
		return formats[i], in, nil
	}
	var found []format
	var ins []inputs
	for _, f := range formats {
		if in := f.find(dir); in.sign != "" {
			found, ins = append(found, f), append(ins, in)
		}
	}
	switch len(found) {
	case 1:
		return found[0], ins[0], nil
	case 0:
		var titles []string
		for _, f := range formats {
			titles = append(titles, f.title)
		}
		return format{}, inputs{}, fmt.Errorf("prepare faces: %s holds no data set: there should be %s", dir, strings.Join(titles, "; or "))
	}
	var names []string
	for i, f := range found {
		names = append(names, fmt.Sprintf("%s (%s)", f.name, ins[i].sign))
	}
	return format{}, inputs{}, fmt.Errorf("prepare faces: %s holds %d data sets: %s: choose one with --format, or give each a folder", dir, len(found), strings.Join(names, ", "))
}

// fingerprint is a SHA-256 of all that a pack depends on: the files of labels,
// the names and sizes of the pictures, the mapping, and how faces are packed.
func fingerprint(ctx context.Context, f format, in inputs, m *Mapping, side int) (string, error) {
	sum := sha256.New()
	fmt.Fprintln(sum, packMagic, recipe, f.name, side, alignTo)
	if f.mapped {
		fmt.Fprintln(sum, m.text)
	}
	for _, role := range slices.Sorted(maps.Keys(in.labels)) {
		fmt.Fprintln(sum, role)
		if in.labels[role] == "" {
			continue
		}
		file, err := os.Open(in.labels[role])
		if err != nil {
			return "", fmt.Errorf("prepare faces: %w: check the file", err)
		}
		_, err = io.Copy(sum, file)
		file.Close()
		if err != nil {
			return "", fmt.Errorf("prepare faces: %w: check the disk", err)
		}
	}
	for _, folder := range in.folders {
		if !isFolder(folder) {
			return "", fmt.Errorf("prepare faces: there is no folder %s: put the pictures there", folder)
		}
		err := filepath.WalkDir(folder, func(path string, e fs.DirEntry, err error) error {
			if err != nil {
				return fmt.Errorf("prepare faces: %w: check the folder", err)
			}
			if err := ctx.Err(); err != nil {
				return err
			}
			if e.IsDir() || !isPicture(path) && filepath.Ext(path) != ".json" {
				return nil
			}
			st, err := os.Stat(path) // what a link leads to
			if err != nil {
				return nil // the picture will be refused
			}
			rel, err := filepath.Rel(folder, path)
			fmt.Fprintln(sum, rel, st.Size())
			return err
		})
		if err != nil {
			return "", err
		}
	}
	return fmt.Sprintf("%x", sum.Sum(nil)), nil
}
