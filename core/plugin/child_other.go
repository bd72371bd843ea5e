//go:build !unix

package plugin

import (
	"os"
	"syscall"
)

func attributes() *syscall.SysProcAttr { return nil }

func holdThread() {}

// killGroup does nothing: this system has no process groups; the plugin
// itself is killed by its handle.
func killGroup(int) {}

// tryLock never succeeds: folders of other hosts are left alone.
func tryLock(*os.File) bool { return false }
