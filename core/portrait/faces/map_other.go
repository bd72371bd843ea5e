//go:build !unix

package faces

import "os"

// mapFile reads n bytes of a file, from an offset, into memory.
func mapFile(f *os.File, offset int64, n int) ([]byte, func() error, error) {
	b := make([]byte, n)
	if _, err := f.ReadAt(b, offset); err != nil {
		return nil, nil, err
	}
	return b, func() error { return nil }, nil
}
