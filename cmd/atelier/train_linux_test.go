package main

import (
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/atelier-engine/atelier/core/portrait/faces/facestest"
)

// TestTrainOnFullDisk: exit code 5, nothing half-written, and the run goes on
// when there is room again. A limit on the size of files stands for the disk.
func TestTrainOnFullDisk(t *testing.T) {
	data := facestest.Write(t, 12)
	empty(t)
	if err := os.WriteFile("small.toml", []byte(small), 0o644); err != nil {
		t.Fatal(err)
	}
	args := []string{"train", "portrait", "--data", data, "--config", "small.toml", "--source", "my own", "--licence", "CC0", "-o", "models/mine", "--steps"}
	if code, _, errs := try(t, append(args, "10")...); code != 0 {
		t.Fatalf("exit code %d: %s", code, errs)
	}
	signal.Ignore(syscall.SIGXFSZ)
	defer signal.Reset(syscall.SIGXFSZ)
	var old syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_FSIZE, &old); err != nil {
		t.Skip(err)
	}
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{Cur: 20_000, Max: old.Max}); err != nil {
		t.Skip(err)
	}
	code, out, errs := try(t, append(args, "20")...)
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &old); err != nil {
		t.Fatal(err)
	}
	if code != 5 || out != "" || !strings.Contains(errs, "the checkpoint of step 10 is whole") || !strings.Contains(errs, "free some space") {
		t.Errorf("exit code %d: %s%s", code, out, errs)
	}
	filepath.WalkDir(".", func(path string, d os.DirEntry, err error) error {
		if strings.HasSuffix(path, ".tmp") {
			t.Errorf("left behind: %s", path)
		}
		return err
	})
	if code, _, errs = try(t, append(args, "20")...); code != 0 || !strings.Contains(errs, "going on from step 10") {
		t.Errorf("exit code %d: %s", code, errs)
	}
}
