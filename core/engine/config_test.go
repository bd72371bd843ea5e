package engine

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// The file in the repository says the defaults, all of them.
func TestShippedConfigIsTheDefault(t *testing.T) {
	text, err := os.ReadFile(filepath.Join("..", "..", ConfigFile))
	if err != nil {
		t.Fatal(err)
	}
	c, err := ParseConfig(string(text))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(DefaultConfig(), c, cmpopts.IgnoreUnexported(Config{}), cmpopts.EquateEmpty()); diff != "" {
		t.Error(diff)
	}
}

func TestConfigErrors(t *testing.T) {
	for text, want := range map[string]string{
		"[analyser]\nplugin = 'x'":                   `line 1: unknown key "analyser" in the file: did you mean "analyzer"?`,
		"\n[limits]\npixel = 3":                      `line 3: unknown key "pixel" in [limits]: did you mean "pixels"?`,
		"limits.txt = 3":                             `line 1: unknown key "txt" in [limits]: did you mean "text"?`,
		"limits = { pixels = 3, txt = 4 }":           `line 1: unknown key "txt" in [limits]: did you mean "text"?`,
		"# txt = 1\n[limits]\ntext = 3\n\"txt\" = 4": `line 4: unknown key "txt" in [limits]: did you mean "text"?`,
		"seed = 1\nsead = 2":                         `line 2: unknown key "sead" in the file: did you mean "seed"?`,
		"[limits]\npixels = 0":                       "line 2: limits.pixels is 0: it must be from 1 to 1099511627776",
		"[limits]\npixels = 'many'":                  `line 2 (last key "limits.pixels"): incompatible types: TOML value has type string; destination has type integer`,
		"[device]\nthreads = -1":                     "line 2: device.threads is -1: it must be from 0 to 64",
		"[device]\nname = 'cpi'":                     `line 2: device.name is "cpi": did you mean "cpu"?`,
		"[device]\nprecision = 'f61'":                `line 2: device.precision is "f61": did you mean "f16" or "bf16"?`,
		"[device]\nprecision = ''":                   `line 2: device.precision is "": there is bf16, f16, f32, tf32`,
		"[device]\nname = 'gpu:x'":                   `line 2: device.name is "gpu:x": write auto, cpu, gpu, or gpu:1 for the second one`,
		"[device]\nname = 'cpu:1'":                   `line 2: device.name is "cpu:1": write auto`,
		"[log]\nlevel = 'wran'":                      `line 2: log.level is "wran": did you mean "warn"?`,
		"[recipe]\nseconds = nan":                    "line 2: recipe.seconds is NaN: it must be from 0.01 to 86400",
		"[analyzer]\nplugin = ' '":                   "line 2: analyzer.plugin is empty: name the plugin that reads sentences",
		"seed = -1":                                  "line 1: seed is -1: it must be from 0 to 9007199254740992",
		"[folders]\nmodels = 'x'":                    `line 2 (last key "folders.models"): incompatible types: TOML value has type string; destination has type slice`,
		"[limits\n":                                  "line 2: expected",
		"x = ":                                       "line 1: unexpected EOF; expected value",
	} {
		_, err := ParseConfig(text)
		if err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%q\n got  %v\n want %s", text, err, want)
		}
	}
}

func TestFoldersAreBesideTheFile(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, ConfigFile)
	if err := os.WriteFile(path, []byte("[folders]\nmodels = ['m', '/else/where']\n[plugins]\nlock = 'my.lock'"), 0o644); err != nil {
		t.Fatal(err)
	}
	c, err := ReadConfig(path)
	if err != nil {
		t.Fatal(err)
	}
	got := append(c.Folders.Models, c.Plugins.Lock)
	if diff := cmp.Diff([]string{filepath.Join(dir, "m"), "/else/where", filepath.Join(dir, "my.lock")}, got); diff != "" {
		t.Error(diff)
	}
	for _, bad := range []string{filepath.Join(dir, "none.toml"), dir} {
		if _, err := ReadConfig(bad); !errors.Is(err, ErrConfig) || ClassOf(err) != Usage {
			t.Errorf("%s: %v", bad, err)
		}
	}
}

func TestHomes(t *testing.T) {
	root, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	bin := filepath.Join(root, "bin")
	if err := os.Mkdir(bin, 0o755); err != nil {
		t.Fatal(err)
	}
	program := filepath.Join(bin, "atelier")
	if err := os.WriteFile(program, nil, 0o755); err != nil {
		t.Fatal(err)
	}
	link := filepath.Join(root, "link")
	if err := os.Symlink(program, link); err != nil {
		t.Skip("no symbolic links here")
	}
	env := func(string) string { return "/my/home" }
	want := []string{"/my/home", bin, root, filepath.Join(root, "share", "atelier")}
	if diff := cmp.Diff(want, homes(env, link)); diff != "" {
		t.Error(diff)
	}
}

func FuzzConfig(f *testing.F) {
	f.Add("[limits]\npixels = 5")
	f.Add("limits = { pixels = 3, txt = 4 }\n[a.'b'.c]\nd.e = 1")
	f.Add("0=0b")
	f.Add("seed = 0x10\n[folders]\nmodels = ['a',\n'b']")
	f.Fuzz(func(t *testing.T, text string) {
		c, err := ParseConfig(text)
		if err != nil {
			if strings.ContainsFunc(err.Error(), unicode.IsControl) {
				t.Errorf("control characters in %q", err)
			}
			return
		}
		if _, err := c.check(); err != nil {
			t.Errorf("a configuration out of range was accepted: %v", err)
		}
	})
}
