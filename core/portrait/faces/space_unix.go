//go:build linux || darwin || freebsd

package faces

import (
	"os"

	"golang.org/x/sys/unix"
)

// freeSpace is how many bytes can be written into a folder; -1: it is not known.
func freeSpace(dir string) int64 {
	var st unix.Statfs_t
	if unix.Statfs(dir, &st) != nil {
		return -1
	}
	return int64(st.Bavail) * int64(st.Bsize)
}

// lockFile keeps other programs from working on the same file. The lock goes
// with the program.
func lockFile(f *os.File) bool {
	return unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB) == nil
}
