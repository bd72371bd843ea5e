package picture

import (
	"errors"
	"os"
	"path/filepath"
)

// store holds the bytes of a raster: in memory, or in a temporary file that
// has no name any more where the system allows it, so that it is gone with the
// process whatever happens. Different places may be read and written at once.
type store interface {
	// row returns n bytes at off; they may lie in buf or be the store's own
	// and are valid until the next write there.
	row(buf []byte, off int64, n int) ([]byte, error)
	WriteAt(b []byte, off int64) (int, error)
	// direct gives n bytes of the store itself at off to be written, or nil where
	// they are not in memory.
	direct(off int64, n int) []byte
	Close() error
}

type memoryStore []byte

func (m memoryStore) row(_ []byte, off int64, n int) ([]byte, error) {
	return m[off : off+int64(n)], nil
}
func (m memoryStore) WriteAt(b []byte, off int64) (int, error) { return copy(m[off:], b), nil }
func (m memoryStore) direct(off int64, n int) []byte           { return m[off : off+int64(n)] }
func (m memoryStore) Close() error                             { return nil }

type fileStore struct {
	f    *os.File
	left string // name to remove on Close: Windows keeps the names of open files
}

func newFileStore(dir string, size int64) (*fileStore, error) {
	f, err := os.CreateTemp(dir, "atelier-*.raster")
	if err != nil {
		if dir == "" {
			dir = os.TempDir()
		}
		return nil, storeError(dir, err)
	}
	s := &fileStore{f: f}
	if err := os.Remove(f.Name()); err != nil {
		s.left = f.Name()
	}
	if err := f.Truncate(size); err != nil {
		s.Close()
		return nil, storeError(filepath.Dir(f.Name()), err)
	}
	return s, nil
}

func (s *fileStore) row(buf []byte, off int64, n int) ([]byte, error) {
	if _, err := s.f.ReadAt(buf[:n], off); err != nil {
		return nil, storeError(filepath.Dir(s.f.Name()), err)
	}
	return buf[:n], nil
}

func (s *fileStore) WriteAt(b []byte, off int64) (int, error) {
	n, err := s.f.WriteAt(b, off)
	if err != nil {
		return n, storeError(filepath.Dir(s.f.Name()), err)
	}
	return n, nil
}

func (s *fileStore) direct(int64, int) []byte { return nil }

func (s *fileStore) Close() error {
	err := s.f.Close()
	if s.left != "" {
		err = errors.Join(err, os.Remove(s.left))
	}
	return err
}

// storeError words what went wrong with a temporary file in a folder.
func storeError(dir string, err error) error {
	worded := writeError(dir, err)
	var e *Error
	if errors.As(worded, &e) {
		e.Op = "keep a large picture in a temporary file in"
		e.Do = "free some space there, or choose another folder for temporary files (TMPDIR)"
	}
	return worded
}

// closedStore answers after Close.
type closedStore struct{}

var errClosed = &Error{Op: "raster", Path: "picture", Kind: ErrUnreadable, What: "it was closed", Do: "open it again"}

func (closedStore) row([]byte, int64, int) ([]byte, error)   { return nil, errClosed }
func (closedStore) WriteAt(b []byte, off int64) (int, error) { return 0, errClosed }
func (closedStore) direct(int64, int) []byte                 { return nil }
func (closedStore) Close() error                             { return nil }
