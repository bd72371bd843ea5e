package autodiff

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestLoopGoesOnFromTheOneBefore: when the newest checkpoint is damaged, a run
// goes on from the one before, be that the first, and clears what a run that
// was killed has left.
func TestLoopGoesOnFromTheOneBefore(t *testing.T) {
	whole := newToy(t, 1)
	whole.run(t, 12)
	for _, stop := range []int{4, 8} {
		t.Run(fmt.Sprint(stop), func(t *testing.T) {
			dir := t.TempDir()
			config := func(s *toy, steps int) LoopConfig {
				return LoopConfig{Steps: steps, State: s.state, Store: &Store{Dir: dir}, SaveEvery: 4, Step: s.step}
			}
			if err := Loop(context.Background(), config(newToy(t, 1), stop)); err != nil {
				t.Fatal(err)
			}
			newest := (&Store{Dir: dir}).path(stop)
			if err := os.Truncate(newest, 1000); err != nil {
				t.Fatal(err)
			}
			left := newest + ".123.tmp"
			if err := os.WriteFile(left, []byte("half"), 0o600); err != nil {
				t.Fatal(err)
			}
			second := newToy(t, 5)
			c := config(second, 12)
			_, skipped, err := c.Store.Restore(second.state)
			if err != nil || second.state.Step != stop-4 || len(skipped) != 1 || !strings.Contains(skipped[0], newest) {
				t.Fatalf("at step %d, skipped %q, error %v", second.state.Step, skipped, err)
			}
			if err := Loop(context.Background(), c); err != nil {
				t.Fatal(err)
			}
			if second.bits(t) != whole.bits(t) {
				t.Error("the run ended elsewhere")
			}
			if _, err := os.Stat(left); err == nil {
				t.Errorf("%s is still there", left)
			}
		})
	}
}

// TestLoopWatches: what Watch says is told and kept in the log, which a resumed
// run cuts where it begins; the progress tells pace and checkpoints.
func TestLoopWatches(t *testing.T) {
	dir := t.TempDir()
	log := filepath.Join(dir, "losses.tsv")
	var told []string
	run := func(steps int) {
		s := newToy(t, 1)
		c := LoopConfig{Steps: steps, State: s.state, Store: &Store{Dir: dir}, SaveEvery: 4, Report: 2, Log: log, Step: s.step, Batch: 16, Work: 1e6,
			Warn: func(text string) { told = append(told, text) },
			Watch: func(p Progress) []string {
				if p.Step%4 == 2 {
					return []string{fmt.Sprintf("look\nat %d", p.Step)}
				}
				return nil
			},
			Progress: func(p Progress) {
				if want := (p.Step) / 4 * 4; p.Saved != want {
					t.Errorf("step %d: the last checkpoint is of %d, said to be %d", p.Step, want, p.Saved)
				}
				if p.Pace <= 0 || p.Pictures <= 0 || p.Work != 1e6/p.Pace.Seconds() {
					t.Errorf("progress %+v", p)
				}
			}}
		if _, _, err := c.Store.Restore(s.state); err != nil {
			t.Fatal(err)
		}
		if err := Loop(context.Background(), c); err != nil {
			t.Fatal(err)
		}
	}
	run(8)
	if err := os.Remove((&Store{Dir: dir}).path(8)); err != nil {
		t.Fatal(err)
	}
	told = nil
	run(12)
	if d := cmp.Diff([]string{"look\nat 6", "look\nat 10"}, told); d != "" {
		t.Error(d)
	}
	trace, err := ReadTrace(log)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff([]Note{{2, "look at 2"}, {6, "look at 6"}, {10, "look at 10"}}, trace.Notes); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff([]int{2, 4, 6, 8, 10, 12}, trace.Steps); d != "" || len(trace.Points["mse"]) != 6 {
		t.Errorf("%s %v", d, trace.Points)
	}
}

func TestReadTrace(t *testing.T) {
	path := filepath.Join(t.TempDir(), "losses.tsv")
	text := "step\tseconds\ta\tb\n10\t5.0\t1\t2\n20\t10.0\t3\tNaN\nrubbish\n#20\ta went up\n30\t2.0\t5\t6\n" +
		"step\tseconds\tb\n40\t12.0\t7\n50\t22.0\t8\t9\n60\t2"
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	got, err := ReadTrace(path)
	if err != nil {
		t.Fatal(err)
	}
	b := got.Points["b"]
	if len(b) != 4 || b[1].Value == b[1].Value {
		t.Errorf("b is %v", b)
	}
	b[1].Value = 0
	want := &Trace{Names: []string{"a", "b"}, Steps: []int{10, 20, 30, 40}, Notes: []Note{{20, "a went up"}},
		Points: map[string][]Point{"a": {{10, 1}, {20, 3}, {30, 5}}, "b": {{10, 2}, {20, 0}, {30, 6}, {40, 7}}},
		Pace:   []Point{{20, .5}, {40, 1}}}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	if _, err := ReadTrace(path + "x"); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a missing log gives %v", err)
	}
}
