// Package source hashes the CUDA sources, so that PTX and sources can be told to belong together.
package source

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"regexp"
	"sort"
	"strings"
)

var include = regexp.MustCompile(`(?m)^#include "(\w+\.h)"`)

// Hashes returns a hash for every *.cu in the folder, without the suffix: of the file and of all headers in the
// folder that it includes, directly or not.
func Hashes(folder fs.FS) (map[string]string, error) {
	files, err := fs.Glob(folder, "*.cu")
	if err != nil {
		return nil, err
	}
	hashes := map[string]string{}
	for _, f := range files {
		text := map[string]string{}
		if err := collect(folder, f, text); err != nil {
			return nil, err
		}
		var names []string
		for n := range text {
			names = append(names, n)
		}
		sort.Strings(names)
		h := sha256.New()
		for _, n := range names {
			fmt.Fprintf(h, "%s %d\n%s", n, len(text[n]), text[n])
		}
		hashes[strings.TrimSuffix(f, ".cu")] = hex.EncodeToString(h.Sum(nil)[:16])
	}
	return hashes, nil
}

func collect(folder fs.FS, name string, text map[string]string) error {
	if _, ok := text[name]; ok {
		return nil
	}
	data, err := fs.ReadFile(folder, name)
	if err != nil {
		return err
	}
	text[name] = string(data)
	for _, m := range include.FindAllStringSubmatch(string(data), -1) {
		if m[1] == "emulate.h" { // never part of PTX
			continue
		}
		if err := collect(folder, m[1], text); err != nil {
			return err
		}
	}
	return nil
}
