// Package engine is the one place where the parts of Atelier are put together:
// it reads engine.toml, finds models, styles and plugins, and registers the
// kinds of step that plans are made of.
package engine

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/BurntSushi/toml"

	"github.com/atelier-engine/atelier/core/device"
	"github.com/atelier-engine/atelier/core/picture"
	"github.com/atelier-engine/atelier/core/plan"
)

// ConfigFile is the name of the configuration in the working folder and at home.
const ConfigFile = "engine.toml"

// maxConfig is the most that a configuration may hold, in bytes.
const maxConfig = 1 << 20

// Config is what engine.toml can say. Every field has a working default: see
// DefaultConfig. Relative folders are those beside the file.
type Config struct {
	Folders   Folders   `toml:"folders"`
	Analyzer  Analyzer  `toml:"analyzer"`
	Portrait  Portrait  `toml:"portrait"`
	Condition Condition `toml:"condition"`
	Limits    Limits    `toml:"limits"`
	Device    Device    `toml:"device"`
	Plugins   Plugins   `toml:"plugins"`
	Recipe    Recipe    `toml:"recipe"`
	Cache     Cache     `toml:"cache"`
	Log       Log       `toml:"log"`
	Seed      int64     `toml:"seed"` // of portraits and recipes that name none

	path string // of the file, "" for the defaults
}

// Folders are searched before those of ATELIER_HOME and of the program.
type Folders struct {
	Models  []string `toml:"models"`
	Styles  []string `toml:"styles"`
	Scripts []string `toml:"scripts"`
	Plugins []string `toml:"plugins"`
}

// Analyzer names the plugin that reads sentences.
type Analyzer struct {
	Plugin string `toml:"plugin"`
}

// Portrait names the model that draws faces; empty: the first one found.
type Portrait struct {
	Model string `toml:"model"`
	Size  int    `toml:"size"` // side of the picture in pixels; what the network draws is resized to it
}

// Limits bound what is accepted.
type Limits struct {
	Pixels int64 `toml:"pixels"` // width times height of a picture that is opened
	Text   int   `toml:"text"`   // bytes of a sentence
}

// Device says what computes.
type Device struct {
	Name      string `toml:"name"`      // "auto", "cpu", "gpu" or "gpu:1"
	Precision string `toml:"precision"` // of products on a GPU: "tf32", "f32", "f16" or "bf16"
	Threads   int    `toml:"threads"`   // 0: as many as the processor has
	Fallback  bool   `toml:"fallback"`  // go on on the processor when the GPU is lost
}

// Plugins says how long plugins may take, in seconds, and what they may see.
type Plugins struct {
	Lock  string   `toml:"lock"` // path of the lock file; empty: beside the plugins
	Start float64  `toml:"start"`
	Call  float64  `toml:"call"`
	Env   []string `toml:"env"` // variables passed on beside the usual ones
}

// Recipe bounds one recipe.
type Recipe struct {
	Instructions int64   `toml:"instructions"`
	Seconds      float64 `toml:"seconds"`
	Memory       int64   `toml:"memory"` // MiB that the process's heap may grow by while the recipe runs
}

// Cache says what is kept of results, in MiB.
type Cache struct {
	Memory int64  `toml:"memory"` // while the program runs
	Disk   int64  `toml:"disk"`   // between runs; 0: nothing
	Folder string `toml:"folder"` // of the disk cache; empty: the user's cache folder
}

// Log says what the program tells about itself.
type Log struct {
	Level string `toml:"level"` // "debug", "info", "warn" or "error"
}

// DefaultConfig is what holds where engine.toml says nothing.
func DefaultConfig() Config {
	return Config{
		Analyzer:  Analyzer{Plugin: "sentiment-english"},
		Portrait:  Portrait{Size: 512},
		Condition: defaultCondition(),
		Limits:    Limits{Pixels: 400_000_000, Text: 100_000},
		Device:    Device{Name: device.Auto, Precision: device.TF32.String()},
		Plugins:   Plugins{Start: 20, Call: 60},
		Recipe:    Recipe{Instructions: 50_000_000, Seconds: 10, Memory: 256},
		Cache:     Cache{Memory: 256},
		Log:       Log{Level: "warn"},
		Seed:      1,
	}
}

func (c *Config) pictureLimits() picture.Limits { return picture.Limits{Pixels: c.Limits.Pixels} }

// ErrConfig is wrapped by every error about engine.toml.
var ErrConfig = errors.New("configuration")

// ReadConfig reads the file at path. An error names the line.
func ReadConfig(path string) (Config, error) {
	fail := func(err error) (Config, error) {
		return Config{}, fmt.Errorf("%w: %w", ErrConfig, err)
	}
	info, err := os.Stat(path)
	if err != nil {
		return fail(err)
	}
	if info.Size() > maxConfig || info.IsDir() {
		return fail(fmt.Errorf("%s is no configuration file", path))
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return fail(err)
	}
	c, err := ParseConfig(string(text))
	if err != nil {
		return fail(fmt.Errorf("%s: %w", path, err))
	}
	abs, err := filepath.Abs(path)
	if err != nil {
		return fail(err)
	}
	c.settle(abs)
	return c, nil
}

// settle makes the folders of the file absolute.
func (c *Config) settle(path string) {
	c.path = path
	base := func(p *string) {
		if *p != "" && !filepath.IsAbs(*p) {
			*p = filepath.Join(filepath.Dir(path), *p)
		}
	}
	for _, list := range [][]string{c.Folders.Models, c.Folders.Styles, c.Folders.Scripts, c.Folders.Plugins} {
		for i := range list {
			base(&list[i])
		}
	}
	base(&c.Plugins.Lock)
	base(&c.Cache.Folder)
}

// ParseConfig reads the text of an engine.toml over the defaults. Unknown keys
// and values out of range are refused with their line.
func ParseConfig(text string) (Config, error) {
	c := DefaultConfig()
	meta, err := toml.Decode(text, &c)
	var parse toml.ParseError
	if errors.As(err, &parse) {
		return Config{}, fmt.Errorf("line %d: %s", parse.Position.Line, plain(parse.Message))
	}
	if err != nil {
		return Config{}, errors.New(plain(strings.TrimPrefix(err.Error(), "toml: ")))
	}
	if unknown := meta.Undecoded(); len(unknown) > 0 {
		key := unknown[0]
		last := key[len(key)-1]
		where := "the file"
		if len(key) > 1 {
			where = "[" + strings.Join(key[:len(key)-1], ".") + "]"
		}
		return Config{}, fmt.Errorf("line %d: unknown key %q in %s%s", lineOf(text, key), last, where, plan.Hint(last, siblings(key)))
	}
	if key, err := c.check(); err != nil {
		return Config{}, fmt.Errorf("line %d: %s %w", lineOf(text, key), key, err)
	}
	return c, nil
}

// plain takes the control characters out of what the library says: it quotes
// the file as it is.
func plain(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, text)
}

// check gives the first key whose value is out of range.
func (c *Config) check() (toml.Key, error) {
	for _, n := range []struct {
		key       toml.Key
		v, lo, hi float64
	}{
		{toml.Key{"portrait", "size"}, float64(c.Portrait.Size), 16, 8192},
		{toml.Key{"limits", "pixels"}, float64(c.Limits.Pixels), 1, 1 << 40},
		{toml.Key{"limits", "text"}, float64(c.Limits.Text), 1, 1 << 24},
		{toml.Key{"device", "threads"}, float64(c.Device.Threads), 0, 64},
		{toml.Key{"plugins", "start"}, c.Plugins.Start, 0.1, 3600},
		{toml.Key{"plugins", "call"}, c.Plugins.Call, 0.1, 86400},
		{toml.Key{"recipe", "instructions"}, float64(c.Recipe.Instructions), 1000, 1e15},
		{toml.Key{"recipe", "seconds"}, c.Recipe.Seconds, 0.01, 86400},
		{toml.Key{"recipe", "memory"}, float64(c.Recipe.Memory), 8, 1 << 20},
		{toml.Key{"cache", "memory"}, float64(c.Cache.Memory), 0, 1 << 20},
		{toml.Key{"cache", "disk"}, float64(c.Cache.Disk), 0, 1 << 30},
		{toml.Key{"seed"}, float64(c.Seed), 0, 1 << 53},
	} {
		if !(n.v >= n.lo && n.v <= n.hi) {
			return n.key, fmt.Errorf("is %s: it must be from %s to %s", digits(n.v), digits(n.lo), digits(n.hi))
		}
	}
	if err := checkDevice(c.Device.Name); err != nil {
		return toml.Key{"device", "name"}, err
	}
	if err := checkPrecision(c.Device.Precision); err != nil {
		return toml.Key{"device", "precision"}, err
	}
	if levels := []string{"debug", "info", "warn", "error"}; !slices.Contains(levels, c.Log.Level) {
		return toml.Key{"log", "level"}, fmt.Errorf("is %q%s", c.Log.Level, plan.Hint(c.Log.Level, levels))
	}
	if strings.TrimSpace(c.Analyzer.Plugin) == "" {
		return toml.Key{"analyzer", "plugin"}, errors.New("is empty: name the plugin that reads sentences")
	}
	return c.Condition.check()
}

// digits writes a number as a person would.
func digits(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) }

// siblings gives the known keys of the table that key stands in.
func siblings(key toml.Key) []string {
	t := reflect.TypeFor[Config]()
	for _, part := range key[:len(key)-1] {
		f, ok := fieldOf(t, part)
		if !ok || f.Type.Kind() != reflect.Struct {
			return nil
		}
		t = f.Type
	}
	var names []string
	for f := range t.Fields() {
		if tag := f.Tag.Get("toml"); tag != "" {
			names = append(names, tag)
		}
	}
	return names
}

func fieldOf(t reflect.Type, tag string) (reflect.StructField, bool) {
	for f := range t.Fields() {
		if f.Tag.Get("toml") == tag {
			return f, true
		}
	}
	return reflect.StructField{}, false
}
