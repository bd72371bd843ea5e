package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/atelier-engine/atelier/core/portrait/faces/facestest"
)

// fullDisk names the arguments of a command that a child of the test runs with
// files of at most so many bytes. The limit holds for all files of a process,
// those that the test itself writes among them: so the child has none.
const (
	fullDisk      = "ATELIER_TEST_FULL_DISK"
	fullDiskBytes = 20_000
)

// tryOnFullDisk is try on a disk that is full.
func tryOnFullDisk(t *testing.T, args ...string) (code int, out, errs string) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	var stdout, stderr strings.Builder
	c := exec.Command(self, "-test.run=^TestOnFullDisk$")
	c.Env = append(os.Environ(), fullDisk+"="+strings.Join(args, "\n"))
	c.Stdout, c.Stderr = &stdout, &stderr
	if err := c.Run(); err != nil && !errors.As(err, new(*exec.ExitError)) {
		t.Fatal(err)
	}
	return c.ProcessState.ExitCode(), stdout.String(), stderr.String()
}

// TestOnFullDisk is the child of tryOnFullDisk, and nothing by itself.
func TestOnFullDisk(t *testing.T) {
	args := os.Getenv(fullDisk)
	if args == "" {
		t.Skip("only as a child of the tests of full disks")
	}
	signal.Ignore(syscall.SIGXFSZ)
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{Cur: fullDiskBytes, Max: fullDiskBytes}); err != nil {
		t.Skip(err)
	}
	os.Exit(run(context.Background(), strings.Split(args, "\n"), os.Stdout, os.Stderr))
}

// TestTrainOnFullDisk: exit code 5, nothing half-written, and the run goes on
// when there is room again, unless another one has begun there. A limit on the size of files stands for the disk.
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
	code, out, errs := tryOnFullDisk(t, append(args, "20")...)
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
	host, err := os.Hostname()
	if err != nil {
		t.Skip(err)
	}
	if err := os.WriteFile("runs/mine/checkpoints/lock", fmt.Appendln(nil, 1, host), 0o644); err != nil { // of a process that lives
		t.Fatal(err)
	}
	if code, _, errs = try(t, append(args, "30")...); code != 5 || !strings.Contains(errs, "runs/mine/checkpoints is in use by process 1:") {
		t.Errorf("in a folder that is in use: exit code %d: %s", code, errs)
	}
}
