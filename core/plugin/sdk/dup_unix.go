//go:build unix && !linux

package sdk

import "golang.org/x/sys/unix"

// duplicate makes to another name of the file descriptor from.
func duplicate(from, to int) error { return unix.Dup2(from, to) }
