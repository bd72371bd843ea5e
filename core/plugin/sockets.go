package plugin

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"
)

// Sockets of plugins stay in the file system when a plugin is killed. So they
// live in a folder of the host, which the host removes at its end; and what a
// host left that was killed itself, the next one removes: a host holds a lock
// on a file in its folder for as long as it lives.

const (
	socketPrefix = "atelier-"
	holderName   = "host.lock"
	// maxSocket is the longest path of a socket that all systems take;
	// socketTail is what go-plugin puts after the folder:
	// /plugin-dir and /plugin, each with up to ten digits.
	maxSocket  = 104 - 1
	socketTail = len("/plugin-dir") + 10 + len("/plugin") + 10
)

// socketFolder returns the folder of sockets, which it makes at first.
func (s *Supervisor) socketFolder() (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.sockets != "" {
		return s.sockets, nil
	}
	if s.closed {
		return "", ErrClosed
	}
	var errs []error
	for _, base := range []string{os.TempDir(), "/tmp"} {
		if len(base)+len("/"+socketPrefix)+10+socketTail > maxSocket {
			errs = append(errs, fmt.Errorf("%s is too long a path for sockets", base))
			continue
		}
		sweep(base)
		dir, err := os.MkdirTemp(base, socketPrefix)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		f, err := os.Create(filepath.Join(dir, holderName))
		if err != nil {
			errs = append(errs, err, os.RemoveAll(dir))
			continue
		}
		tryLock(f)
		s.sockets, s.holder = dir, f
		return dir, nil
	}
	return "", fmt.Errorf("plugins: no folder for their sockets: %w: set TMPDIR to a short path that can be written", errors.Join(errs...))
}

// sweep removes the folders of hosts that are no more.
func sweep(base string) {
	old, _ := filepath.Glob(filepath.Join(base, socketPrefix+"*", holderName))
	for _, path := range old {
		f, err := os.OpenFile(path, os.O_RDWR, 0)
		if err != nil {
			continue // somebody else's
		}
		// A host that is just starting has made the file but not locked it.
		if st, err := f.Stat(); err == nil && time.Since(st.ModTime()) > time.Minute && tryLock(f) {
			os.RemoveAll(filepath.Dir(path))
		}
		f.Close()
	}
}

func (s *Supervisor) removeSockets() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.forker != nil {
		close(s.forker)
		s.forker = nil
	}
	if s.sockets == "" {
		return nil
	}
	err := os.RemoveAll(s.sockets)
	s.holder.Close()
	s.sockets = ""
	return err
}
