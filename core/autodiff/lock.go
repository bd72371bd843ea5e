package autodiff

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"
)

// ErrBusy is in the error of a run whose folder another run uses.
var ErrBusy = errors.New("in use")

// lockName is the file in a folder of checkpoints that says which process trains
// there. It is created only if it is not there, which every system does at once.
const lockName = "lock"

var (
	lockMu sync.Mutex
	locked = map[string]bool{} // the lock files of this process
)

// lock makes the folder this run's own until unlock is called, or errs with
// ErrBusy. The lock of a process that is no more, killed perhaps, is taken over:
// so is one with this process's number that it does not hold, which an earlier
// process of that number has left.
func (st *Store) lock() (unlock func(), err error) {
	path, err := filepath.Abs(filepath.Join(st.Dir, lockName))
	if err == nil {
		err = os.MkdirAll(st.Dir, 0o755)
	}
	if err != nil {
		return nil, fmt.Errorf("train: %w: choose a folder that can be written", err)
	}
	lockMu.Lock()
	defer lockMu.Unlock()
	if locked[path] {
		return nil, st.busy(os.Getpid())
	}
	for range 10 { // others may come and go meanwhile
		err := createLock(path)
		if err == nil {
			locked[path] = true
			return func() { unlockFile(path) }, nil
		}
		if !errors.Is(err, fs.ErrExist) {
			return nil, fmt.Errorf("train: %w: choose a folder that can be written", err)
		}
		pid, err := holder(path)
		switch {
		case errors.Is(err, fs.ErrNotExist):
		case err != nil || pid != os.Getpid() && alive(pid):
			return nil, st.busy(pid)
		case !discard(path, pid):
			return nil, st.busy(0)
		}
	}
	return nil, st.busy(0)
}

// busy is the error for a folder that a process uses, 0 being one unknown.
func (st *Store) busy(pid int) error {
	who := "another process"
	if pid > 0 {
		who = fmt.Sprintf("process %d", pid)
	}
	return fmt.Errorf("train: %s is %w by %s: stop it or choose another folder; if that is no training, delete %s", st.Dir, ErrBusy, who, filepath.Join(st.Dir, lockName))
}

// createLock makes the file with the number of this process. It errs with
// fs.ErrExist where there is one.
func createLock(path string) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(f, os.Getpid())
	if err = errors.Join(err, f.Close()); err != nil {
		os.Remove(path)
	}
	return err
}

// holder reads the number of the process that holds a lock. One that was just
// created may be empty for a moment.
func holder(path string) (pid int, err error) {
	for range 10 {
		var text []byte
		if text, err = os.ReadFile(path); err != nil {
			return 0, err
		}
		if pid, err = strconv.Atoi(strings.TrimSpace(string(text))); err == nil && pid > 0 {
			return pid, nil
		}
		time.Sleep(10 * time.Millisecond)
	}
	return 0, fmt.Errorf("%s names no process", path)
}

// discard removes the lock of a process that is no more. Another run may have done
// so first and have made its own: the file is moved aside, looked at again, and
// put back if it is not the one. It reports whether the way is free.
func discard(path string, pid int) bool {
	aside := fmt.Sprintf("%s.%d", path, os.Getpid())
	if err := os.Rename(path, aside); err != nil {
		return errors.Is(err, fs.ErrNotExist)
	}
	if now, err := holder(aside); err != nil || now != pid {
		os.Rename(aside, path)
		return false
	}
	return os.Remove(aside) == nil
}

// unlockFile removes a lock, if it is still this process's.
func unlockFile(path string) {
	lockMu.Lock()
	defer lockMu.Unlock()
	delete(locked, path)
	if pid, err := holder(path); err == nil && pid == os.Getpid() {
		os.Remove(path)
	}
}
