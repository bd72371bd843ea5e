//go:build unix

package plugin

import (
	"os"
	"syscall"
)

// killGroup kills the process group of a plugin.
func killGroup(pid int) { syscall.Kill(-pid, syscall.SIGKILL) }

// tryLock locks f for as long as it is open, unless another process has.
func tryLock(f *os.File) bool {
	return syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB) == nil
}
