package plugin

import (
	"errors"
	"fmt"
)

// What can be wrong with a plugin, for errors.Is.
var (
	ErrNotFound    = errors.New("not found")       // no such executable in the plugin folders
	ErrRefused     = errors.New("not started")     // not executable, or not what the lock file says
	ErrBroken      = errors.New("broken")          // it does not start, crashes or hangs
	ErrQuarantined = errors.New("quarantined")     // broken too often
	ErrKind        = errors.New("of another kind") // a style is no analyzer
	ErrAnswer      = errors.New("bad answer")      // it answered, but with nonsense
	ErrRequest     = errors.New("bad request")     // the caller asked for what the plugin does not have
	ErrClosed      = errors.New("the program is ending")
)

// Error is an error about one plugin.
type Error struct {
	Name string
	Path string // empty if it was not found
	Err  error
}

func (e *Error) Error() string {
	if e.Path == "" {
		return fmt.Sprintf("plugin %q: %v", e.Name, e.Err)
	}
	return fmt.Sprintf("plugin %q (%s): %v", e.Name, e.Path, e.Err)
}

// Unwrap returns what is wrong.
func (e *Error) Unwrap() error { return e.Err }

// bare takes the plugin's name off err, for an error that says it already.
func bare(err error) error {
	if e := (*Error)(nil); errors.As(err, &e) {
		return e.Err
	}
	return err
}

// isFault says whether the plugin itself is at fault, so that it counts
// towards its quarantine.
func isFault(err error) bool { return errors.Is(err, ErrBroken) }
