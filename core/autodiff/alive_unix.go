//go:build unix

package autodiff

import "syscall"

// alive reports whether there is a process of a number; one that is another
// user's may not be signalled.
func alive(pid int) bool {
	err := syscall.Kill(pid, 0)
	return err == nil || err == syscall.EPERM
}
