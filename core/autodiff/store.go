package autodiff

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// Store is a folder of checkpoints of one run. The folder is made when needed, and
// locked while Loop writes there: see Lock.
type Store struct {
	Dir   string
	Keep  int // newest checkpoints to keep; 0: 3
	Every int // keep those of every so many steps for good, the milestones; 0: none

	restored int  // one more than the step that Restore went back to; 0: it did not
	held     bool // the lock, by who called Lock
}

const checkpointSuffix = ".ckpt"

// Save writes the state and removes the oldest checkpoints beyond Keep, but no
// milestone. It returns the path of the new one. The old ones go only when the
// new one is on the disk. A checkpoint of a later step, from which the run was
// rolled back or which is damaged, is removed too.
func (st *Store) Save(s *State) (string, error) {
	if err := os.MkdirAll(st.Dir, 0o755); err != nil {
		return "", fmt.Errorf("save checkpoint: %w: choose a folder that can be written", err)
	}
	path := st.path(s.Step)
	if err := s.Save(path); err != nil {
		return "", err
	}
	steps, err := st.steps()
	if err != nil {
		return path, err
	}
	keep := st.Keep
	if keep <= 0 {
		keep = 3
	}
	kept := 0
	for _, step := range steps {
		if step <= s.Step {
			kept++
			if kept <= keep || st.Every > 0 && step > 0 && step%st.Every == 0 {
				continue
			}
		}
		if err := os.Remove(st.path(step)); err != nil {
			return path, fmt.Errorf("remove old checkpoint: %w: delete it by hand", err)
		}
	}
	return path, nil
}

func (st *Store) path(step int) string {
	return filepath.Join(st.Dir, fmt.Sprintf("step-%09d%s", step, checkpointSuffix))
}

// begin refuses a run that would overwrite a later one: only Restore may go back.
// It removes what a run that was killed while saving has left.
func (st *Store) begin(s *State) (last int, err error) {
	left, _ := filepath.Glob(filepath.Join(st.Dir, "step-*"+checkpointSuffix+".*.tmp")) // errs on a bad pattern only
	for _, path := range left {
		if err := os.Remove(path); err != nil {
			return 0, fmt.Errorf("train: remove what is left of a checkpoint: %w: delete it by hand", err)
		}
	}
	steps, err := st.steps()
	if err != nil || len(steps) == 0 {
		return -1, err
	}
	if steps[0] > s.Step && st.restored != s.Step+1 {
		return 0, fmt.Errorf("train: %s holds a checkpoint of step %d and this run stands at step %d: resume from it or choose another folder", st.Dir, steps[0], s.Step)
	}
	return steps[0], nil
}

// steps lists the steps of the checkpoints, newest first.
func (st *Store) steps() ([]int, error) {
	entries, err := os.ReadDir(st.Dir)
	if os.IsNotExist(err) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("list checkpoints: %w", err)
	}
	var steps []int
	for _, e := range entries {
		name, ok := strings.CutPrefix(strings.TrimSuffix(e.Name(), checkpointSuffix), "step-")
		if n, err := strconv.Atoi(name); ok && err == nil && st.path(n) == filepath.Join(st.Dir, e.Name()) {
			steps = append(steps, n)
		}
	}
	slices.SortFunc(steps, func(a, b int) int { return b - a })
	return steps, nil
}

// Restore loads the newest checkpoint that is whole and fits. path is empty if
// the folder holds none: s is then unchanged. skipped tells, one line each, which
// newer checkpoints could not be used and why. The error says that there are
// checkpoints but none can be used.
func (st *Store) Restore(s *State) (path string, skipped []string, err error) {
	steps, err := st.steps()
	if err != nil {
		return "", nil, err
	}
	for _, step := range steps {
		path := st.path(step)
		err := s.Load(path)
		if err == nil {
			st.restored = s.Step + 1
			return path, skipped, nil
		}
		skipped = append(skipped, err.Error())
	}
	if len(skipped) > 0 {
		return "", skipped, fmt.Errorf("resume from %s: none of %d checkpoints can be used: %s", st.Dir, len(skipped), skipped[0])
	}
	return "", nil, nil
}
