//go:build unix && !linux

package plugin

import "syscall"

// attributes puts a plugin into a group of its own, so that ctrl-C reaches
// only the host and all that the plugin starts can be killed with it.
func attributes() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setpgid: true} }

func holdThread() {}
