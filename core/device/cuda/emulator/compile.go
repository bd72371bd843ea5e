package emulator

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"
)

// Start compiles the sources in folder cuda, core/device/cuda as seen from the test, and starts the emulator.
// kernels names all kernels. The first time takes some seconds; the program is kept in the user's cache. Where there is no C++ compiler, the error is an ErrAbsent.
func Start(cuda string, kernels []string) (*Emulator, error) {
	if runtime.GOOS != "linux" && runtime.GOOS != "darwin" {
		return nil, fmt.Errorf("no emulator of a GPU on %s: %w", runtime.GOOS, ErrAbsent)
	}
	compiler, err := exec.LookPath("g++")
	if err != nil {
		if compiler, err = exec.LookPath("clang++"); err != nil {
			return nil, fmt.Errorf("no C++ compiler (g++ or clang++): %w", ErrAbsent)
		}
	}
	if cuda, err = filepath.Abs(cuda); err != nil {
		return nil, err
	}
	if _, err := os.Stat(filepath.Join(cuda, "src")); err != nil {
		return nil, fmt.Errorf("no CUDA sources in %s: %w", cuda, ErrAbsent)
	}
	table := registration(kernels)
	hash, err := hashOf(compiler, table, filepath.Join(cuda, "src"), filepath.Join(cuda, "emulate"))
	if err != nil {
		return nil, err
	}
	e := &Emulator{program: filepath.Join(shelf(), "emulator-"+hash)}
	if _, err := os.Stat(e.program); err != nil {
		if err := e.compile(compiler, cuda, table); err != nil {
			return nil, err
		}
	}
	return e, e.Restart()
}

// shelf is the folder where compiled emulators wait for the next test.
func shelf() string {
	if dir, err := os.UserCacheDir(); err == nil {
		dir = filepath.Join(dir, "atelier-test")
		if os.MkdirAll(dir, 0o700) == nil {
			return dir
		}
	}
	return os.TempDir()
}

// registration is C++ that names all kernels to the emulator.
func registration(kernels []string) string {
	kernels = append([]string{}, kernels...)
	slices.Sort(kernels)
	var b strings.Builder
	b.WriteString("static void register_kernels() {\n")
	for _, k := range kernels {
		fmt.Fprintf(&b, "kernels[%q] = Of<%s>::entry();\n", k, k)
	}
	b.WriteString("}\n")
	return b.String()
}

// hashOf tells one emulator from another: the compiler, the table of kernels and all sources.
func hashOf(compiler, table string, dirs ...string) (string, error) {
	h := sha256.New()
	fmt.Fprintf(h, "%s\n%s", compiler, table)
	for _, dir := range dirs {
		entries, err := os.ReadDir(dir)
		if err != nil {
			return "", err
		}
		for _, f := range entries {
			data, err := os.ReadFile(filepath.Join(dir, f.Name()))
			if err != nil {
				return "", err
			}
			fmt.Fprintf(h, "%s %d\n", f.Name(), len(data))
			h.Write(data)
		}
	}
	return hex.EncodeToString(h.Sum(nil)[:12]), nil
}

// tidy leaves the newest programs on the shelf.
func tidy() {
	const kept = 8
	type program struct {
		path string
		made time.Time
	}
	var all []program
	files, _ := filepath.Glob(filepath.Join(shelf(), "emulator-*"))
	for _, f := range files {
		if info, err := os.Stat(f); err == nil && !strings.Contains(filepath.Base(f), ".") { // with a dot: being made
			all = append(all, program{f, info.ModTime()})
		}
	}
	slices.SortFunc(all, func(a, b program) int { return b.made.Compare(a.made) })
	for _, p := range all[min(kept, len(all)):] {
		os.Remove(p.path)
	}
}

// compile makes the program. Tests of several packages may do so side by side.
func (e *Emulator) compile(compiler, cuda, table string) error {
	files, err := filepath.Glob(filepath.Join(cuda, "src", "*.cu"))
	if err != nil || len(files) == 0 {
		return fmt.Errorf("no CUDA sources in %s", cuda)
	}
	work, err := os.MkdirTemp("", "atelier-cuda")
	if err != nil {
		return err
	}
	defer os.RemoveAll(work)
	var b strings.Builder
	for _, f := range files {
		fmt.Fprintf(&b, "#include %q\n", f)
	}
	if err := os.WriteFile(filepath.Join(work, "sources.inc"), []byte(b.String()+table), 0o644); err != nil {
		return err
	}
	own, made := filepath.Join(cuda, "emulate"), fmt.Sprintf("%s.%d", e.program, os.Getpid())
	defer os.Remove(made)
	cmd := exec.Command(compiler, "-std=c++17", "-O1", "-w", "-ffp-contract=off", "-I"+work, "-I"+own,
		"-I"+filepath.Join(cuda, "src"), filepath.Join(own, "main.cpp"), "-o", made)
	if text, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("compile the kernels for the CPU: %v\n%s", err, text)
	}
	tidy()
	return os.Rename(made, e.program)
}
