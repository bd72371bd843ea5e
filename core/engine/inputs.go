package engine

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/atelier-engine/atelier/core/picture"
	"github.com/atelier-engine/atelier/core/recipe"
)

// endings are those of the pictures that a folder is searched for.
var endings = []string{".png", ".jpg", ".jpeg", ".gif", ".webp", ".bmp", ".tif", ".tiff"}

// pictures gives the files that the arguments of a command mean: a file, the
// pictures of a folder, or what a pattern with * ? [ ] matches, for shells that
// leave patterns alone. many tells that several may be meant.
func pictures(args []string) (paths []string, many bool, err error) {
	many = len(args) > 1
	for _, arg := range args {
		info, err := os.Stat(arg)
		switch {
		case err == nil && info.IsDir():
			many = true
			found, err := folderPictures(arg)
			if err != nil {
				return nil, true, err
			}
			paths = append(paths, found...)
		case errors.Is(err, fs.ErrNotExist) && strings.ContainsAny(arg, "*?["):
			many = true
			found, err := filepath.Glob(arg)
			if err != nil {
				return nil, true, Usagef("%s is no pattern: %w", arg, err)
			}
			found = slices.DeleteFunc(found, func(p string) bool {
				info, err := os.Stat(p)
				return err == nil && info.IsDir()
			})
			if len(found) == 0 {
				return nil, true, Inputf("%s matches no file: check the name and the folder", arg)
			}
			paths = append(paths, found...)
		default: // what cannot be read is told of when its turn comes
			paths = append(paths, arg)
		}
	}
	seen := map[string]bool{}
	return slices.DeleteFunc(paths, func(p string) bool {
		again := seen[filepath.Clean(p)]
		seen[filepath.Clean(p)] = true
		return again
	}), many, nil
}

// folderPictures gives the pictures of a folder by name, its folders left out.
func folderPictures(dir string) ([]string, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, mark(err, ErrInput)
	}
	var paths []string
	for _, e := range entries {
		if !e.IsDir() && !strings.HasPrefix(e.Name(), ".") && slices.Contains(endings, strings.ToLower(filepath.Ext(e.Name()))) {
			paths = append(paths, filepath.Join(dir, e.Name()))
		}
	}
	if len(paths) == 0 {
		return nil, Inputf("%s holds no picture: files that end in %s are taken, folders in it are not searched", dir, strings.Join(endings, ", "))
	}
	return paths, nil
}

// outputs names the painting of each picture. out is "", a file, a folder, or a
// template with {name} (of the picture, without its ending), {style} and {n}
// (from 1). Two pictures of a name keep their endings: a.jpg becomes a-jpg.png.
func outputs(paths []string, many bool, args []string, out, style string) ([]string, error) {
	template := strings.Contains(out, "{")
	switch {
	case template:
	case !many && out == "":
		out = "{name}-{style}.png"
	case !many && folder(out):
		out = filepath.Join(escape(out), "{name}-{style}.png")
	case !many:
		out = escape(out)
	case out == "" && len(args) == 1 && folder(args[0]):
		out = filepath.Join(escape(filepath.Clean(args[0]))+"-{style}", "{name}.png")
	case out == "":
		out = filepath.Join("painted-{style}", "{name}.png")
	default:
		if _, err := picture.FormatOf(out); err == nil && !folder(out) {
			return nil, Usagef("--out is %s: several pictures need a folder, or a template such as %s", out, filepath.Join("painted", "{name}"+filepath.Ext(out)))
		}
		out = filepath.Join(escape(out), "{name}.png")
	}
	count := map[string]int{}
	for _, p := range paths {
		count[bare(p)]++
	}
	all, made := make([]string, len(paths)), map[string]string{}
	for i, p := range paths {
		name := bare(p)
		if count[name] > 1 && !template {
			name += "-" + strings.TrimPrefix(filepath.Ext(p), ".")
		}
		path, err := fill(out, map[string]string{
			"name": name, "style": label(style), "n": fmt.Sprintf("%0*d", len(fmt.Sprint(len(paths))), i+1), "{": "{",
		})
		if err != nil {
			return nil, err
		}
		if other, ok := made[path]; ok {
			return nil, Usagef("--out: %s and %s would both become %s: use {name} or {n} in a template", other, p, path)
		}
		if _, err := picture.FormatOf(path); err != nil {
			return nil, err
		}
		made[path], all[i] = p, path
	}
	inputs := map[string]string{}
	for _, p := range paths {
		inputs[resolved(p)] = p
	}
	for i, path := range all {
		if p, ok := inputs[resolved(path)]; ok {
			return nil, Usagef("--out: the painting of %s would overwrite the picture %s: choose another name", paths[i], p)
		}
	}
	return all, nil
}

func bare(path string) string {
	return strings.TrimSuffix(filepath.Base(path), filepath.Ext(path))
}

// folder tells a folder: one that is there, or a path that ends as one.
func folder(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir() || strings.HasSuffix(path, "/") || strings.HasSuffix(path, string(filepath.Separator))
}

// label is the part of a file name that stands for a style or a mixture.
func label(style string) string {
	return strings.NewReplacer("+", "-", ":", "", " ", "", "/", "-", "\\", "-").Replace(style)
}

// escape keeps a path from being read as a template.
func escape(path string) string { return strings.ReplaceAll(path, "{", "{{}") }

// fill writes the values into a template.
func fill(template string, values map[string]string) (string, error) {
	var b strings.Builder
	for rest := template; rest != ""; {
		before, after, ok := strings.Cut(rest, "{")
		b.WriteString(before)
		if !ok {
			break
		}
		name, tail, closed := strings.Cut(after, "}")
		v, known := values[name]
		if !closed || !known {
			delete(values, "{")
			names := slices.Sorted(maps.Keys(values))
			return "", Usagef("--out is %s: {%s} is unknown: there is {%s}", template, name, strings.Join(names, "}, {"))
		}
		b.WriteString(v)
		rest = tail
	}
	return b.String(), nil
}

// resolved is the one name of a file, whether it is there or not.
func resolved(path string) string {
	if abs, err := filepath.Abs(path); err == nil {
		path = abs
	}
	if real, err := filepath.EvalSymlinks(path); err == nil {
		return real
	}
	if dir, err := filepath.EvalSymlinks(filepath.Dir(path)); err == nil {
		return filepath.Join(dir, filepath.Base(path))
	}
	return path
}

// title is what a painting is called after in file names.
func (w Painting) title() string {
	name := w.Style
	if w.Reference != "" {
		name = bare(w.Reference)
	}
	if w.Method == recipe.MethodOptimize {
		name += "-optimized"
	}
	return name
}
