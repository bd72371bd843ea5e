//go:build unix

package sdk

import (
	"os"

	"golang.org/x/sys/unix"
)

// takeOutput returns the real standard output and makes file descriptor 1
// another name of standard error, for code that writes past os.Stdout. Child
// processes of the plugin do not inherit the real one.
func takeOutput() (*os.File, error) {
	fd, err := unix.FcntlInt(1, unix.F_DUPFD_CLOEXEC, 3)
	if err != nil {
		return nil, err
	}
	if err := duplicate(2, 1); err != nil {
		return nil, err
	}
	return os.NewFile(uintptr(fd), "handshake"), nil
}
