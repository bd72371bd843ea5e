//go:build unix

package plugin

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync"
	"syscall"
	"testing"
	"time"
)

// built makes the executable of testdata/plugin, once.
var built = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "ap")
	if err != nil {
		return "", err
	}
	path := filepath.Join(dir, "plugin")
	if out, err := exec.Command("go", "build", "-ldflags=-s -w", "-o", path, "./testdata/plugin").CombinedOutput(); err != nil {
		os.RemoveAll(dir)
		return "", fmt.Errorf("build the test plugin: %w\n%s", err, out)
	}
	used = dir
	return path, nil
})

var used string // the folder that built made

// hostFolder is set for a process that is to be a host, for a test.
const hostFolder = "ATELIER_TEST_HOST"

func TestMain(m *testing.M) {
	if dir := os.Getenv(hostFolder); dir != "" {
		beHost(dir)
	}
	code := m.Run()
	if used != "" {
		os.RemoveAll(used)
	}
	os.Exit(code)
}

// beHost starts a plugin, prints its process id and its folder of sockets,
// and waits to be killed.
func beHost(dir string) {
	s := New(Config{Folders: []string{dir}})
	p, err := s.acquire(context.Background(), "good")
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	fmt.Println(p.child.ID(), s.sockets)
	select {}
}

// lab is a plugin folder, a supervisor of it, and its log.
type lab struct {
	*Supervisor
	t      testing.TB
	folder string
	log    *buffer
	pids   map[int]bool
}

type buffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *buffer) Write(p []byte) (int, error) { b.mu.Lock(); defer b.mu.Unlock(); return b.b.Write(p) }
func (b *buffer) String() string              { b.mu.Lock(); defer b.mu.Unlock(); return b.b.String() }

// newLab puts the named plugins into a folder. At the end of the test it
// closes the supervisor and looks for what was left behind.
func newLab(t testing.TB, cfg Config, names ...string) *lab {
	t.Helper()
	l := &lab{t: t, folder: t.TempDir(), log: &buffer{}, pids: map[int]bool{}}
	for _, n := range names {
		built, err := built()
		if err != nil {
			t.Fatal(err)
		}
		if err := os.Symlink(built, filepath.Join(l.folder, n)); err != nil {
			t.Fatal(err)
		}
	}
	cfg.Folders = append(cfg.Folders, l.folder)
	if cfg.Data == nil {
		cfg.Data = []string{t.TempDir()}
	}
	cfg.Log = slog.New(slog.NewTextHandler(l.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	l.Supervisor = New(cfg)
	t.Cleanup(func() {
		l.note()
		sockets := l.sockets
		if err := l.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
		if sockets != "" {
			if _, err := os.Stat(sockets); !os.IsNotExist(err) {
				t.Errorf("the folder of sockets is left: %v", err)
			}
		}
		for pid := range l.pids {
			gone(t, pid)
		}
		if t.Failed() {
			t.Logf("log:\n%s", l.log)
		}
	})
	return l
}

// note remembers the processes that run now.
func (l *lab) note() {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, sl := range l.slots {
		if p := sl.current(); p != nil {
			pid, _ := strconv.Atoi(p.child.ID())
			l.pids[pid] = true
		}
	}
}

// gone waits until the process is no more; a plugin that is left fails the
// test by its deadline.
func gone(t testing.TB, pid int) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); alive(pid); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("process %d is left", pid)
		}
	}
}

// alive is false for zombies, which somebody else has to wait for.
func alive(pid int) bool {
	if syscall.Kill(pid, 0) != nil {
		return false
	}
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	return err != nil || !bytes.Contains(stat, []byte(") Z "))
}
