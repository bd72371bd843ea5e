package sdk

import "golang.org/x/sys/unix"

// duplicate makes to another name of the file descriptor from. Linux on
// ARM and RISC-V has dup3 only.
func duplicate(from, to int) error { return unix.Dup3(from, to, 0) }
