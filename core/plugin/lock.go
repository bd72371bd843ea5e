package plugin

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	goplugin "github.com/hashicorp/go-plugin"

	"github.com/atelier-engine/atelier/core/style"
)

// LockFile is the name of the lock file beside the plugins.
const LockFile = "plugins.lock"

// Lock says which executables may start: one line for each plugin and
// platform, such as
//
//	impressionism linux/amd64 sha256:9f86d081884c7d65...
//
// so that one file serves all machines of a team. Empty lines and lines that
// begin with # are skipped.
type Lock []Locked

// Locked is one line of a lock file.
type Locked struct {
	Name     string
	Platform string // GOOS/GOARCH
	SHA256   [sha256.Size]byte
}

func platform() string { return runtime.GOOS + "/" + runtime.GOARCH }

// ParseLock reads a lock file. Its errors name the line.
func ParseLock(data []byte) (Lock, error) {
	var l Lock
	lines := bufio.NewScanner(bytes.NewReader(data))
	for n := 1; lines.Scan(); n++ {
		line := strings.TrimSpace(lines.Text())
		if line == "" || line[0] == '#' {
			continue
		}
		e, err := parseLocked(line)
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", n, err)
		}
		if _, ok := l.find(e.Name, e.Platform); ok {
			return nil, fmt.Errorf("line %d: %s for %s is there twice: remove one", n, e.Name, e.Platform)
		}
		l = append(l, e)
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("it is no lock file: %w", err)
	}
	return l, nil
}

func parseLocked(line string) (Locked, error) {
	f := strings.Fields(line)
	if len(f) != 3 {
		return Locked{}, fmt.Errorf("%d words: want `name os/arch sha256:hex`", len(f))
	}
	if err := style.CheckName(f[0]); err != nil {
		return Locked{}, err
	}
	if goos, arch, ok := strings.Cut(f[1], "/"); !ok || style.CheckName(goos) != nil || style.CheckName(arch) != nil {
		return Locked{}, fmt.Errorf("%.40q is not a platform: want such as linux/amd64", f[1])
	}
	e := Locked{Name: f[0], Platform: f[1]}
	digits, ok := strings.CutPrefix(f[2], "sha256:")
	if !ok || len(digits) != 2*sha256.Size {
		return Locked{}, fmt.Errorf("%.40q is not a checksum: want sha256: and %d hex digits", f[2], 2*sha256.Size)
	}
	if _, err := hex.Decode(e.SHA256[:], []byte(digits)); err != nil {
		return Locked{}, fmt.Errorf("%.80q is not a checksum: %w", f[2], err)
	}
	return e, nil
}

// ReadLock reads the lock file at path. An absent file is an error that is
// os.ErrNotExist.
func ReadLock(path string) (Lock, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	l, err := ParseLock(data)
	if err != nil {
		return nil, fmt.Errorf("plugin lock %s: %w", path, err)
	}
	return l, nil
}

func (l Lock) find(name, platform string) (Locked, bool) {
	i := slices.IndexFunc(l, func(e Locked) bool { return e.Name == name && e.Platform == platform })
	if i < 0 {
		return Locked{}, false
	}
	return l[i], true
}

// Set notes the executable at path as the one of name on this platform.
func (l *Lock) Set(name, path string) error {
	f, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("plugin lock: %w", err)
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return fmt.Errorf("plugin lock: %w", err)
	}
	e := Locked{Name: name, Platform: platform(), SHA256: [sha256.Size]byte(h.Sum(nil))}
	*l = slices.DeleteFunc(*l, func(o Locked) bool { return o.Name == name && o.Platform == e.Platform })
	*l = append(*l, e)
	return nil
}

// String is the text of the lock file, sorted.
func (l Lock) String() string {
	var lines []string
	for _, e := range l {
		lines = append(lines, fmt.Sprintf("%s %s sha256:%x\n", e.Name, e.Platform, e.SHA256))
	}
	slices.Sort(lines)
	return "# Plugins that may start: name, platform, checksum of the executable.\n" + strings.Join(lines, "")
}

// Write writes the lock file whole or not at all.
func (l Lock) Write(path string) error {
	tmp, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*")
	if err != nil {
		return fmt.Errorf("plugin lock: %w", err)
	}
	defer os.Remove(tmp.Name())
	_, err = tmp.WriteString(l.String())
	if err = errors.Join(err, tmp.Chmod(0o644), tmp.Close()); err == nil {
		err = os.Rename(tmp.Name(), path)
	}
	if err != nil {
		return fmt.Errorf("plugin lock: %w", err)
	}
	return nil
}

// Verify returns an error unless the executable at path is the one that l
// allows as name on this platform. Each call takes the checksum anew.
func (l Lock) Verify(name, path string) error {
	e, ok := l.find(name, platform())
	if !ok {
		return fmt.Errorf("the lock file has no line for it on %s: lock it if you trust it", platform())
	}
	secure := goplugin.SecureConfig{Checksum: e.SHA256[:], Hash: sha256.New()}
	switch ok, err := secure.Check(path); {
	case err != nil:
		return err
	case !ok:
		return errors.New("it is not the executable that was locked: lock it again if you trust it, or put the old one back")
	}
	return nil
}

// WriteLock locks all plugins that are found now, at Config.Lock or, if that
// is empty, beside them. It keeps the lines of other platforms and returns
// the paths that it wrote.
func (s *Supervisor) WriteLock() ([]string, error) {
	locks := map[string]Lock{}
	var paths []string
	for _, f := range s.List() {
		path := s.lockPath(f.Path)
		l, known := locks[path]
		if !known {
			var err error
			if l, err = ReadLock(path); err != nil && !errors.Is(err, os.ErrNotExist) {
				return nil, err
			}
			paths = append(paths, path)
		}
		if err := l.Set(f.Name, f.Path); err != nil {
			return nil, err
		}
		locks[path] = l
	}
	for _, path := range paths {
		if err := locks[path].Write(path); err != nil {
			return nil, err
		}
	}
	return paths, nil
}

func (s *Supervisor) lockPath(executable string) string {
	if s.cfg.Lock != "" {
		return s.cfg.Lock
	}
	return filepath.Join(filepath.Dir(executable), LockFile)
}

// checkLock refuses the executable unless it is the locked one, or there is
// no lock file.
func (s *Supervisor) checkLock(name, path string) error {
	file := s.lockPath(path)
	l, err := ReadLock(file)
	switch {
	case errors.Is(err, os.ErrNotExist):
		return nil
	case err == nil:
		if err = l.Verify(name, path); err != nil {
			err = fmt.Errorf("%s: %w", file, err)
		}
	}
	if err != nil {
		return &Error{Name: name, Path: path, Err: fmt.Errorf("%w: %w", ErrRefused, err)}
	}
	return nil
}
