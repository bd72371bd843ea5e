package autodiff

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestDamagedCheckpoints(t *testing.T) {
	s := newToy(t, 1)
	s.run(t, 2)
	s.state.Values = map[string]string{"recipe": "toy"}
	whole := []byte(s.bits(t))
	other := newToy(t, 2)
	clean := other.bits(t)
	damage := map[string][]byte{
		"empty":      nil,
		"cut head":   whole[:20],
		"cut middle": whole[:len(whole)/2],
		"cut end":    whole[:len(whole)-1],
		"longer":     append(bytes.Clone(whole), 0, 0, 0, 0),
		"bit":        flip(whole, len(whole)/2),
		"bit header": flip(whole, 30),
		"bit length": flip(whole, 14),
		"other file": []byte(strings.Repeat("not a checkpoint ", 20)),
	}
	for name, b := range damage {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			good := &Store{Dir: dir}
			if _, err := good.Save(s.state); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(good.path(7), b, 0o644); err != nil {
				t.Fatal(err)
			}
			if err := other.state.Load(good.path(7)); !errors.Is(err, errDamaged) {
				t.Errorf("error is %v", err)
			}
			if other.bits(t) != clean {
				t.Fatal("a failed load changed the state")
			}
			fresh := newToy(t, 3)
			path, skipped, err := good.Restore(fresh.state)
			if err != nil || path != good.path(2) || len(skipped) != 1 || fresh.state.Values["recipe"] != "toy" {
				t.Errorf("restored %q, skipped %q, error %v", path, skipped, err)
			}
		})
	}
	t.Run("all damaged", func(t *testing.T) {
		st := &Store{Dir: t.TempDir()}
		os.WriteFile(st.path(1), whole[:100], 0o644)
		if _, skipped, err := st.Restore(other.state); err == nil || len(skipped) != 1 {
			t.Errorf("skipped %q, error %v", skipped, err)
		}
	})
	t.Run("none", func(t *testing.T) {
		if path, _, err := (&Store{Dir: filepath.Join(t.TempDir(), "no")}).Restore(other.state); path != "" || err != nil {
			t.Errorf("restored %q, error %v", path, err)
		}
	})
}

func flip(b []byte, at int) []byte {
	b = bytes.Clone(b)
	b[at] ^= 0x10
	return b
}

func TestCheckpointOfAnotherRun(t *testing.T) {
	s, dir := newToy(t, 1), t.TempDir()
	s.run(t, 1)
	path := filepath.Join(dir, "a")
	if err := s.state.Save(path); err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]func(*State){
		"network":   func(s *State) { s.Params[0].Name = "renamed" },
		"optimiser": func(s *State) { s.Adams["second"] = &Adam{} },
		"random":    func(s *State) { s.Random["more"] = s.Random["data"] },
	} {
		t.Run(name, func(t *testing.T) {
			o := newToy(t, 2)
			change(o.state)
			before := o.bits(t)
			if err := o.state.Load(path); err == nil || errors.Is(err, errDamaged) {
				t.Errorf("error is %v", err)
			}
			if o.bits(t) != before {
				t.Error("a failed load changed the state")
			}
		})
	}
}

// TestSaveFails: an error and nothing left behind when the folder is not there,
// is a file, or the disk is full.
func TestSaveFails(t *testing.T) {
	s, dir := newToy(t, 1), t.TempDir()
	if err := s.state.Save(filepath.Join(dir, "no", "a")); err == nil {
		t.Error("saved into a folder that does not exist")
	}
	file := filepath.Join(dir, "file")
	os.WriteFile(file, nil, 0o644)
	if _, err := (&Store{Dir: file}).Save(s.state); err == nil || !strings.Contains(err.Error(), "can be written") {
		t.Errorf("saving into a file gave %v", err)
	}
	// A folder stands where the checkpoint should be: the rename fails at the end.
	if err := os.MkdirAll(filepath.Join(dir, "a", "b"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := s.state.Save(filepath.Join(dir, "a")); err == nil {
		t.Error("saved over a folder")
	}
	if tmp, _ := filepath.Glob(filepath.Join(dir, "*.tmp")); len(tmp) > 0 {
		t.Errorf("left behind: %v", tmp)
	}
}

func TestStoreKeeps(t *testing.T) {
	s, st := newToy(t, 1), &Store{Dir: t.TempDir(), Keep: 2}
	for step := range 5 {
		s.state.Step = step
		if _, err := st.Save(s.state); err != nil {
			t.Fatal(err)
		}
	}
	if steps, err := st.steps(); err != nil || len(steps) != 2 || steps[0] != 4 || steps[1] != 3 {
		t.Errorf("kept %v, error %v", steps, err)
	}
	st = &Store{Dir: t.TempDir(), Keep: 2, Every: 3}
	for step := range 9 {
		s.state.Step = step
		if _, err := st.Save(s.state); err != nil {
			t.Fatal(err)
		}
	}
	if steps, err := st.steps(); err != nil || !slices.Equal(steps, []int{8, 7, 6, 3}) {
		t.Errorf("with milestones kept %v, error %v", steps, err)
	}
}

// full is a disk with room for so many bytes.
type full struct{ room int }

var errFull = errors.New("no space left")

func (f *full) Write(b []byte) (int, error) {
	n := min(len(b), f.room)
	f.room -= n
	if n < len(b) {
		return n, errFull
	}
	return n, nil
}

// TestNoRoom: a disk that fills at any byte is an error.
func TestNoRoom(t *testing.T) {
	s := newToy(t, 1)
	s.run(t, 1)
	h, err := s.state.header()
	if err != nil {
		t.Fatal(err)
	}
	size := len(s.bits(t))
	for _, room := range []int{0, 1, 8, 16, 100, size / 2, size - 33, size - 32, size - 1} {
		if err := encodeCheckpoint(&full{room}, h); !errors.Is(err, errFull) {
			t.Errorf("room for %d of %d bytes: error %v", room, size, err)
		}
	}
	if err := encodeCheckpoint(&full{size}, h); err != nil {
		t.Error(err)
	}
}

func FuzzDecodeCheckpoint(f *testing.F) {
	s := newToy(f, 1)
	whole := []byte(s.bits(f))
	f.Add(whole)
	f.Add(whole[:200])
	f.Add(flip(whole, 40))
	f.Fuzz(func(t *testing.T, b []byte) {
		h, err := decodeCheckpoint(bytes.NewReader(b), int64(len(b)))
		if err == nil && h == nil {
			t.Error("no header and no error")
		}
	})
}
