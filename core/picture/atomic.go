package picture

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
)

// writeAtomic writes a file through f: into a temporary file in the same
// folder, synced, then renamed over path. On any failure the temporary file is
// removed and path is as before. A symbolic link is followed.
func writeAtomic(ctx context.Context, path string, f func(io.Writer) error) (err error) {
	target := path
	if real, err := filepath.EvalSymlinks(path); err == nil {
		target = real
	}
	mode := os.FileMode(0o666) // less the umask
	st, statErr := os.Stat(target)
	switch {
	case statErr == nil && st.IsDir():
		return &Error{Op: "save", Path: path, Kind: ErrWrite, What: "it is a folder", Do: "add the name of a file"}
	case statErr == nil && !st.Mode().IsRegular():
		return &Error{Op: "save", Path: path, Kind: ErrWrite, What: "it is not an ordinary file", Do: "choose another name"}
	}
	tmp, err := createBeside(target, mode)
	if err != nil {
		return writeError(path, err)
	}
	defer func() {
		if err != nil {
			tmp.Close() // a second close only repeats what err says
			os.Remove(tmp.Name())
			err = writeError(path, err)
		}
	}()
	if statErr == nil {
		if err := tmp.Chmod(st.Mode().Perm()); err != nil {
			return err
		}
	}
	if err := f(ctxWriter{ctx, tmp}); err != nil {
		return err
	}
	if err := tmp.Sync(); err != nil {
		return err
	}
	if err := tmp.Close(); err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := os.Rename(tmp.Name(), target); err != nil {
		return err
	}
	// The name is on disk once its folder is; not every system can sync one.
	if d, err := os.Open(filepath.Dir(target)); err == nil {
		_ = d.Sync()
		d.Close()
	}
	return nil
}

// createBeside makes a new file in the folder of path. Unlike os.CreateTemp it
// gives the permissions of an ordinary file.
func createBeside(path string, mode os.FileMode) (*os.File, error) {
	for try := 0; ; try++ {
		name := filepath.Join(filepath.Dir(path), fmt.Sprintf(".atelier-%016x.tmp", rand.Uint64()))
		f, err := os.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_WRONLY, mode)
		if os.IsExist(err) && try < 100 {
			continue
		}
		return f, err
	}
}

// ctxWriter stops writing once ctx is done.
type ctxWriter struct {
	ctx context.Context
	w   io.Writer
}

func (c ctxWriter) Write(b []byte) (int, error) {
	if err := c.ctx.Err(); err != nil {
		return 0, err
	}
	return c.w.Write(b)
}
