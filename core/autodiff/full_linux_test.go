package autodiff

import (
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"testing"
)

// TestFullDisk: a limit on the size of files stands for a disk that is full.
func TestFullDisk(t *testing.T) {
	s, dir := newToy(t, 1), t.TempDir()
	path := filepath.Join(dir, "a")
	if err := s.state.Save(path); err != nil {
		t.Fatal(err)
	}
	before, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	signal.Ignore(syscall.SIGXFSZ)
	defer signal.Reset(syscall.SIGXFSZ)
	var old syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_FSIZE, &old); err != nil {
		t.Skip(err)
	}
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{Cur: 1000, Max: old.Max}); err != nil {
		t.Skip(err)
	}
	s.run(t, 1)
	err = s.state.Save(path)
	if e := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &old); e != nil {
		t.Fatal(e)
	}
	if err == nil {
		t.Fatal("saved 1000 bytes only, without an error")
	}
	after, _ := os.ReadFile(path)
	if string(after) != string(before) {
		t.Error("the checkpoint before was damaged")
	}
	if list, _ := os.ReadDir(dir); len(list) != 1 {
		t.Errorf("left behind: %v", list)
	}
}
