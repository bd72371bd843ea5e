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
// there, on which machine. It is created only if it is not there, which every
// system does at once.
const lockName = "lock"

var (
	lockMu sync.Mutex
	locked = map[string]bool{} // the lock files of this process
)

// Lock makes the folder this run's own until unlock is called, or errs with
// ErrBusy. Loop does so itself, unless its Store holds the lock already: a training
// that changes other files of its run, or prepares for long, locks before. The lock of a process that is no more, killed perhaps, is taken over:
// so is one with this process's number that it does not hold, which an earlier
// process of that number has left. That of another machine is not: a container has
// numbers of its own, and a shared folder is seen from many machines.
func (st *Store) Lock() (unlock func(), err error) {
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
		return nil, st.busy(self())
	}
	for range 10 { // others may come and go meanwhile
		err := createLock(path)
		if err == nil {
			locked[path], st.held = true, true
			return func() { st.unlock(path) }, nil
		}
		if !errors.Is(err, fs.ErrExist) {
			return nil, fmt.Errorf("train: %w: choose a folder that can be written", err)
		}
		other, err := holder(path)
		switch {
		case errors.Is(err, fs.ErrNotExist):
		case err != nil || !other.gone():
			return nil, st.busy(other)
		case !discard(path, other):
			return nil, st.busy(owner{})
		}
	}
	return nil, st.busy(owner{})
}

// owner is a process that holds a lock; the zero value is one unknown.
type owner struct {
	pid  int
	host string
}

// self is this process.
func self() owner { return owner{os.Getpid(), machine()} }

// nameless stands for a machine that does not tell its name.
const nameless = "?"

var machine = sync.OnceValue(func() string {
	if name, err := os.Hostname(); err == nil && len(strings.Fields(name)) == 1 {
		return strings.TrimSpace(name)
	}
	return nameless
})

// gone reports whether a lock of o that this process does not hold may be
// discarded. Of other machines nobody here can say.
func (o owner) gone() bool {
	return o.host == machine() && o.host != nameless && (o.pid == os.Getpid() || !alive(o.pid))
}

// busy is the error for a folder that a process uses.
func (st *Store) busy(o owner) error {
	who := "another process"
	if o.pid > 0 {
		who = fmt.Sprintf("process %d", o.pid)
		if o.host != machine() {
			who += " of the machine " + o.host
		}
	}
	return fmt.Errorf("train: %s is %w by %s: stop it or choose another folder; if that is no training, delete %s", st.Dir, ErrBusy, who, filepath.Join(st.Dir, lockName))
}

// createLock makes the file with the number of this process and the name of its
// machine in a line. It errs with fs.ErrExist where there is one.
func createLock(path string) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return err
	}
	me := self()
	_, err = fmt.Fprintln(f, me.pid, me.host)
	if err = errors.Join(err, f.Close()); err != nil {
		os.Remove(path)
	}
	return err
}

// holder reads whose a lock is. One that was just created may be empty for a
// moment.
func holder(path string) (owner, error) {
	for range 10 {
		text, err := os.ReadFile(path)
		if err != nil {
			return owner{}, err
		}
		words := strings.Fields(string(text))
		if strings.HasSuffix(string(text), "\n") && len(words) == 2 {
			if pid, err := strconv.Atoi(words[0]); err == nil && pid > 0 {
				return owner{pid, words[1]}, nil
			}
		}
		time.Sleep(10 * time.Millisecond)
	}
	return owner{}, fmt.Errorf("%s names no process", path)
}

// discard removes the lock of a process that is no more. Another run may have done
// so first and have made its own: the file is moved aside, looked at again, and
// put back if it is not the one. It reports whether the way is free.
func discard(path string, o owner) bool {
	aside := fmt.Sprintf("%s.%d", path, os.Getpid())
	if err := os.Rename(path, aside); err != nil {
		return errors.Is(err, fs.ErrNotExist)
	}
	if now, err := holder(aside); err != nil || now != o {
		os.Rename(aside, path)
		return false
	}
	return os.Remove(aside) == nil
}

// unlock removes the lock, if it is still this process's.
func (st *Store) unlock(path string) {
	lockMu.Lock()
	defer lockMu.Unlock()
	st.held = false
	delete(locked, path)
	if o, err := holder(path); err == nil && o == self() {
		os.Remove(path)
	}
}
