//go:build unix

package faces

import (
	"os"

	"golang.org/x/sys/unix"
)

// mapFile maps n bytes of a file, from an offset that begins a page, into
// memory.
func mapFile(f *os.File, offset int64, n int) ([]byte, func() error, error) {
	// The page of a file is 4096 bytes; that of the machine may be larger.
	lead := int(offset) % os.Getpagesize()
	b, err := unix.Mmap(int(f.Fd()), offset-int64(lead), n+lead, unix.PROT_READ, unix.MAP_SHARED)
	if err != nil {
		return nil, nil, os.NewSyscallError("mmap", err)
	}
	return b[lead:], func() error { return unix.Munmap(b) }, nil
}
