package autodiff

import (
	"context"
	"errors"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
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

// TestLoopOnFullDisk: the run ends with an error that names the last whole
// checkpoint, nothing half-written stays, and the next call goes on from there.
func TestLoopOnFullDisk(t *testing.T) {
	s, dir := newToy(t, 1), t.TempDir()
	signal.Ignore(syscall.SIGXFSZ)
	defer signal.Reset(syscall.SIGXFSZ)
	var old syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_FSIZE, &old); err != nil {
		t.Skip(err)
	}
	defer syscall.Setrlimit(syscall.RLIMIT_FSIZE, &old)
	c := LoopConfig{Steps: 20, State: s.state, Store: &Store{Dir: dir}, SaveEvery: 5}
	c.Step = func(ctx context.Context, step int) (map[string]float64, error) {
		if step == 12 {
			if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{Cur: 1000, Max: old.Max}); err != nil {
				t.Skip(err)
			}
		}
		return s.step(ctx, step)
	}
	err := Loop(context.Background(), c)
	if e := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &old); e != nil {
		t.Fatal(e)
	}
	if !errors.Is(err, syscall.EFBIG) || !strings.Contains(err.Error(), "the checkpoint of step 10 is whole") {
		t.Fatalf("the run ended with %v", err)
	}
	if left, _ := filepath.Glob(filepath.Join(dir, "*.tmp")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
	again := newToy(t, 2)
	if _, skipped, err := c.Store.Restore(again.state); err != nil || len(skipped) > 0 || again.state.Step != 10 {
		t.Errorf("restored step %d, skipped %q, error %v", again.state.Step, skipped, err)
	}
}
