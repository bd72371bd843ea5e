package training

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/atelier-engine/atelier/core/autodiff"
	"github.com/atelier-engine/atelier/core/portrait/faces/facestest"
)

// files are those below a folder, with their contents and when they were written.
func files(t *testing.T, dir string) map[string]string {
	t.Helper()
	all := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err == nil {
			all[path] = info.ModTime().String() + string(b)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// TestBusyRun: a training in the folder of one that is at work is refused before it
// looks at photographs, and leaves every file as it was; an export is not refused.
func TestBusyRun(t *testing.T) {
	c := tiny(t, Paper, facestest.Write(t, 8))
	c.Steps = 20
	if err := Train(context.Background(), c, Report{}); err != nil {
		t.Fatal(err)
	}
	unlock, err := c.store().Lock()
	if err != nil {
		t.Fatal(err)
	}
	before := files(t, c.Run)
	second := c
	second.Steps, second.LearnRate, second.Data = 30, c.LearnRate/2, "nowhere"
	var notes []string
	if err := Train(context.Background(), second, told(&notes)); !errors.Is(err, autodiff.ErrBusy) || len(notes) > 0 {
		t.Errorf("got error %v, told %q", err, notes)
	}
	if d := cmp.Diff(before, files(t, c.Run)); d != "" || before[filepath.Join(c.Run, SettingsFile)] == "" || before[filepath.Join(c.Run, PlotFile)] == "" {
		t.Error("the refused training changed the other one's files: ", d)
	}
	c.Model = filepath.Join(t.TempDir(), "model")
	if err := Export(c, Report{}); err != nil {
		t.Error(err)
	}
	unlock()
	c.Steps = 21
	if err := Train(context.Background(), c, Report{}); err != nil {
		t.Error(err)
	}
}

// TestSheetThatFails: a sheet that cannot be written costs neither the plot nor the
// run, and is told of.
func TestSheetThatFails(t *testing.T) {
	c := tiny(t, Paper, facestest.Write(t, 8))
	c.Steps, c.Sample, c.Checkpoint = 50, 25, 50
	if err := os.MkdirAll(filepath.Join(c.Run, "sample-000025.png", "full"), 0o755); err != nil {
		t.Fatal(err)
	}
	var notes []string
	report := told(&notes)
	report.Progress = func(p autodiff.Progress) {
		if p.Step == 50 { // the second sheet has waited for the first
			if _, err := os.Stat(filepath.Join(c.Run, PlotFile)); err != nil {
				t.Error(err)
			}
		}
	}
	if err := Train(context.Background(), c, report); err != nil {
		t.Fatal(err)
	}
	if all := strings.Join(notes, "\n"); !strings.Contains(all, "sample-000025.png") {
		t.Errorf("told %q", all)
	}
	if _, err := os.Stat(filepath.Join(c.Run, "sample-000050.png")); err != nil {
		t.Error(err)
	}
}
