package plugin

import (
	"runtime"
	"syscall"
)

// attributes puts a plugin into a group of its own, so that ctrl-C reaches
// only the host and all that the plugin starts can be killed with it, and
// has the kernel kill it when the host dies.
func attributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}

// holdThread keeps the calling goroutine on its thread: the kernel sends
// Pdeathsig when the thread that started the process ends, not the host.
func holdThread() { runtime.LockOSThread() }
