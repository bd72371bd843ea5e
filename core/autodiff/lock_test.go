package autodiff

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// busy fails unless err says that a folder is in use, and by whom.
func busy(t *testing.T, err error, dir string, pid int) {
	t.Helper()
	if !errors.Is(err, ErrBusy) {
		t.Fatalf("got error %v", err)
	}
	who := "another process"
	if pid > 0 {
		who = fmt.Sprintf("process %d", pid)
	}
	for _, text := range []string{dir + " is in use by " + who + ":", "choose another folder", "delete " + filepath.Join(dir, lockName)} {
		if !strings.Contains(err.Error(), text) {
			t.Errorf("got error %q, want one with %q", err, text)
		}
	}
}

// TestLoopLocks: a second run in the folder of one that is at work errs and changes
// nothing; when the first is done the next one may.
func TestLoopLocks(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "run")
	s, second := newToy(t, 1), newToy(t, 2)
	tried := false
	c := LoopConfig{Steps: 3, State: s.state, Store: &Store{Dir: dir}, SaveEvery: 1}
	c.Step = func(ctx context.Context, step int) (map[string]float64, error) {
		if step == 2 {
			before, _ := os.ReadDir(dir)
			err := Loop(ctx, LoopConfig{Steps: 1, State: second.state, Store: &Store{Dir: dir}, Step: second.step})
			busy(t, err, dir, os.Getpid())
			if after, _ := os.ReadDir(dir); len(after) != len(before) || len(before) != 4 || second.state.Step != 0 {
				t.Errorf("%v became %v", before, after)
			}
			tried = true
		}
		return s.step(ctx, step)
	}
	if err := Loop(context.Background(), c); err != nil || !tried {
		t.Fatal(err, tried)
	}
	if _, err := os.Stat(filepath.Join(dir, lockName)); err == nil {
		t.Error("the lock is still there")
	}
	c.Steps = 4
	if err := Loop(context.Background(), c); err != nil {
		t.Error(err)
	}
	c.Steps, c.Step = 5, func(context.Context, int) (map[string]float64, error) { return nil, errors.New("broken") }
	if err := Loop(context.Background(), c); err == nil || errors.Is(err, ErrBusy) {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(dir, lockName)); err == nil {
		t.Error("the lock is still there after a failure")
	}
}

// TestLockBeforeLoop: who has locked the folder trains there with the Store that
// holds it, and with no other, and keeps it until the end.
func TestLockBeforeLoop(t *testing.T) {
	st := &Store{Dir: filepath.Join(t.TempDir(), "run")}
	unlock, err := st.Lock()
	if err != nil {
		t.Fatal(err)
	}
	s := newToy(t, 1)
	if err := Loop(context.Background(), LoopConfig{Steps: 1, State: s.state, Store: st, Step: s.step}); err != nil {
		t.Fatal(err)
	}
	_, err = st.Lock()
	busy(t, err, st.Dir, os.Getpid())
	other := &Store{Dir: st.Dir}
	busy(t, Loop(context.Background(), LoopConfig{Steps: 2, State: s.state, Store: other, Step: s.step}), st.Dir, os.Getpid())
	unlock()
	if err := Loop(context.Background(), LoopConfig{Steps: 2, State: s.state, Store: st, Step: s.step}); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(filepath.Join(st.Dir, lockName)); err == nil {
		t.Error("the lock is still there")
	}
}

// TestLockOfOthers: a lock holds as long as its process lives.
func TestLockOfOthers(t *testing.T) {
	if os.Getenv("ATELIER_LOCK_TEST") != "" {
		os.Stdin.Read(make([]byte, 1)) // until the test closes it
		return
	}
	child := exec.Command(os.Args[0], "-test.run=^TestLockOfOthers$")
	child.Env = append(os.Environ(), "ATELIER_LOCK_TEST=1")
	in, err := child.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	pid := child.Process.Pid
	st := &Store{Dir: t.TempDir()}
	path := filepath.Join(st.Dir, lockName)
	leave := func(text string) {
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	leave(fmt.Sprintln(pid, machine()))
	_, err = st.Lock()
	busy(t, err, st.Dir, pid)
	in.Close()
	if err := child.Wait(); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{"an ended process": fmt.Sprintln(pid, machine()), "an earlier process of this number": fmt.Sprintln(os.Getpid(), machine())} {
		leave(text)
		unlock, err := st.Lock()
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if got, err := holder(path); got != self() {
			t.Errorf("%s: the lock names %v, %v", name, got, err)
		}
		unlock()
		if entries, _ := os.ReadDir(st.Dir); len(entries) != 0 {
			t.Errorf("%s: left are %v", name, entries)
		}
	}
	for _, text := range []string{"", "-1 " + machine() + "\n", "me", fmt.Sprintln(pid), fmt.Sprint(pid, " ", machine())} {
		leave(text)
		_, err := st.Lock()
		busy(t, err, st.Dir, 0)
	}
	for _, other := range []int{pid, os.Getpid()} { // of another machine or container, where it may well live
		text := fmt.Sprintln(other, "another."+machine())
		leave(text)
		_, err := st.Lock()
		if !errors.Is(err, ErrBusy) || !strings.Contains(err.Error(), fmt.Sprintf("by process %d of the machine another.%s: stop it", other, machine())) || !strings.Contains(err.Error(), "delete "+path) {
			t.Errorf("process %d of another machine: %v", other, err)
		}
		if got, err := os.ReadFile(path); string(got) != text {
			t.Errorf("its lock became %q, %v", got, err)
		}
	}
	leave(fmt.Sprintln(1, machine())) // the first process of a system is there always, and another user's mostly
	if unlock, err := st.Lock(); err == nil && alive(1) {
		unlock()
		t.Error("the lock of process 1 was taken")
	}
}

// TestLockRace: of runs that begin at once, where one has left a lock, one goes on.
func TestLockRace(t *testing.T) {
	ended := exec.Command(os.Args[0], "-test.run=^$")
	if err := ended.Run(); err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, lockName), fmt.Appendln(nil, ended.Process.Pid, machine()), 0o644); err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	errs := make([]error, 8)
	for i := range errs {
		wg.Go(func() { _, errs[i] = (&Store{Dir: dir}).Lock() })
	}
	wg.Wait()
	won := 0
	for _, err := range errs {
		if err == nil {
			won++
		} else {
			busy(t, err, dir, os.Getpid())
		}
	}
	if won != 1 {
		t.Errorf("%d runs hold the lock", won)
	}
}

// TestDiscardLeavesTheNewLock: a lock that another run has made meanwhile is put
// back.
func TestDiscardLeavesTheNewLock(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, lockName)
	if err := os.WriteFile(path, []byte("12 here\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if discard(path, owner{11, "here"}) || discard(path, owner{12, "there"}) {
		t.Error("the lock of another was removed")
	}
	if o, err := holder(path); o != (owner{12, "here"}) || err != nil {
		t.Errorf("the lock names %v, %v", o, err)
	}
	if !discard(path, owner{12, "here"}) || !discard(path, owner{12, "here"}) { // the second time another was faster
		t.Error("the way is not free")
	}
	if entries, _ := os.ReadDir(dir); len(entries) != 0 {
		t.Errorf("left are %v", entries)
	}
}
