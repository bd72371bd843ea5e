package training

import (
	"crypto/sha256"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/BurntSushi/toml"
)

// KeyError says that a configuration has a key that means nothing.
type KeyError struct {
	File  string
	Table string   // that the key stands in, empty for the file itself
	Key   string   // as written
	Known []string // the keys that could stand there
}

func (e *KeyError) Error() string {
	where := ""
	if e.Table != "" {
		where = " in [" + e.Table + "]"
	}
	return fmt.Sprintf("portrait training: %s: unknown key %q%s", e.File, e.Key, where)
}

// unknownKey finds what could stand where key does.
func unknownKey(file string, key toml.Key) error {
	e := &KeyError{File: file, Table: strings.Join(key[:len(key)-1], "."), Key: key[len(key)-1]}
	prefix := ""
	if e.Table != "" {
		prefix = e.Table + "."
	}
	for _, recipe := range Recipes() {
		c, err := ShippedConfig(recipe)
		if err != nil {
			return err
		}
		all, err := flatten(c)
		if err != nil {
			return err
		}
		for name := range all {
			if rest, ok := strings.CutPrefix(name, prefix); ok {
				rest, _, _ = strings.Cut(rest, ".")
				e.Known = append(e.Known, rest)
			}
		}
	}
	slices.Sort(e.Known)
	e.Known = slices.Compact(e.Known)
	return e
}

// Sourced tells whether what c says of source and licence speaks of the
// photographs in c.Data: what ships does of one data set only, which it knows by
// the checksum of its labels.
func (c TrainConfig) Sourced() bool {
	if c.Labels == "" {
		return true
	}
	b, err := os.ReadFile(filepath.Join(c.Data, "labels.csv"))
	return err == nil && fmt.Sprintf("%x", sha256.Sum256(b)) == c.Labels
}
